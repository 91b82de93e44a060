"""Brings any recording into the native format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.discover import NATIVE, FoundRecording
from ingest.native.compact import with_gaps, write_new
from ingest.native.description import Description, acceleration_names
from ingest.native.night import Found, Reading, describe
from ingest.native.tables import table_name
from ingest.recording import Recording
from ingest.sensor import Sensor

__all__ = ["import_recording"]


def import_recording(found: FoundRecording, folder: Path) -> Reading:
    """Write a recording as a new native one, compacted and read back.

    A native one keeps all its sensors and faults; of another, acceleration is taken to be from the
    wrist.

    Returns
    -------
    What was left out, as it was damaged or repeated.

    Raises
    ------
    RecordingError
        If it cannot be read.
    RecordingWriteError
        If the folder is there, or cannot be written.
    """
    reading = Reading()
    if found.format == NATIVE:
        night = describe(found.path)
        write_new(folder, night.description, with_gaps(night, reading))
        return reading
    recording = found.open()
    sensors = (Sensor(),)
    write_new(folder, Description(recording.info, sensors), _records(recording, sensors, reading))
    return reading


def _records(
    recording: Recording, sensors: tuple[Sensor, ...], reading: Reading
) -> Iterator[Found]:
    (acceleration,) = acceleration_names(sensors)
    samples = recording.samples()
    for record in samples:
        yield Found(table_name(record, acceleration), record)
    for event in recording.events:
        yield Found(table_name(event, acceleration), event)
    reading.repeats.count += samples.repeated_times
