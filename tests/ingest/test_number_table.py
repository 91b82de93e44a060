from __future__ import annotations

import gzip
import math
import os
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import number_table
from ingest.errors import RecordingError
from ingest.number_table import Column, NumberTable, find_fault, read_blocks
from ingest.recording import ReadSoFar
from ingest.text_file import read_lines

TIME = Column("time_s", -1000, 1000, "Times are in seconds.")
X = Column("x_g", -64, 64, "X is in g.")
BPM = Column("bpm", 0, 400, "Leave it empty.", empty=0.0)


def table(path: Path, *values: Column, **options: object) -> NumberTable:
    return NumberTable(path, TIME, values or (X,), **options)  # type: ignore[arg-type]


def read(found: NumberTable) -> list[tuple[float, ...]]:
    return [
        (time, *values)
        for block in read_blocks(found)
        for time, values in zip(block.times_s.tolist(), block.values.tolist(), strict=True)
    ]


def written(folder: Path, data: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    raw = data.encode() if isinstance(data, str) else data
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


GOOD = "time_s,x_g\n0,1\n0.5,-2\n"


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD + "\n\n",
        GOOD.replace("\n", "\r\n") + "\r\n\r\n",
        '"time_s","x_g"\n"0","1"\n"0.5","-2"\n',
        "x_g,time_s\n1,0\n-2,0.5\n",
        "note,x_g,time_s\nold,1,0\nnew,-2,0.5\n",
        "time_s,x_g\n 0 ,1.\n5e-1,\t-2\n",
        "time_s, x_g\n0, 1\n0.5, -2\n",
        "time_s,x_g\n+0,+1\n.5,-20E-1\n",
    ],
)
@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_reads_what_programs_write(tmp_path: Path, data: str, name: str) -> None:
    assert read(table(written(tmp_path, data, name))) == [(0.0, 1.0), (0.5, -2.0)]


def test_ignores_a_further_column_that_is_not_utf8(tmp_path: Path) -> None:
    path = written(tmp_path, b"time_s,note,x_g\n0,\xe9t\xe9,1\n")
    assert read(table(path)) == [(0.0, 1.0)]


def test_reads_a_gzip_of_several_members(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"time_s,x_g\n0,1\n0.") + gzip.compress(b"5,-2\n"))
    assert read(table(path)) == [(0.0, 1.0), (0.5, -2.0)]


def test_an_empty_cell_is_what_the_column_says(tmp_path: Path) -> None:
    path = written(tmp_path, 'time_s,bpm\n0,60\n1,\n2,""\n3,0\n')
    assert [row[1] for row in read(table(path, BPM))] == [60.0, 0.0, 0.0, 0.0]


def test_a_table_with_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert read(table(written(tmp_path, "time_s,x_g"))) == []
    assert read(table(written(tmp_path, "time_s,x_g\n\n"))) == []


def test_reads_without_a_header_and_with_another_delimiter(tmp_path: Path) -> None:
    path = written(tmp_path, "0 1\n0.5 -2\n")
    assert read(table(path, delimiter=" ", header=False)) == [(0.0, 1.0), (0.5, -2.0)]


