from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from ingest.samples import NS_PER_S, FaultKind
from simulator.corpus import night_settings
from simulator.device import DeviceFault
from simulator.happening import Kind, Phenotype, Scripted
from simulator.life import LENGTHS
from simulator.night import NightSettings, SimulatedNight, simulate
from simulator.person import Rates, draw_person
from simulator.real_nights import read_real_nights
from simulator.recombination import real_models

Floats = npt.NDArray[np.float64]

ONSET_S = 2200.0


def staged(stand_in: Path, *script: Scripted, device: str = "bangle") -> NightSettings:
    return NightSettings(
        date=date(2026, 3, 1),
        hours=1.25,
        device=device,
        family="recombination",
        backgrounds=stand_in,
        rates=Rates(),
        script=script,
        cramps=0,
    )


def by_second(night: SimulatedNight) -> Floats:
    """Standard deviation within each second, all axes together, in g."""
    seconds = (night.acceleration.times_ns - night.info.start_ns) // NS_PER_S
    xyz_g = night.acceleration.xyz_g.astype(np.float64)
    counts = np.maximum(np.bincount(seconds), 2)
    variance = np.zeros(len(counts))
    for axis_g in xyz_g.T:
        mean = np.bincount(seconds, axis_g) / counts
        variance += np.bincount(seconds, (axis_g - mean[seconds]) ** 2) / counts
    return np.sqrt(variance)


KINDS: list[tuple[Kind, Phenotype | None]] = [
    (kind, None) for kind in LENGTHS if kind not in (Kind.CRAMP, Kind.AROUSAL, Kind.TAPS)
]
PHENOTYPES: list[tuple[Kind, Phenotype | None]] = [
    (Kind.CRAMP, phenotype) for phenotype in Phenotype
]


@pytest.mark.parametrize(("kind", "phenotype"), KINDS + PHENOTYPES)
def test_what_happens_moves_the_wrist_and_nothing_does_before(
    stand_in: Path, kind: Kind, phenotype: Phenotype | None
) -> None:
    item = Scripted(kind, ONSET_S, 120.0, phenotype)
    night = simulate(staged(stand_in, item), 2)
    (event,) = [event for event in night.events if event.onset_s == ONSET_S]
    spread = by_second(night)
    assert spread[2182:2199].max() < 0.02
    moving = int((spread[2200:2325] > 0.03).sum())
    if event.extra["visible"] == "yes":
        # Runs are of small movements, all others of large ones too.
        assert moving >= (1 if kind in (Kind.LIMB_MOVEMENTS, Kind.APNOEA) else 4)
    else:
        assert moving == 0


def test_the_heart_answers_with_the_planned_height(stand_in: Path) -> None:
    for bpm in (8.0, 15.0, 30.0):
        item = Scripted(Kind.CRAMP, ONSET_S, 120.0, Phenotype.RUB, rise_bpm=bpm)
        night = simulate(staged(stand_in, item), 3)
        (told,) = [e.extra["heart_rate_rise_bpm"] for e in night.events if e.label == "cramp"]
        assert float(told) == pytest.approx(bpm, rel=0.15)


def test_nights_of_a_person_share_how_the_watch_is_worn_and_no_two_are_the_same(
    stand_in: Path,
) -> None:
    one, two, other = (
        simulate(settings, seed)
        for settings, seed in (
            night_settings(
                number,
                9,
                device="bangle",
                hours=1.5,
                cramps=0,
                family="recombination",
                backgrounds=stand_in,
            )
            for number in (0, 1, 3)
        )
    )
    # Every night of the stand-in begins in one of three poses.
    first = [night.acceleration.xyz_g[:100].mean(axis=0) for night in (one, two, other)]
    assert not np.allclose(first[0], first[2], atol=0.2)
    count = min(len(one.acceleration), len(two.acceleration))
    assert not np.allclose(one.acceleration.xyz_g[:count], two.acceleration.xyz_g[:count], atol=0.2)


def test_the_same_body_is_recorded_by_another_device(stand_in: Path) -> None:
    item = Scripted(Kind.CRAMP, ONSET_S, 100.0, Phenotype.SIT)
    fine, coarse = (
        simulate(staged(stand_in, item, device=device), 4) for device in ("logger", "bangle")
    )
    # Seconds of movement are the same seconds, whatever the device makes of their strength.
    spreads = [by_second(night)[:4400] > 0.1 for night in (fine, coarse)]
    assert (spreads[0] & spreads[1]).sum() > 0.85 * (spreads[0] | spreads[1]).sum()


