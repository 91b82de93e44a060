"""Trains the model that judges awakenings, and reads it on sources it has not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from detector.classifier import Calibrated, CrampScore, Model
from detector.evaluate import CLAIMED_A_NIGHT
from detector.features import FEATURE_UNITS
from detector.night import ModelVersion, Standing
from ingest.errors import InputError
from models.study.table import PART_OF_CRAMP, Table
from models.training.export import export_share, export_trees
from models.training.signature import INCREASING, SIGNATURE

__all__ = [
    "KINDS",
    "OWN",
    "STATED_A_WEEK",
    "kinds_told",
    "kinds_unseen",
    "log_odds_at_home",
    "log_odds_unseen",
    "scores_of_others",
    "settings",
    "signature_alone",
    "train",
    "write_model",
]

Doubles = npt.NDArray[np.float64]

OWN = "own"
"""Version of a model that nobody gave one: a number is that of a model that was shipped."""
STATED_A_WEEK = 4.4
"""Cramps a week that the probabilities are stated for: the baseline of the trial arms."""

ENSEMBLES = 5
"""Ensembles whose mean counts: alone, each is a little lucky or unlucky with its chance."""
TREES = 100
"""Rounds of boosting of each of them: more, or larger ones, found no more."""
FOREST_TREES = 60
"""Trees of the forest beside them: with twice as many the figures differ as by another seed."""
FOREST_LEAVES = 256
"""Leaves of each tree at most: grown until they ended they found as much, at twice the size."""
FOREST_LEAF = 5
"""Awakenings in a leaf at the least."""
FOREST_FEATURES = 0.6
"""Share of the features among which a split is drawn; with a third, or all, it found as much."""
FOREST_SHARE = 0.5
"""What the forest counts for: at 0.3 and 0.7 as much was found."""
OTHER_TREES = 160
"""Rounds of boosting of the model of harmless kinds, each with a tree a kind. With 40, half as many
awakenings at the strap were told rightly."""
FOLDS = 6
"""Parts of the people that are left out in turn where there is one source only; fewer where there
are fewer people."""
TOO_FEW_PEOPLE = (
    "There are too few people to leave some out in turn: every source needs cramps of two people "
    "at least. People are told apart by the names of the folders. Nights of one person can adjust "
    "the model that is there: crampwatch train --mine."
)
ONE_FAMILY = (
    "There is one family of nights only, and none to learn from where it is left out. Measure "
    "nights of two families at least: crampwatch train --simulate 50."
)

KINDS = (
    "bathroom",
    "large_movement",
    "position_shift",
    "limb_movements",
    "phone",
    "arousal",
    "off_wrist",
)
"""Harmless kinds that the wearer is told of; see the recording folder's labels."""


def train(table: Table, *, seed: int, version: str = OWN) -> Model:
    """Train on every night of a table.

    Parameters
    ----------
    table
        Nights of one source or more, with people in them that are different people.
    seed
        Of all chance.
    version
        What to call the model by, beside the name of all that judge awakenings.

    Returns
    -------
    Model
        Calibrated, and its standings set, on what it says of families it was not trained on; on
        people it was not trained on where there is one only.
    """
    unseen = log_odds_unseen(table, seed=seed)
    calibrated = _calibrate(table, unseen)
    probability = calibrated.probability(unseen)
    likely, possible = (
        _lowest(table, probability, CLAIMED_A_NIGHT[standing])
        for standing in (Standing.LIKELY, Standing.POSSIBLE)
    )
    other = _fit_kinds(table, kinds_told(table), seed)
    return Model(
        version=ModelVersion("cramps", version),
        cramp=_fit(table, _sure(table), seed),
        calibrated=calibrated,
        kinds=tuple(map(str, other.classes_)),
        other=export_trees(other),
        likely_from=likely,
        possible_from=min(possible, likely),
    )


def settings() -> str:
    """Say what a model is made of."""
    return (
        f"{ENSEMBLES} ensembles of {TREES} rounds of boosting; a forest of {FOREST_TREES} trees of "
        f"at most {FOREST_LEAVES} leaves of at least {FOREST_LEAF} awakenings, {FOREST_FEATURES:g} "
        f"of the features at a split, that counts for {FOREST_SHARE:g}; {OTHER_TREES} rounds for "
        "the harmless kinds"
    )


