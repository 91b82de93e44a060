from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from detector.faults import add_recorded, find_faults
from detector.heart import bin_heart_rate
from detector.night import ModelVersion, Night
from ingest.samples import NS_PER_S, Fault, FaultKind, HeartRate, RecordingInfo

LENGTH = 7200
WORN = np.ones(LENGTH, np.bool_)
NEVER_OFF = np.zeros(LENGTH, np.bool_)
READ = np.full(LENGTH // 5, 60.0)


def found(
    present: npt.NDArray[np.bool_] = WORN,
    off_wrist: npt.NDArray[np.bool_] = NEVER_OFF,
    heart_bins: npt.NDArray[np.float64] = READ,
    frozen: npt.NDArray[np.bool_] = NEVER_OFF,
) -> list[tuple[FaultKind, int, int]]:
    return [(kind, *run) for kind, run in find_faults(present, frozen, off_wrist, heart_bins)]


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


def test_a_stuck_sensor_is_a_gap() -> None:
    frozen = NEVER_OFF.copy()
    frozen[100:3800] = True
    assert found(frozen=frozen) == [(FaultKind.GAP, 100, 3800)]


@pytest.mark.parametrize("every_s", [5, 7, 10, 15, 30, 60, 120])
def test_a_slow_sensor_is_not_a_lost_one(every_s: int) -> None:
    bins = bin_heart_rate(0, LENGTH, [heart_rate(every_s)], [])
    assert found(heart_bins=bins) == []


@pytest.mark.parametrize("times_s", [(100,), (100, 6900), (100, 3000, 6900)])
def test_a_few_readings_in_a_night_are_no_cadence(times_s: tuple[int, ...]) -> None:
    at = np.array(times_s, np.int64)
    rate = HeartRate(at * NS_PER_S, np.full(len(at), 60, np.float32))
    lost = found(heart_bins=bin_heart_rate(0, LENGTH, [rate], []))
    assert {kind for kind, _, _ in lost} == {FaultKind.NO_HEART_RATE}
    assert sum(end - start for _, start, end in lost) > 0.9 * LENGTH


@pytest.mark.parametrize("every_s", [1, 5, 7, 15, 60])
def test_a_loss_is_told_at_any_cadence(every_s: int) -> None:
    bins = bin_heart_rate(0, LENGTH, [heart_rate(every_s, lost=(3000, 4500))], [])
    ((kind, start, end),) = found(heart_bins=bins)
    assert kind is FaultKind.NO_HEART_RATE
    assert abs(start - 3000) <= max(every_s, 5)
    assert abs(end - 4500) <= max(every_s, 5)


def heart_rate(every_s: int, lost: tuple[int, int] = (0, 0)) -> HeartRate:
    at = np.arange(0, LENGTH, every_s)
    at = at[(at < lost[0]) | (at >= lost[1])]
    return HeartRate(at * NS_PER_S, np.full(len(at), 60, np.float32))


def test_a_device_without_heart_rate_says_so_for_all_it_recorded() -> None:
    assert found(heart_bins=np.full(LENGTH // 5, np.nan)) == [(FaultKind.NO_HEART_RATE, 0, LENGTH)]


def test_what_the_collector_noted_is_added_within_the_night() -> None:
    night = Night(
        "n",
        RecordingInfo("n", 0, "UTC"),
        1000,
        9000,
        recorded=(),
        worn=(),
        sleeps=(),
        awakenings=(),
        episodes=(),
        faults=(Fault(2000, 3000, FaultKind.GAP),),
        model=ModelVersion("m", "1"),
    )
    noted = [
        Fault(500, 1500, FaultKind.LINK_LOST),
        Fault(2000, 3001, FaultKind.GAP),
        Fault(2500, 2500, FaultKind.SILENT_STREAM),
        Fault(9500, 9900, FaultKind.DISK_LOW),
    ]
    assert add_recorded(night, noted).faults == (
        Fault(1000, 1500, FaultKind.LINK_LOST),
        Fault(2000, 3000, FaultKind.GAP),
    )
