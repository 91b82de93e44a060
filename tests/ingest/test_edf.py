from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest
from edfio import read_edf

from ingest import edf
from ingest.errors import RecordingError, RecordingWriteError
from ingest.recording import Event, Recording, Repeats, SampleStream
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    HeartRate,
    Mark,
    RecordingInfo,
    Samples,
)

START_NS = 1_792_873_800 * NS_PER_S
INFO = RecordingInfo("night", START_NS, "Europe/Berlin", "Ein Gerät, 2. Wahl", "left", "made up")


def recording(*chunks: Samples, events: tuple[Event, ...] = ()) -> Recording:
    return Recording(INFO, lambda: SampleStream(iter(chunks), Repeats()), events)


def acceleration(first_s: float, last_s: float, rate_hz: int = 25) -> Acceleration:
    """Samples that rise a hundredth of a g a second on x, and stand on the others."""
    offsets = np.arange(round(first_s * rate_hz), round(last_s * rate_hz)) / rate_hz
    times_ns = START_NS + np.rint(offsets * NS_PER_S).astype(np.int64)
    xyz_g = np.stack([offsets / 100, np.full_like(offsets, -0.5), np.ones_like(offsets)], axis=1)
    return Acceleration(times_ns, xyz_g.astype(np.float32))


def test_signals_are_even_and_exact_to_the_step_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    edf.write(path, recording(acceleration(0, 20), acceleration(20, 60)))
    found = read_edf(path)
    assert [signal.label for signal in found.signals] == ["Acc X", "Acc Y", "Acc Z", "Heart rate"]
    assert [signal.sampling_frequency for signal in found.signals] == [25, 25, 25, 1]
    assert found.duration == 60
    step_g = 2.0 / edf.MAX_COUNT
    rising, fallen, up, heart = (signal.data for signal in found.signals)
    np.testing.assert_allclose(rising, np.arange(1500) / 2500, atol=step_g)
    np.testing.assert_allclose(fallen, -0.5, atol=step_g)
    np.testing.assert_allclose(up, 1.0, atol=step_g)
    assert not heart.any()


def test_its_clock_is_the_wearers_and_its_header_is_plain(tmp_path: Path) -> None:
    edf.write(tmp_path / "night.edf", recording(acceleration(0.5, 60)))
    found = read_edf(tmp_path / "night.edf")
    assert (found.startdate, found.starttime) == (date(2026, 10, 24), time(22, 30))
    assert found.recording.equipment_code == "Ein_Gerat,_2._Wahl"
    assert found.recording.additional == ("Europe/Berlin",)
    assert found.patient.name == "X"


def test_holes_are_zero_and_annotated(tmp_path: Path) -> None:
    edf.write(tmp_path / "night.edf", recording(acceleration(0, 10), acceleration(40, 60)))
    found = read_edf(tmp_path / "night.edf")
    flat = found.signals[2].data
    assert (flat[:250] > 0.9).all()
    assert (flat[251:1000] == 0.0).all()
    assert (flat[1000:] > 0.9).all()
    (hole,) = found.annotations
    assert hole.text == "not recorded"
    assert [hole.onset, hole.duration] == pytest.approx([9.96, 30.04])


def test_events_marks_and_findings_are_annotations(tmp_path: Path) -> None:
    mark = Mark(START_NS + 30 * NS_PER_S, "this was one\n")
    happened = Event(20.5, 4.0, "cramp", {"phenotype": "rub"})
    found_later = Event(21.0, 3.0, "cramp-like awakening, likely, 0.91")
    night = recording(acceleration(5, 60), mark, events=(happened,))
    edf.write(tmp_path / "night.edf", night, [found_later])
    assert [tuple(each) for each in read_edf(tmp_path / "night.edf").annotations] == [
        (15.5, 4.0, "cramp (phenotype: rub)"),
        (16.0, 3.0, "cramp-like awakening, likely, 0.91"),
        (25.0, None, "this was one "),
    ]


def test_heart_rate_holds_for_ten_seconds_and_is_exact(tmp_path: Path) -> None:
    times_ns = START_NS + np.array([2, 3, 30]) * NS_PER_S
    readings = HeartRate(times_ns, np.array([60, 61.5, 0], np.float32))
    edf.write(tmp_path / "night.edf", recording(acceleration(0, 60), readings))
    bpm = read_edf(tmp_path / "night.edf").signals[3].data
    assert bpm.tolist() == [0, 0, 60, *[61.5] * 11, *[0] * 46]


def test_the_full_scale_holds_the_night(tmp_path: Path) -> None:
    strong = acceleration(0, 60)
    strong.xyz_g[7, 1] = -17.5
    edf.write(tmp_path / "night.edf", recording(strong))
    signal = read_edf(tmp_path / "night.edf").signals[1]
    assert list(signal.physical_range) == [-32, 32]
    assert signal.data.min() == pytest.approx(-17.5, abs=0.001)


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    with pytest.raises(RecordingError, match="would hold no acceleration"):
        edf.write(path, recording())
    with pytest.raises(RecordingWriteError, match="nowhere"):
        edf.write(tmp_path / "nowhere" / "night.edf", recording(acceleration(0, 60)))
    later = acceleration(0, 60)
    later.times_ns[:] += 80 * 366 * 86_400 * NS_PER_S
    with pytest.raises(RecordingError, match=r"cannot be told in EDF\+"):
        edf.write(path, replace(recording(later)))
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"kept")
    with pytest.raises(RecordingError, match="is there already"):
        edf.write(path, recording(acceleration(0, 60)))
    assert path.read_bytes() == b"kept"
