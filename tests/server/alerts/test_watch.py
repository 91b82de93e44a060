from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.alerts.nightly import Counts
from server.alerts.rules import RULES
from server.alerts.usual import nothing_known, scale
from server.alerts.watch import Layer, Watch, watch_alone

YEAR = 364


def told(cramps: np.ndarray, valid: np.ndarray | None = None, answered: float = 1.0) -> Counts:
    """Cramps by the wearer's word, ``[nights, people]``."""
    number = cramps.astype(float)
    return Counts(
        valid=np.ones(cramps.shape, bool) if valid is None else valid,
        cramps=number,
        cramp_night=np.minimum(number, 1.0),
        certain=number,
        answered=np.where(cramps > 0, answered, np.nan),
        season=np.ones((len(cramps), 1)),
    )


def steady(weekly: float, nights: int, people: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).poisson(weekly / 7, (nights, people))


def one(*cramps: int) -> np.ndarray:
    return np.array(cramps)[:, None]


def layers_of(raised: np.ndarray) -> list[tuple[int, Layer]]:
    return [(int(night), Layer(int(raised[night, 0]))) for night in np.flatnonzero(raised[:, 0])]


def test_the_bars_in_cramps_are_of_the_order_of_the_reference() -> None:
    for ratio, rate, h in [(3, 0.5, 2.5), (2, 1, 4.1), (2, 2, 4.3), (2, 3, 4.5)]:
        at = float(np.interp(rate, RULES.creeping_rates, RULES.creeping_bars))
        assert at / np.log(ratio) == pytest.approx(h, rel=0.25)


def test_without_bunching_every_cramp_is_worth_the_same_evidence() -> None:
    rules = replace(RULES, bunching_prior=1.0)
    by = scale(nothing_known(1), rules)
    assert by.worth[0, 0] == pytest.approx(1, abs=0.01)
    assert by.first[0, 0] == pytest.approx(np.log(by.ratio[0]) / by.swing[0], rel=0.02)


def test_bunched_cramps_are_worth_less_than_cramp_nights() -> None:
    bunched = np.zeros((YEAR, 1), int)
    bunched[::21] = 3
    watch = Watch(told(bunched))
    for night in range(YEAR):
        watch.look(night)
    assert watch.scale.worth[0, 0] < 0.3


def test_the_usual_is_learnt() -> None:
    watch = Watch(told(steady(2.0, YEAR, 40, seed=5)))
    for night in range(YEAR):
        watch.look(night)
    assert watch.scale.weekly.mean() == pytest.approx(2.0, rel=0.05)
    assert np.median(watch.scale.swing) < 1.15
    usual = watch.usual_week(YEAR - 1, (0.95, 0.05))
    assert usual is not None
    mean, least, most = usual
    assert mean == pytest.approx(2, abs=0.6)
    assert (least, most) == (0, 5)


def test_good_and_bad_weeks_are_seen_as_swing() -> None:
    rng = np.random.default_rng(8)
    levels = np.repeat(rng.gamma(2, 1 / 2, (104, 40)), 7, axis=0)
    watch = Watch(told(rng.poisson(levels * 2 / 7)))
    for night in range(728):
        watch.look(night)
    assert 1.4 < np.median(watch.scale.swing) < 2.6


def test_a_missing_night_adds_nothing_and_takes_nothing() -> None:
    cramps = steady(2.0, 200, 1, seed=2)
    valid = np.ones(cramps.shape, bool)
    valid[100:] = False
    watch = Watch(told(cramps, valid))
    for night in range(100):
        watch.look(night)
    before = watch.sum.copy()
    for night in range(100, 200):
        signals = watch.look(night)
        assert not signals.raise_.any()
    assert watch.sum.tolist() == before.tolist()


def test_in_the_first_three_weeks_only_persistent_fires() -> None:
    raised, _ = watch_alone(told(one(*[3] * 40)))
    first, layer = layers_of(raised)[0]
    assert layer is Layer.PERSISTENT
    assert RULES.frequent_least_valid - 1 <= first < RULES.learning_nights
    quiet_then_many, _ = watch_alone(told(one(*[0] * 14, *[4, 0, 4, 0, 4, 0, 4])))
    assert layers_of(quiet_then_many) == []


