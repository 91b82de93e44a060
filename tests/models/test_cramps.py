from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from detector.classifier import Model, judge, read_model
from ingest.errors import InputError
from models.study.found import find_at
from models.study.table import UNLABELLED, Table, concatenate
from models.study.told import likeliest
from models.training.cramps import (
    KINDS,
    STATED_A_WEEK,
    kinds_told,
    kinds_unseen,
    log_odds_at_home,
    log_odds_unseen,
    scores_of_others,
    train,
    write_model,
)
from models.training.signature import INCREASING, SIGNATURE, Ramp
from tests.models.sources import COLUMNS, a_source

BOTH = concatenate([a_source("one", seed=1), a_source("other", seed=2)])


@pytest.fixture(scope="module")
def model() -> Model:
    return train(BOTH, seed=3)


@pytest.fixture(scope="module")
def unseen() -> npt.NDArray[np.float64]:
    return log_odds_unseen(BOTH, seed=3)


def test_a_model_reads_back_as_it_was_written_byte_for_byte(model: Model) -> None:
    files = []
    for each in (model, train(BOTH, seed=3)):
        file = io.BytesIO()
        write_model(each, file)
        files.append(file.getvalue())
    assert files[0] == files[1]
    again = read_model(io.BytesIO(files[0]))
    measured = [dict(zip(COLUMNS, row.tolist(), strict=True)) for row in BOTH.rows]
    assert judge(model, measured) == judge(again, measured)
    assert (again.likely_from, again.possible_from) == (model.likely_from, model.possible_from)


def trips_told_by(table: Table, feature: str, sign: float = 1.0) -> Table:
    rows = table.rows.copy()
    rows[table.kind == "bathroom", COLUMNS.index(feature)] += 5.0 * sign
    return replace(table, rows=rows)


def test_a_harmless_kind_is_told_on_families_that_were_not_learnt_from() -> None:
    one = trips_told_by(a_source("one", nights=60, seed=1), "moved_after")
    other = trips_told_by(a_source("other", nights=60, seed=2), "moved_after")
    both = concatenate([one, other])
    was = kinds_told(both)
    assert set(was[both.cramp]) == {""}
    assert set(was[~both.cramp]) == {"bathroom", "position_shift"}
    known = was != ""
    probable = kinds_unseen(both, seed=0)
    assert np.mean(likeliest(KINDS, probable)[known] == was[known]) > 0.9
    assert np.allclose(probable.sum(axis=1), 1.0)
    against = concatenate([one, trips_told_by(other, "moved_after", -2.0)])
    assert np.mean(likeliest(KINDS, kinds_unseen(against, seed=0))[known] == was[known]) < 0.7


def test_what_the_wearer_is_not_told_of_goes_by_the_name_of_what_it_is_like() -> None:
    table = a_source("one", nights=4)
    kinds = np.resize(["infant", "lying_awake", "off_wrist", UNLABELLED], len(table))
    told = kinds_told(replace(table, kind=kinds, cramp=np.zeros(len(table), np.bool_)))
    assert told[:4].tolist() == ["bathroom", "arousal", "off_wrist", ""]


def test_what_is_judged_was_never_learnt_from() -> None:
    misleading = concatenate(
        [a_source("one", seed=1), a_source("other", nights=96, seed=2, told_by="level_before")]
    )
    scores = log_odds_unseen(misleading, seed=0)
    other, rows = misleading.of_source("other")
    seen = log_odds_unseen(other, seed=0)
    assert find_at(other, scores[rows], 1.0, seed=0).share < 0.4
    assert find_at(other, seen, 1.0, seed=0).share > 0.6


def test_other_nights_of_a_family_are_judged_as_its_own_are_by_what_the_others_teach(
    unseen: npt.NDArray[np.float64],
) -> None:
    scores = scores_of_others(BOTH, seed=3)
    assert list(scores) == ["one", "other"]
    for family, score in scores.items():
        theirs, rows = BOTH.of_source(family)
        assert score.log_odds(theirs.rows).tolist() == unseen[rows].tolist()


def test_of_one_family_there_are_no_others() -> None:
    with pytest.raises(InputError, match="one family of nights only"):
        scores_of_others(a_source("one"), seed=3)


def test_at_home_is_by_people_and_without_the_other_families() -> None:
    one, rows = BOTH.of_source("one")
    at_home = log_odds_at_home(BOTH, seed=3)
    assert at_home[rows].tolist() == log_odds_unseen(one, seed=3).tolist()


def test_with_few_people_each_is_left_out_in_turn() -> None:
    few = a_source("one", nights=9, seed=1)
    scores = log_odds_unseen(few, seed=0)
    assert np.isfinite(scores).all()
    assert np.ptp(scores) > 0


