from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from simulator.movement import knock, unit
from simulator.night import NightSettings, SimulatedNight, simulate
from simulator.person import Rates, draw_person
from simulator.plan import Kind, Scripted

Stage = Callable[..., SimulatedNight]
Cut = Callable[[SimulatedNight, float, float], npt.NDArray[np.float64]]

ONSET_S = 2200.0


def test_taps_are_three_knocks_on_the_face_of_an_arm_that_lies_still(
    stage: Stage, cut: Cut
) -> None:
    for seed in range(6):
        night = stage(Kind.TAPS, 9.0, seed=seed, device="logger")
        felt = cut(night, ONSET_S, ONSET_S + 9.0)
        jolts_g = np.linalg.norm(np.diff(felt, axis=0), axis=1)
        strong_s = np.flatnonzero(jolts_g > jolts_g.max() / 5) / 100.0
        begins_s = strong_s[np.diff(strong_s, prepend=-1.0) > 0.12]
        assert len(begins_s) == 3
        assert 0.14 < np.diff(begins_s).min() <= np.diff(begins_s).max() < 0.95


def test_taps_are_told_as_the_nearest_label_and_by_name(stage: Stage) -> None:
    night = stage(Kind.TAPS, 9.0)
    (told,) = [event for event in night.events if event.extra.get("detail") == "taps"]
    assert (told.onset_s, told.duration_s, told.label) == (ONSET_S, 9.0, "arousal")


def test_nobody_taps_unasked() -> None:
    for seed in range(5):
        rates = Rates(arousals_h=20.0, awake_spells_night=2.0, phone_night=1.0)
        night = simulate(NightSettings(date(2026, 3, 1), hours=2.0, rates=rates), seed)
        assert all(event.extra.get("detail") != "taps" for event in night.events)


def test_taps_may_follow_a_cramp() -> None:
    script = (Scripted(Kind.CRAMP, 3000.0, 100.0), Scripted(Kind.TAPS, 3180.0))
    night = simulate(NightSettings(date(2026, 3, 1), hours=2.0, rates=Rates(), script=script), 1)
    named = [event.extra.get("detail") or event.label for event in night.events]
    assert named == ["falling_asleep", "cramp", "taps", "final_waking"]


def test_people_tap_in_their_own_way() -> None:
    people = [draw_person(np.random.default_rng([5, number])) for number in range(300)]
    strengths_g = np.array([person.tap_g for person in people])
    apart_s = np.array([person.tap_apart_s for person in people])
    assert np.median(strengths_g) == pytest.approx(3.0, rel=0.15)
    assert (strengths_g.min(), strengths_g.max()) == (1.0, 8.0)
    assert np.median(apart_s) == pytest.approx(0.35, rel=0.1)
    assert 0.17 <= apart_s.min() < apart_s.max() <= 0.8


def test_how_one_taps_changes_nothing_else_of_a_person() -> None:
    rng = np.random.default_rng(1)
    person = draw_person(rng)
    # As it was before anybody tapped.
    assert person.vigour == pytest.approx(1.228021743345111, abs=1e-15)
    assert float(rng.random()) == pytest.approx(0.9699254132161326, abs=1e-15)


def test_a_knock_has_the_peak_that_was_asked_for() -> None:
    piece = knock(0.0, 3.0 * unit(np.array([0.0, 1.0, 1.0])), 25.0, 0.015)
    times_s = np.arange(0.0, 0.2, 1e-5)
    wave = np.exp(-times_s / 0.015) * np.sin(2 * np.pi * 25.0 * times_s)
    assert float(np.abs(wave).max() * np.linalg.norm(piece.push_g)) == pytest.approx(3.0, rel=1e-4)
