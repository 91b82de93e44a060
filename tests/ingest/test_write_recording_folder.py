from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import recording_folder
from ingest.errors import RecordingError, SampleError
from ingest.rate import SLOWEST_STEP_NS
from ingest.recording import Event
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)

RowsOf = Callable[[Iterable[Samples]], dict[str, list[tuple[float, ...]]]]

START_NS = 1_792_873_800_123_456_789
INFO = RecordingInfo("night", START_NS, "Europe/Berlin", "a wristband", "right", "made up")


def acceleration(count: int = 100, first_ns: int = START_NS, rate_hz: int = 50) -> Acceleration:
    times_ns = first_ns + np.arange(count) * (NS_PER_S // rate_hz)
    return Acceleration(times_ns, np.full((count, 3), 0.1, np.float32))


def heart_rate(count: int = 3) -> HeartRate:
    times_ns = START_NS + np.arange(count) * NS_PER_S
    return HeartRate(times_ns, np.arange(count).astype(np.float32))


@st.composite
def nights(draw: st.DrawFn) -> list[Samples]:
    steps = draw(st.lists(st.integers(5_000_000, 200_000_000), min_size=2, max_size=40))
    # Shorter ones may outweigh the rest, and make it an export of too few samples a second.
    gap = st.integers(round(SLOWEST_STEP_NS), NS_PER_S * 3600)
    gaps = draw(st.lists(gap, max_size=len(steps) // 3))
    for place, gap_ns in enumerate(gaps):
        steps[place * 3] += gap_ns
    first_ns = START_NS + draw(st.integers(-(10**12), 10**12))
    times_ns = first_ns + np.cumsum(np.array(steps, np.int64))
    axis = st.floats(-64, 64, width=32)
    values = draw(st.lists(st.tuples(axis, axis, axis), min_size=len(steps), max_size=len(steps)))
    xyz_g = np.array(values, np.float32)
    cuts = [0, *sorted(draw(st.sets(st.integers(1, len(steps))))), len(steps)]
    records: list[Samples] = [
        Acceleration(times_ns[start:stop], xyz_g[start:stop]) for start, stop in pairwise(cuts)
    ]
    beats = sorted(draw(st.sets(st.integers(-(10**12), 10**13), max_size=10)))
    beat_times = START_NS + np.array(beats, np.int64)
    bpm = draw(st.lists(st.floats(0, 400, width=32), min_size=len(beats), max_size=len(beats)))
    rr = draw(st.lists(st.floats(0, 65535, width=32), min_size=len(beats), max_size=len(beats)))
    records.append(HeartRate(beat_times, np.array(bpm, np.float32)))
    records.append(RRIntervals(beat_times, np.array(rr, np.float32)))
    return records


@settings(max_examples=60)
@given(records=nights(), compress=st.booleans())
def test_what_is_written_reads_back_to_the_nanosecond_and_the_last_bit(
    rows_of: RowsOf, records: list[Samples], compress: bool
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "night"
        recording_folder.write(folder, INFO, records, compress=compress)
        recording = recording_folder.read(folder)
        assert recording.info == INFO
        assert rows_of(recording.samples()) == rows_of(records)


def test_events_and_marks_read_back_as_events(tmp_path: Path) -> None:
    events = (Event(3.5, 90.0, "cramp", {"phenotype": "rub"}), Event(1.0, 0.0, "snoring"))
    mark = Mark(START_NS + 2 * NS_PER_S, "this was one")
    folder = tmp_path / "night"
    recording_folder.write(folder, INFO, [mark, acceleration()], events)
    assert recording_folder.read(folder).events == (*events, Event(2.0, 0.0, "this was one"))


@pytest.mark.parametrize("compress", [True, False])
def test_the_same_samples_give_the_same_bytes_however_they_are_cut(
    tmp_path: Path, compress: bool
) -> None:
    whole = acceleration(1000)
    parts = [
        Acceleration(whole.times_ns[start : start + 7], whole.xyz_g[start : start + 7])
        for start in range(0, 1000, 7)
    ]
    recording_folder.write(tmp_path / "a", INFO, [whole, heart_rate()], compress=compress)
    recording_folder.write(tmp_path / "b", INFO, [heart_rate(), *parts], compress=compress)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert len(names) == 3
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_writes_what_any_tool_reads(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    recording_folder.write(folder, INFO, [acceleration(2), heart_rate(2)], compress=False)
    assert (folder / "accelerometer.csv").read_bytes() == (
        b"time_s,x_g,y_g,z_g\n0,0.1,0.1,0.1\n0.02,0.1,0.1,0.1\n"
    )
    assert (folder / "heart_rate.csv").read_bytes() == b"time_s,bpm\n0,0\n1,1\n"
    assert '"start": "2026-10-24T22:30:00.123456789+02:00"' in (
        (folder / "recording.json").read_text()
    )


def test_a_kind_without_samples_gets_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    none = HeartRate(np.empty(0, np.int64), np.empty(0, np.float32))
    recording_folder.write(folder, INFO, [acceleration(), none])
    names = {path.name for path in folder.iterdir()}
    assert names == {"accelerometer.csv.gz", "recording.json"}


def test_never_writes_over_anything(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    with pytest.raises(RecordingError, match=r"is there already\. Choose another name"):
        recording_folder.write(tmp_path / "night", INFO, [acceleration()])
    assert list((tmp_path / "night").iterdir()) == []


def test_leaves_nothing_behind_when_the_samples_fail(tmp_path: Path) -> None:
    def failing() -> Iterator[Samples]:
        yield acceleration()
        raise RecordingError("elsewhere.csv", "is damaged", "Copy it again.")

    with pytest.raises(RecordingError, match=r"elsewhere\.csv: is damaged"):
        recording_folder.write(tmp_path / "night", INFO, failing())
    assert list(tmp_path.iterdir()) == []


def test_while_it_is_written_it_is_not_yet_there(tmp_path: Path) -> None:
    def looking() -> Iterator[Samples]:
        yield acceleration()
        assert not (tmp_path / "night").exists()
        assert [path.name.startswith(".night.") for path in tmp_path.iterdir()] == [True]

    recording_folder.write(tmp_path / "night", INFO, looking())
    assert [path.name for path in tmp_path.iterdir()] == ["night"]


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    full = OSError(28, "No space left on device")
    with (
        mock.patch.object(Path, "rename", side_effect=full),
        pytest.raises(RecordingError, match=r"cannot be written \(No space left on device\)"),
    ):
        recording_folder.write(tmp_path / "night", INFO, [acceleration()])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        ([], "has no accelerometer.csv"),
        ([acceleration(1)], "has one sample of acceleration"),
        ([acceleration(rate_hz=1)], "has acceleration at 1 Hz"),
        (
            [acceleration(), acceleration(first_ns=START_NS + 4 * 86_400 * NS_PER_S)],
            "time_s is 345600, outside",
        ),
        ([acceleration(first_ns=START_NS + 15 * 86_400 * NS_PER_S)], "time_s is 1296000, outside"),
    ],
)
def test_refuses_to_write_what_could_not_be_read(
    tmp_path: Path, samples: list[Samples], problem: str
) -> None:
    with pytest.raises(RecordingError, match="would not be a recording") as caught:
        recording_folder.write(tmp_path / "night", INFO, samples)
    assert caught.value.path == tmp_path / "night"
    assert problem in caught.value.problem
    assert list(tmp_path.iterdir()) == []


def test_refuses_an_unknown_zone(tmp_path: Path) -> None:
    info = RecordingInfo("night", START_NS, "Europe/Berln")
    with pytest.raises(RecordingError, match="did you mean Europe/Berlin"):
        recording_folder.write(tmp_path / "night", info, [acceleration()])


def test_refuses_chunks_that_overlap(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="accelerometer: a chunk begins before"):
        recording_folder.write(tmp_path / "night", INFO, [acceleration(), acceleration()])
    assert list(tmp_path.iterdir()) == []