@pytest.mark.parametrize(
    ("rows", "line", "problem"),
    [
        ("0,1\n1,two\n", 3, "x_g is 'two', which is not a number"),
        ("0,1\n1,0x10\n", 3, "x_g is '0x10', which is not a number"),
        ("0,1\n1,nan\n", 3, "x_g is nan, which is not a finite number"),
        ("0,1\n1,-Infinity\n", 3, "x_g is -Infinity, which is not a finite number"),
        ("0,1\nNaN,1\n", 3, "time_s is NaN, which is not a finite number"),
        ("NaN,1\n", 2, "time_s is NaN, which is not a finite number"),
        ("0,1\n1,1e999\n", 3, "x_g is 1e999, outside -64 to 64"),
        ("0,1\n1,64.5\n", 3, "x_g is 64.5, outside -64 to 64"),
        ("0,1\n1001,1\n", 3, "time_s is 1001, outside -1000 to 1000"),
        ("0,1\n1,\n", 3, "x_g is empty"),
        ("0,1\n1, \n", 3, "x_g is empty"),
        ("0,1\n,1\n", 3, "time_s is empty"),
        ("0,1\n1\n", 3, "ends after 1 of 2 columns"),
        ("0,1\n1,1,1\n", 3, "has 3 columns, not 2"),
        ("0,1\n\n\n1,two\n", 5, "x_g is 'two', which is not a number"),
        ('0,1\n1,"1\n2,1\n', 3, "has a quotation mark out of place"),
        ("0,1\n1,\x00\n", 3, "x_g is '\\x00', which is not a number"),
        ("0,1\n5,1\n4.5,1\n", 4, "time_s falls from 5.0 to 4.5"),
    ],
)
@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_names_the_first_line_at_fault(
    tmp_path: Path, rows: str, line: int, problem: str, name: str, line_end: str
) -> None:
    path = written(tmp_path, ("time_s,x_g\n" + rows).replace("\n", line_end), name)
    try:
        # Whether a value is within its limits is left to the record made of it.
        assert not all(abs(row[1]) <= 64 for row in read(table(path)))
        fault = find_fault(table(path))
    except RecordingError as error:
        fault = error
    assert fault.line == line
    assert str(fault).startswith(f"{path}, line {line}: {problem}")
    assert fault.advice.endswith(".")


@pytest.mark.parametrize(
    ("data", "line", "problem"),
    [
        ("", None, "is empty"),
        ("\n\n", None, "is empty"),
        ("0,1\n1,1\n", 1, "has no column time_s (the line reads '0,1')"),
        ("time_s,y_g\n0,1\n", 1, "has no column x_g (the line reads 'time_s,y_g')"),
        ("\ntime_s;x_g\n0;1\n", 2, "has semicolons between its columns"),
        ('"x_g";"time_s"\n"0,5";1\n', 1, "has semicolons between its columns"),
        ("time_s\tx_g\n0\t1\n", 1, "has tabs between its columns"),
        ("time_s;y_g\n0;1\n", 1, "has no column time_s (the line reads 'time_s;y_g')"),
        ("time_s,x_g\r0,1\r1,1\r", None, "has lines that end in CR alone, as on old Macs"),
        ("time_s,x_g,x_g\n0,1,2\n", 1, "has more than one column x_g"),
        (bytes(range(256)) * 9, None, "is not text in UTF-8"),
        (bytes(range(1, 256)) * 9, 1, "has no column time_s"),
        (b"time_s\xe9,x_g\n0,1\n", None, "is not text in UTF-8"),
        ("time_s,x_g\n0,1\n".encode("utf-16"), None, "is not text in UTF-8"),
        (gzip.compress(b"time_s,x_g\n0,1\n", mtime=0), None, "is compressed with gzip"),
        ("Time_s,X_g\n0,1\n", 1, "has no column time_s (the line reads 'Time_s,X_g')"),
    ],
)
def test_refuses_what_is_no_such_table(
    tmp_path: Path, data: str | bytes, line: int | None, problem: str
) -> None:
    path = written(tmp_path, data)
    with pytest.raises(RecordingError) as caught:
        read(table(path))
    assert (caught.value.line, caught.value.path) == (line, path)
    assert caught.value.problem.startswith(problem)


def test_a_comma_in_a_number_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, 'time_s,x_g\n0,"0,1"\n')
    with pytest.raises(RecordingError, match=r"with a point, not a comma\.") as caught:
        read(table(path))
    assert caught.value.line == 2


