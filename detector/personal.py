"""The wearer's answers change the judgement: what is harmless and what is a cramp in this person.

To the model's log-odds come a shift, which carries the person's own rate of cramps, and a small
weight on each of a few features that habits show in. Both are fitted to the answers by maximum a
posteriori, with a prior that lets three answers move little and thirty move much. What was
rejected three times and never confirmed is taken back on top of that.

Only features, answers and the model's own judgement enter, and one awakening for itself: what is
asked about depends on nothing else, so that asking only about some misleads nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.classifier import Judgement, probability_of
from detector.habits import HABITS, HOUR_FEATURE, HOURS, at_hours, place
from detector.night import Cue, ModelVersion
from ingest.errors import ModelError

__all__ = [
    "ASKED",
    "UNASKED",
    "Answer",
    "Personal",
    "fit_personal",
    "parse_personal",
    "read_personal",
]

Doubles = npt.NDArray[np.float64]

ASKED = 1.0
"""Weight of an answer to a question, and of a cramp that the wearer added."""
UNASKED = 0.5
"""Weight of an awakening that nobody asked about, in a night that was answered. Whoever is
asked in the morning what happened would have named a cramp, so it says that this was none; but some
are forgotten, so it says half as much."""

SHIFT_SD = 0.7
"""Standard deviation, in log-odds, of the shift among people: their rates of cramps differ by far
more, but the model is shown few answers before it believes that."""
WEIGHT_SD = 0.3
"""Standard deviation, in log-odds for one spread of a feature, of a weight among people."""
HOUR_SD = 0.5
"""Standard deviation, in log-odds, of what an hour of the night says among people."""

ALIKE = 0.7
"""Root mean square of the differences, in spreads, up to which two awakenings are alike. In
simulation, without the protection below, 0.6 took next to nothing back and 1.0 a fifth of all
cramps."""
NEAR_CONFIRMED = 1.0
"""The same, up to which a confirmed cramp keeps a kind from being taken back: a cramp that is
hidden costs more than a question."""
REJECTIONS = 3
"""Rejections of alike awakenings, none confirmed, after which their kind is taken back."""
TAKEN_BACK = -3.0
"""Log-odds that a rejected kind loses: what was twice as likely a cramp as not is then one of ten,
below where a question is asked."""

ADVICE = "Make it again with `crampwatch train --mine`."

STEPS, HALVINGS, CLOSE = 100, 40, 1e-10
"""Newton steps and halvings of each at the most, and the step below which the peak is reached."""


PRIOR_SD = (SHIFT_SD, *(WEIGHT_SD,) * len(HABITS), *(HOUR_SD,) * len(HOURS))
"""Of the shift, each weight and each hour."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the wearer says of one awakening.

    Parameters
    ----------
    features
        Measured values by name; NaN, or none at all, where the data did not tell.
    log_odds
        Of a cramp, calibrated, by the plain model.
    cramp
        The wearer's word.
    weight
        `ASKED`, or `UNASKED` where it follows from the rest of the night.

    Attributes
    ----------
    lies_at
        Spreads in the order of `HABITS` and then the hour.
    hours
        Its share of each of `HOURS`.
    """

    features: Mapping[str, float]
    log_odds: float
    cramp: bool
    weight: float = ASKED
    lies_at: tuple[float, ...] = field(init=False, repr=False, compare=False)
    hours: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Once: half a year of answers is fitted ten times over to tell what they change.
        object.__setattr__(self, "lies_at", place(self.features))
        object.__setattr__(self, "hours", at_hours(self.features))

    @property
    def probability(self) -> float:
        """By the plain model."""
        return probability_of(self.log_odds)


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal adjustment of a model.

    Parameters
    ----------
    model
        What it was fitted for, and adjusts.
    asked, cramps
        Answers that it rests on, those of weight `ASKED`, and how many of them were cramps.
    shift
        Log-odds added to every awakening.
    weights
        Log-odds for one spread of each of `HABITS`.
    hours
        Log-odds at each of `HOURS`.
    rejected
        Where rejected kinds lie, each as spreads in the order of `HABITS` and then the hour.
    """

    model: ModelVersion
    asked: int
    cramps: int
    shift: float
    weights: Mapping[str, float]
    hours: tuple[float, ...]
    rejected: tuple[tuple[float, ...], ...]

    @property
    def version(self) -> str:
        """Digest of all of it: what judged can be told from what judges now."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=6).hexdigest()

    def require(self, judging: ModelVersion) -> None:
        """Hold to it that the model which judges is the one that this adjusts.

        Raises
        ------
        ModelError
            Where it is another.
        """
        if judging != self.model:
            raise ModelError(
                f"the personal adjustment was fitted for the model {self.model.name} "
                f"{self.model.version}, but {judging.name} {judging.version} judges. {ADVICE}"
            )

    def adjusted(self, judgement: Judgement) -> Judgement:
        """Carry a judgement of the plain model to this person.

        What is left for the harmless kinds they share as before. What each feature added is told
        with it; the shift, and what a rejected kind loses, are parts of the start.
        """
        features = _known(judgement.evidence)
        lies_at = place(features)
        added = self._added(lies_at, at_hours(features))
        plain = judgement.probability
        probability = probability_of(_log_odds(plain) + self._start(lies_at) + _total(added))
        left = (1.0 - probability) / (1.0 - plain) if plain < 1.0 else 0.0
        return Judgement(
            probability=probability,
            others={kind: left * share for kind, share in judgement.others.items()},
            evidence={
                name: replace(cue, contribution=cue.contribution + added.get(name, 0.0))
                for name, cue in judgement.evidence.items()
            },
        )

    def probability(self, answer: Answer) -> float:
        """Judge an awakening that was answered, as if it had not been."""
        added = self._added(answer.lies_at, answer.hours)
        return probability_of(answer.log_odds + self._start(answer.lies_at) + _total(added))

    def rejects(self, features: Mapping[str, float]) -> bool:
        """Tell whether an awakening is of a kind that was rejected again and again."""
        return self._rejects(place(features))

    def _rejects(self, lies_at: Sequence[float]) -> bool:
        return any(_alike(lies_at, each) for each in self.rejected)

    def _start(self, lies_at: Sequence[float]) -> float:
        return self.shift + (TAKEN_BACK if self._rejects(lies_at) else 0.0)

    def _added(self, lies_at: Sequence[float], hours: Sequence[float]) -> dict[str, float]:
        added = {
            name: weight * value
            for (name, weight), value in zip(self.weights.items(), lies_at[:-1], strict=True)
        }
        return added | {HOUR_FEATURE: math.fsum(map(operator.mul, self.hours, hours))}

    def to_json(self) -> str:
        """Return it as the text of its file."""
        return json.dumps(asdict(self), indent=1, allow_nan=False) + "\n"


def fit_personal(answers: Sequence[Answer], model: ModelVersion) -> Personal:
    """Fit the adjustment that the answers make most probable, in whatever order they come.

    Parameters
    ----------
    answers
        All that is known of this person; none leave the model as it is.
    model
        Which gave the log-odds.
    """
    # In an order of their own, as sums in another order would differ in their last bits.
    ordered = sorted(
        (
            (1.0, *each.lies_at[:-1], *each.hours),
            (each.log_odds, float(each.cramp), each.weight),
        )
        for each in answers
    )
    design = np.array([row for row, _ in ordered]).reshape(len(ordered), len(PRIOR_SD))
    told = np.array([each for _, each in ordered]).reshape(len(ordered), 3)
    fitted = _most_probable(design, *told.T).tolist()
    asked = [each for each in answers if each.weight >= ASKED]
    return Personal(
        model=model,
        asked=len(asked),
        cramps=sum(each.cramp for each in asked),
        shift=fitted[0],
        weights=dict(zip(HABITS, fitted[1 : 1 + len(HABITS)], strict=True)),
        hours=tuple(fitted[1 + len(HABITS) :]),
        rejected=_rejected_kinds(asked),
    )


def read_personal(path: Path) -> Personal:
    """Read an adjustment from its file.

    Raises
    ------
    ModelError
        When it is missing, damaged or none of these.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}. {ADVICE}") from error
    try:
        return parse_personal(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}. {ADVICE}") from error


