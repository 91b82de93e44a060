from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from ingest.native.compact import compact
from ingest.native.layout import look
from ingest.native.night import read
from ingest.native.writer import RecordingWriter
from ingest.samples import HeartRate, Samples
from tests.ingest.native.made import INFO, SENSORS, a_night, acceleration, heart_rate, write_night

WITH = HeartRate(
    heart_rate(0, 3).times_ns, heart_rate(0, 3).bpm, contact=np.array([1, 0, -1], np.int8)
)
WITHOUT = heart_rate(3, 2)


def told(samples: Iterable[Samples]) -> list[int | None]:
    found: list[int | None] = []
    for record in samples:
        if isinstance(record, HeartRate):
            found += [None] * len(record) if record.contact is None else record.contact.tolist()
    return found


def record(folder: Path, *records: Samples, contact: bool) -> None:
    with RecordingWriter.open(folder, INFO, SENSORS, contact=contact) as writer:
        for each in records:
            writer.append(each)


def test_contact_comes_back_from_segments_and_from_parquet(tmp_path: Path) -> None:
    record(tmp_path / "night", acceleration(0, 50), WITH, WITHOUT, contact=True)
    assert told(read(tmp_path / "night").samples()) == [1, 0, -1, -1, -1]
    compact(tmp_path / "night")
    assert told(read(tmp_path / "night").samples()) == [1, 0, -1, -1, -1]


def test_where_no_reading_has_contact_none_comes_back(tmp_path: Path) -> None:
    record(tmp_path / "night", acceleration(0, 50), WITHOUT, contact=True)
    assert told(read(tmp_path / "night").samples()) == [None, None]


@pytest.mark.parametrize("first", [False, True])
def test_a_night_begun_with_or_without_contact_goes_on_the_other_way(
    tmp_path: Path, first: bool
) -> None:
    before, after = (WITH, WITHOUT) if first else (heart_rate(-9), WITH)
    record(tmp_path / "night", acceleration(0, 50), before, contact=first)
    record(tmp_path / "night", acceleration(50, 50), after, contact=not first)
    expected = [1, 0, -1, -1, -1] if first else [-1, 1, 0, -1]
    compact(tmp_path / "night")
    assert told(read(tmp_path / "night").samples()) == expected


def test_a_recording_without_contact_has_the_bytes_it_always_had(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, a_night(3))
    assert b"contact" not in (folder / "night.json").read_bytes()
    assert b"contact" not in look(folder).segments[0].read_bytes()
