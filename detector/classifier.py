"""The trained model: a calibrated probability of a cramp, and of what else it may have been.

Read from one plain file. Boosted trees and a forest together give the log-odds of a cramp, which a
straight line calibrates; one more ensemble shares out what is left among the harmless kinds. What
each feature added is told with it, on the same scale: start and contributions sum to the log-odds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from detector.features import FEATURE_UNITS
from detector.night import Cue, ModelVersion, Standing
from detector.shipped import DAMAGED, read_shipped
from detector.trees import BOOSTING, FOREST, TreeEnsemble, side_by_side
from ingest.errors import ModelError

__all__ = [
    "Calibrated",
    "CrampScore",
    "Judgement",
    "Model",
    "judge",
    "load_model",
    "log_odds_of",
    "probability_of",
    "read_model",
    "rebase",
]

Doubles = npt.NDArray[np.float64]

SHIPPED_MODEL = "cramps-5.npz"

LEAST_SHARE = 0.002
"""Share of cramps below which, and above whose counterpart, a forest says no more: where none of
its trees found one among some hundred like it, the log-odds would be without end."""


@dataclass(frozen=True, eq=False)
class CrampScore:
    """What gives the log-odds of a cramp, before they are calibrated.

    Parameters
    ----------
    features
        Columns of the rows it judges, by name.
    ensembles
        Boosted trees whose mean counts: alike but for chance.
    forest
        Trees split by chance, with one output, the share of cramps.
    forest_share
        What the log-odds of the forest count for, against those of the boosted trees.
    """

    features: tuple[str, ...]
    ensembles: tuple[TreeEnsemble, ...]
    forest: TreeEnsemble
    forest_share: float

    def log_odds(self, rows: Doubles) -> Doubles:
        """Judge rows of shape (n, features), NaN where the data did not tell; shape (n,)."""
        boosted: Doubles = self._together.raw(rows).T.mean(axis=0)
        shares = self.forest.raw(rows)[:, 0]
        return self._joined(boosted, np.array([_surely(each) for each in shares.tolist()]))

    def contributions(self, rows: Doubles) -> Doubles:
        """Return what each feature adds to the log-odds, shape (n, features)."""
        _, each = self._together.contributions(rows)
        boosted: Doubles = np.ascontiguousarray(np.moveaxis(each, 2, 0)).mean(axis=0)
        start, to_share = self.forest.contributions(rows)
        begin, added = float(start[0]), to_share[:, :, 0]
        # What is added to a share is stretched evenly to what is added to its log-odds.
        stretched = np.array([_log_odds_a_share(begin, math.fsum(each)) for each in added.tolist()])
        return self._joined(boosted, added * stretched[:, None])

    def _joined(self, boosted: Doubles, forest: Doubles) -> Doubles:
        return (1 - self.forest_share) * boosted + self.forest_share * forest

    @cached_property
    def _together(self) -> TreeEnsemble:
        return side_by_side(self.ensembles)


def _surely(share: float) -> float:
    """Log-odds of a share, but never surer than so many trees can be."""
    held = _held(share)
    return math.log(held / (1 - held))


def _held(share: float) -> float:
    return min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)


def _log_odds_a_share(begin: float, gained: float) -> float:
    """Log-odds gained for each share gained, from where a forest begins to where it ends."""
    if math.isclose(begin + gained, begin):
        held = _held(begin)
        return 1 / (held * (1 - held))
    return (_surely(begin + gained) - _surely(begin)) / gained


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The straight line from the model's log-odds to those that hold for a stated rate of cramps.

    Parameters
    ----------
    slope, intercept
        Of the line.
    cramps_a_week, cramps_per_awakening
        The stated rate, which the line was fitted for, and the share of awakenings that are cramps
        at it.
    """

    slope: float
    intercept: float
    cramps_a_week: float
    cramps_per_awakening: float

    def log_odds(self, raw: Doubles) -> Doubles:
        """Give the log-odds at the stated rate."""
        return self.intercept + self.slope * raw

    def probability(self, raw: Doubles) -> Doubles:
        """Give the probability at the stated rate."""
        return np.array([probability_of(each) for each in self.log_odds(raw)])


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What judges an awakening.

    Parameters
    ----------
    cramp
        For the log-odds of a cramp.
    calibrated
        What makes probabilities of them.
    kinds
        Harmless kinds, in the order of the classes of ``other``.
    other
        Trees for the kind of an awakening that was none.
    likely_from, possible_from
        Lowest probability of either standing.
    """

    version: ModelVersion
    cramp: CrampScore
    calibrated: Calibrated
    kinds: tuple[str, ...]
    other: TreeEnsemble
    likely_from: float
    possible_from: float

    @property
    def features(self) -> tuple[str, ...]:
        """Columns of a row, by name."""
        return self.cramp.features

    def standing(self, probability: float) -> Standing | None:
        """Return the standing that a probability earns, None below both."""
        if probability >= self.likely_from:
            return Standing.LIKELY
        return Standing.POSSIBLE if probability >= self.possible_from else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an awakening is taken for.

    Parameters
    ----------
    probability
        Of a cramp.
    others
        Probability of each harmless kind; with ``probability`` they sum to 1.
    evidence
        Every feature it rests on, by name; the contributions and the start sum to the log-odds.
    """

    probability: float
    others: Mapping[str, float]
    evidence: Mapping[str, Cue]


