"""Reads and writes ``recording.json``: what is known of a recording beside its samples."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ingest.errors import RecordingError
from ingest.number_table import open_error
from ingest.samples import NS_PER_S, RecordingInfo
from ingest.zones import is_zone, zone_advice

__all__ = ["format_info", "parse_info", "read_info"]

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Years a recording may start in: nanoseconds since 1970 fill 64 bits in 2262."""

KEYS = ("start", "timezone", "device", "wrist", "source")

_FRACTION = re.compile(r"[.,](\d+)")


def read_info(path: Path, name: str) -> RecordingInfo:
    """Read the file as the description of the recording called ``name``.

    Raises
    ------
    RecordingError
        If it cannot be read, or does not say what it has to.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise open_error(path, error) from error
    except UnicodeDecodeError as error:
        raise RecordingError(path, "is not text in UTF-8", "Save it as UTF-8.") from error
    return parse_info(path, text, name)


def parse_info(path: Path, text: str, name: str) -> RecordingInfo:
    """Check the text of a ``recording.json``; ``path`` is for the messages.

    Raises
    ------
    RecordingError
        If it does not say what it has to.
    """
    advice = f"It has to be a JSON object with {', '.join(KEYS[:-1])} and {KEYS[-1]}."
    if not text.strip():
        raise RecordingError(path, "is empty", advice)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordingError(
            path, f"is not JSON ({error.msg})", advice, line=error.lineno
        ) from error
    except RecursionError as error:
        raise RecordingError(path, "is nested too deeply", advice) from error
    if not isinstance(found, dict):
        raise RecordingError(path, "is not a JSON object", advice)
    missing = [key for key in KEYS if key not in found]
    if missing:
        raise RecordingError(path, f"has no {' and no '.join(missing)}", advice)
    for key in ("start", "timezone", "device", "source"):
        if not isinstance(found[key], str):
            raise RecordingError(path, f"has a {key} that is not text", f'Put "{key}" in quotes.')
    if found["wrist"] not in ("left", "right", None):
        raise RecordingError(
            path,
            f"has the wrist {found['wrist']!r}",
            'Use "left", "right", or null where nobody said.',
        )
    if not is_zone(found["timezone"]):
        raise RecordingError(
            path,
            f"has the unknown time zone {found['timezone']!r}",
            zone_advice(found["timezone"]),
        )
    return RecordingInfo(
        name=name,
        start_ns=_parse_start(path, found["start"]),
        timezone=found["timezone"],
        device=found["device"],
        wrist=found["wrist"],
        source=found["source"],
    )


def format_info(info: RecordingInfo) -> str:
    """Give the text of the ``recording.json`` of a recording; its zone must be a known one."""
    seconds, part_ns = divmod(info.start_ns, NS_PER_S)
    local = datetime.fromtimestamp(seconds, ZoneInfo(info.timezone)).isoformat()
    # datetime ends at the microsecond, so the fraction is put in by hand, after the 19
    # characters of date and time.
    fraction = f".{part_ns:09d}".rstrip("0") if part_ns else ""
    found = {
        "start": local[:19] + fraction + local[19:],
        "timezone": info.timezone,
        "device": info.device,
        "wrist": info.wrist,
        "source": info.source,
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _parse_start(path: Path, text: str) -> int:
    advice = "Use ISO 8601 with the offset from UTC, such as 2026-10-24T22:30:00+02:00."
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise RecordingError(
            path, f"has the start {text!r}, not a date and time", advice
        ) from error
    if start.tzinfo is None:
        raise RecordingError(path, f"has the start {text!r} without an offset from UTC", advice)
    if not FIRST_YEAR < start.year <= LAST_YEAR:
        raise RecordingError(
            path, f"has a start in the year {start.year}", "Correct the clock it was taken from."
        )
    # datetime drops what is finer than a microsecond.
    fraction = _FRACTION.search(text)
    part_ns = int(fraction[1][:9].ljust(9, "0")) if fraction else 0
    return int(start.replace(microsecond=0).timestamp()) * NS_PER_S + part_ns