def parse_personal(text: str | bytes) -> Personal:
    """Read an adjustment that `Personal.to_json` wrote.

    Raises
    ------
    ModelError
        When it is none.
    """
    try:
        return _personal(json.loads(text))
    except KeyError as error:
        raise ModelError(f"is no personal adjustment: it has no {error}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError("is no personal adjustment: it is no JSON") from error
    except ValueError as error:
        raise ModelError(f"is no personal adjustment: {error}") from error
    except (AttributeError, OverflowError, RecursionError, TypeError) as error:
        raise ModelError("is no personal adjustment") from error


def _personal(about: Any) -> Personal:
    model = about["model"]
    personal = Personal(
        model=ModelVersion(str(model["name"]), str(model["version"])),
        asked=int(about["asked"]),
        cramps=int(about["cramps"]),
        shift=float(about["shift"]),
        weights={name: float(about["weights"][name]) for name in HABITS},
        hours=tuple(map(float, about["hours"])),
        rejected=tuple(tuple(map(float, each)) for each in about["rejected"]),
    )
    if set(about["weights"]) != set(HABITS) or len(personal.hours) != len(HOURS):
        raise ValueError("its weights are of other features")
    if any(len(each) != len(HABITS) + 1 for each in personal.rejected):
        raise ValueError("its rejected kinds are of other features")
    numbers = [personal.shift, *personal.weights.values(), *personal.hours]
    if not all(map(math.isfinite, [*numbers, *itertools.chain(*personal.rejected)])):
        raise ValueError("one of its numbers is none")
    return personal


def _total(added: Mapping[str, float]) -> float:
    return math.fsum(added.values())


def _known(evidence: Mapping[str, Cue]) -> dict[str, float]:
    wanted = (*HABITS, HOUR_FEATURE)
    return {
        name: evidence[name].value or 0.0
        for name in wanted
        if name in evidence and evidence[name].value is not None
    }


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    return math.dist(one, other) <= ALIKE * math.sqrt(len(one))


def _rejected_kinds(asked: Sequence[Answer]) -> tuple[tuple[float, ...], ...]:
    """Where three rejections lie close together with no confirmed cramp near them."""
    confirmed, rejected = (_places(asked, cramp=cramp) for cramp in (True, False))
    return tuple(
        tuple(one.tolist())
        for one in rejected
        if _alike_among(rejected, one, ALIKE) >= REJECTIONS
        and not _alike_among(confirmed, one, NEAR_CONFIRMED)
    )


def _places(asked: Sequence[Answer], *, cramp: bool) -> Doubles:
    lie_at = sorted(each.lies_at for each in asked if each.cramp is cramp)
    return np.array(lie_at).reshape(len(lie_at), len(HABITS) + 1)


def _alike_among(several: Doubles, one: Doubles, within: float) -> int:
    away = several - one
    apart = np.sqrt((away * away).sum(axis=1))
    return int(np.count_nonzero(apart <= within * math.sqrt(len(one))))


def _most_probable(design: Doubles, log_odds: Doubles, cramp: Doubles, weight: Doubles) -> Doubles:
    """Find the peak of the posterior by Newton's method, halving a step that overshoots."""
    precision = 1.0 / np.square(PRIOR_SD)

    def posterior(at: Doubles) -> float:
        judged = log_odds + design @ at
        likelihood = weight * (cramp * judged - np.logaddexp(0.0, judged))
        return float(likelihood.sum() - (precision * at * at).sum() / 2)

    at = np.zeros(len(precision))
    for _ in range(STEPS):
        share = 1.0 / (1.0 + np.exp(-(log_odds + design @ at)))
        slope = design.T @ (weight * (cramp - share)) - precision * at
        bend = (design.T * (weight * share * (1.0 - share))) @ design + np.diag(precision)
        step = np.linalg.solve(bend, slope)
        height = posterior(at)
        for _ in range(HALVINGS):
            if posterior(at + step) >= height:
                break
            step /= 2
        at = at + step
        if np.abs(step).max() < CLOSE:
            break
    return at


def _log_odds(probability: float) -> float:
    """Return the log-odds; of what is certain, those of one in a million million."""
    inside = min(max(probability, 1e-12), 1.0 - 1e-12)
    return math.log(inside / (1.0 - inside))
