from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from simulator.families import life_of
from simulator.life import LENGTHS, LIVES, Life
from simulator.person import Person, Rates, draw_person, draw_rates
from simulator.plan import (
    Happening,
    Kind,
    Phenotype,
    draw_cramp_count,
    most_cramps,
    plan_night,
)

SPAN_S = 8 * 3600.0


def plans(rates: Rates, count: int, *, cramps: int | None = None) -> list[tuple[Happening, ...]]:
    people = [draw_person(np.random.default_rng([9, number])) for number in range(count)]
    return [
        plan_night(np.random.default_rng([8, number]), person, rates, span_s=SPAN_S, cramps=cramps)
        for number, person in enumerate(people)
    ]


@pytest.fixture(scope="module")
def cramps() -> list[Happening]:
    nights = plans(Rates(), 400, cramps=3)
    return [happening for night in nights for happening in night if happening.kind is Kind.CRAMP]


def test_cramps_last_as_assumed(cramps: list[Happening]) -> None:
    lengths_s = np.array([cramp.duration_s for cramp in cramps])
    assert len(cramps) == 1200
    assert lengths_s.min() >= 10.0
    assert lengths_s.max() <= 600.0
    assert np.median(lengths_s) == pytest.approx(97.0, rel=0.1)
    assert np.log(lengths_s).std() == pytest.approx(0.83, rel=0.1)


def test_cramps_come_in_the_assumed_shares(cramps: list[Happening]) -> None:
    shares = Counter(cramp.phenotype for cramp in cramps)
    assert shares[Phenotype.SILENT] / 1200 == pytest.approx(0.20, abs=0.035)
    assert shares[Phenotype.RUB] / 1200 == pytest.approx(0.30, abs=0.035)
    assert shares[Phenotype.SIT] / 1200 == pytest.approx(0.25, abs=0.035)
    assert shares[Phenotype.STAND] / 1200 == pytest.approx(0.25, abs=0.035)
    assert all(cramp.visible == (cramp.phenotype is not Phenotype.SILENT) for cramp in cramps)


def test_the_heart_answers_most_cramps_and_more_when_standing(cramps: list[Happening]) -> None:
    silent_heart = np.mean([cramp.rise_bpm <= 2.0 for cramp in cramps])
    assert 0.05 <= silent_heart <= 0.17
    answered = [cramp for cramp in cramps if cramp.rise_bpm > 2.0]
    lying = [c.rise_bpm for c in answered if c.phenotype is not Phenotype.STAND]
    standing = [c.rise_bpm for c in answered if c.phenotype is Phenotype.STAND]
    assert np.median(lying) == pytest.approx(15.0, abs=2.0)
    assert np.median(standing) - np.median(lying) == pytest.approx(15.0, abs=3.0)


def test_movement_follows_the_onset_by_seconds(cramps: list[Happening]) -> None:
    lags_s = [cramp.lag_s for cramp in cramps]
    assert min(lags_s) >= 0.0
    assert max(lags_s) <= 8.0
    assert 1.0 < np.median(lags_s) < 3.0


def test_a_position_shift_that_fits_to_the_tenth_of_a_second_is_put_where_it_fits() -> None:
    """Rounded after it was looked at whether it fits, this one overlapped with what was there."""
    who = np.random.default_rng(239)
    person, life = draw_person(who), life_of("phenomenological", "hard")
    plan_night(
        np.random.default_rng([1, 239]),
        person,
        life.draw_rates(who),
        span_s=27000.0,
        life=life,
        cramps=5,
    )


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_a_night_holds_as_many_cramps_as_it_can_be_asked_for(life: Life) -> None:
    for number in range(20):
        who = np.random.default_rng([10, number])
        person, rates = draw_person(who), life.draw_rates(who)
        asked = most_cramps(6.5)
        night = plan_night(who, person, rates, span_s=6.5 * 3600.0, life=life, cramps=asked)
        assert sum(happening.kind is Kind.CRAMP for happening in night) == asked == 19


def test_a_position_shift_comes_before_three_cramps_in_ten() -> None:
    nights = plans(Rates(), 400, cramps=1)
    shifted = sum(any(h.kind is Kind.POSITION_SHIFT for h in night) for night in nights)
    assert shifted / 400 == pytest.approx(0.3, abs=0.07)
    for night in nights:
        cramp = next(h for h in night if h.kind is Kind.CRAMP)
        for shift in (h for h in night if h.kind is Kind.POSITION_SHIFT):
            assert 15.0 <= cramp.onset_s - shift.end_s <= 90.1


