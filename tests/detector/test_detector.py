from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.detector import Detector
from detector.document import night_document
from detector.night import ModelVersion, Night
from detector.personal import Answer, fit_personal
from detector.taps import TAPPED
from ingest.errors import ModelError, SampleError
from ingest.samples import (
    MAX_RECORDING_S,
    NS_PER_S,
    Acceleration,
    FaultKind,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from tests.detector.script import START_NS, Script, heart

INFO = RecordingInfo("test", START_NS, "Europe/Berlin")


def night_of(*samples: Samples, info: RecordingInfo = INFO) -> Night:
    detector = Detector(info)
    for one in samples:
        detector.feed(one)
    return detector.finish()


def a_night(rate_hz: float = 10.0) -> Script:
    """Two hours: asleep, a sudden long awakening, a gap, asleep, a bathroom trip, asleep."""
    script = Script(rate_hz).rub(60).still(1800).turn("sitting").rub(70).still(20).rub(30)
    script.turn("left").still(1500).gap(300).still(900).turn("back").still(600)
    script.turn("standing", 4).walk(40).still(60).walk(40).turn("right", 4).still(2000)
    return script.rub(90)


def cut(samples: Acceleration | HeartRate, edges: list[float]) -> list[Samples]:
    at = [0, *sorted(round(edge * len(samples)) for edge in edges), len(samples)]
    values = samples.xyz_g if isinstance(samples, Acceleration) else samples.bpm
    return [type(samples)(samples.times_ns[a:b], values[a:b]) for a, b in pairwise(at)]


ACCELERATION = a_night().acceleration()
RATE = heart(a_night().seconds, rises=((1868.0, 25.0), (4900.0, 15.0)), silent=((2500, 3300),))
WHOLE = night_of(ACCELERATION, RATE)


def test_the_night_is_what_it_is() -> None:
    assert WHOLE.sleep is not None
    assert len(WHOLE.awakenings) == 2
    first, second = WHOLE.awakenings
    assert abs((first.start_ns - START_NS) / NS_PER_S - 1860) < 3
    assert abs((first.end_ns - first.start_ns) / NS_PER_S - 124) < 5
    assert abs((second.start_ns - first.start_ns) / NS_PER_S - 3424) < 5
    assert first.probability > second.probability
    assert abs(WHOLE.recorded_s - (a_night().seconds - 300)) < 3
    assert WHOLE.worn_s == WHOLE.recorded_s
    assert [fault.kind for fault in WHOLE.faults] == [FaultKind.NO_HEART_RATE, FaultKind.GAP]


@pytest.mark.parametrize("block", [17, 1000, len(ACCELERATION)])
def test_the_blocks_that_a_long_chunk_is_taken_in_do_not_show(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("detector.detector.BLOCK_SAMPLES", block)
    assert night_of(ACCELERATION, RATE) == WHOLE


def test_how_the_samples_lie_in_memory_does_not_show() -> None:
    by_axis = Acceleration(ACCELERATION.times_ns, np.asfortranarray(ACCELERATION.xyz_g))
    assert night_of(by_axis, RATE) == WHOLE


def test_episodes_are_awakenings_that_the_wearer_hears_of() -> None:
    starts = {one.start_ns: one for one in WHOLE.awakenings}
    assert WHOLE.episodes
    for episode in WHOLE.episodes:
        awakening = starts[episode.onset_ns]
        assert awakening.probability == episode.probability
        assert (awakening.got_up, awakening.others) == (episode.got_up, episode.others)
        assert episode.heart_rate_rise_bpm is not None


def test_what_an_awakening_looks_like_is_told_of_every_one() -> None:
    jolt, trip = WHOLE.awakenings
    assert (jolt.got_up, trip.got_up) == (False, True)
    for each in (jolt, trip):
        assert each.probability + sum(each.others.values()) == pytest.approx(1)


@settings(max_examples=25)
@given(
    cuts=st.lists(st.floats(0, 1), max_size=20),
    heart_cuts=st.lists(st.floats(0, 1), max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_any_chunking_in_any_order_of_streams_gives_the_same_bits(
    cuts: list[float], heart_cuts: list[float], order: object
) -> None:
    queues = [cut(ACCELERATION, cuts), cut(RATE, heart_cuts)]
    detector = Detector(INFO)
    while any(queues):
        queue = order.choice([one for one in queues if one])  # type: ignore[attr-defined]
        detector.feed(queue.pop(0))
    assert detector.finish() == WHOLE


@settings(max_examples=8)
@given(peeks=st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_looking_at_the_night_so_far_does_not_change_it(peeks: list[int]) -> None:
    detector = Detector(INFO)
    detector.feed(RATE)
    for number, part in enumerate(cut(ACCELERATION, [i / 60 for i in range(60)])):
        detector.feed(part)
        if number in peeks and number > 1:
            detector.so_far()
    assert detector.finish() == WHOLE


def test_a_snapshot_goes_its_own_way() -> None:
    detector = Detector(INFO)
    detector.feed(RATE)
    first, *rest = cut(ACCELERATION, [0.5])
    detector.feed(first)
    twin = detector.snapshot()
    before = detector.snapshot().so_far()
    for part in rest:
        detector.feed(part)
    assert twin.so_far() == before
    assert detector.finish() == WHOLE
    for part in rest:
        twin.feed(part)
    assert twin.finish() == WHOLE


def test_an_awakening_is_known_soon_after_it_ended() -> None:
    detector = Detector(INFO)
    detector.feed(RATE)
    end_ns = WHOLE.awakenings[0].end_ns
    known = ACCELERATION.times_ns < end_ns + 90 * NS_PER_S
    detector.feed(Acceleration(ACCELERATION.times_ns[known], ACCELERATION.xyz_g[known]))
    provisional = detector.so_far()
    assert [one.start_ns for one in provisional.awakenings] == [WHOLE.awakenings[0].start_ns]


def test_what_was_measured_is_told_of_the_finished_night_alone() -> None:
    detector = Detector(INFO)
    detector.feed(RATE)
    detector.feed(ACCELERATION)
    assert {len(one.features) for one in detector.so_far().awakenings} == {0}
    told = [one.features for one in detector.finish().awakenings]
    assert told == [
        {name: None if math.isnan(value) else value for name, value in each.items()}
        for each in detector.measured().features
    ]


def test_ids_follow_the_samples_and_neither_the_name_nor_the_zone() -> None:
    other = dataclasses.replace(INFO, name="other", device="x", timezone="Asia/Tokyo")
    renamed = night_of(ACCELERATION, RATE, info=other)
    assert renamed.id == WHOLE.id
    assert [one.id for one in renamed.episodes] == [one.id for one in WHOLE.episodes]
    assert night_of(ACCELERATION).id != WHOLE.id
    nudged = Acceleration(ACCELERATION.times_ns, ACCELERATION.xyz_g + np.float32(1e-3))
    assert night_of(nudged, RATE).id != WHOLE.id


def test_a_night_without_heart_rate_is_judged_and_says_what_it_lacked() -> None:
    night = night_of(ACCELERATION)
    assert [one.start_ns for one in night.awakenings] == [one.start_ns for one in WHOLE.awakenings]
    assert {fault.kind for fault in night.faults} == {FaultKind.GAP, FaultKind.NO_HEART_RATE}
    assert all(episode.heart_rate_rise_bpm is None for episode in night.episodes)


@pytest.mark.parametrize("rate_hz", [5, 25, 50, 100, 200])
def test_other_rates_find_the_same_awakenings(rate_hz: float) -> None:
    night = night_of(a_night(rate_hz).acceleration(), RATE)
    assert len(night.awakenings) == 2
    for found, expected in zip(night.awakenings, WHOLE.awakenings, strict=True):
        assert abs(found.start_ns - expected.start_ns) < 4 * NS_PER_S


def test_a_night_of_one_minute_is_a_night_without_sleep() -> None:
    night = night_of(Script().still(60).acceleration())
    assert night.sleep is None
    assert night.awakenings == ()
    assert abs(night.recorded_s - 60) < 2


def test_in_a_recording_of_forty_hours_every_sleep_is_looked_at() -> None:
    script, cramps = Script(5), []
    for _ in range(2):
        for hour in range(8):
            script.still(1700)
            if hour == 3:
                cramps.append(script.seconds)
                script.turn("sitting").rub(110).turn("back")
            script.still(1800).turn("left" if hour % 2 else "back", 4).rub(5).still(91)
        for part in range(12 * 120):
            script.turn(("sitting", "standing")[part % 2], 4).rub(26, strength_g=0.3)
    night = night_of(script.acceleration())
    assert abs(night.recorded_s - script.seconds) < 5
    assert len(night.sleeps) == 2
    assert night.sleep in night.sleeps
    told = [(episode.onset_ns - START_NS) / NS_PER_S for episode in night.episodes]
    assert np.allclose(told, cramps, atol=3)


def test_three_sleeps_in_a_day_are_each_looked_at_however_they_were_cut() -> None:
    """A night that was broken off, one taken up again towards noon, and a nap."""
    script, cramps = Script(5), []
    for hours, awake_h in ((5, 3), (3, 5), (2, 2)):
        for hour in range(hours):
            script.still(1700)
            if hour == 1:
                cramps.append(script.seconds)
                script.turn("sitting").rub(110).turn("back")
            script.still(1800).turn("left" if hour % 2 else "back", 4).rub(5).still(91)
        for part in range(awake_h * 120):
            script.turn(("sitting", "standing")[part % 2], 4).rub(26, strength_g=0.3)
    acceleration = script.acceleration()
    night = night_of(acceleration)
    assert len(night.sleeps) == 3
    told = [(episode.onset_ns - START_NS) / NS_PER_S for episode in night.episodes]
    assert np.allclose(told, cramps, atol=3)
    assert night_of(*cut(acceleration, [0.01, 0.2, 0.2001, 0.55, 0.9])) == night


def test_a_cramp_after_which_one_lies_awake_for_long_is_told() -> None:
    script = Script(10).rub(60).still(3600).turn("sitting").rub(100).turn("back").still(90)
    for part in range(80 * 6):
        script.turn(("sitting", "left")[part % 2], 4).rub(6, strength_g=0.3)
    night = night_of(script.turn("back").still(3600).rub(60).acceleration())
    assert len(night.sleeps) == 2
    assert [(each.onset_ns - START_NS) // NS_PER_S for each in night.episodes] == [3659]


def test_what_comes_after_the_finish_is_refused() -> None:
    detector = Detector(INFO)
    first, rest = cut(ACCELERATION, [0.5])
    detector.feed(first)
    night = detector.finish()
    with pytest.raises(SampleError, match="finished"):
        detector.feed(rest)
    assert detector.finish() == night


def test_a_cramp_after_which_the_heart_rate_is_lost_is_told_as_before() -> None:
    script = Script().rub(60).still(2400).turn("sitting").rub(90).turn("back").still(2400).rub(5)
    script.still(2400)
    cramp_s = (2460.0, 2554.0)
    lost = heart(script.seconds, rises=((2468.0, 25.0),), silent=((cramp_s[1], 4960.0),))
    night = night_of(script.acceleration(), lost)
    assert [fault.kind for fault in night.faults] == [FaultKind.OFF_WRIST]
    (episode,) = night.episodes
    assert abs((episode.onset_ns - START_NS) / NS_PER_S - cramp_s[0]) < 3
    # The stillness that followed is known though the heart is not.
    assert episode.evidence["still_after"].value == 600.0


def test_a_stuck_sensor_is_not_a_recorded_night() -> None:
    times_ns = START_NS + np.arange(5 * 3 * 3600, dtype=np.int64) * 200_000_000
    values = np.tile(np.array([0.0, 0.0, 1.0], np.float32), (len(times_ns), 1))
    night = night_of(Acceleration(times_ns, values))
    assert night.recorded_s < 2
    assert night.sleeps == ()
    assert FaultKind.GAP in {fault.kind for fault in night.faults}


@pytest.mark.parametrize("level", [0.0, 16.0])
def test_a_signal_that_cannot_be_gravity_is_refused(level: float) -> None:
    times_ns = START_NS + np.arange(10 * 600, dtype=np.int64) * 100_000_000
    flat = Acceleration(times_ns, np.full((len(times_ns), 3), level, np.float32))
    with pytest.raises(SampleError, match="g long"):
        night_of(flat)


def test_faults_lie_within_the_recording_and_come_by_time() -> None:
    assert list(WHOLE.faults) == sorted(WHOLE.faults)
    night = night_of(ACCELERATION)
    assert all(night.start_ns <= f.start_ns < f.end_ns <= night.end_ns for f in night.faults)


def test_a_heart_rate_of_zero_all_night_is_no_heart_rate() -> None:
    silent = HeartRate(RATE.times_ns, np.zeros_like(RATE.bpm))
    kinds = {fault.kind for fault in night_of(ACCELERATION, silent).faults}
    assert FaultKind.NO_HEART_RATE in kinds


def test_beat_to_beat_intervals_make_heart_rate() -> None:
    beats_ns = START_NS + np.arange(int(a_night().seconds), dtype=np.int64) * NS_PER_S
    night = night_of(ACCELERATION, RRIntervals(beats_ns, np.full(len(beats_ns), 1000, np.float32)))
    assert FaultKind.NO_HEART_RATE not in {fault.kind for fault in night.faults}


@settings(max_examples=40)
@given(
    rate_hz=st.floats(5, 200),
    minutes=st.integers(1, 90),
    holes=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.4)), max_size=4),
    strength_g=st.sampled_from([0.0, 0.005, 0.5, 20.0]),
    silent_heart=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_whatever_is_recorded_makes_a_night_without_nan(
    rate_hz: float,
    minutes: int,
    holes: list[tuple[float, float]],
    strength_g: float,
    silent_heart: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    count = min(int(rate_hz * 60 * minutes), 60_000)
    t = np.cumsum(rng.uniform(0.2, 1.8, count)) / rate_hz
    kept = np.ones(count, np.bool_)
    for start, length in holes:
        kept[int(start * count) : int((start + length) * count)] = False
    kept[: int(4 * rate_hz)] = True
    times_ns = START_NS + np.unique(np.rint(t[kept] * NS_PER_S).astype(np.int64))
    bursts = rng.random(len(times_ns) // 500 + 1) < 0.1
    strength = np.repeat(bursts, 500)[: len(times_ns), None] * strength_g
    xyz = np.array([0.0, 0.6, 0.8]) + rng.normal(0, 1, (len(times_ns), 3)) * strength
    beats_ns = START_NS + np.arange(0, int(t[-1]) + 1, 3, dtype=np.int64) * NS_PER_S
    bpm = rng.uniform(0, 250, len(beats_ns)) * (not silent_heart)
    night = night_of(
        Acceleration(times_ns, np.clip(xyz, -16, 16).astype(np.float32)),
        HeartRate(beats_ns, bpm.astype(np.float32)),
    )
    assert "NaN" not in json.dumps(night_document(night), allow_nan=False)
    assert 0 <= night.worn_s <= night.recorded_s <= (night.end_ns - night.start_ns) / NS_PER_S
    assert all(0 <= one.probability <= 1 for one in night.awakenings)
    assert all(fault.start_ns < fault.end_ns for fault in night.faults)


def test_a_mark_is_kept_beside_what_is_said_and_changes_nothing_of_it() -> None:
    mark = Mark(START_NS, "cramp")
    assert WHOLE.marks == ()
    assert night_of(mark, ACCELERATION, RATE) == replace(WHOLE, marks=(mark,))
    assert night_of(mark, ACCELERATION, RATE, mark) == replace(WHOLE, marks=(mark,))


def tapped(rate_hz: float = 50.0) -> tuple[Acceleration, int]:
    """Ten minutes of rest with three taps in the fifth, and the time of the first."""
    quiet = Script(rate_hz=rate_hz).still(600).acceleration()
    first = int(300 * rate_hz)
    xyz_g = quiet.xyz_g.copy()
    for number in range(3):
        at = first + number * int(0.4 * rate_hz)
        xyz_g[at : at + 2] += np.array([[0.0, 0.2, -2.0], [0.0, -0.1, 0.9]], np.float32)
    return Acceleration(quiet.times_ns, xyz_g), int(quiet.times_ns[first])


def test_three_taps_are_a_mark_of_the_night_and_told_when_they_are_known() -> None:
    acceleration, tapped_ns = tapped()
    mark = Mark(tapped_ns, TAPPED)
    detector = Detector(INFO)
    told = []
    for start in range(0, len(acceleration), 50):
        part = slice(start, start + 50)
        chunk = Acceleration(acceleration.times_ns[part], acceleration.xyz_g[part])
        told += [(mark, int(chunk.times_ns[-1])) for mark in detector.feed(chunk)]
        if told and len(told) == 1:
            assert detector.snapshot().finish().marks == (mark,)
    assert [each for each, _ in told] == [mark]
    assert told[0][1] - tapped_ns < 4 * NS_PER_S
    assert detector.finish() == night_of(acceleration)
    assert detector.finish().marks == (mark,)


def test_a_mark_that_was_written_down_with_the_taps_is_not_two() -> None:
    acceleration, tapped_ns = tapped()
    assert night_of(acceleration, Mark(tapped_ns, TAPPED)) == night_of(acceleration)


def test_a_snapshot_finds_taps_apart_from_the_detector_it_was_taken_of() -> None:
    acceleration, tapped_ns = tapped()
    detector = Detector(INFO)
    middle = int(np.searchsorted(acceleration.times_ns, tapped_ns + NS_PER_S))
    detector.feed(Acceleration(acceleration.times_ns[:middle], acceleration.xyz_g[:middle]))
    twin = detector.snapshot()
    rest = Acceleration(acceleration.times_ns[middle:], acceleration.xyz_g[middle:])
    assert twin.feed(rest) == (Mark(tapped_ns, TAPPED),)
    assert detector.so_far().marks == ()
    assert detector.feed(rest) == (Mark(tapped_ns, TAPPED),)


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(SampleError, match="not one second of acceleration"):
        night_of(RATE)


def test_a_chunk_that_falls_back_in_time_is_refused() -> None:
    detector = Detector(INFO)
    detector.feed(ACCELERATION)
    with pytest.raises(SampleError, match="once and in order"):
        detector.feed(ACCELERATION)


def test_a_clock_that_jumps_by_years_is_refused() -> None:
    first = Script().still(10).acceleration()
    detector = Detector(INFO)
    detector.feed(first)
    later = first.times_ns + (MAX_RECORDING_S + 60) * NS_PER_S
    with pytest.raises(SampleError, match="more than 72 h"):
        detector.feed(Acceleration(later, first.xyz_g))


def test_an_adjustment_changes_what_is_thought_and_not_what_is_named() -> None:
    yes = [Answer({}, -3.0, cramp=True)] * 30
    personal = fit_personal(yes, WHOLE.model)
    detector = Detector(INFO, personal=personal)
    for one in (ACCELERATION, RATE):
        detector.feed(one)
    night = detector.finish()
    assert (WHOLE.personal, night.personal) == (None, personal.version)
    assert night.id == WHOLE.id
    assert {one.id for one in WHOLE.episodes} <= {one.id for one in night.episodes}
    assert all(
        after.probability > before.probability
        for before, after in zip(WHOLE.awakenings, night.awakenings, strict=True)
    )


def test_an_adjustment_of_another_model_is_refused_before_the_night() -> None:
    with pytest.raises(ModelError, match="fitted for the model cramps 0"):
        Detector(INFO, personal=fit_personal([], ModelVersion("cramps", "0")))