def log_odds_unseen(table: Table, *, seed: int) -> Doubles:
    """Return the log-odds of each awakening by trees that have not seen its family, or its person.

    Parameters
    ----------
    table
        Where it has one family only, its people are left out in turn.

    Raises
    ------
    InputError
        Where without somebody there is no cramp to learn from.
    """
    log_odds = np.zeros(len(table))
    for left_out in _left_out(*_of_whom(table)):
        score = _fit_without(table, left_out, seed)
        log_odds[left_out] = score.log_odds(table.rows[left_out])
    return log_odds


def scores_of_others(table: Table, *, seed: int) -> Mapping[str, CrampScore]:
    """Return for each family what was learnt from all the others, to judge other nights of it.

    Raises
    ------
    InputError
        Where without one of them there is no cramp to learn from.
    """
    families, _ = _of_whom(table)
    if len(np.unique(families)) < 2:
        raise InputError(ONE_FAMILY)
    return {
        str(family): _fit_without(table, families == family, seed) for family in np.unique(families)
    }


def log_odds_at_home(table: Table, *, seed: int) -> Doubles:
    """Return the log-odds of each awakening by trees of its family that have not seen its person.

    What a model reads where it was trained is no figure of how well it does elsewhere; beside the
    other it tells what is lost on the way.
    """
    family = np.array([night.family for night in table.nights])
    log_odds = np.zeros(len(table))
    for each in np.unique(family):
        theirs, rows = table.of_nights(family == each)
        log_odds[rows] = log_odds_unseen(theirs, seed=seed)
    return log_odds


def kinds_told(table: Table) -> npt.NDArray[np.str_]:
    """Return what each awakening was, as the wearer is told; empty for cramps, or if unknown."""
    told = np.array([TOLD_AS.get(kind, kind) for kind in table.kind.tolist()], np.str_)
    return np.where(~table.cramp & np.isin(told, KINDS), told, "")


def kinds_unseen(table: Table, *, seed: int) -> Doubles:
    """Return how probable each harmless kind is of each awakening, if it was no cramp.

    By trees that have not seen its family, or its person where there is one family only.

    Returns
    -------
    shape (awakenings, len(KINDS))
        Nothing for kinds that the trees have never seen.
    """
    was = kinds_told(table)
    probable = np.zeros((len(table), len(KINDS)))
    for left_out in _left_out(*_of_whom(table)):
        other = _fit_kinds(table, np.where(left_out, "", was), seed)
        of_known = other.predict_proba(table.rows[left_out])
        for place, kind in enumerate(other.classes_):
            probable[left_out, KINDS.index(str(kind))] = of_known[:, place]
    return probable


def signature_alone(table: Table) -> Doubles:
    """Return the log-odds of each awakening by what is known beforehand, without any tree."""
    score: Doubles = np.zeros(len(table))
    for ramp, _ in SIGNATURE.values():
        score += ramp.added(table.rows[:, list(FEATURE_UNITS).index(ramp.feature)])
    return score


