"""How well taps are found: floors on a small simulated corpus and on real acceleration.

And how the benchmark tells of it.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from benchmarks.tap_rates import RATES, found_table
from detector.taps import TapFinder
from ingest.recording_folder import read
from ingest.samples import NS_PER_S, Acceleration
from simulator.night import NightSettings, simulate
from simulator.person import Rates
from simulator.plan import Kind, Scripted

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", ROOT.parent / "shared" / "data"))
EXCERPT = SHARED / "raw_excerpts" / "46343_acceleration_excerpt.txt"

ROWS = 15


@pytest.mark.parametrize(("device", "least"), [("bangle", 40), ("apple", 44), ("logger", 44)])
def test_most_rows_of_taps_of_three_people_are_found_and_nothing_else(
    device: str, least: int
) -> None:
    found = others = 0
    for seed in (11, 12, 13):
        settings = NightSettings(
            date(2026, 3, 1),
            hours=1.25,
            device=device,
            rates=Rates(twitches_h=2.0),
            cramps=0,
            script=tuple(Scripted(Kind.TAPS, 2200.0 + 90.0 * row) for row in range(ROWS)),
        )
        night = simulate(settings, seed)
        marks = TapFinder().feed(night.acceleration)
        marks_s = np.array([(mark.time_ns - night.info.start_ns) / NS_PER_S for mark in marks])
        rows = [event for event in night.events if event.extra.get("detail") == "taps"]
        hits = [
            bool(((marks_s > row.onset_s) & (marks_s < row.onset_s + row.duration_s)).any())
            for row in rows
        ]
        assert len(hits) == ROWS
        found += sum(hits)
        others += len(marks) - sum(hits)
    assert found >= least
    assert others == 0


@pytest.mark.parametrize("name", ["clean", "faults", "two-cramps"])
def test_in_the_sample_nights_nobody_taps(name: str) -> None:
    finder = TapFinder()
    for samples in read(ROOT / "sample_recordings" / name).samples():
        if isinstance(samples, Acceleration):
            assert finder.feed(samples) == ()


@pytest.fixture(scope="module")
def excerpt() -> Acceleration:
    if not EXCERPT.is_file():
        pytest.skip(f"real nights not here: set CRAMPWATCH_SHARED_DATA ({EXCERPT} is missing)")
    table = np.loadtxt(EXCERPT)
    table = table[np.diff(table[:, 0], prepend=-np.inf) > 0]
    times_ns = np.rint((table[:, 0] - table[0, 0]) * NS_PER_S).astype(np.int64)
    return Acceleration(times_ns, table[:, 1:].astype(np.float32))


def test_in_real_acceleration_nobody_taps(excerpt: Acceleration) -> None:
    assert len(excerpt) > 19_000
    assert TapFinder().feed(excerpt) == ()


def test_taps_laid_over_real_acceleration_are_found_where_the_arm_lies_still(
    excerpt: Acceleration,
) -> None:
    times_s = excerpt.times_ns / NS_PER_S
    found = still = 0
    for first_s in np.arange(5.0, times_s[-1] - 5.0, 10.0):
        around = excerpt.xyz_g[(times_s > first_s - 1.5) & (times_s < first_s + 2.5)]
        if np.ptp(around, axis=0).max() > 0.1:
            continue
        still += 1
        xyz_g = excerpt.xyz_g.astype(np.float64)
        for tap in range(3):
            since_s = np.maximum(times_s - first_s - 0.003 - 0.37 * tap, 0.0)
            ring = np.exp(-since_s / 0.015) * np.sin(2 * np.pi * 25.0 * since_s)
            xyz_g[:, 2] -= 2.0 / 0.5 * ring
        marks = TapFinder().feed(Acceleration(excerpt.times_ns, xyz_g.astype(np.float32)))
        assert len(marks) <= 1
        found += sum(abs(mark.time_ns / NS_PER_S - first_s) < 0.1 for mark in marks)
    assert still >= 10
    assert found >= 0.9 * still


READ_AS = (*RATES, "bangle, averaging")


def test_what_is_found_is_told_of_all_and_by_strength_with_intervals_by_people() -> None:
    # In turn: a weak tapper of whom half is found, one of whom all but one, and one of whom all is.
    found = {name: [10, 19, 20, 0, 19, 20] for name in READ_AS}
    head, columns, _, first, *_ = found_table(found, 20)
    assert head.startswith("found of three taps, 6 people")
    assert columns == "| samples | found, 95 % by people | 1-2 g | 2-4 g | 4-8 g |"
    name, whole, weak, middle, strong = first.strip("| ").split(" | ")
    assert name == "25 Hz (bangle)"
    assert whole.startswith("88 of 120, 0.733 (")
    low, high = map(float, whole.split("(")[1].strip(")").split(" to "))
    assert 0.2 < low < 0.6
    assert 0.9 < high < 1.0
    assert weak == "10 of 40, 0.250 (0.000 to 0.500)"
    assert middle == "38 of 40, 0.950 (0.950 to 0.950)"
    assert strong == "40 of 40, 1.000 (0.912 to 1.000)"


def test_two_people_do_not_have_every_strength() -> None:
    *_, last = found_table({name: [19, 18] for name in READ_AS}, 20)
    assert last == (
        "| 25 Hz (bangle, averaging) | 37 of 40, 0.925 (0.900 to 0.950) "
        "| 19 of 20, 0.950 | 18 of 20, 0.900 |  |"
    )
