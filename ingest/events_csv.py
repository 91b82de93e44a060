"""Reads and writes ``events.csv``: what really happened in a recording."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ingest.errors import RecordingError
from ingest.recording import Event
from ingest.text_file import read_lines

__all__ = ["read_events", "write_events"]

COLUMNS = ("onset_s", "duration_s", "label")


def read_events(path: Path) -> tuple[Event, ...]:
    """Read the events of a recording, in the order of the file.

    Further columns become `Event.extra`, where they are not empty.

    Raises
    ------
    RecordingError
        With the line, where it is not a table of events.
    """
    rows = csv.reader((text for _, text in read_lines(path)), strict=True)
    try:
        header = next((row for row in rows if row), None)
        if header is None:
            raise RecordingError(
                path, "is empty", "Remove it if nothing is known to have happened."
            )
        if ";" in (text := header[0]) and set(COLUMNS) <= set(text.split(";")):
            raise RecordingError(
                path,
                "has semicolons between its columns",
                "Export it with commas between them, and a point, not a comma, in numbers.",
                line=rows.line_num,
            )
        if sorted(set(header)) != sorted(header) or not set(COLUMNS) <= set(header):
            raise RecordingError(
                path,
                f"has the columns {', '.join(header)}",
                f"It needs {', '.join(COLUMNS)} once each, and others by other names.",
                line=rows.line_num,
            )
        return tuple(_event(path, rows.line_num, header, row) for row in rows if row)
    except csv.Error as error:
        raise RecordingError(
            path, f"is not a table ({error})", "Check its quotation marks.", line=rows.line_num
        ) from error


def write_events(file: IO[str], events: Sequence[Event]) -> None:
    """Write events as they are given, with a column for every name in their `Event.extra`."""
    extras = list(dict.fromkeys(name for event in events for name in event.extra))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*COLUMNS, *extras])
    for event in events:
        further = [event.extra.get(name, "") for name in extras]
        writer.writerow([event.onset_s, event.duration_s, event.label, *further])


def _event(path: Path, line: int, header: list[str], row: list[str]) -> Event:
    if len(row) != len(header):
        raise RecordingError(
            path,
            f"has {len(row)} of {len(header)} columns",
            "Every row needs the same columns.",
            line=line,
        )
    cells = dict(zip(header, row, strict=True))
    onset_s = _number(path, line, "onset_s", cells.pop("onset_s"))
    duration_s = _number(path, line, "duration_s", cells.pop("duration_s"))
    label = cells.pop("label").strip()
    if duration_s < 0:
        raise RecordingError(
            path, f"duration_s is {duration_s}", "Use 0 for a moment, not less.", line=line
        )
    if not label:
        raise RecordingError(path, "label is empty", "Say what happened, such as cramp.", line=line)
    return Event(onset_s, duration_s, label, {name: cell for name, cell in cells.items() if cell})


def _number(path: Path, line: int, name: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RecordingError(
            path, f"{name} is {cell!r}, which is not a number", "Give it in seconds.", line=line
        )
    return number
