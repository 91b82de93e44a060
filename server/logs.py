"""What the server writes down about itself: sentences, or JSON a line, and nothing of a night.

What somebody did is kept in the audit log of the store. What stands here may be collected and kept
elsewhere, so no line has a name, a date of a night, a probability or a count in it. The text of
an exception may quote any of these: of one that nobody expected, its type is told and where it
came from.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

__all__ = ["LogFormat", "begin", "fields"]

FIELDS = "crampwatch_fields"
"""Attribute of a record with what else is told of it."""


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


def begin(kind: LogFormat) -> None:
    """Write what is logged from now on to standard error.

    As text, what needs somebody; as JSON, every request as well, because programs read it.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_FORMATTERS[kind])
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    if kind is LogFormat.JSON:
        # Ours alone: what other libraries tell at this level has whole addresses in it.
        logging.getLogger("server").setLevel(logging.INFO)


def fields(**values: object) -> Mapping[str, object]:
    """Give what a logger takes as ``extra``, to be told as fields of their own."""
    return {FIELDS: values}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Write a record as an object on one line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _sentence(record),
        }
        told |= getattr(record, FIELDS, {})
        if error := _error(record):
            told["error"], told["at"] = error
        return json.dumps(told, ensure_ascii=False)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Write a record as a sentence, and below it where an exception came from."""
        line = f"{record.levelname}: {_sentence(record)}"
        if error := _error(record):
            kind, places = error
            return "\n  ".join([f"{line} {kind}, at", *places])
        return line


_FORMATTERS = {LogFormat.TEXT: _Text(), LogFormat.JSON: _Json()}


def _sentence(record: logging.LogRecord) -> str:
    # Below the first line, libraries quote what they stumbled over.
    return record.getMessage().strip().partition("\n")[0]


def _error(record: logging.LogRecord) -> tuple[str, list[str]] | None:
    """Give the type of an exception and where it came from, without its text."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    kind, _, raised = record.exc_info
    places = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(raised)]
    return kind.__name__, places