def test_every_person_has_the_wrist_and_the_heart_of_one_real_person(stand_in: Path) -> None:
    people = [draw_person(np.random.default_rng(number)) for number in range(20)]
    models = [real_models(person, stand_in) for person in people]
    assert models == [real_models(person, stand_in) for person in people]
    assert {wrist for wrist, _ in models} == {"p1", "p2"}
    assert {heart for _, heart in models} == {"subject_0", "subject_1"}


def test_a_watch_off_the_wrist_lies_still(stand_in: Path) -> None:
    fault = DeviceFault(2000.0, 900.0, FaultKind.OFF_WRIST)
    night = simulate(dataclasses.replace(staged(stand_in), faults=(fault,)), 5)
    spread = by_second(night)
    assert spread[2030:2880].max() < 0.005
    assert spread[2000:2030].max() > 0.05
    assert spread[2885:2905].max() > 0.05


def test_the_recording_says_that_its_background_is_not_labelled(stand_in: Path) -> None:
    source = simulate(staged(stand_in), 6).info.source
    assert "recombination family, on real movement that its events do not tell of" in source
    assert "a simulation, not a person" in source


# With the real nights


@pytest.fixture(scope="module")
def real_folder() -> Path:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", root.parent / "shared" / "data"))
    if not (folder / "wrist_5hz").is_dir():
        pytest.skip(f"real nights not here: set CRAMPWATCH_SHARED_DATA ({folder} has no wrist_5hz)")
    return folder


@pytest.fixture(scope="module")
def nights(real_folder: Path) -> list[SimulatedNight]:
    """One night each of four people, without cramps."""
    return list(_nights(real_folder))


def _nights(real_folder: Path) -> Iterator[SimulatedNight]:
    for person in range(4):
        settings, seed = night_settings(
            3 * person,
            11,
            device="apple",
            hours=6.0,
            cramps=0,
            family="recombination",
            backgrounds=real_folder,
        )
        yield simulate(settings, seed)


def test_rest_is_as_quiet_as_in_the_real_excerpt(
    real_folder: Path, nights: list[SimulatedNight]
) -> None:
    excerpt_g = read_real_nights(real_folder.resolve()).excerpt_g
    real = np.sqrt(excerpt_g[: 399 * 50].reshape(-1, 50, 3).var(axis=1).sum(axis=1))
    usual = np.median(real[real < 0.01])
    for night in nights:
        spread = by_second(night)
        assert np.median(spread[spread < 0.01]) == pytest.approx(usual, rel=0.2)


def test_the_wrist_moves_about_as_often_as_in_the_real_nights(
    real_folder: Path, nights: list[SimulatedNight]
) -> None:
    real = [
        sum(stretch.moving for stretch in night.stretches) / (len(night.force_g) / 18000.0)
        for night in read_real_nights(real_folder.resolve()).wrists
    ]
    made = []
    for night in nights:
        moving = np.flatnonzero(by_second(night) > 0.02)
        made.append((1 + (np.diff(moving) > 3).sum()) / 6.0)
    assert 0.7 < np.mean(made) / np.mean(real) < 1.5


def test_the_heart_rises_as_often_as_in_the_real_nights(nights: list[SimulatedNight]) -> None:
    an_hour = []
    for night in nights:
        heart = night.heart_rate
        assert heart is not None
        at_s = (heart.times_ns - night.info.start_ns) / NS_PER_S
        known = heart.bpm > 0
        # The first half hour falls asleep, the last wakes.
        bpm = np.interp(np.arange(1800, int(5.5 * 3600)), at_s[known], heart.bpm[known])
        before = np.median(sliding_window_view(bpm[:-30], 60), axis=1)
        after = sliding_window_view(bpm[60:], 30).max(axis=1)[: len(before)]
        rises, free = 0, 0
        for second in np.flatnonzero(after - before > 10.0):
            if second >= free:
                rises, free = rises + 1, int(second) + 60
        an_hour.append(rises / (len(bpm) / 3600.0))
    assert 4.0 < np.mean(an_hour) < 9.0
    assert max(an_hour) < 12.0
