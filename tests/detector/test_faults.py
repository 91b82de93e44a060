from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.faults import find_faults
from ingest.samples import NS_PER_S, FaultKind

LENGTH = 7200
WORN = np.ones(LENGTH, np.bool_)
NEVER_OFF = np.zeros(LENGTH, np.bool_)
READ = np.full(LENGTH // 5, 60.0)


def found(
    recorded: npt.NDArray[np.bool_] = WORN,
    off_wrist: npt.NDArray[np.bool_] = NEVER_OFF,
    heart_bins: npt.NDArray[np.float64] = READ,
) -> list[tuple[FaultKind, float, float]]:
    return [
        (fault.kind, fault.start_ns / NS_PER_S - 1000, fault.end_ns / NS_PER_S - 1000)
        for fault in find_faults(1000, recorded, off_wrist, heart_bins)
    ]


def test_a_night_without_fault_has_none() -> None:
    assert found() == []


def test_a_gap_is_told_from_ten_seconds_on() -> None:
    recorded = WORN.copy()
    recorded[500:510] = False
    recorded[900:909] = False
    assert found(recorded) == [(FaultKind.GAP, 500, 510)]


def test_what_lies_before_and_after_the_recording_is_no_gap() -> None:
    recorded = WORN.copy()
    recorded[:50] = recorded[-70:] = False
    assert found(recorded) == []


def test_lost_heart_rate_is_told_from_ten_minutes_on_and_stray_readings_do_not_end_it() -> None:
    bins = READ.copy()
    bins[100:400] = np.nan
    bins[200] = 60.0
    bins[600:700] = np.nan
    assert found(heart_bins=bins) == [(FaultKind.NO_HEART_RATE, 500, 2000)]


def test_a_watch_off_the_wrist_has_no_heart_rate_and_says_so_once() -> None:
    off, bins = NEVER_OFF.copy(), READ.copy()
    off[1000:4000] = True
    bins[200:800] = np.nan
    assert found(off_wrist=off, heart_bins=bins) == [(FaultKind.OFF_WRIST, 1000, 4000)]


def test_faults_come_by_time() -> None:
    recorded, off, bins = WORN.copy(), NEVER_OFF.copy(), READ.copy()
    recorded[6000:6100] = False
    off[300:1300] = True
    bins[800:1000] = np.nan
    assert [kind for kind, _, _ in found(recorded, off, bins)] == [
        FaultKind.OFF_WRIST,
        FaultKind.NO_HEART_RATE,
        FaultKind.GAP,
    ]


def test_a_device_without_heart_rate_says_so_for_all_it_recorded() -> None:
    assert found(heart_bins=np.full(LENGTH // 5, np.nan)) == [(FaultKind.NO_HEART_RATE, 0, LENGTH)]
