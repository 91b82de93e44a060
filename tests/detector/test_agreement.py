from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from detector.agreement import (
    Agreement,
    AgreementIntervals,
    Awakenings,
    agree,
    agreement_intervals,
    best_threshold,
    match_awakenings,
    together,
)


def test_epochs_are_counted_by_what_was_scored_and_called() -> None:
    probability = np.array([0.9, 0.4, 0.6, 0.1, 0.1, 0.2])
    wake = np.array([True, True, False, False, False, False])
    agreement = agree(probability, wake, 0.6)
    assert (agreement.wake_as_wake, agreement.wake_as_sleep) == (1, 1)
    assert (agreement.sleep_as_wake, agreement.sleep_as_sleep) == (1, 3)
    assert (agreement.wake_recall, agreement.sleep_recall) == (0.5, 0.75)
    assert agreement.kappa == pytest.approx(0.25)


def test_wake_is_recalled_where_93_of_100_sleep_epochs_are_kept() -> None:
    asleep = np.arange(100) / 1000
    awake = np.array([0.0915, 0.0925, 0.0935, 0.5])
    probability = np.concatenate([asleep, awake])
    wake = np.arange(104) >= 100
    # The 93 lowest epochs of sleep reach to 0.092; above it lie three of four of wake.
    assert agree(probability, wake, 0.5).wake_recall_fixed == 0.75


def test_one_probability_for_everything_recalls_nothing() -> None:
    agreement = agree(np.full(50, 0.3), np.arange(50) < 20, 0.5)
    assert agreement.wake_recall_fixed == 0.0
    assert agreement.auc == 0.5
    assert agreement.kappa == 0.0


@pytest.mark.parametrize("awake", [True, False])
def test_where_only_one_was_scored_nothing_can_be_told_apart(awake: bool) -> None:
    agreement = agree(np.array([0.2, 0.3]), np.full(2, awake), 0.5)
    assert agreement.auc is None
    assert agreement.wake_recall_fixed is None
    assert agreement.kappa == (0.0 if awake else None)
    assert agreement.wake_recall == (0.0 if awake else None)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=3, max_size=60))
def test_kappa_and_area_are_those_of_the_textbook(epochs: list[tuple[int, bool]]) -> None:
    probability = np.array([level / 20 for level, _ in epochs])
    wake = np.array([awake for _, awake in epochs])
    wake[:2] = [True, False]
    agreement = agree(probability, wake, 0.5)
    assert agreement.auc == pytest.approx(roc_auc_score(wake, probability))
    assert agreement.kappa == pytest.approx(cohen_kappa_score(wake, probability >= 0.5))


def test_the_best_threshold_is_the_lowest_that_parts_them_best() -> None:
    probability = np.array([0.1, 0.2, 0.3, 0.605, 0.7, 0.8])
    wake = np.array([False, False, False, True, True, True])
    assert best_threshold(probability, wake) == 0.31


FIGURES = ("wake_recall_fixed", "kappa", "auc", "wake_recall", "sleep_recall")

Night = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def nights_of(people: int, seed: int = 0) -> list[Night]:
    """Nights of 100 epochs, every fifth of them wake, that some wrists tell better than others."""
    rng = np.random.default_rng(seed)
    wake = np.arange(100) % 5 == 0
    return [
        (np.round(np.clip(rng.normal(0.3 + told * wake, 0.2), 0, 1), 2), wake)
        for told in rng.uniform(0.1, 0.5, people)
    ]


def together_at(nights: list[Night], wake_from: float = 0.5) -> Agreement:
    probability, wake = zip(*nights, strict=True)
    return agree(np.concatenate(probability), np.concatenate(wake), wake_from)


def intervals_of(nights: list[Night], wake_from: float = 0.5) -> AgreementIntervals:
    probability, wake = zip(*nights, strict=True)
    return agreement_intervals(probability, wake, [wake_from] * len(nights))


def figures_of(agreement: Agreement | AgreementIntervals) -> list[Any]:
    return [getattr(agreement, figure) for figure in FIGURES]