def judge(model: Model, measured: Sequence[Mapping[str, float]]) -> list[Judgement]:
    """Judge awakenings by their features.

    Parameters
    ----------
    measured
        Of each awakening, from `detector.features.measure`; NaN where the data did not tell.
    """
    if not measured:
        return []
    rows = _rows(model, measured)
    probabilities = model.calibrated.probability(model.cramp.log_odds(rows))
    added = model.cramp.contributions(rows)
    shares = model.other.probability(rows)
    return [
        _judgement(model, *each)
        for each in zip(measured, probabilities.tolist(), added, shares, strict=True)
    ]


def log_odds_of(model: Model, measured: Sequence[Mapping[str, float]]) -> list[float]:
    """Give the calibrated log-odds of awakenings without telling why, in a fifth of the time.

    Parameters
    ----------
    measured
        As for `judge`.
    """
    if not measured:
        return []
    raw = model.cramp.log_odds(_rows(model, measured))
    log_odds: list[float] = model.calibrated.log_odds(raw).tolist()
    return log_odds


def _rows(model: Model, measured: Sequence[Mapping[str, float]]) -> Doubles:
    return np.array([[each[name] for name in model.features] for each in measured])


def _judgement(
    model: Model,
    measured: Mapping[str, float],
    probability: float,
    added: npt.NDArray[np.float64],
    shares: npt.NDArray[np.float64],
) -> Judgement:
    return Judgement(
        probability=probability,
        others={
            kind: (1 - probability) * share
            for kind, share in zip(model.kinds, shares.tolist(), strict=True)
        },
        evidence={
            name: Cue(
                None if math.isnan(measured[name]) else measured[name],
                FEATURE_UNITS[name],
                model.calibrated.slope * each,
            )
            for name, each in zip(model.features, added.tolist(), strict=True)
        },
    )


def rebase(probability: float, stated: float, own: float) -> float:
    """Carry a probability from the rate of cramps it was stated for to a person's own.

    Parameters
    ----------
    probability
        From a model.
    stated, own
        Share of awakenings that are cramps, as the model has it and as it is for this person;
        each between 0 and 1.

    Returns
    -------
    float
        By Bayes' rule, what an awakening looks like in either case being the same for everybody
        (Saerens, Latinne and Decaestecker 2002, Neural Computation 14:21).
    """
    if probability <= 0 or probability >= 1:
        return probability
    shift = math.log(own / (1 - own)) - math.log(stated / (1 - stated))
    return probability_of(math.log(probability / (1 - probability)) + shift)


