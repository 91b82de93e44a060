from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given as holds_for
from hypothesis import settings
from hypothesis import strategies as st

from ingest.errors import RecordingError, RecordingWriteError, SampleError, SettingsError
from ingest.native import parquet
from ingest.native.compact import compact
from ingest.native.layout import look
from ingest.native.night import describe, read, read_faults
from ingest.native.parquet import Group, GroupFault
from ingest.native.writer import FLUSH_AFTER_NS, MAX_ROWS, RecordingWriter
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    Fault,
    FaultKind,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from ingest.sensor import Placement, Sensor
from tests.ingest.native.made import (
    INFO,
    SENSORS,
    START_NS,
    Clock,
    a_night,
    acceleration,
    fault,
    given,
    heart_rate,
    mark,
    rows_of_records,
    rr_intervals,
    stored,
    write_night,
)


@st.composite
def nights(draw: st.DrawFn) -> list[Samples | Fault]:
    """Any samples, in any chunks; half of them in counts, half in any float32."""
    steps = draw(st.lists(st.integers(1, 10**10), min_size=1, max_size=40))
    times_ns = START_NS + np.cumsum(np.array(steps, np.int64))
    axis = st.floats(-64, 64, width=32) | st.integers(-2048, 2048).map(lambda count: count / 1024)
    values = draw(st.lists(st.tuples(axis, axis, axis), min_size=len(steps), max_size=len(steps)))
    xyz_g = np.array(values, np.float32)
    cuts = [0, *sorted(draw(st.sets(st.integers(1, len(steps))))), len(steps)]
    records: list[Samples | Fault] = [
        Acceleration(times_ns[start:stop], xyz_g[start:stop]) for start, stop in pairwise(cuts)
    ]
    beats = START_NS + np.array(sorted(draw(st.sets(st.integers(0, 10**13), max_size=9))), np.int64)
    bpm = draw(st.lists(st.floats(0, 400, width=32), min_size=len(beats), max_size=len(beats)))
    rr = draw(st.lists(st.floats(0, 65535, width=32), min_size=len(beats), max_size=len(beats)))
    records.insert(draw(st.integers(0, 3)), HeartRate(beats, np.array(bpm, np.float32)))
    records.append(RRIntervals(beats, np.array(rr, np.float32)))
    words = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
    records += [
        Mark(START_NS + at, label)
        for at, label in draw(st.lists(st.tuples(st.integers(0, 9), words), max_size=3))
    ]
    records += [
        Fault(START_NS, START_NS + 5, kind) for kind in draw(st.sets(st.sampled_from(FaultKind)))
    ]
    return records


