from __future__ import annotations

import numpy as np
import pytest

from detector.heart import BIN_S, bin_heart_rate, heart_rate_rise
from ingest.samples import NS_PER_S, HeartRate, RRIntervals
from tests.detector.script import START_NS, heart

START_S = START_NS // NS_PER_S


def bins_of(rate: HeartRate, seconds: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return bin_heart_rate(START_S, seconds, [rate], [])


@pytest.mark.parametrize("every_s", [1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0])
@pytest.mark.parametrize("height", [8.0, 15.0, 30.0])
def test_a_rise_is_measured_at_any_cadence(every_s: float, height: float) -> None:
    bins = bins_of(heart(1200, every_s=every_s, rises=((605, height),)), 1200)
    rise = heart_rate_rise(bins, 600, 700)
    assert rise is not None
    # The pulse of the script peaks at 0.75 of its height, on a level that wanders by 1 bpm.
    assert abs(rise - 0.75 * height) < 0.2 * height + 1.5


def test_no_rise_is_about_nothing() -> None:
    rise = heart_rate_rise(bins_of(heart(1200), 1200), 600, 700)
    assert rise is not None
    assert abs(rise) < 2.5


def test_a_single_wild_reading_makes_no_rise() -> None:
    rate = heart(1200, every_s=5.0)
    bpm = rate.bpm.copy()
    bpm[124] = 150
    rise = heart_rate_rise(bins_of(HeartRate(rate.times_ns, bpm), 1200), 600, 700)
    assert rise is not None
    assert abs(rise) < 3


def test_a_short_optical_dropout_is_bridged() -> None:
    rate = heart(1200, rises=((605, 20.0),), silent=((612, 630),))
    assert (heart_rate_rise(bins_of(rate, 1200), 600, 700) or 0) > 10


@pytest.mark.parametrize("silent", [(200.0, 1000.0), (300.0, 595.0), (600.0, 800.0)])
def test_without_readings_before_or_during_there_is_no_answer(silent: tuple[float, float]) -> None:
    bins = bins_of(heart(1200, silent=(silent,)), 1200)
    assert heart_rate_rise(bins, 600, 700) is None


@pytest.mark.parametrize("every_s", [10.0, 20.0, 30.0])
def test_a_steep_rise_of_a_slow_sensor_is_not_taken_for_an_error(every_s: float) -> None:
    bins = bins_of(heart(1200, every_s=every_s, rises=((601, 60.0),)), 1200)
    assert (heart_rate_rise(bins, 600, 700) or 0) > 35


@pytest.mark.parametrize(("every_s", "seen_bpm"), [(60.0, 19.1), (120.0, 9.5)])
def test_two_readings_before_are_a_level(every_s: float, seen_bpm: float) -> None:
    bins = bins_of(heart(1200, every_s=every_s, rises=((605, 40.0),)), 1200)
    # A sensor that reads so seldom sees a part of the rise.
    assert heart_rate_rise(bins, 600, 700) == pytest.approx(seen_bpm, abs=0.1)


def test_zero_and_the_impossible_are_no_readings() -> None:
    times_ns = START_NS + np.arange(100) * NS_PER_S * BIN_S
    bpm = np.tile(np.array([0, 20, 250, 60], np.float32), 25)
    bins = bins_of(HeartRate(times_ns, bpm), 500)
    assert np.count_nonzero(~np.isnan(bins)) == 25
    assert np.nanmax(bins) == 60


def test_beat_to_beat_intervals_serve_where_there_is_no_rate() -> None:
    beats_ns = START_NS + np.cumsum(np.full(600, 1000 * 1_000_000, np.int64))
    intervals = RRIntervals(beats_ns, np.full(600, 1000, np.float32))
    bins = bin_heart_rate(START_S, 600, [], [intervals])
    assert np.nanmedian(bins) == 60


def test_the_median_of_an_even_count_lies_between() -> None:
    times_ns = START_NS + np.array([0, 1, 2, 3], np.int64) * NS_PER_S
    bins = bins_of(HeartRate(times_ns, np.array([60, 70, 64, 62], np.float32)), 5)
    assert bins.tolist() == [63.0]


def test_chunks_do_not_matter() -> None:
    whole = heart(1200, rises=((605, 20.0),))
    parts = [
        HeartRate(whole.times_ns[a : a + 17], whole.bpm[a : a + 17])
        for a in range(0, len(whole), 17)
    ]
    one = bin_heart_rate(START_S, 1200, [whole], [])
    assert one.tobytes() == bin_heart_rate(START_S, 1200, parts, []).tobytes()
