"""Reads and writes ``recording.json``: what is known of a recording beside its samples."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ingest.errors import RecordingError
from ingest.samples import NS_PER_S, RecordingInfo
from ingest.text_file import open_error, quoted, require_file
from ingest.zones import is_zone, zone_advice

__all__ = ["FIRST_YEAR", "KEYS", "format_info", "parse_info", "read_info"]

FIRST_YEAR, LAST_YEAR = 2000, 2200
"""Years a recording may start in. Nothing that records a night is older, and clocks that were never
set begin in 1970 or 1980; nanoseconds since 1970 fill 64 bits in 2262."""

KEYS = ("start", "timezone", "device", "wrist", "source")
"""What the file has to say."""

EXAMPLE = (
    '{"start": "2026-11-20T22:30:00+01:00", "timezone": "Europe/Berlin", "device": "", '
    '"wrist": null, "source": ""}'
)
"""The least that it may say."""

ADVICE = f"It has to be a JSON object with these five keys: {EXAMPLE}"

MAX_BYTES = 1024 * 1024
"""Largest file in bytes: a thousand times what one needs, and nothing to the memory."""

_FRACTION = re.compile(r"[.,](\d+)")


def read_info(path: Path, name: str) -> tuple[RecordingInfo, tuple[str, ...]]:
    """Read the file as the description of the recording called ``name``.

    Returns
    -------
    The description, and what is odd about it, as sentences.

    Raises
    ------
    RecordingError
        If it cannot be read, or does not say what it has to.
    """
    try:
        require_file(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise RecordingError(
                path, f"is larger than {MAX_BYTES // 1024} KiB", f"{ADVICE} No samples in it."
            )
        text = content.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise RecordingError(
            path, "is not there", f"Write one, with your own start and time zone: {EXAMPLE}"
        ) from error
    except OSError as error:
        raise open_error(path, error) from error
    except UnicodeDecodeError as error:
        raise RecordingError(path, "is not text in UTF-8", "Save it as UTF-8.") from error
    found = _parse_object(path, text)
    info = _check(path, found, name)
    remark = _offset_remark(path, found["start"], info)
    return info, (remark,) if remark else ()


def parse_info(path: Path, text: str, name: str) -> RecordingInfo:
    """Check the text of a ``recording.json``; ``path`` is for the messages.

    Raises
    ------
    RecordingError
        If it does not say what it has to.
    """
    return _check(path, _parse_object(path, text), name)


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


def _parse_object(path: Path, text: str) -> dict[str, Any]:
    if not text.strip():
        raise RecordingError(path, "is empty", ADVICE)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordingError(
            path, f"is not JSON ({error.msg})", ADVICE, line=error.lineno
        ) from error
    except ValueError as error:
        # Python refuses to turn thousands of digits into a number.
        raise RecordingError(path, "has a number of too many digits", ADVICE) from error
    except RecursionError as error:
        raise RecordingError(path, "is nested too deeply", ADVICE) from error
    if not isinstance(found, dict):
        raise RecordingError(path, "is not a JSON object", ADVICE)
    return found


def _check(path: Path, found: dict[str, Any], name: str) -> RecordingInfo:
    missing = [key for key in KEYS if key not in found]
    if missing:
        raise RecordingError(path, f"has no {' and no '.join(missing)}", ADVICE)
    for key in ("start", "timezone", "device", "source"):
        if not isinstance(found[key], str):
            raise RecordingError(path, f"has a {key} that is not text", f'Put "{key}" in quotes.')
    wrist = found["wrist"]
    if wrist not in ("left", "right", None):
        raise RecordingError(
            path,
            f"has the wrist {quoted(wrist)}"
            if isinstance(wrist, str)
            else "has a wrist that is neither text nor null",
            'Use "left", "right", or null where nobody said.',
        )
    zone = found["timezone"]
    if not is_zone(zone):
        raise RecordingError(path, f"has the unknown time zone {quoted(zone)}", zone_advice(zone))
    return RecordingInfo(
        name=name,
        start_ns=_parse_start(path, found["start"]),
        timezone=zone,
        device=found["device"],
        wrist=wrist,
        source=found["source"],
    )


def _offset_remark(path: Path, start: str, info: RecordingInfo) -> str | None:
    """Say so where the offset is not that of the zone; UTC is an offset that anybody may use."""
    moment = datetime.fromisoformat(start)
    given = moment.utcoffset()
    of_zone = moment.astimezone(info.zone).utcoffset()
    if not given or given == of_zone:
        return None
    local = moment.astimezone(info.zone).isoformat(timespec="seconds")
    return (
        f"{path}: the offset of its start is not that of {info.timezone}. The start was taken as "
        f"{local}; correct the offset or the time zone if that is wrong."
    )


def _parse_start(path: Path, text: str) -> int:
    advice = "Use ISO 8601 with the offset from UTC, such as 2026-10-24T22:30:00+02:00."
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise RecordingError(
            path, f"has the start {quoted(text)}, not a date and time", advice
        ) from error
    if start.tzinfo is None:
        raise RecordingError(
            path, f"has the start {quoted(text)} without an offset from UTC", advice
        )
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise RecordingError(
            path,
            f"has a start in the year {start.year}",
            "The clock it was taken from was wrong: put when the recording began in its place.",
        )
    # datetime drops what is finer than a microsecond.
    fraction = _FRACTION.search(text)
    part_ns = int(fraction[1][:9].ljust(9, "0")) if fraction else 0
    return int(start.replace(microsecond=0).timestamp()) * NS_PER_S + part_ns