@settings(max_examples=60)
@holds_for(
    records=nights(),
    waits=st.lists(st.integers(0, 3 * NS_PER_S), min_size=1, max_size=5),
    restarts=st.sets(st.integers(0, 30), max_size=3),
)
def test_what_is_appended_reads_back_to_the_last_bit_however_it_is_cut(
    records: list[Samples | Fault], waits: list[int], restarts: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, clock = Path(place) / "night", Clock()
        writer = RecordingWriter.open(folder, INFO, SENSORS, clock_ns=clock)
        for number, record in enumerate(records):
            clock.now_ns += waits[number % len(waits)]
            if number in restarts:
                writer.close()
                writer = RecordingWriter.open(folder, INFO, SENSORS, clock_ns=clock)
            writer.append(record)
        writer.close()
        expected = {table: rows for table, rows in given(records).items() if rows}

        found, reading = stored(folder)
        assert (found, reading.damage, reading.repeats.count) == (expected, [], 0)
        assert describe(folder).description.info == INFO

        compact(folder)
        found, reading = stored(folder)
        assert (found, reading.damage, reading.repeats.count) == (expected, [], 0)
        assert sorted(path.name for path in folder.iterdir()) == [
            "night.json",
            look(folder).parquet.name,  # type: ignore[union-attr]
        ]


def test_counts_stay_counts_and_anything_else_becomes_float32(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    odd = Acceleration(np.array([START_NS + 10**12]), np.array([[0.1, 0.2, -0.0]], np.float32))
    records = [acceleration(0, 100), odd]
    first = write_night(folder, records)
    assert first.name == "segment-0002.arrows"
    kinds = []
    for path in look(folder).segments:
        with pa.ipc.open_stream(path) as reader:
            kinds.append(reader.schema.field("acceleration_wrist").type.value_type.field("x").type)
    assert kinds == [pa.int16(), pa.float32()]
    assert stored(folder)[0] == given(records)
    compact(folder)
    assert stored(folder)[0] == given(records)


def test_a_batch_is_due_by_time_and_not_before(tmp_path: Path) -> None:
    clock = Clock()
    with RecordingWriter.open(tmp_path / "night", INFO, SENSORS, clock_ns=clock) as writer:
        empty = writer.path.stat().st_size
        writer.append(acceleration(0, 10))
        clock.now_ns += FLUSH_AFTER_NS - 1
        writer.append(acceleration(10, 10))
        assert writer.path.stat().st_size == empty
        clock.now_ns += 1
        writer.tick()
        full = writer.path.stat().st_size
        assert full > empty
        clock.now_ns += 10 * NS_PER_S
        writer.tick()
        assert writer.path.stat().st_size == full


def test_a_flood_is_written_without_waiting_in_batches_that_readers_take(tmp_path: Path) -> None:
    records: list[Samples] = [acceleration(0, 3 * MAX_ROWS + 5), heart_rate(0, 2 * MAX_ROWS)]
    write_night(tmp_path / "night", records)
    assert stored(tmp_path / "night")[0] == given(records)


def test_two_sensors_are_kept_and_the_wrist_is_replayed(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    sensors = (Sensor(Placement.CALF, "leg band"), Sensor(Placement.WRIST, "watch", 1024.0))
    leg, wrist = acceleration(0, 200, seed=5), acceleration(0, 200)
    with RecordingWriter.open(folder, INFO, sensors, clock_ns=Clock()) as writer:
        writer.append(leg, sensor=0)
        writer.append(wrist, sensor=1)
        writer.append(heart_rate(0, 4))
    for _ in range(2):
        assert describe(folder).description.sensors == sensors
        found, _ = stored(folder)
        assert found["acceleration_calf"] == given([leg])["acceleration_wrist"]
        assert found["acceleration_wrist"] == given([wrist])["acceleration_wrist"]
        replayed = read(folder)
        assert replayed.info.device == "watch"
        assert given(replayed.samples()) == given([wrist, heart_rate(0, 4)])
        assert (
            given(read(folder, sensor=0).samples())["acceleration_wrist"]
            == (given([leg])["acceleration_wrist"])
        )
        compact(folder)


def test_a_sensor_that_comes_later_joins_the_night(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, [acceleration(0, 100)])
    compact(folder)
    both = (*SENSORS, Sensor(Placement.ANKLE))
    with RecordingWriter.open(folder, INFO, both, clock_ns=Clock()) as writer:
        writer.append(acceleration(100, 100), 0)
        writer.append(acceleration(100, 50), 1)
    for _ in range(2):
        found, reading = stored(folder)
        assert reading.damage == []
        assert len(found["acceleration_wrist"]) == 200
        assert len(found["acceleration_ankle"]) == 50
        compact(folder)
    assert [path.name for path in folder.glob("parquet-*")] == ["parquet-0002"]


def test_two_sensors_in_one_place_are_told_apart(tmp_path: Path) -> None:
    sensors = (Sensor(Placement.CALF, "left"), Sensor(Placement.CALF, "right"))
    with RecordingWriter.open(tmp_path / "night", INFO, sensors, clock_ns=Clock()) as writer:
        writer.append(acceleration(0, 10), 0)
        writer.append(acceleration(0, 20), 1)
    found, _ = stored(tmp_path / "night")
    assert {table: len(rows) for table, rows in found.items()} == {
        "acceleration_calf": 10,
        "acceleration_calf_2": 20,
    }


def test_what_a_segment_repeats_of_the_one_before_is_left_out_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, a_night(10))
    write_night(folder, a_night(10, first=7))
    found, reading = stored(folder)
    assert found == given(a_night(17))
    assert reading.repeats.count == 3 * (50 + 1 + 1)
    samples = read(folder).samples()
    assert given(samples) == given(a_night(17))
    assert samples.repeated_times == 3 * (50 + 1 + 1)


def test_a_restart_keeps_what_the_night_says_of_itself(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, a_night(2))
    other = RecordingInfo("other", START_NS + 10**12, "Asia/Tokyo", "another", "left", "else")
    with RecordingWriter.open(folder, other, SENSORS, clock_ns=Clock()) as writer:
        assert writer.path.name == "segment-0002.arrows"
    assert describe(folder).description.info == INFO


def test_marks_are_replayed_and_faults_have_their_latest_end(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    gap = fault(2, 3, FaultKind.GAP)
    write_night(folder, [acceleration(0, 100), mark(1), fault(1, 1), fault(1, 9), gap])
    for _ in range(2):
        assert [each for each in read(folder).samples() if isinstance(each, Mark)] == [mark(1)]
        assert read_faults(folder) == (fault(1, 9), gap)
        compact(folder)


def test_the_faults_of_a_compacted_night_are_read_without_its_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "night"
    write_night(folder, [acceleration(0, 100), mark(1), fault(1, 9)])
    compact(folder)
    read_table, tables = parquet.read_table, list[str]()

    def noted(path: Path, name: str, texts: Sequence[str]) -> Iterator[Group | GroupFault]:
        tables.append(name)
        return read_table(path, name, texts)

    monkeypatch.setattr(parquet, "read_table", noted)
    assert read_faults(folder) == (fault(1, 9),)
    assert tables == ["faults"]


def test_a_chunk_out_of_order_is_refused(tmp_path: Path) -> None:
    with RecordingWriter.open(tmp_path / "night", INFO, SENSORS, clock_ns=Clock()) as writer:
        writer.append(rr_intervals(3))
        writer.append(acceleration(0, 10))
        with pytest.raises(SampleError, match="acceleration_wrist: a chunk begins before"):
            writer.append(acceleration(9, 10))
        with pytest.raises(SampleError, match="more than 1000 characters"):
            writer.append(mark(1, "x" * 1001))
    assert len(stored(tmp_path / "night")[0]["acceleration_wrist"]) == 10


def test_only_one_may_record_a_night(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    with RecordingWriter.open(folder, INFO, SENSORS, clock_ns=Clock()) as writer:
        writer.append(acceleration(0, 10))
        with pytest.raises(RecordingWriteError, match="is being recorded or changed right now"):
            RecordingWriter.open(folder, INFO, SENSORS)
        with pytest.raises(RecordingWriteError, match="is being recorded or changed right now"):
            compact(folder)
    compact(folder)
    assert len(stored(folder)[0]["acceleration_wrist"]) == 10


def test_what_cannot_be_a_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(RecordingError, match="holds other files already"):
        RecordingWriter.open(tmp_path, INFO)
    with pytest.raises(SettingsError, match="did you mean Europe/Berlin"):
        RecordingWriter.open(tmp_path / "night", RecordingInfo("night", 0, "Europe/Berln"))
    with pytest.raises(SettingsError, match="at least one sensor"):
        RecordingWriter.open(tmp_path / "night", INFO, [])
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_the_chunks_of_a_reader_are_long_enough_to_be_worth_a_call(tmp_path: Path) -> None:
    write_night(tmp_path / "night", a_night(300))
    chunks = [each for each in read(tmp_path / "night").samples() if isinstance(each, Acceleration)]
    assert sum(map(len, chunks)) == 300 * 50
    assert len(chunks) < 5
    assert (
        rows_of_records(("a", each) for each in chunks)["a"]
        == (given([acceleration(0, 300 * 50)])["acceleration_wrist"])
    )


def test_whole_counts_given_as_an_integer_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, [acceleration(0, 100)], sensors=(Sensor(counts_per_g=1024),))
    assert stored(folder)[0] == given([acceleration(0, 100)])
