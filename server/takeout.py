"""Everything that a store has of a wearer, in formats for others: one JSON file, CSV by table."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, exists, select
from sqlalchemy.orm import Session

from ingest.errors import SettingsError
from ingest.samples import NS_PER_S
from server.kept_tables import METADATA
from server.tables import ModelRow, RecordingRow

__all__ = ["FORMAT", "LEFT_OUT", "everything_of", "export_everything"]

FORMAT = "crampwatch export 1"
"""First words of an export: the number rises when a reader of the one before would not do."""

LEFT_OUT = frozenset(
    {
        "channels.auth",
        "channels.p256dh",
        "channels.url",
        "people.password",
        "recording_places.path",
        "sessions.digest",
        "tokens.digest",
    }
)
"""What is not exported: by the digest of a secret it could be told whether a text is it; an address
holds passwords, and with the keys of a browser anybody could send to it. A path says nothing on
another machine but how this one is arranged."""

NS = "_ns"
"""Ending of a column of UTC nanoseconds."""


def everything_of(session: Session, wearer: str) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of a wearer by the name of the table, as JSON values.

    A column of UTC nanoseconds, such as ``start_ns``, is followed by the same time as text,
    ``start``: ISO 8601 to the second.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for table in METADATA.sorted_tables:
        rows = session.execute(_of_wearer(table, wearer)).mappings()
        found[table.name] = [_plain(table.name, dict(row)) for row in rows]
    return found


def export_everything(session: Session, wearer: str, out: Path, *, now: datetime) -> int:
    """Write everything of a wearer into a new folder: ``everything.json``, and a CSV by table.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    SettingsError
        The folder is there already, or cannot be written.
    """
    tables = everything_of(session, wearer)
    try:
        out.mkdir(mode=0o700, parents=True)
        document = {"format": FORMAT, "exported": f"{now:%Y-%m-%dT%H:%M:%SZ}", "tables": tables}
        with (out / "everything.json").open("w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1, allow_nan=False)
        for name, rows in tables.items():
            _write_csv(out / f"{name}.csv", columns_of(METADATA.tables[name]), rows)
    except FileExistsError as error:
        raise SettingsError(f"{out} is there already. Give the export another name.") from error
    except OSError as error:
        raise SettingsError(f"{out} cannot be written ({error.strerror}).") from error
    return sum(map(len, tables.values()))


def columns_of(table: Table) -> list[str]:
    """Name what is exported of a table, in order."""
    names: list[str] = []
    for column in table.columns:
        if f"{table.name}.{column.name}" not in LEFT_OUT:
            names.append(column.name)
            if column.name.endswith(NS):
                names.append(column.name.removesuffix(NS))
    return names


def _of_wearer(table: Table, wearer: str) -> Select[Any]:
    key = list(table.primary_key.columns)
    if table.name == "wearers":
        return select(table).where(table.c.id == wearer)
    if table.name == "models":
        judged = exists().where(
            RecordingRow.model_id == ModelRow.id, RecordingRow.wearer_id == wearer
        )
        return select(table).where(judged).order_by(*key)
    return select(table).where(table.c.wearer_id == wearer).order_by(*key)


def _plain(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in row.items():
        if f"{table}.{name}" in LEFT_OUT:
            continue
        values[name] = _json_value(value)
        if name.endswith(NS):
            values[name.removesuffix(NS)] = None if value is None else _moment(value)
    return values


def _json_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return value


def _moment(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns // NS_PER_S, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _write_csv(path: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return value