def _of_whom(table: Table) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Family and person of each awakening."""
    families = np.array([night.family for night in table.nights])
    people = np.array([f"{night.source} {night.person}" for night in table.nights])
    return families[table.night], people[table.night]


def _left_out(
    families: npt.NDArray[np.str_], people: npt.NDArray[np.str_]
) -> list[npt.NDArray[np.bool_]]:
    if len(np.unique(families)) > 1:
        return [families == family for family in np.unique(families)]
    folds_at_most = len(np.unique(people))
    if folds_at_most < 2:
        raise InputError(TOO_FEW_PEOPLE)
    folds = GroupKFold(min(FOLDS, folds_at_most)).split(people, groups=people)
    return [np.isin(np.arange(len(people)), rows) for _, rows in folds]


def _sure(table: Table) -> npt.NDArray[np.bool_]:
    return np.asarray(table.kind != PART_OF_CRAMP)


def _fit_without(table: Table, left_out: npt.NDArray[np.bool_], seed: int) -> CrampScore:
    learnt = _sure(table) & ~left_out
    if not table.cramp[learnt].any():
        raise InputError(TOO_FEW_PEOPLE)
    return _fit(table, learnt, seed)


def _fit(table: Table, rows: npt.NDArray[np.bool_], seed: int) -> CrampScore:
    directions = [INCREASING.get(name, 0) for name in FEATURE_UNITS]
    forest = ExtraTreesClassifier(
        FOREST_TREES,
        max_leaf_nodes=FOREST_LEAVES,
        min_samples_leaf=FOREST_LEAF,
        max_features=FOREST_FEATURES,
        random_state=seed,
    )
    return CrampScore(
        features=tuple(FEATURE_UNITS),
        ensembles=tuple(
            export_trees(
                _fitted(
                    _boosting(TREES, ENSEMBLES * seed + number, directions),
                    table.rows[rows],
                    table.cramp[rows],
                )
            )
            for number in range(ENSEMBLES)
        ),
        forest=export_share(forest.fit(table.rows[rows], table.cramp[rows])),
        forest_share=FOREST_SHARE,
    )


def _fit_kinds(
    table: Table, told: npt.NDArray[np.str_], seed: int
) -> HistGradientBoostingClassifier:
    known = told != ""
    return _fitted(_boosting(OTHER_TREES, seed), table.rows[known], told[known])


def _fitted(
    boosting: HistGradientBoostingClassifier, rows: Doubles, labels: npt.NDArray[Any]
) -> HistGradientBoostingClassifier:
    """Fit in one thread: with more, sums come in another order and no two models are alike."""
    with threadpool_limits(1):
        return boosting.fit(rows, labels)


def _boosting(
    trees: int, seed: int, directions: list[int] | None = None
) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=25,
        l2_regularization=5.0,
        max_features=0.3,
        random_state=seed,
        monotonic_cst=directions,
    )


def _calibrate(table: Table, log_odds: Doubles) -> Calibrated:
    """Fit the line at the stated rate: each cramp weighs what so many a week make of it."""
    sure = table.cramp | table.harmless
    cramp = table.cramp[sure]
    nights = sum(night.worn_nights for night in table.nights)
    all_cramps = sum(len(night.cramps) for night in table.nights)
    # Of the cramps that happen some have no awakening; so do those at the stated rate.
    weight = np.where(cramp, STATED_A_WEEK / 7 * nights / max(all_cramps, 1), 1.0)
    fitted = LogisticRegression(C=1e6).fit(log_odds[sure, None], cramp, sample_weight=weight)
    return Calibrated(
        slope=float(fitted.coef_[0, 0]),
        intercept=float(fitted.intercept_[0]),
        cramps_a_week=STATED_A_WEEK,
        cramps_per_awakening=float(weight[cramp].sum() / weight.sum()),
    )


def _lowest(table: Table, probability: Doubles, false_alarms: float) -> float:
    """Lowest probability at which the sources have no more false alarms a clean night, on average.

    One source alone could be kept below the rate by another, far lower one; but which of them real
    nights are like, nobody knows.
    """
    # Of its source, what one false alarm adds to the mean rate of all.
    adds = np.zeros(len(table))
    for source in table.sources:
        nights = table.clean & np.array([night.source == source for night in table.nights])
        adds[nights[table.night]] = 1 / max(table.worn_nights[nights].sum(), 1e-9)
    adds[~table.harmless] = 0.0
    order = np.argsort(-probability, kind="stable")
    rate = np.cumsum(adds[order]) / len(table.sources)
    beyond = np.flatnonzero(rate > false_alarms)
    lowest = float(np.nextafter(probability[order][beyond[0]], 1.0)) if len(beyond) else 0.0
    return min(max(lowest, 0.01), 0.99)


def write_model(model: Model, file: IO[bytes]) -> None:
    """Write a model for `detector.classifier.read_model`: the same model, the same bytes."""
    about = {
        "name": model.version.name,
        "version": model.version.version,
        "features": model.features,
        "ensembles": len(model.cramp.ensembles),
        "forest_share": model.cramp.forest_share,
        "slope": model.calibrated.slope,
        "intercept": model.calibrated.intercept,
        "cramps_a_week": model.calibrated.cramps_a_week,
        "cramps_per_awakening": model.calibrated.cramps_per_awakening,
        "kinds": model.kinds,
        "likely_from": model.likely_from,
        "possible_from": model.possible_from,
    }
    arrays: dict[str, Any] = {"about": np.array(json.dumps(about))}
    ensembles = {f"cramp.{number}.": trees for number, trees in enumerate(model.cramp.ensembles)}
    others = {"forest.": model.cramp.forest, "other.": model.other}
    for prefix, trees in (ensembles | others).items():
        arrays |= {prefix + name: array for name, array in trees.arrays().items()}
    np.savez_compressed(file, **arrays)


TOLD_AS = {
    "infant": "bathroom",
    "drink": "bathroom",
    "scratch": "arousal",
    "lying_awake": "arousal",
    "falling_asleep": "arousal",
    "final_waking": "arousal",
    "apnoea": "arousal",
    "nothing": "arousal",
}
"""Kinds of the generators that the wearer is told of by another name."""
