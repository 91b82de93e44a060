"""Training of the sleep model, and how it does on people it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from detector.agreement import (
    Agreement,
    AgreementIntervals,
    Awakenings,
    agree,
    agreement_intervals,
    best_threshold,
    match_awakenings,
    sleep_threshold,
)
from detector.night import ModelVersion
from detector.staging import (
    SleepModel,
    Variant,
    feature_names,
    staging_features,
    standardised,
    waking_log_odds,
    with_heart_rate,
)
from ingest.errors import InputError
from ingest.sleep_epochs import SleepEpochs
from models.training.export import export_trees

__all__ = ["MIN_PEOPLE", "Ablation", "Validation", "train_sleep_model", "validate_sleep_model"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Step = Callable[[str], None]

VERSION = ModelVersion("sleep", "1")
MIN_PEOPLE = 5
"""People needed to leave one out and still choose a threshold on parts of the others."""
INNER_PARTS = 4
"""Parts that the training people are divided into to choose the threshold without the one left
out."""

TREES = {
    "max_iter": 60,
    "learning_rate": 0.1,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 100,
    "l2_regularization": 20.0,
    "max_features": 0.3,
    "early_stopping": False,
}
"""Small trees, each of which sees a third of the features: two dozen people are few, and what
tells them apart must not be learnt."""
PLAIN_TREES = {"early_stopping": False}
"""The boosting to compare with is as scikit-learn ships it."""
SUM_C = 0.02
"""Inverse strength of the penalty on the weights of the sum."""

TIME = ("in_bed", "since_quiet", "mean_so_far")
PERSONAL = ("rank", "night_", "mean_so_far")
CONTEXTLESS = ("count_+0", "heart", "in_bed", "count_rank", "heart_rank", "night_mean")
PLAIN = ("count_+0", "heart", "in_bed")

LATE_EPOCHS = 20
"""Epochs (10 min) that a night is begun late for, to see what an unsure start costs."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """One line of the table: what was left out or put in, and how it did."""

    name: str
    pooled: Agreement


@dataclass(frozen=True, slots=True)
class Validation:
    """How the model does on people it was not trained on.

    Parameters
    ----------
    people
        Of each person left out in turn, the agreement, and the threshold chosen without them.
    pooled
        All of them together, each at the threshold chosen without them.
    keeping_sleep
        The same, each at the threshold that keeps 0.93 of sleep on the others.
    intervals, intervals_keeping_sleep
        Of these two.
    awakenings, awakenings_keeping_sleep
        Of each person, at these two thresholds.
    wake_from
        Threshold with the highest kappa over all of them: the one to ship.
    ablations
        Pooled, each at its own best threshold, so that none is favoured.
    """

    people: tuple[tuple[str, float, Agreement], ...]
    pooled: Agreement
    keeping_sleep: Agreement
    intervals: AgreementIntervals
    intervals_keeping_sleep: AgreementIntervals
    awakenings: tuple[Awakenings, ...]
    awakenings_keeping_sleep: tuple[Awakenings, ...]
    wake_from: float
    ablations: tuple[Ablation, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Features and truth of several people, with whose they are."""

    features: Doubles
    wake: Flags
    person: npt.NDArray[np.int64]

    def of(self, chosen: Flags) -> _Rows:
        return _Rows(self.features[chosen], self.wake[chosen], self.person[chosen])

    def only(self, columns: npt.NDArray[np.int64]) -> _Rows:
        return _Rows(self.features[:, columns], self.wake, self.person)


def train_sleep_model(people: Sequence[SleepEpochs], seed: int, wake_from: float) -> SleepModel:
    """Train on everybody; the same people and seed give the same model.

    Parameters
    ----------
    wake_from
        The threshold, from `validate_sleep_model`.
    """
    with threadpool_limits(1):
        return SleepModel(
            version=VERSION,
            with_heart=_fit(_measured(_rows(people, heart=True)), seed),
            movement_only=_fit(_rows(people, heart=False), seed),
            wake_from=wake_from,
            trained_on=frozenset(person.digest for person in people),
        )


def validate_sleep_model(
    people: Sequence[SleepEpochs], seed: int, step: Step = lambda _: None
) -> Validation:
    """Leave each person out in turn, train on the others, and judge the one left out.

    The threshold for each is chosen on the others alone, by a validation within them.

    Parameters
    ----------
    step
        Told what is done next.

    Raises
    ------
    InputError
        When there are too few people, or too few of them wake.
    """
    if len(people) < MIN_PEOPLE:
        raise InputError(f"There are {len(people)} people; at least {MIN_PEOPLE} are needed.")
    with threadpool_limits(1):
        return _validate(people, seed, step)


