from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simulator.heart import beat_heart, beats
from simulator.night import SimulatedNight
from simulator.person import draw_person
from simulator.plan import Happening, Kind, Phenotype

ONSET_S = 2200.0

Stage = Callable[..., SimulatedNight]


def readings(night: SimulatedNight, start_s: float, end_s: float) -> float:
    assert night.heart_rate is not None
    at_s = (night.heart_rate.times_ns - night.info.start_ns) / 1e9
    bpm = night.heart_rate.bpm[(at_s >= start_s) & (at_s < end_s)]
    return float(np.median(bpm[bpm > 0.0]))


def told_rise(night: SimulatedNight, label: str) -> float:
    (event,) = (event for event in night.events if event.onset_s == ONSET_S)
    assert event.label == label
    return float(event.extra["heart_rate_rise_bpm"])


def test_a_cramp_with_a_rise_is_read_as_one_and_fades_within_minutes(stage: Stage) -> None:
    night = stage(Kind.CRAMP, 60.0, phenotype=Phenotype.SILENT, rise_bpm=30.0)
    assert told_rise(night, "cramp") == pytest.approx(25.0, abs=5.0)
    before = readings(night, ONSET_S - 120.0, ONSET_S)
    assert readings(night, ONSET_S + 20.0, ONSET_S + 60.0) - before > 12.0
    assert readings(night, ONSET_S + 300.0, ONSET_S + 420.0) - before < 6.0


def test_a_cramp_without_a_rise_shows_none(stage: Stage) -> None:
    night = stage(Kind.CRAMP, 60.0, phenotype=Phenotype.SILENT, rise_bpm=0.0)
    assert told_rise(night, "cramp") == 0.0
    before = readings(night, ONSET_S - 120.0, ONSET_S)
    assert abs(readings(night, ONSET_S + 20.0, ONSET_S + 60.0) - before) < 6.0


def test_harmless_movements_carry_rises_too(stage: Stage) -> None:
    rises = [
        told_rise(stage(Kind.LARGE_MOVEMENT, 15.0, seed=k), "large_movement") for k in range(12)
    ]
    assert 4 <= sum(rise > 8.0 for rise in rises) <= 11


def test_the_answer_begins_seconds_after_the_onset() -> None:
    person = draw_person(np.random.default_rng(1))
    cramp = Happening(Kind.CRAMP, 1000.0, 100.0, rise_bpm=20.0, lag_s=4.0)
    for seed in range(10):
        heart = beat_heart(np.random.default_rng(seed), person, [cramp], span_s=3600.0)
        begins_s = int(np.argmax(heart.effort_bpm > 0.5))
        assert 1006 <= begins_s <= 1020
        peak_s = int(np.argmax(heart.effort_bpm))
        assert peak_s < 1040
        assert heart.effort_bpm.max() == pytest.approx(19.0, abs=1.5)
        assert heart.effort_bpm[1400] < 0.1


def test_the_level_comes_down_in_the_evening_and_varies_slowly() -> None:
    falls, memories = [], []
    for seed in range(12):
        person = draw_person(np.random.default_rng(seed))
        heart = beat_heart(np.random.default_rng(seed), person, [], span_s=8 * 3600.0)
        falls.append(heart.bpm[:600].mean() - person.resting_bpm)
        quick = heart.bpm - np.convolve(heart.bpm, np.ones(301) / 301, "same")
        memories.append(np.corrcoef(quick[400:-410], quick[410:-400])[0, 1])
    assert np.mean(falls) == pytest.approx(5.5, abs=1.5)
    assert np.mean(memories) == pytest.approx(0.43, abs=0.12)


def test_beats_follow_the_heart_rate() -> None:
    person = draw_person(np.random.default_rng(3))
    heart = beat_heart(np.random.default_rng(3), person, [], span_s=3600.0)
    at_s, rr_ms = beats(heart)
    assert np.abs(np.diff(at_s) * 1000.0 - rr_ms[1:]).max() < 1e-6
    assert 60000.0 / rr_ms.mean() == pytest.approx(heart.bpm.mean(), rel=0.01)
    assert np.all((rr_ms > 400.0) & (rr_ms < 1700.0))


def test_a_moving_wrist_hides_its_pulse(stage: Stage) -> None:
    night = stage(Kind.BATHROOM, 400.0, seed=3, device="bangle")
    assert night.heart_rate is not None
    at_s = (night.heart_rate.times_ns - night.info.start_ns) / 1e9
    lost = night.heart_rate.bpm == 0.0
    trip = (at_s > ONSET_S) & (at_s < ONSET_S + 400.0)
    asleep = (at_s > 1300.0) & (at_s < 2100.0)
    assert lost[trip].mean() > 0.03
    assert lost[asleep].mean() < 0.01