def test_the_ends_of_two_people_are_each_of_them_drawn_twice() -> None:
    nights = nights_of(2, seed=1)
    twice = zip(*(figures_of(together_at([night, night])) for night in nights), strict=True)
    ends = [tuple(sorted(figures)) for figures in twice]
    assert all(low < high for low, high in ends)
    assert [pytest.approx(each) for each in figures_of(intervals_of(nights))] == ends


def test_the_interval_of_an_agreement_narrows_with_people_and_holds_it() -> None:
    widths = []
    for nights in (nights_of(5), nights_of(80)):
        intervals = figures_of(intervals_of(nights))
        for figure, (low, high) in zip(figures_of(together_at(nights)), intervals, strict=True):
            assert low < figure < high
        widths.append([high - low for low, high in intervals])
    assert all(many < 0.5 * few for few, many in zip(*widths, strict=True))


def test_every_person_may_have_a_threshold_of_their_own() -> None:
    one, other = nights_of(2)
    # At these thresholds everything is wake for one, and nothing for the other.
    intervals = agreement_intervals([one[0], other[0]], [one[1], other[1]], [0.0, 1.1])
    assert intervals.wake_recall == (0.0, 1.0)
    assert intervals.sleep_recall == (0.0, 1.0)
    # Where the threshold is moved, theirs do not matter.
    assert intervals.auc == intervals_of([one, other]).auc


def test_the_agreement_of_one_person_has_no_interval() -> None:
    [one] = nights_of(1)
    assert intervals_of([one]) == AgreementIntervals(None, None, None, None, None)


def test_of_one_person_who_wakes_among_others_only_the_sleep_has_an_interval() -> None:
    one, *others = nights_of(3)
    asleep = [(probability, np.zeros(100, np.bool_)) for probability, _ in others]
    intervals = intervals_of([one, *asleep])
    assert intervals.sleep_recall is not None
    assert intervals.wake_recall is intervals.auc is intervals.kappa is None
    # Two who wake and one who does not: those draws in which nobody wakes tell nothing.
    assert None not in figures_of(intervals_of([*others, asleep[0]]))