@pytest.mark.parametrize("another", [False, True])
def test_cramps_of_one_person_alone_are_refused(another: bool) -> None:
    """Also where there is a night of another person, without one."""
    kept, _ = a_source("one", nights=6).of_nights(np.array([True] * 3 + [False, another, False]))
    with pytest.raises(InputError, match="cramps of two people"):
        log_odds_unseen(kept, seed=0)


def test_the_probabilities_are_those_of_the_stated_rate(
    model: Model, unseen: npt.NDArray[np.float64]
) -> None:
    line = model.calibrated
    probability = 1 / (1 + np.exp(-(line.intercept + line.slope * unseen)))
    nights = sum(night.worn_nights for night in BOTH.nights)
    weight = np.where(BOTH.cramp, STATED_A_WEEK / 7 * nights / BOTH.cramp.sum(), 1.0)
    share = float(weight[BOTH.cramp].sum() / weight.sum())
    assert line.cramps_per_awakening == pytest.approx(share)
    assert float((weight * probability).sum() / weight.sum()) == pytest.approx(share, rel=0.02)


def test_the_standings_keep_what_they_promise_on_average(
    model: Model, unseen: npt.NDArray[np.float64]
) -> None:
    probability = model.calibrated.probability(unseen)
    for least, promised in ((model.likely_from, 0.1), (model.possible_from, 1.0)):
        rates = []
        for source in BOTH.sources:
            table, rows = BOTH.of_source(source)
            claimed = (probability[rows] >= least) & table.clean[table.night]
            rates.append(claimed.sum() / table.clean.sum())
        assert promised - 0.1 <= np.mean(rates) <= promised


def test_what_nobody_wrote_down_is_learnt_from_but_reads_no_rate(
    unseen: npt.NDArray[np.float64],
) -> None:
    unlabelled = BOTH.kind == "bathroom"
    table = replace(BOTH, kind=np.where(unlabelled, UNLABELLED, BOTH.kind))
    assert log_odds_unseen(table, seed=3).tolist() == unseen.tolist()
    first_likely = [
        unseen[each.calibrated.probability(unseen) >= each.likely_from].min()
        for each in (train(table, seed=3), train(BOTH, seed=3))
    ]
    assert first_likely[0] < first_likely[1]


def test_trees_go_only_the_way_that_is_known(model: Model) -> None:
    for name, direction in INCREASING.items():
        rows = np.zeros((50, len(COLUMNS)))
        rows[:, COLUMNS.index(name)] = np.linspace(-5, 5, 50)
        for trees in model.cramp.ensembles:
            assert (direction * np.diff(trees.raw(rows)[:, 0]) >= 0).all()


def test_the_forest_counts_for_half(model: Model) -> None:
    score = model.cramp
    boosted = np.mean([trees.raw(BOTH.rows)[:, 0] for trees in score.ensembles], axis=0)
    share = np.clip(score.forest.raw(BOTH.rows)[:, 0], 0.002, 0.998)
    together = 0.5 * boosted + 0.5 * np.log(share / (1 - share))
    assert score.log_odds(BOTH.rows) == pytest.approx(together)


def test_what_the_features_add_sums_to_the_log_odds_but_for_one_start(model: Model) -> None:
    start = model.cramp.log_odds(BOTH.rows) - model.cramp.contributions(BOTH.rows).sum(axis=1)
    assert np.ptp(start) < 1e-9


def test_every_ramp_and_every_direction_is_of_a_feature() -> None:
    assert {ramp.feature for ramp, _ in SIGNATURE.values()} <= set(COLUMNS)
    assert set(INCREASING) <= set(COLUMNS)
    for ramp, reason in SIGNATURE.values():
        assert reason.endswith(".")
        assert ramp.none_at != ramp.full_at
        rising = ramp.weight * (ramp.full_at - ramp.none_at) > 0
        assert INCREASING.get(ramp.feature, 1 if rising else -1) == (1 if rising else -1)


def test_a_ramp_rises_or_falls_and_adds_nothing_where_nothing_is_known() -> None:
    values = np.array([-3.0, 0.0, 2.5, 5.0, 40.0, np.nan])
    falling = Ramp("heart_rate_rise", none_at=5, full_at=0, weight=-2.0)
    assert falling.added(values).tolist() == [-2.0, -2.0, -1.0, 0.0, 0.0, 0.0]
    rising = Ramp("heart_rate_rise", none_at=0, full_at=5, weight=2.0)
    assert rising.added(values).tolist() == [0.0, 0.0, 1.0, 2.0, 2.0, 0.0]