def test_cramps_cluster() -> None:
    rng = np.random.default_rng(1)
    counts = np.array([draw_cramp_count(rng, 0.5) for _ in range(8000)])
    assert counts.mean() == pytest.approx(0.5, rel=0.1)
    # A Poisson count has a dispersion of 1; branching of 0.2 lifts it to 1 / 0.8**2.
    assert counts.var() / counts.mean() == pytest.approx(1.5625, rel=0.12)


def test_cramps_a_week_are_spread_as_reported() -> None:
    rates = [draw_rates(np.random.default_rng([3, k])).cramps_night * 7.0 for k in range(4000)]
    assert np.median(rates) == pytest.approx(1.0, rel=0.15)
    assert np.quantile(rates, 0.9) == pytest.approx(7.0, rel=0.15)


def test_harmless_happenings_come_at_their_rates() -> None:
    rates = Rates(arousals_h=15.0, position_shifts_h=1.6, limb_movement_runs_night=2.0)
    nights = plans(rates, 60, cramps=0)
    counts = Counter(happening.kind for night in nights for happening in night)
    asleep_h = sum(night[-1].onset_s - night[0].end_s for night in nights) / 3600.0
    assert counts[Kind.AROUSAL] / asleep_h == pytest.approx(15.0, rel=0.1)
    assert counts[Kind.POSITION_SHIFT] / asleep_h == pytest.approx(1.6, rel=0.15)
    assert counts[Kind.LIMB_MOVEMENTS] / 60 == pytest.approx(2.0, rel=0.25)
    arousals = [h for night in nights for h in night if h.kind is Kind.AROUSAL]
    assert 0.05 < np.mean([arousal.visible for arousal in arousals]) < 0.15


def test_runs_of_limb_movements_are_periodic_by_definition() -> None:
    nights = plans(Rates(limb_movement_runs_night=3.0), 30, cramps=0)
    runs = [h for night in nights for h in night if h.kind is Kind.LIMB_MOVEMENTS]
    assert len(runs) > 50
    for run in runs:
        onsets_s, lengths_s = np.array(run.parts).T
        assert len(onsets_s) >= 4
        assert np.all((lengths_s >= 0.5) & (lengths_s <= 10.0))
        assert np.all((np.diff(onsets_s) >= 9.9) & (np.diff(onsets_s) <= 90.1))
        assert run.duration_s == pytest.approx(onsets_s[-1] + lengths_s[-1], abs=0.06)


def test_harmless_happenings_overlap_with_cramps_in_length_and_heart(
    cramps: list[Happening],
) -> None:
    rates = Rates(
        awake_spells_night=2.0,
        phone_night=1.0,
        bathroom_night=1.0,
        drink_night=1.0,
        infant_night=0.5,
        large_movements_h=1.0,
    )
    harmless = [
        happening
        for night in plans(rates, 60, cramps=0)
        for happening in night[1:-1]
        if happening.duration_s > 20.0
    ]
    for measure in ("duration_s", "rise_bpm"):
        ours = np.array([getattr(cramp, measure) for cramp in cramps])
        theirs = np.array([getattr(happening, measure) for happening in harmless])
        ranked = np.mean(ours[:, None] > theirs[None, :])
        assert 0.2 < ranked < 0.8, measure


@pytest.mark.parametrize("kind", LENGTHS)
def test_lengths_stay_in_their_range(kind: Kind) -> None:
    rng = np.random.default_rng(2)
    drawn = [LENGTHS[kind].draw(rng) for _ in range(300)]
    assert LENGTHS[kind].low_s <= min(drawn)
    assert max(drawn) <= LENGTHS[kind].high_s


def test_people_differ_within_bounds() -> None:
    people: list[Person] = [draw_person(np.random.default_rng([4, k])) for k in range(200)]
    assert {person.wrist for person in people} == {"left", "right"}
    resting = [person.resting_bpm for person in people]
    assert min(resting) >= 45.0
    assert max(resting) <= 80.0
    assert np.std(resting) > 4.0