def _validate(people: Sequence[SleepEpochs], seed: int, step: Step) -> Validation:
    heart, movement = _rows(people, heart=True), _rows(people, heart=False)
    wake = movement.wake
    log_odds = np.empty(len(wake))
    thresholds, keeping_sleep, models = [], [], []
    for one, person in enumerate(people):
        step(f"leaving out {person.subject}")
        out = movement.person == one
        inner = _crossed(heart.of(~out), movement.of(~out), seed, _parts(len(people), one))
        thresholds.append(best_threshold(_probability(inner), wake[~out]))
        keeping_sleep.append(sleep_threshold(_probability(inner), wake[~out]))
        models.append(_models(heart.of(~out), movement.of(~out), seed))
        log_odds[out] = waking_log_odds(heart.features[out], *models[-1])
    late = _begun_late(people, models, log_odds)
    probability = _probability(log_odds)
    of_person = [
        (person.subject, threshold, agree(probability[out], wake[out], threshold))
        for person, threshold, out in (
            (person, thresholds[one], movement.person == one) for one, person in enumerate(people)
        )
    ]
    at_thresholds = _agree_at(thresholds, log_odds, movement)
    curve = agree(probability, wake, 0.5)
    pooled = replace(at_thresholds, wake_recall_fixed=curve.wake_recall_fixed, auc=curve.auc)
    each_judged = [probability[movement.person == one] for one in range(len(people))]
    each_wake = [person.wake for person in people]
    return Validation(
        tuple(of_person),
        pooled,
        _agree_at(keeping_sleep, log_odds, movement),
        agreement_intervals(each_judged, each_wake, thresholds),
        agreement_intervals(each_judged, each_wake, keeping_sleep),
        _awakenings_at(thresholds, probability, people, movement),
        _awakenings_at(keeping_sleep, probability, people, movement),
        best_threshold(probability, wake),
        tuple(_ablations(log_odds, late, heart, movement, seed, step)),
    )


def _agree_at(thresholds: Sequence[float], log_odds: Doubles, rows: _Rows) -> Agreement:
    """Compare everybody with what was scored, each person at a threshold of their own."""
    # Moved by its threshold, every person's log-odds are called wake from 0 on.
    moved = log_odds - _log_odds(np.array(thresholds))[rows.person]
    return agree(_probability(moved), rows.wake, 0.5)


def _awakenings_at(
    thresholds: Sequence[float], probability: Doubles, people: Sequence[SleepEpochs], rows: _Rows
) -> tuple[Awakenings, ...]:
    """Match the awakenings of each person, at a threshold of their own."""
    return tuple(
        match_awakenings(probability[rows.person == one] >= wake_from, person.wake, person.epoch)
        for one, (person, wake_from) in enumerate(zip(people, thresholds, strict=True))
    )


def _ablations(
    log_odds: Doubles,
    late: Doubles,
    heart: _Rows,
    movement: _Rows,
    seed: int,
    step: Step,
) -> list[Ablation]:
    """Say what each part is worth; trees alone, where not said otherwise."""
    wake, names = movement.wake, feature_names(heart=True)
    found: list[Ablation] = []

    def note(name: str, values: Doubles) -> None:
        probability = _probability(values)
        found.append(Ablation(name, agree(probability, wake, best_threshold(probability, wake))))

    note("**as shipped**", log_odds)
    for width in (1, 2, 4):
        note(f"as shipped, smoothed over {width * 30} s", _smoothed(log_odds, movement, width))
    note("as shipped, night begun 10 min late", late)

    everyone = [np.array([one]) for one in np.unique(movement.person)]
    for name, rows, fit in (
        ("as shipped, no heart rate", movement, _fit_log_odds),
        ("trees alone", heart, _tree_log_odds),
        ("weighted sum alone", heart, _sum_log_odds),
        ("trees, no heart rate", movement, _tree_log_odds),
        ("trees, no time of night", heart.only(_without(names, TIME)), _tree_log_odds),
        ("trees, no personal normalisation", heart.only(_without(names, PERSONAL)), _tree_log_odds),
        ("trees, no temporal context", heart.only(_only(names, CONTEXTLESS)), _tree_log_odds),
        ("plain boosting: count, heart, time", heart.only(_only(names, PLAIN)), _plain_log_odds),
        (
            "plain boosting: count, heart",
            heart.only(_only(names, PLAIN[:2])),
            _plain_log_odds,
        ),
    ):
        step(f"for comparison: {name}")
        note(name, _crossed_by(fit, rows, seed, everyone))
    return found


def _rows(people: Sequence[SleepEpochs], *, heart: bool, skip: int = 0) -> _Rows:
    """Features of every scored epoch, the first `skip` epochs of each night never seen."""
    features, wake, person = [], [], []
    for one, epochs in enumerate(people):
        count = epochs.on_line(epochs.count)[skip:]
        rate = epochs.on_line(epochs.heart)[skip:] if heart else None
        kept = epochs.epoch >= skip
        features.append(staging_features(count, rate)[epochs.epoch[kept] - skip])
        wake.append(epochs.wake[kept])
        person.append(np.full(int(kept.sum()), one))
    return _Rows(np.concatenate(features), np.concatenate(wake), np.concatenate(person))