def flags(told: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Wake where there is a W."""
    return np.array([epoch == "W" for epoch in told])


def matched(scored: str, called: str) -> Awakenings:
    return match_awakenings(flags(called), flags(scored), np.arange(len(scored)))


def test_an_awakening_is_found_where_any_of_its_epochs_is_called_wake() -> None:
    awakenings = matched(
        scored="..WW...WWW...W..",
        called="...WW....W......",
    )
    assert awakenings == Awakenings((2, 1, 0, 0), (1, 1, 0, 0), claimed=2, false=0, false_at_ends=0)
    assert awakenings.found_shares == (0.5, 1.0, None, None)
    assert awakenings.false_share == 0.0


def test_a_claimed_awakening_is_false_where_none_of_its_epochs_was_scored_wake() -> None:
    awakenings = matched(
        scored="..WW.......",
        called=".W..W.WWW..",
    )
    # One that only lies beside the scored one has not found it.
    assert awakenings == Awakenings((1, 0, 0, 0), (0, 0, 0, 0), claimed=3, false=3, false_at_ends=0)
    assert awakenings.false_share == 1.0


def test_one_claim_over_two_awakenings_finds_both_and_counts_once() -> None:
    awakenings = matched(
        scored=".W..W...",
        called=".WWWW...",
    )
    assert awakenings == Awakenings((2, 0, 0, 0), (2, 0, 0, 0), claimed=1, false=0, false_at_ends=0)


def test_lying_awake_before_and_after_the_sleep_is_no_awakening() -> None:
    awakenings = matched(
        scored="WWWW....W...WWWW",
        called="WWWWW......WWWWW",
    )
    # What outlasts falling asleep is claimed within the sleep, where nobody was awake.
    assert awakenings == Awakenings((1, 0, 0, 0), (0, 0, 0, 0), claimed=2, false=2, false_at_ends=2)


@pytest.mark.parametrize(
    ("epochs", "place"),
    [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (10, 2), (11, 3), (90, 3)],
)
def test_the_upper_end_of_a_length_belongs_to_its_class(epochs: int, place: int) -> None:
    scored = f".{'W' * epochs}."
    awakenings = matched(scored, called=scored)
    one = tuple(int(place == other) for other in range(4))
    assert awakenings == Awakenings(one, one, claimed=1, false=0, false_at_ends=0)


def test_an_epoch_that_was_not_scored_ends_an_awakening() -> None:
    wake = flags(".WWWW.")
    unbroken = np.array([0, 1, 2, 3, 4, 5])
    broken = np.array([0, 1, 2, 4, 5, 6])
    assert match_awakenings(wake, wake, unbroken).scored == (0, 1, 0, 0)
    assert match_awakenings(wake, wake, broken).scored == (2, 0, 0, 0)
    assert match_awakenings(wake, wake, broken).claimed == 2


def test_a_night_without_sleep_has_no_awakenings() -> None:
    awakenings = matched(scored="WWW", called="WWW")
    assert awakenings == Awakenings((0, 0, 0, 0), (0, 0, 0, 0), claimed=0, false=0, false_at_ends=0)
    assert awakenings.false_share is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.booleans(), min_size=1, max_size=80), st.integers(0, 2**32))
def test_what_was_scored_finds_itself_and_its_opposite_finds_nothing(
    awake: list[bool], seed: int
) -> None:
    wake = np.array([False, *awake, False])
    epoch = np.arange(len(wake))
    itself = match_awakenings(wake, wake, epoch)
    assert itself.found == itself.scored
    assert (itself.claimed, itself.false) == (sum(itself.scored), 0)
    opposite = match_awakenings(~wake, wake, epoch)
    assert sum(opposite.found) == 0
    assert opposite.false == opposite.claimed
    anything = np.random.default_rng(seed).random(len(wake)) < 0.5
    called = match_awakenings(anything, wake, epoch)
    turned = match_awakenings(anything[::-1], wake[::-1], epoch)
    assert called == turned
    assert called.scored == itself.scored


def test_people_are_added_up() -> None:
    people = [
        Awakenings((4, 1, 0, 0), (1, 1, 0, 0), claimed=3, false=1, false_at_ends=0),
        Awakenings((2, 0, 1, 0), (2, 0, 0, 0), claimed=5, false=1, false_at_ends=0),
    ]
    every = together(people)
    assert every.total == Awakenings(
        (6, 1, 1, 0), (3, 1, 0, 0), claimed=8, false=2, false_at_ends=0
    )
    # The first person twice, or the second twice, are the ends of what can be drawn.
    assert every.found_intervals[0] == (0.25, 1.0)
    assert every.false_interval is not None
    assert every.false_interval == pytest.approx((0.2, 1 / 3))


def test_of_one_person_there_is_no_interval() -> None:
    alone = Awakenings((4, 1, 0, 0), (1, 1, 0, 0), claimed=3, false=1, false_at_ends=0)
    nobody = Awakenings((0, 0, 0, 0), (0, 0, 0, 0), claimed=0, false=0, false_at_ends=0)
    assert together([alone]).found_intervals == (None, None, None, None)
    assert together([alone, nobody]).false_interval is None


def test_an_interval_narrows_with_people_and_holds_the_share() -> None:
    drawn = np.random.default_rng(3).binomial(10, 0.4, size=200).tolist()
    people = [
        Awakenings((10, 0, 0, 0), (each, 0, 0, 0), claimed=10, false=each, false_at_ends=0)
        for each in drawn
    ]
    few, many = (together(people[:count]).found_intervals[0] for count in (12, 200))
    assert few is not None
    assert many is not None
    assert few[0] < 0.4 < few[1]
    assert many[0] < sum(drawn) / 2000 < many[1]
    # Of 2000 draws of a coin of 0.4, 95 % lie within 0.0215 to either side.
    assert many[1] - many[0] == pytest.approx(0.043, abs=0.008)
    assert few[1] - few[0] > 3 * (many[1] - many[0])