def test_refuses_a_file_without_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, "time_s,x_g\n" + "1" * 2_000_000)
    with pytest.raises(RecordingError, match=r"has no line end in 512 KiB\. It has to be text"):
        read(table(path))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_half_a_gzip_is_an_error_with_its_line(tmp_path: Path, part: float) -> None:
    rows = "".join(f"{row / 100},{math.sin(row):.9f}\n" for row in range(60_000))
    whole = gzip.compress(("time_s,x_g\n" + rows).encode())
    path = tmp_path / "table.csv.gz"
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(RecordingError, match="compressed data that ends early") as caught:
        read(table(path))
    assert caught.value.line is not None
    assert caught.value.line == pytest.approx(60_000 * part, rel=0.2)
    assert caught.value.advice.startswith("Copy or export it again")


def test_a_gzip_with_a_flipped_bit_is_an_error(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(("time_s,x_g\n" + "1,1\n" * 1000).encode(), mtime=0))
    data[-6] ^= 1
    path = tmp_path / "table.csv.gz"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match="ends early or is damaged"):
        read(table(path))


def test_a_gz_that_is_not_compressed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_text(GOOD)
    with pytest.raises(RecordingError, match=r"is not compressed with gzip\. Take \.gz off"):
        read(table(path))


def test_an_empty_gz_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(b"")
    with pytest.raises(RecordingError, match="is empty"):
        read(table(path))


def test_a_folder_in_place_of_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(RecordingError, match="is a folder, not a file"):
        read(table(tmp_path / "table.csv"))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not there"):
        read(table(tmp_path / "table.csv"))


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(RecordingError, match="is a pipe or a device, not a file"):
        read(table(tmp_path / name))
    with pytest.raises(RecordingError, match="is a pipe or a device, not a file"):
        next(read_lines(tmp_path / name))


def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").symlink_to("/dev/zero")
    with pytest.raises(RecordingError, match="is a pipe or a device, not a file"):
        read(table(tmp_path / "table.csv"))


def test_lines_that_end_in_cr_alone_are_named_far_into_a_file_without_a_header(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "0,1\r" * 300_000)
    with pytest.raises(RecordingError, match="has lines that end in CR alone"):
        read(table(path, header=False))


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_says_how_much_of_a_file_has_been_read(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{row / 1000},{math.sin(row):.9f}\n" for row in range(100_000))
    path = written(tmp_path, "time_s,x_g\n" + rows, name)
    so_far = ReadSoFar()
    parts = [so_far.done / so_far.of for _ in read_blocks(table(path), so_far)]
    assert len(parts) >= 3
    assert parts == sorted(parts)
    assert 0.1 < parts[0] < 0.6
    assert (parts[-1], so_far.of) == (1.0, path.stat().st_size)


def test_a_failing_disk_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    broken = OSError(5, "Input/output error")
    with (
        mock.patch.object(Path, "open", side_effect=broken),
        pytest.raises(RecordingError, match=r"cannot be read \(Input/output error\)"),
    ):
        read(table(path))


def test_times_may_fall_where_the_table_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "time_s,x_g\n1,1\n0,1\n")
    assert read(table(path, rising=False)) == [(1.0, 1.0), (0.0, 1.0)]


@settings(max_examples=60)
@given(
    block_bytes=st.integers(24, 400),
    rows=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    fall_at=st.none() | st.integers(1, 59),
    line_end=st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_where_blocks_end_means_nothing(
    block_bytes: int, rows: list[int], fall_at: int | None, line_end: str
) -> None:
    times = np.cumsum(rows)
    if fall_at is not None and fall_at < len(times):
        times[fall_at] = times[fall_at - 1] - 1
    lines = ["time_s,x_g", *(f"{time},{time % 5}" for time in times)]
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), line_end.join(lines))
        with mock.patch.object(number_table, "BLOCK_BYTES", block_bytes):
            if fall_at is not None and fall_at < len(times):
                with pytest.raises(RecordingError, match="falls") as caught:
                    read(table(path))
                step = 2 if line_end == "\n\n" else 1
                assert caught.value.line == 1 + step * (fall_at + 1)
            else:
                assert read(table(path)) == [(float(time), float(time % 5)) for time in times]