def _measured(rows: _Rows) -> _Rows:
    return rows.of(with_heart_rate(rows.features))


def _fit(rows: _Rows, seed: int) -> Variant:
    if len(np.unique(rows.wake)) < 2:
        raise InputError(
            "Among the people to train on nobody is awake, or nobody sleeps; add more."
        )
    trees = HistGradientBoostingClassifier(**TREES, random_state=seed).fit(rows.features, rows.wake)
    centre = np.nan_to_num(_columns(np.nanmean, rows.features))
    spread = np.nan_to_num(_columns(np.nanstd, rows.features)) + 1e-9
    weighed = LogisticRegression(C=SUM_C, max_iter=1000).fit(
        standardised(rows.features, centre, spread), rows.wake
    )
    return Variant(
        export_trees(trees), centre, spread, weighed.coef_[0], float(weighed.intercept_[0])
    )


def _columns(measure: Callable[..., Doubles], features: Doubles) -> Doubles:
    """Measure each column, NaN where nothing is known of it."""
    known = ~np.isnan(features).all(axis=0)
    measured = np.full(features.shape[1], np.nan)
    measured[known] = measure(features[:, known], axis=0)
    return measured


def _models(heart: _Rows, movement: _Rows, seed: int) -> tuple[Variant | None, Variant]:
    measured = _measured(heart)
    with_heart = _fit(measured, seed) if len(np.unique(measured.wake)) == 2 else None
    return with_heart, _fit(movement, seed)


def _crossed(
    heart: _Rows, movement: _Rows, seed: int, parts: Sequence[npt.NDArray[np.int64]]
) -> Doubles:
    log_odds = np.empty(len(movement.wake))
    for part in parts:
        out = np.isin(movement.person, part)
        models = _models(heart.of(~out), movement.of(~out), seed)
        log_odds[out] = waking_log_odds(heart.features[out], *models)
    return log_odds


def _crossed_by(
    fit: Callable[[_Rows, Doubles, int], Doubles],
    rows: _Rows,
    seed: int,
    parts: Sequence[npt.NDArray[np.int64]],
) -> Doubles:
    log_odds = np.empty(len(rows.wake))
    for part in parts:
        out = np.isin(rows.person, part)
        log_odds[out] = fit(rows.of(~out), rows.features[out], seed)
    return log_odds


def _fit_log_odds(rows: _Rows, unseen: Doubles, seed: int) -> Doubles:
    return _fit(rows, seed).log_odds(unseen)


def _tree_log_odds(rows: _Rows, unseen: Doubles, seed: int) -> Doubles:
    trees = HistGradientBoostingClassifier(**TREES, random_state=seed).fit(rows.features, rows.wake)
    return np.asarray(trees.decision_function(unseen))


def _plain_log_odds(rows: _Rows, unseen: Doubles, seed: int) -> Doubles:
    plain = HistGradientBoostingClassifier(**PLAIN_TREES, random_state=seed)
    return np.asarray(plain.fit(rows.features, rows.wake).decision_function(unseen))


def _sum_log_odds(rows: _Rows, unseen: Doubles, seed: int) -> Doubles:
    return _fit(rows, seed).summed(unseen)


def _begun_late(
    people: Sequence[SleepEpochs],
    models: Sequence[tuple[Variant | None, Variant]],
    log_odds: Doubles,
) -> Doubles:
    """Judge nights whose beginning was missed; the missed epochs keep the log-odds they have."""
    late = _rows(people, heart=True, skip=LATE_EPOCHS)
    after = np.concatenate([person.epoch >= LATE_EPOCHS for person in people])
    of_late = np.empty(len(late.wake))
    for one, of_others in enumerate(models):
        out = late.person == one
        of_late[out] = waking_log_odds(late.features[out], *of_others)
    judged = log_odds.copy()
    judged[after] = of_late
    return judged


def _smoothed(log_odds: Doubles, rows: _Rows, width: float) -> Doubles:
    """Gaussian mean over the epochs of each person."""
    offsets = np.arange(-20, 21)
    bell = np.exp(-0.5 * (offsets / width) ** 2)
    smooth = np.empty_like(log_odds)
    for one in np.unique(rows.person):
        own = rows.person == one
        weight = np.convolve(np.ones(int(own.sum())), bell, "same")
        smooth[own] = np.convolve(log_odds[own], bell, "same") / weight
    return smooth


def _parts(people: int, without: int) -> list[npt.NDArray[np.int64]]:
    others = np.delete(np.arange(people), without)
    return [others[first::INNER_PARTS] for first in range(INNER_PARTS)]


def _without(names: Sequence[str], parts: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.flatnonzero([not any(part in name for part in parts) for name in names])


def _only(names: Sequence[str], kept: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.flatnonzero([name in kept for name in names])


def _probability(log_odds: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _log_odds(probability: Doubles) -> Doubles:
    return np.asarray(np.log(probability / (1 - probability)))
