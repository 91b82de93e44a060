from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from ingest import number_table, recording_folder
from ingest.errors import RecordingError
from ingest.recording import Event, in_live_order
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RRIntervals, Samples

MakeFolder = Callable[..., Path]
Text = Callable[..., str]
Rows = dict[str, list[tuple[float, ...]]]
RowsOf = Callable[[Iterable[Samples]], Rows]

START_NS = int(datetime.fromisoformat("2026-10-24T22:30:00+02:00").timestamp()) * NS_PER_S


def seconds(rows: list[tuple[float, ...]]) -> list[float]:
    return [(int(row[0]) - START_NS) / NS_PER_S for row in rows]


def exhaust(folder: Path) -> None:
    for _ in recording_folder.read(folder).samples():
        pass


def accelerometer(times_s: Iterable[float]) -> str:
    return "time_s,x_g,y_g,z_g\n" + "".join(f"{float(time)!r},0,0,1\n" for time in times_s)


def test_reads_everything_a_folder_says(
    make_folder: MakeFolder, recording_json: Text, rows_of: RowsOf
) -> None:
    folder = make_folder(
        {
            "recording.json": recording_json(wrist=None),
            "accelerometer.csv.gz": "time_s,x_g,y_g,z_g\n0,0.1,-0.2,0.3\n0.04,1,2,3\n",
            "heart_rate.csv": "time_s,bpm\n-1,61.5\n0.5,\n1,0\n",
            "rr_intervals.csv.gz": "time_s,rr_ms\n0.9,812.5\n",
            "events.csv": "label,onset_s,duration_s,phenotype,note\ncramp,1,90,rub,\n",
        }
    )
    recording = recording_folder.read(folder)
    info = recording.info
    assert (info.name, info.start_ns, info.timezone) == ("night", START_NS, "Europe/Berlin")
    assert (info.device, info.wrist, info.source) == ("a wristband", None, "made up")
    assert recording.events == (Event(1.0, 90.0, "cramp", {"phenotype": "rub"}),)
    rows = rows_of(recording.samples())
    assert seconds(rows["acceleration"]) == [0.0, 0.04]
    third = np.array([0.1, -0.2, 0.3], np.float32).tolist()
    assert [list(row[1:]) for row in rows["acceleration"]] == [third, [1.0, 2.0, 3.0]]
    assert seconds(rows["heart_rate"]) == [-1.0, 0.5, 1.0]
    assert [row[1] for row in rows["heart_rate"]] == [61.5, 0.0, 0.0]
    assert rows["rr"] == [(START_NS + 900_000_000, 812.5)]


@pytest.mark.parametrize("rate_hz", [5, 10, 25, 50, 52, 100, 200])
def test_reads_every_rate_a_wearable_has(
    make_folder: MakeFolder, accelerometer_csv: Text, rows_of: RowsOf, rate_hz: int
) -> None:
    folder = make_folder({"accelerometer.csv": accelerometer_csv(rate_hz, rows=6000)})
    rows = rows_of(recording_folder.read(folder).samples())["acceleration"]
    assert len(rows) == 6000
    assert seconds(rows)[-1] == pytest.approx(5999 / rate_hz, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [4.6, 215])
def test_a_rate_a_little_beyond_the_limits_is_the_clock(
    make_folder: MakeFolder, accelerometer_csv: Text, rate_hz: float
) -> None:
    exhaust(make_folder({"accelerometer.csv": accelerometer_csv(rate_hz)}))


@pytest.mark.parametrize(("rate_hz", "found"), [(1, "1 Hz"), (4.4, "4.4 Hz"), (400, "400 Hz")])
def test_refuses_a_rate_no_detector_can_use(
    make_folder: MakeFolder, accelerometer_csv: Text, rate_hz: float, found: str
) -> None:
    folder = make_folder({"accelerometer.csv": accelerometer_csv(rate_hz)})
    with pytest.raises(RecordingError) as caught:
        recording_folder.read(folder)
    assert caught.value.path == folder / "accelerometer.csv"
    assert caught.value.problem == f"has acceleration at {found}"
    assert caught.value.advice.startswith("Record or export it with 5 to 200 samples a second")