def test_a_week_out_of_nowhere_is_sudden() -> None:
    raised, _ = watch_alone(told(one(*[0, 0, 0, 0, 0, 0, 1] * 20, 2, 2, 2, 2)))
    (fired,) = layers_of(raised)
    assert fired[1] in (Layer.SUDDEN, Layer.CREEPING)
    assert fired[0] < 144
    only, _ = watch_alone(told(one(*[0, 0, 0, 0, 0, 0, 1] * 20, 2, 2, 2, 2)), layers={Layer.SUDDEN})
    assert [layer for _, layer in layers_of(only)] == [Layer.SUDDEN]


def test_a_slow_rise_is_creeping() -> None:
    slow = [0, 0, 0, 0, 0, 0, 1] * 30 + [0, 0, 1, 0, 0, 0, 1] * 20
    raised, _ = watch_alone(told(one(*slow)))
    night, layer = layers_of(raised)[0]
    assert layer is Layer.CREEPING
    assert 210 < night < 280


@settings(max_examples=3)
@given(st.integers(0, 2**32 - 1))
def test_alerts_are_two_weeks_apart(seed: int) -> None:
    weekly = np.array([0.5, 2.0, 6.0, 14.0] * 20)
    rng = np.random.default_rng(seed)
    cramps = rng.poisson(weekly / 7, (200, 80))
    cramps[100:] += rng.poisson(2 * weekly / 7, (100, 80))
    raised, _ = watch_alone(told(cramps))
    for person in range(80):
        assert np.diff(np.flatnonzero(raised[:, person])).min(initial=99) >= RULES.rest_nights


def test_more_than_usual_is_said_once_while_it_stands() -> None:
    cramps = steady(1.0, YEAR, 60, seed=4)
    cramps[200:] = steady(4.0, YEAR - 200, 60, seed=5)
    raised, standing = watch_alone(told(cramps), layers={Layer.SUDDEN, Layer.CREEPING})
    assert (raised[200:270] > 0).any(axis=0).mean() > 0.95
    begins = (raised > 0)[1:]
    assert not (begins & standing[:-1]).any()


def test_the_usual_freezes_while_an_alert_stands_and_thaws() -> None:
    cramps = np.concatenate([steady(1.0, 250, 1, 6), steady(7.0, 40, 1, 7), steady(1.0, 200, 1, 8)])
    watch, weekly, stood = Watch(told(cramps)), [], []
    for night in range(len(cramps)):
        signals = watch.look(night)
        watch.cleared(Layer.SUDDEN, signals.ends_more)
        for layer in (Layer.SUDDEN, Layer.CREEPING):
            watch.raised(layer, signals.raise_ == layer, night)
        weekly.append(float(watch.scale.weekly[0]))
        stood.append(bool(watch.more[0]))
    since = stood.index(True, 250)
    until = stood.index(False, since)
    assert 250 < since < 262
    assert 290 < until < 350
    assert len(set(weekly[since + 1 : until])) == 1
    # What has passed is part of what is usual.
    assert weekly[-1] > weekly[since]


def test_what_stands_for_twelve_weeks_is_the_usual_now() -> None:
    cramps = np.concatenate([steady(1.0, YEAR, 30, seed=1), steady(4.0, 500, 30, seed=2)])
    watch = Watch(told(cramps), layers={Layer.SUDDEN, Layer.CREEPING})
    became = np.zeros(30, int)
    for night in range(len(cramps)):
        signals = watch.look(night)
        became += signals.becomes_usual
        watch.begin_anew(signals.becomes_usual)
        watch.cleared(Layer.SUDDEN, signals.ends_more | signals.becomes_usual)
        for layer in Layer:
            watch.raised(layer, signals.raise_ == layer, night)
    assert (became >= 1).mean() > 0.8
    assert np.median(watch.scale.weekly) == pytest.approx(4, abs=0.7)


def test_three_nights_in_seven_are_said_once_and_not_to_and_fro() -> None:
    # Six a week are four cramp nights a week, once for all.
    raised, _ = watch_alone(told(steady(6.0, 2 * YEAR, 100, seed=9)))
    times = (raised == Layer.PERSISTENT).sum(axis=0)
    assert (times >= 1).mean() > 0.95
    assert (times > 1).mean() < 0.1


