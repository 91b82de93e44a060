"""What a native recording says of itself: one JSON text, in ``night.json`` and in every file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import RecordingError
from ingest.recording_json import format_info, parse_info
from ingest.samples import RecordingInfo
from ingest.sensor import Placement, Sensor

__all__ = [
    "FORMAT",
    "Description",
    "acceleration_names",
    "format_description",
    "format_night_json",
    "parse_description",
    "parse_night_json",
    "placement_names",
]

FORMAT = 1
"""Version of the format; a reader refuses a higher one."""

ADVICE = "Run `crampwatch repair` on its folder: every file of the night holds a copy."


@dataclass(frozen=True, slots=True)
class Description:
    """A recording beside its samples.

    Parameters
    ----------
    info
        Its name is not part of the text: it is the folder's.
    sensors
        Sources of acceleration, in the order of their columns.
    contact
        Whether heart rate is kept with what the sensor said of touching the skin.
    """

    info: RecordingInfo
    sensors: tuple[Sensor, ...]
    contact: bool = False


def acceleration_names(sensors: Iterable[Sensor]) -> tuple[str, ...]:
    """Name the table of each sensor by its placement; a second one there gets ``_2``."""
    names: list[str] = []
    for sensor in sensors:
        name = base = f"acceleration_{sensor.placement}"
        number = 1
        while name in names:
            number += 1
            name = f"{base}_{number}"
        names.append(name)
    return tuple(names)


def placement_names(sensors: Iterable[Sensor]) -> tuple[str, ...]:
    """Name each sensor for people, by its placement: ``ankle``, then ``ankle 2``."""
    names = acceleration_names(sensors)
    return tuple(name.removeprefix("acceleration_").replace("_", " ") for name in names)


def format_description(description: Description) -> str:
    """Give the text; the same description gives the same text."""
    return _dump(_document(description))


def parse_description(path: Path, text: str, name: str) -> Description:
    """Read the text back; ``path`` is for the messages and ``name`` for the recording.

    Raises
    ------
    RecordingError
        If it is not such a text, or of a newer format.
    """
    info = parse_info(path, text, name)
    document = json.loads(text)
    if document.get("format") != FORMAT:
        raise RecordingError(
            path,
            f"is of format {document.get('format')!r}, and this crampwatch reads {FORMAT}",
            "Install a newer crampwatch.",
        )
    try:
        sensors = tuple(
            Sensor(
                Placement(sensor["placement"]),
                str(sensor["device"]),
                None if sensor["counts_per_g"] is None else float(sensor["counts_per_g"]),
            )
            for sensor in document["sensors"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(path, "does not say what its sensors are", ADVICE) from error
    return Description(info, sensors, document.get("contact") is True)


def format_night_json(description: Description) -> str:
    """Give the content of ``night.json``: the text, with a checksum of it as a further key."""
    document = _document(description)
    return _dump({**document, "crc32": _checksum(document)}) + "\n"


def parse_night_json(path: Path, content: bytes, name: str) -> Description:
    """Read the content of ``night.json``.

    Raises
    ------
    RecordingError
        If it is not such a file, or does not match its checksum.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordingError(path, "is not text in UTF-8", ADVICE) from error
    description = parse_description(path, text, name)
    document = json.loads(text)
    if document.pop("crc32", None) != _checksum(document):
        raise RecordingError(path, "does not match its checksum", ADVICE)
    return description


def _document(description: Description) -> dict[str, Any]:
    sensors = [
        {
            "placement": str(sensor.placement),
            "device": sensor.device,
            # As a float, whatever was given: read back and written again the text is the same.
            "counts_per_g": None if sensor.counts_per_g is None else float(sensor.counts_per_g),
        }
        for sensor in description.sensors
    ]
    info = json.loads(format_info(description.info))
    # Without contact the text is what it was before there was any, and so are its checksums.
    contact = {"contact": True} if description.contact else {}
    return {"format": FORMAT, **info, "sensors": sensors, **contact}


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False)


def _checksum(document: dict[str, Any]) -> str:
    return f"{zlib.crc32(_dump(document).encode()):08x}"