def test_refuses_a_night_that_is_mostly_slow_behind_a_fast_start(make_folder: MakeFolder) -> None:
    fast = np.arange(5000) * 0.02
    folder = make_folder(
        {"accelerometer.csv": accelerometer([*fast.tolist(), *(fast[-1] + np.arange(1, 6000))])}
    )
    recording = recording_folder.read(folder)
    with pytest.raises(RecordingError, match=r"at 1 Hz for 1\.7 h, and .* 1\.7 min only"):
        list(recording.samples())


def test_takes_whole_seconds_at_50_hz_for_a_coarse_clock(make_folder: MakeFolder) -> None:
    folder = make_folder({"accelerometer.csv": accelerometer(np.arange(500) // 50)})
    with pytest.raises(RecordingError) as caught:
        recording_folder.read(folder)
    assert caught.value.problem == ("repeats a time in 490 of 500 rows: its clock is too coarse")
    assert "millisecond" in caught.value.advice


def test_five_copies_of_each_sample_are_repeats_not_a_coarse_clock(
    make_folder: MakeFolder, rows_of: RowsOf
) -> None:
    folder = make_folder({"accelerometer.csv": accelerometer(np.arange(500) // 5 * 0.02)})
    samples = recording_folder.read(folder).samples()
    assert len(rows_of(samples)["acceleration"]) == 100
    assert samples.repeated_times == 400


def test_jitter_is_kept_as_it_is(make_folder: MakeFolder, rows_of: RowsOf) -> None:
    jitter = np.random.default_rng(1).uniform(-0.009, 0.009, 3000)
    times = np.round(np.arange(3000) * 0.02 + 1 + jitter, 6)
    folder = make_folder({"accelerometer.csv": accelerometer(times.tolist())})
    assert seconds(rows_of(recording_folder.read(folder).samples())["acceleration"]) == (
        times.tolist()
    )


def test_gaps_are_kept_as_gaps(make_folder: MakeFolder, rows_of: RowsOf) -> None:
    times = [*(np.arange(500) * 0.04), *(3600 + np.arange(500) * 0.04)]
    folder = make_folder({"accelerometer.csv": accelerometer(times)})
    kept = seconds(rows_of(recording_folder.read(folder).samples())["acceleration"])
    assert len(kept) == 1000
    assert max(np.diff(kept)) == pytest.approx(3600 - 499 * 0.04)


@pytest.mark.parametrize("block_bytes", [32, 50, 64, 90, 10_000])
def test_of_repeated_times_the_first_is_kept_wherever_a_block_ends(
    make_folder: MakeFolder, rows_of: RowsOf, block_bytes: int
) -> None:
    text = "time_s,x_g,y_g,z_g\n" + "".join(
        f"{row // 3 * 0.02:.2f},{row % 3},0,1\n" for row in range(90)
    )
    folder = make_folder(
        {
            "accelerometer.csv": text,
            "heart_rate.csv": "time_s,bpm\n0,60\n0,70\n1,80\n",
            "rr_intervals.csv": "time_s,rr_ms\n0,800\n0,801\n0,802\n",
        }
    )
    with mock.patch.object(number_table, "BLOCK_BYTES", block_bytes):
        samples = recording_folder.read(folder).samples()
        rows = rows_of(samples)
    assert len(rows["acceleration"]) == 30
    assert {row[1] for row in rows["acceleration"]} == {0.0}
    assert [row[1] for row in rows["heart_rate"]] == [60.0, 80.0]
    assert [row[1] for row in rows["rr"]] == [800.0]
    assert samples.repeated_times == 60 + 1 + 2


def test_a_recording_can_be_read_again_and_again(make_folder: MakeFolder, rows_of: RowsOf) -> None:
    folder = make_folder({"heart_rate.csv": "time_s,bpm\n0,60\n0,70\n"})
    recording = recording_folder.read(folder)
    first, second = recording.samples(), recording.samples()
    assert rows_of(first) == rows_of(second)
    assert (first.repeated_times, second.repeated_times) == (1, 1)


def test_readings_follow_the_chunk_they_fall_in() -> None:
    def chunk(*times: int) -> Acceleration:
        return Acceleration(np.array(times), np.zeros((len(times), 3), np.float32))

    def bpm(*times: int) -> HeartRate:
        return HeartRate(np.array(times), np.full(len(times), 60, np.float32))

    rr = RRIntervals(np.array([25, 31]), np.array([800, 900], np.float32))
    order = list(in_live_order([chunk(10, 20), chunk(21, 30)], [bpm(5, 20, 21, 40, 50), rr]))
    assert [(type(record), record.times_ns.tolist()) for record in order] == [  # type: ignore[union-attr]
        (Acceleration, [10, 20]),
        (HeartRate, [5, 20]),
        (Acceleration, [21, 30]),
        (HeartRate, [21]),
        (RRIntervals, [25]),
        (HeartRate, [40, 50]),
        (RRIntervals, [31]),
    ]


def test_a_long_night_comes_in_chunks_in_live_order(
    make_folder: MakeFolder, accelerometer_csv: Text
) -> None:
    beats = "time_s,bpm\n" + "".join(f"{time},60\n" for time in range(0, 1500, 5))
    folder = make_folder(
        {"accelerometer.csv": accelerometer_csv(50, rows=70_000), "heart_rate.csv": beats}
    )
    records = list(recording_folder.read(folder).samples())
    assert max(map(len, (r for r in records if isinstance(r, Acceleration)))) < 30_000
    ends = [int(record.times_ns[-1]) for record in records if isinstance(record, Acceleration)]
    assert len(ends) > 2
    passed = 0
    for record in records:
        if isinstance(record, Acceleration):
            passed += 1
        elif isinstance(record, HeartRate) and record is not records[-1]:
            assert record.times_ns[-1] <= ends[passed - 1]
            assert passed == 1 or record.times_ns[0] > ends[passed - 2]


@pytest.mark.parametrize(
    ("start", "clock_at_the_end"),
    [("2026-10-24T22:30:00+02:00", "06:30"), ("2026-03-28T22:30:00+01:00", "08:30")],
)
def test_a_night_across_a_clock_change_has_its_true_length(
    make_folder: MakeFolder,
    recording_json: Text,
    accelerometer_csv: Text,
    rows_of: RowsOf,
    start: str,
    clock_at_the_end: str,
) -> None:
    folder = make_folder(
        {
            "recording.json": recording_json(start=start),
            "accelerometer.csv": accelerometer_csv(5, rows=9 * 3600 * 5 + 1),
        }
    )
    recording = recording_folder.read(folder)
    times = [int(row[0]) for row in rows_of(recording.samples())["acceleration"]]
    assert times[-1] - times[0] == 9 * 3600 * NS_PER_S
    assert set(np.diff(times)) == {NS_PER_S // 5}
    end = datetime.fromtimestamp(times[-1] / NS_PER_S, recording.info.zone)
    assert end.strftime("%H:%M") == clock_at_the_end


@pytest.mark.parametrize(
    ("name", "text", "line", "problem", "advice"),
    [
        ("accelerometer.csv", "", None, "is empty", "Export it again"),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n",
            None,
            "has no samples of acceleration",
            "at least two",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n0,0,0,1\n",
            None,
            "has one sample of acceleration",
            "at least two",
        ),
        (
            "accelerometer.csv",
            "time_s,x,y,z\n0,0,0,1\n",
            1,
            "has no column x_g (the line reads 'time_s,x,y,z')",
            "The first line has to name time_s, x_g, y_g and z_g",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n0,0,0,1\n0.02,a,0,1\n",
            3,
            "x_g is 'a', which is not a number",
            "Acceleration is in g",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n0,0,0,1\n0.02,0,nan,1\n",
            3,
            "y_g is nan, which is not a finite number",
            "leave out rows",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n0,0,0,1\n0.02,0,0,981\n",
            3,
            "z_g is 981, outside -64 to 64",
            "Divide mg by 1000, m/s² by 9.81. Acceleration is in g",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n0,0,0,1\n0.04,0,0,1\n0.02,0,0,1\n",
            4,
            "time_s falls from 0.04 to 0.02",
            "sort the rows",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n1792873800,0,0,1\n1792873800.02,0,0,1\n",
            2,
            "time_s is 1792873800, outside -1209600 to 1209600",
            "This looks like Unix seconds. Times are in seconds from the start that recording.json",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n1792873800000,0,0,1\n1792873800020,0,0,1\n",
            2,
            "time_s is 1792873800000, outside -1209600 to 1209600",
            "This looks like Unix milliseconds. Times are in seconds from the start",
        ),
        (
            "accelerometer.csv",
            "time_s,x_g,y_g,z_g\n0,0,0,1\n20,0,0,1\n40,0,0,1\n",
            None,
            "has acceleration at 0.05 Hz",
            "give times in seconds, not in milliseconds",
        ),
        (
            "heart_rate.csv",
            "time_s,bpm\n0,60\n1,-5\n",
            3,
            "bpm is -5, outside 0 to 400",
            "leave the cell empty",
        ),
        (
            "heart_rate.csv",
            "time_s,bpm\n0,60\n400000,60\n",
            3,
            "time_s is 400000, outside -259200 to 259200",
            "A recording lasts at most 72 h",
        ),
        (
            "rr_intervals.csv",
            "time_s,rr_ms\n0,70000\n",
            2,
            "rr_ms is 70000, outside 0 to 65535",
            "milliseconds",
        ),
        ("heart_rate.csv", "", None, "is empty", "Export it again"),
        ("events.csv", "onset_s,label\n", 1, "has the columns onset_s, label", "duration_s"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_bad_file_is_named_with_its_line_and_what_to_do(
    make_folder: MakeFolder,
    name: str,
    text: str,
    line: int | None,
    problem: str,
    advice: str,
    suffix: str,
) -> None:
    folder = make_folder({name + suffix: text})
    with pytest.raises(RecordingError) as caught:
        exhaust(folder)
    place = f", line {line}" if line else ""
    assert str(caught.value).startswith(f"{folder / (name + suffix)}{place}: {problem}. ")
    assert advice in caught.value.advice


def test_a_fault_far_into_the_night_is_found_while_it_is_read(
    make_folder: MakeFolder, accelerometer_csv: Text
) -> None:
    text = accelerometer_csv(50, rows=60_000)
    lines = text.splitlines()
    lines[50_000] = lines[50_000].replace("-0.8", "inf")
    folder = make_folder({"accelerometer.csv.gz": "\n".join(lines)})
    recording = recording_folder.read(folder)
    with pytest.raises(RecordingError, match="z_g is inf") as caught:
        list(recording.samples())
    assert caught.value.line == 50_001


def test_refuses_more_than_three_days_at_the_line(make_folder: MakeFolder) -> None:
    times = [*(np.arange(50) * 0.02).tolist(), 259_201.0, 259_201.02]
    folder = make_folder({"accelerometer.csv": accelerometer(times)})
    with pytest.raises(RecordingError, match="A recording lasts at most 72 h") as caught:
        exhaust(folder)
    assert caught.value.line == 52
    assert "split it into nights" in caught.value.advice


def test_both_a_csv_and_its_gz_are_one_too_many(
    make_folder: MakeFolder, accelerometer_csv: Text
) -> None:
    text = accelerometer_csv()
    folder = make_folder({"accelerometer.csv": text, "accelerometer.csv.gz": text})
    with pytest.raises(RecordingError) as caught:
        recording_folder.read(folder)
    assert caught.value.problem == "has both accelerometer.csv and accelerometer.csv.gz"
    assert caught.value.advice.startswith("Remove accelerometer.csv.gz")


def test_a_night_in_milliseconds_is_refused_for_its_rate_before_it_is_read(
    make_folder: MakeFolder,
) -> None:
    folder = make_folder({"accelerometer.csv": accelerometer(np.arange(5000) * 20.0)})
    with pytest.raises(RecordingError, match=r"at 0\.05 Hz\. .* not in milliseconds"):
        recording_folder.read(folder)


def test_a_night_without_events_is_not_a_night_in_which_nothing_happened(
    make_folder: MakeFolder,
) -> None:
    known = make_folder({"events.csv": "onset_s,duration_s,label\n"}, name="known")
    assert recording_folder.read(known).labelled
    unknown = recording_folder.read(make_folder(name="unknown"))
    assert (unknown.labelled, unknown.events) == (False, ())


def test_a_name_that_is_not_unicode_is_made_so(make_folder: MakeFolder, tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"night \xff")
    make_folder().rename(place)
    assert recording_folder.read(place).info.name == "night \ufffd"


def test_says_how_much_has_been_read(make_folder: MakeFolder, accelerometer_csv: Text) -> None:
    samples = recording_folder.read(
        make_folder({"accelerometer.csv.gz": accelerometer_csv(rows=60_000)})
    ).samples()
    before = samples.part_read
    parts = [samples.part_read or 0.0 for _ in samples]
    assert before is None
    assert len(parts) > 2
    assert 0 < parts[0] < 0.8
    assert parts[-1] == 1.0


def test_names_a_missing_file(make_folder: MakeFolder) -> None:
    folder = make_folder({"accelerometer.csv": None})
    with pytest.raises(
        RecordingError, match=r"has no accelerometer\.csv or accelerometer\.csv\.gz"
    ):
        recording_folder.read(folder)
    folder = make_folder({"recording.json": None}, name="other")
    with pytest.raises(RecordingError) as caught:
        recording_folder.read(folder)
    assert (caught.value.path, caught.value.problem) == (folder / "recording.json", "is not there")
    written = caught.value.advice.removeprefix("Write one, with your own start and time zone: ")
    (folder / "recording.json").write_text(written)
    assert recording_folder.read(folder).info.timezone == "Europe/Berlin"


@pytest.mark.parametrize("name", ["accelerometer.csv", "recording.json", "heart_rate.csv.gz"])
def test_a_folder_in_place_of_a_file_is_named(make_folder: MakeFolder, name: str) -> None:
    folder = make_folder()
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    with pytest.raises(RecordingError) as caught:
        recording_folder.read(folder)
    assert (caught.value.path, caught.value.problem) == (
        folder / name,
        "is a folder, not a file",
    )


@pytest.mark.parametrize("name", ["accelerometer.csv", "recording.json", "events.csv"])
def test_a_file_without_permission_is_named(
    make_folder: MakeFolder,
    open_tmp_path: Path,
    without_rights: Callable[[], AbstractContextManager[None]],
    name: str,
) -> None:
    made = make_folder({"events.csv": "onset_s,duration_s,label\n"})
    folder = open_tmp_path / "night"
    folder.mkdir(mode=0o755)
    for path in made.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / name).chmod(0)
    with without_rights(), pytest.raises(RecordingError) as caught:
        recording_folder.read(folder)
    assert (caught.value.path, caught.value.problem) == (folder / name, "may not be read")
    assert caught.value.advice == "Give yourself permission to read it."


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "night").write_text("")
    with pytest.raises(RecordingError, match="is a file, not a folder"):
        recording_folder.read(tmp_path / "night")
