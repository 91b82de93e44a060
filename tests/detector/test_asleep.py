from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from detector.asleep import stage_sleep
from detector.cells import CELL_HZ
from detector.sleep import SleepWindow
from detector.staging import EPOCH_S, load_sleep_model

Doubles = npt.NDArray[np.float64]

HOUR_S = 3600
ONSET_S, WAKE_S = 300, 300 + 4 * HOUR_S + 17


def staged(
    moving: tuple[tuple[int, int], ...] = (),
    unknown: tuple[tuple[int, int], ...] = (),
    off: tuple[tuple[int, int], ...] = (),
    rate_hz: float = 50.0,
) -> SleepWindow:
    """A still sleep of four hours but for what is given, in seconds of the sleep."""
    asleep = np.zeros(WAKE_S + 600, np.bool_)
    asleep[ONSET_S:WAKE_S] = True
    usable = np.ones(len(asleep), np.bool_)
    seconds = np.arange((WAKE_S - ONSET_S) * CELL_HZ) / CELL_HZ
    z_g = np.full(len(seconds), 0.5, np.float32)
    for start, end in moving:
        inside = (seconds >= start) & (seconds < end)
        z_g[inside] += 0.8 * np.sin(2 * np.pi * 5 * seconds[inside])
    for start, end in unknown:
        z_g[start * CELL_HZ : end * CELL_HZ] = np.nan
    for start, end in off:
        usable[ONSET_S + start : ONSET_S + end] = False
    window = SleepWindow(ONSET_S, WAKE_S, asleep)
    bins = np.full(-(-len(asleep) // 5), np.nan)
    return stage_sleep(window, z_g, rate_hz, bins, usable, load_sleep_model())


def in_sleep(window: SleepWindow, start: int, end: int) -> float:
    return float(window.asleep[ONSET_S + start : ONSET_S + end].mean())


def test_moving_on_and_on_is_not_sleep_and_lying_still_is() -> None:
    window = staged(moving=((2 * HOUR_S, 2 * HOUR_S + 1200),))
    assert in_sleep(window, 2 * HOUR_S + 120, 2 * HOUR_S + 1080) == 0.0
    assert in_sleep(window, HOUR_S, 2 * HOUR_S - 600) == 1.0
    assert in_sleep(window, 3 * HOUR_S, 4 * HOUR_S) == 1.0


def test_the_window_itself_stays_and_nothing_outside_is_sleep() -> None:
    window = staged()
    assert (window.onset_s, window.wake_s) == (ONSET_S, WAKE_S)
    assert not window.asleep[:ONSET_S].any()
    assert not window.asleep[WAKE_S:].any()


def test_off_the_wrist_is_not_sleep() -> None:
    window = staged(off=((HOUR_S, 2 * HOUR_S),))
    assert in_sleep(window, HOUR_S, 2 * HOUR_S) == 0.0
    assert in_sleep(window, 2 * HOUR_S, 3 * HOUR_S) == 1.0


def test_where_the_model_cannot_tell_the_angle_does() -> None:
    window = staged(unknown=((HOUR_S, 2 * HOUR_S),))
    assert in_sleep(window, HOUR_S + 300, 2 * HOUR_S - 300) == 1.0


@pytest.mark.parametrize("seconds", [1, 29, 45])
def test_a_sleep_of_seconds_keeps_what_the_angle_says(seconds: int) -> None:
    asleep = np.ones(seconds, np.bool_)
    z_g = np.zeros(seconds * CELL_HZ, np.float32)
    window = SleepWindow(0, seconds, asleep)
    bins = np.full(-(-seconds // 5), np.nan)
    again = stage_sleep(window, z_g, 50.0, bins, asleep, load_sleep_model())
    assert again.asleep[seconds // EPOCH_S * EPOCH_S :].all()
    assert len(again.asleep) == seconds
