"""``crampwatch recordings``, ``export``, ``import``, ``verify`` and ``repair``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from crampwatch.output import complain, say
from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording, remarks, repeated
from detector.classifier import load_model
from ingest import recording_folder
from ingest.discover import NATIVE, FoundRecording, find_recordings
from ingest.errors import InputError, RecordingError
from ingest.extent import Extent, measure
from ingest.native import disk
from ingest.native import night as native
from ingest.native.convert import import_recording
from ingest.native.description import placement_names
from ingest.native.layout import look
from ingest.native.repair import check, repair
from ingest.native.segment import is_closed
from ingest.recording import Damage, Event, Recording
from ingest.samples import NS_PER_S
from server import words

__all__ = [
    "ExportFormat",
    "export_recording",
    "import_recordings",
    "list_recordings",
    "repair_recording",
    "verify_recordings",
]

MAX_DEVICE_CHARS = 28
"""Characters of the device in a list: enough to know it by, and the line stays on the screen."""


class ExportFormat(StrEnum):
    """What a recording can be exported to."""

    FOLDER = "folder"
    EDF = "edf"


def list_recordings(folder: Path) -> int:
    """Print a line for every recording under a folder, and return how many cannot be read.

    Raises
    ------
    InputError
        Where there is no recording.
    """
    rows: list[dict[str, str]] = []
    failed = 0
    for found in find_recordings(folder):
        try:
            recording = found.open()
            rows.append(_row(found, recording, measure(recording)))
        except RecordingError as error:
            complain(error)
            failed += 1
    lines = [list(rows[0]), *(list(row.values()) for row in rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        say("  ".join(cells).rstrip())
    return failed


def export_recording(path: Path, out: Path, kind: ExportFormat) -> None:
    """Write a recording in a format for other programs, and say what of it was odd or left out.

    Raises
    ------
    InputError
        Where it cannot be read or written, or the path holds more than one.
    """
    found = find_recordings(path)
    if len(found) > 1:
        raise RecordingError(
            path, f"holds {len(found)} recordings", "Export one at a time: name its folder."
        )
    recording = found[0].open()
    if kind is ExportFormat.FOLDER:
        samples = recording.samples()
        recording_folder.write(out, recording.info, samples, recording.events)
        for remark in remarks(found[0].path, recording, samples):
            complain(remark)
    else:
        from ingest import edf

        edf.write(out, recording, _episodes(recording))
    say(out)


def import_recordings(path: Path, out: Path, timezone: str | None) -> int:
    """Write every recording under a path as a native one, and return how many could not be.

    Raises
    ------
    InputError
        Where there is no recording.
    """
    found = find_recordings(path, timezone=timezone)
    failed = 0
    for each in found:
        try:
            folder = out if len(found) == 1 else out / _folder_name(each)
            reading = import_recording(each, folder)
            _complain_all(reading.damage)
            if reading.repeats.count:
                complain(repeated(each.path, reading.repeats.count))
            say(folder)
        except InputError as error:
            complain(error)
            failed += 1
    return failed


def verify_recordings(paths: Sequence[Path]) -> int:
    """Read every recording under the paths, print what is damaged, and return how many are.

    Raises
    ------
    InputError
        Where there is no recording.
    """
    damaged = 0
    for found in [each for path in paths for each in find_recordings(path)]:
        try:
            damage = check(found.path).damage if found.format == NATIVE else []
            extent = measure(found.open())
        except RecordingError as error:
            say(f"{found.path}: damaged. {error}")
            damaged += 1
            continue
        recorded = f"{_hours(extent.recorded_ns)} can be read"
        if not damage:
            say(f"{found.path}: nothing damaged, {recorded}")
            continue
        damaged += 1
        say(f"{found.path}: damaged {_lost(damage)}; {recorded}")
        for each in damage:
            say(f"  {each}")
    return damaged


def repair_recording(path: Path) -> None:
    """Put the readable part of a damaged recording in its place, and say where the rest is.

    Raises
    ------
    InputError
        Where it is not a native recording, or nothing of it can be read.
    """
    found = find_recordings(path)
    if len(found) > 1 or found[0].format != NATIVE:
        raise RecordingError(
            path,
            "is not a recording in crampwatch's own format",
            "Name the folder of one; a line that a plain folder fails at is mended by hand.",
        )
    reading, kept = repair(found[0].path)
    if kept is None:
        say(f"{path}: nothing damaged")
        return
    say(f"{path}: repaired {_lost(reading.damage)}; the damaged one is now {kept}")


def _row(found: FoundRecording, recording: Recording, extent: Extent) -> dict[str, str]:
    """Say of a recording what stands under each heading of the list."""
    from server.nights import night_of

    start_ns = recording.info.start_ns if extent.start_ns is None else extent.start_ns
    length_ns = 0 if extent.end_ns is None else extent.end_ns - start_ns
    device = recording.info.device
    if len(device) > MAX_DEVICE_CHARS:
        device = device[: MAX_DEVICE_CHARS - 1] + "…"
    return {
        "night": night_of(start_ns, recording.info.zone).isoformat(),
        "length": _hours(length_ns),
        "recorded": _hours(extent.recorded_ns),
        "streams": _streams(found, extent),
        "format": _format(found),
        "state": _state(found, extent),
        "device": device,
        "path": str(found.path),
    }


def _streams(found: FoundRecording, extent: Extent) -> str:
    """Name what was recorded: acceleration by where it was worn, then the readings."""
    names = _places(found, extent)
    if extent.heart_rate:
        names.append("heart rate")
    if extent.rr_intervals:
        names.append("RR")
    return ", ".join(names) or "none"


def _places(found: FoundRecording, extent: Extent) -> list[str]:
    if found.format != NATIVE:
        return ["wrist"] if extent.start_ns is not None else []
    stored = native.describe(found.path)
    names = placement_names(stored.description.sensors)
    came = [
        (extent if place == stored.main_sensor else measure(native.read(found.path, place)))
        for place in range(len(names))
    ]
    return [name for name, of in zip(names, came, strict=True) if of.start_ns is not None]


def _format(found: FoundRecording) -> str:
    if found.format != NATIVE:
        return found.format
    layout = look(found.path)
    parts = (["parquet"] if layout.parquet else []) + (["segments"] if layout.segments else [])
    return "native, " + " and ".join(parts)


def _state(found: FoundRecording, extent: Extent) -> str:
    if found.format != NATIVE:
        return "complete"
    if disk.is_locked(found.path):
        return "being recorded"
    if any(not each.tail for each in extent.damage):
        return "damaged"
    if not all(map(is_closed, look(found.path).segments)):
        return "cut off"
    return "complete"


def _episodes(recording: Recording) -> list[Event]:
    """Judge a recording, for the annotations; where it cannot be judged, say so and give none."""
    try:
        with NightProgress() as progress:
            night, samples = judge_recording(recording, load_model(), progress)
    except RecordingError:
        raise
    except InputError as error:
        complain(error)
        return []
    _complain_all(samples.damage)
    return [
        Event(
            onset_s=(episode.onset_ns - recording.info.start_ns) / NS_PER_S,
            duration_s=(episode.end_ns - episode.onset_ns) / NS_PER_S,
            label=f"cramp-like awakening, {episode.standing}, {episode.probability:.2f}",
        )
        for episode in night.episodes
    ]


def _folder_name(found: FoundRecording) -> str:
    return found.open().info.name.replace("/", "-").replace(" ", "-")


def _lost(damage: Sequence[Damage]) -> str:
    places = words.count(len(damage), "place", "places")
    if any(each.lost_s is None for each in damage):
        return f"in {places}, how much is lost cannot be told"
    seconds = sum(each.lost_s or 0.0 for each in damage)
    if not seconds:
        return f"in {places}, nothing lost"
    most = words.length(seconds) if seconds >= 60 else f"{seconds:.1f} s"
    return f"in {places}, at most {most} lost"


def _hours(span_ns: int) -> str:
    minutes = round(span_ns / (60 * NS_PER_S))
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _complain_all(damage: Sequence[Damage]) -> None:
    for each in damage:
        complain(each)