def test_persistent_clears_when_it_is_over() -> None:
    watch = Watch(told(one(*[1] * 40, *[0] * 60)))
    stood = []
    for night in range(100):
        signals = watch.look(night)
        watch.cleared(Layer.PERSISTENT, signals.ends_frequent)
        watch.raised(Layer.PERSISTENT, signals.raise_ == Layer.PERSISTENT, night)
        stood.append(bool(watch.frequent[0]))
    assert stood[39]
    # Hysteresis: neither one night below three in seven nor two weeks end it.
    assert stood[60]
    assert not stood[99]


def test_who_stops_answering_has_not_more_cramps() -> None:
    # Answered: one a week. Unanswered: two probabilities a night that come to two a week.
    rng = np.random.default_rng(12)
    people, nights = 60, 2 * YEAR
    true = rng.poisson(1 / 7, (nights, people))
    answers = rng.random((nights, people)) < 0.7
    answers[YEAR:] = False
    alarms = rng.poisson(1.4, (nights, people))
    expected, squares = alarms * 0.2, alarms * 0.04
    counts = Counts(
        valid=np.ones(true.shape, bool),
        cramps=np.where(answers, true, expected),
        cramp_night=np.where(answers, true > 0, 1 - 0.8**alarms),
        certain=np.where(answers, true, squares),
        answered=np.where(alarms + true > 0, answers, np.nan),
        season=np.ones((nights, 1)),
    )
    raised, _ = watch_alone(counts)
    assert (raised[YEAR : YEAR + 60] > 0).sum() / people < 0.1


def test_with_the_season_a_usual_summer_is_no_alert() -> None:
    season = (2 ** (0.5 * np.cos(2 * np.pi * np.arange(3 * YEAR) / YEAR)))[:, None]
    cramps = np.random.default_rng(3).poisson(np.broadcast_to(3 / 7 * season, (3 * YEAR, 60)))
    with_it = replace(told(cramps), season=season)
    late = slice(YEAR, None)
    heeded = (watch_alone(with_it)[0][late] > 0).sum() / 60 / 2
    ignored = (watch_alone(told(cramps))[0][late] > 0).sum() / 60 / 2
    assert heeded < 0.6
    assert ignored > heeded + 0.2


def test_one_at_a_time_is_as_many_at_once() -> None:
    cramps = steady(2.0, 400, 12, seed=21)
    cramps[300:] += steady(3.0, 100, 12, seed=22)
    valid = np.random.default_rng(1).random(cramps.shape) > 0.2
    together, _ = watch_alone(told(cramps, valid))
    for person in (0, 5, 11):
        column = slice(person, person + 1)
        alone, _ = watch_alone(told(cramps[:, column], valid[:, column]))
        assert alone[:, 0].tolist() == together[:, person].tolist()


def test_a_cramp_more_in_the_newest_night_never_lowers_what_is_found() -> None:
    cramps = steady(1.5, 200, 50, seed=31)
    sums = []
    for more in range(4):
        added = cramps.copy()
        added[-1] += more
        watch = Watch(told(added))
        for night in range(200):
            signals = watch.look(night)
        sums.append((watch.sum, signals.raise_ > 0))
    for (less, fired), (more_sum, fired_too) in pairwise(sums):
        assert (more_sum >= less - 1e-12).all()
        assert (fired <= fired_too).all()


def test_a_simulated_floor_for_false_alerts_and_delays() -> None:
    people = 120
    still = steady(2.0, 2 * YEAR, people, seed=41)
    risen = steady(2.0, 2 * YEAR, people, seed=42)
    risen[YEAR:] = steady(4.0, YEAR, people, seed=43)
    raised, standing = watch_alone(told(np.concatenate([still, risen], axis=1)))
    assert (raised[YEAR:, :people] > 0).sum() / people <= 0.6
    late = (raised[YEAR:, people:] > 0)[:, ~standing[YEAR - 1, people:]]
    assert late.any(axis=0).mean() > 0.97
    assert np.median(late.argmax(axis=0) / 7) < 4.6