@cache
def load_model() -> Model:
    """Load the model that crampwatch ships.

    Raises
    ------
    ModelError
        When the file is missing or damaged.
    """
    return read_model(BytesIO(read_shipped(SHIPPED_MODEL)), SHIPPED_MODEL)


def read_model(file: Path | IO[bytes], name: str | None = None) -> Model:
    """Read a model from its file: arrays of numbers and one of JSON, no code.

    Parameters
    ----------
    name
        Of a shipped model; of any other the file itself is named where it cannot be read.

    Raises
    ------
    ModelError
        When it is missing, damaged or no such model.
    """
    advice = "Install crampwatch again" if name else "Give a file that crampwatch train has written"
    name = name or (str(file) if isinstance(file, Path) else "that was given")
    try:
        # By itself numpy leaves a file open that it cannot read.
        opened = BytesIO(file.read_bytes()) if isinstance(file, Path) else file
        with np.load(opened, allow_pickle=False) as archive:
            arrays = dict(archive)
    except OSError as error:
        raise ModelError(
            f"The model {name} cannot be read: {error.strerror or error}. {advice}."
        ) from error
    except DAMAGED as error:
        # What numpy says of another kind of file is advice to load it unsafely.
        raise ModelError(
            f"The model {name} is no model of crampwatch: it is another kind of file, or damaged. "
            f"{advice}."
        ) from error
    try:
        return _model(json.loads(str(arrays["about"])), arrays)
    except (*DAMAGED, OverflowError) as error:
        raise ModelError(
            f"The model {name} is no model of crampwatch: {_reason(error)}. {advice}."
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error}"
    if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError):
        return str(error)
    return "it does not say what it is"


def _model(about: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Model:
    model = Model(
        version=ModelVersion(str(about["name"]), str(about["version"])),
        cramp=CrampScore(
            features=tuple(map(str, about["features"])),
            ensembles=tuple(
                TreeEnsemble.from_arrays(_under(f"cramp.{number}.", arrays))
                for number in range(int(about["ensembles"]))
            ),
            forest=TreeEnsemble.from_arrays(_under("forest.", arrays)),
            forest_share=float(about["forest_share"]),
        ),
        calibrated=Calibrated(
            *(
                float(about[key])
                for key in ("slope", "intercept", "cramps_a_week", "cramps_per_awakening")
            )
        ),
        kinds=tuple(map(str, about["kinds"])),
        other=TreeEnsemble.from_arrays(_under("other.", arrays)),
        likely_from=float(about["likely_from"]),
        possible_from=float(about["possible_from"]),
    )
    unknown = set(model.features) - set(FEATURE_UNITS)
    if unknown:
        raise ValueError(f"it rests on unknown features: {', '.join(sorted(unknown))}")
    ensembles, forest = model.cramp.ensembles, model.cramp.forest
    widths = {trees.features for trees in (*ensembles, forest, model.other)}
    if {trees.outputs for trees in (*ensembles, forest)} != {1} or widths != {len(model.features)}:
        raise ValueError("its trees do not fit its features")
    if not ensembles or {trees.kind for trees in ensembles} != {BOOSTING}:
        raise ValueError("its trees are not boosted")
    if forest.kind != FOREST or not ((forest.value >= 0) & (forest.value <= 1)).all():
        raise ValueError("its forest holds no shares")
    if not 0 <= model.cramp.forest_share <= 1:
        raise ValueError("its forest counts for no share of the whole")
    if max(model.other.outputs, 2) != len(model.kinds):
        raise ValueError("its trees do not fit its kinds")
    if not 0 < model.possible_from <= model.likely_from < 1:
        raise ValueError("its standings must rise: 0 < possible_from <= likely_from < 1")
    return model


def _under(prefix: str, arrays: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def probability_of(log_odds: float) -> float:
    """Return the probability of log-odds, whatever their size."""
    if log_odds < 0:
        odds = math.exp(log_odds)
        return odds / (1 + odds)
    return 1 / (1 + math.exp(-log_odds))
