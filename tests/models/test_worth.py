from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ingest.errors import InputError
from models.study.found import RATES, RESAMPLES, find_at, people_drawn
from models.study.table import Table, concatenate
from models.study.worth import Difference, Shares, Worth, shares_found
from tests.models.sources import a_source

BOTH = concatenate([a_source("one", seed=1), a_source("other", nights=40, seed=2)])


def a_score(table: Table, *, told: float, seed: int = 0) -> npt.NDArray[np.float64]:
    """Chance, and how much higher a cramp is; some values more than once."""
    noise = np.random.default_rng(seed).normal(0, 1, len(table))
    score: npt.NDArray[np.float64] = np.round(noise + told * (table.kind == "rub"), 1)
    return score


def test_what_is_found_is_what_the_figures_of_a_training_tell() -> None:
    score = a_score(BOTH, told=2.0)
    found = shares_found(BOTH, score, seed=0).found
    for rate, share in zip(RATES, found, strict=True):
        parts = [BOTH.of_source(source) for source in BOTH.sources]
        each = [find_at(theirs, score[at], rate, seed=0).share for theirs, at in parts]
        assert share == pytest.approx(np.mean(each))
        assert 0 < share < 1


def test_each_draw_is_read_like_a_study_of_the_people_that_were_drawn() -> None:
    table = a_source("one", nights=60)
    score = a_score(table, told=1.5)
    person, drawn = people_drawn(table, seed=3)
    shares = shares_found(table, score, seed=3)
    for number in range(0, RESAMPLES, 100):
        parts = []
        for turn, who in enumerate(drawn[number]):
            theirs, rows = table.of_nights(person == who)
            alone = [replace(night, person=f"{turn}") for night in theirs.nights]
            parts.append((replace(theirs, nights=tuple(alone)), score[rows]))
        study = concatenate([theirs for theirs, _ in parts])
        scores = np.concatenate([of_part for _, of_part in parts])
        for place, rate in enumerate(RATES):
            share = find_at(study, scores, rate, seed=0).share
            assert shares.drawn[place, number] == pytest.approx(share)


def test_a_score_differs_from_itself_by_nothing_and_from_a_worse_one_by_more_than_that() -> None:
    good, bad = (shares_found(BOTH, a_score(BOTH, told=told), seed=0) for told in (3.0, 1.0))
    assert good.over(good) == (Difference(0.0, 0.0, 0.0),) * (len(RATES) + 1)
    *at_rates, mean = good.over(bad)
    assert mean.mean == pytest.approx(np.mean([each.mean for each in at_rates]))
    assert 0 < mean.low < mean.mean < mean.high
    assert mean.high - mean.low < max(each.high - each.low for each in at_rates)
    turned = bad.over(good)[-1]
    assert (turned.mean, turned.low, turned.high) == pytest.approx(
        (-mean.mean, -mean.high, -mean.low)
    )


def test_a_difference_lies_within_its_interval() -> None:
    """Without the one person whose false alarm is above all cramps, the draws say the opposite."""
    found, drawn = np.zeros(len(RATES)), np.ones((len(RATES), RESAMPLES))
    nothing = Shares(found, np.zeros_like(drawn))
    assert set(Shares(found, drawn).over(nothing)) == {Difference(0.0, 0.0, 0.0)}
    drawn[:, ::2] = -1.0
    assert set(Shares(found, drawn).over(nothing)) == {Difference(0.0, -1.0, 1.0)}


def test_the_same_people_are_drawn_for_both() -> None:
    first, second = (a_score(BOTH, told=2.0, seed=seed) for seed in (1, 1))
    second[0] += 0.1
    paired = shares_found(BOTH, first, seed=0).over(shares_found(BOTH, second, seed=0))[-1]
    unpaired = shares_found(BOTH, first, seed=0).over(shares_found(BOTH, second, seed=9))[-1]
    assert paired.high - paired.low < 0.2 * (unpaired.high - unpaired.low)


def test_a_source_without_a_visible_cramp_does_not_count() -> None:
    score = a_score(BOTH, told=2.0)
    clean = BOTH.clean | np.array([night.source == "one" for night in BOTH.nights])
    kept, rows = BOTH.of_nights(clean)
    one, at = kept.of_source("one")
    alone = shares_found(one, score[rows][at], seed=0)
    assert shares_found(kept, score[rows], seed=0).found.tolist() == alone.found.tolist()


def test_draws_without_a_cramp_or_without_a_clean_night_tell_nothing() -> None:
    # Nobody has both, so that one draw in two of these two people tells nothing.
    table, _ = a_source("one", nights=6).of_nights(np.array([1, 0, 1, 1, 0, 1], np.bool_))
    nights = [
        replace(night, person="clean" if not night.cramps else "cramps") for night in table.nights
    ]
    table = replace(table, nights=tuple(nights))
    drawn = shares_found(table, a_score(table, told=9.0), seed=0).drawn
    assert 0.4 < np.isnan(drawn).mean() < 0.6
    assert set(drawn[~np.isnan(drawn)].tolist()) == {1.0}


def test_without_a_cramp_that_a_wrist_can_see_nothing_can_be_told() -> None:
    clean, rows = BOTH.of_nights(BOTH.clean)
    with pytest.raises(InputError, match="Measure nights with some"):
        shares_found(clean, a_score(BOTH, told=1.0)[rows], seed=0)


NEGATIVE, ABOUT_ZERO, POSITIVE = (
    Difference(middle, middle - 0.01, middle + 0.01) for middle in (-0.02, 0.0, 0.02)
)


@pytest.mark.parametrize(
    ("abroad", "at_home", "follows"),
    [
        (NEGATIVE, POSITIVE, "helps at home, hurts abroad"),
        (NEGATIVE, ABOUT_ZERO, "hurts abroad"),
        (NEGATIVE, NEGATIVE, "hurts abroad"),
        (ABOUT_ZERO, POSITIVE, ""),
        (POSITIVE, NEGATIVE, ""),
    ],
)
def test_what_follows_is_read_from_the_mean_of_the_rates(
    abroad: Difference, at_home: Difference, follows: str
) -> None:
    others = (ABOUT_ZERO,) * len(RATES)
    assert Worth((*others, abroad), (*others, at_home)).follows == follows


def test_a_difference_is_written_with_its_sign() -> None:
    assert str(Difference(0.0123, -0.0041, 0.0287)) == "+0.012 (-0.004 to +0.029)"
