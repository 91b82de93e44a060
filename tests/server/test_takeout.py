from __future__ import annotations

import csv
import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ingest.errors import SettingsError
from server.kept_tables import METADATA
from server.store import Store
from server.takeout import FORMAT, LEFT_OUT, columns_of, everything_of, export_everything
from tests.server.test_backup import fill

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

ON_BOTH = True

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "store.md"


@pytest.fixture
def out(store: Store, make_night: NightMaker, tmp_path: Path) -> Path:
    """What is exported of Anna, beside whom there is Ben."""
    for wearer in ("anna", "ben"):
        fill(store, make_night, wearer)
    out = tmp_path / "exports" / "anna"
    with store.reading() as session:
        export_everything(session, "anna", out, now=NOW)
    return out


def document(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "everything.json").read_text("utf-8"))
    return found


def test_everything_of_the_wearer_is_exported_and_nothing_of_another(out: Path) -> None:
    whole = document(out)
    assert (whole["format"], whole["exported"]) == (FORMAT, "2026-11-23T07:00:00Z")
    assert list(whole["tables"]) == [table.name for table in METADATA.sorted_tables]
    assert all(whole["tables"].values())
    for path in out.iterdir():
        text = path.read_text("utf-8")
        assert "bens-secret" not in text, path
        assert "ben" not in re.findall(r"\w+", text), path
    assert [each["label"] for each in whole["tables"]["marks"]] == ["annas-secret-mark"]


def test_the_csv_files_say_what_the_json_says(out: Path) -> None:
    for name, rows in document(out)["tables"].items():
        with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            told = list(csv.DictReader(file))
        assert len(told) == len(rows)
        for cells, row in zip(told, rows, strict=True):
            assert list(cells) == list(row)
            for column, value in row.items():
                plain = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
                expected = "" if plain is None else str(plain)
                if isinstance(value, bool | list):
                    expected = json.dumps(value)
                assert cells[column] == expected, (name, column)


def test_an_instant_is_given_in_nanoseconds_and_as_text(out: Path) -> None:
    (recording,) = document(out)["tables"]["recordings"]
    assert recording["start_ns"] == 1795298400000000000
    assert recording["start"] == "2026-11-21T22:00:00Z"
    assert recording["night"] == "2026-11-21"


def test_no_secret_is_exported(out: Path) -> None:
    (token,) = document(out)["tables"]["tokens"]
    assert "digest" not in token
    assert token["role"] == "collector"
    (browser,) = document(out)["tables"]["channels"]
    assert set(browser) == {
        "id", "wearer_id", "person_id", "shown", "wanted", "agreed", "added_ns", "added"
    }  # fmt: skip
    (person,) = document(out)["tables"]["people"]
    assert "password" not in person
    places = ("recording_places.path", "channels.p256dh")
    secrets = ("channels.auth", "channels.url")
    digests = ("people.password", "sessions.digest", "tokens.digest")
    assert frozenset({*secrets, *places, *digests}) == LEFT_OUT


def test_an_export_is_for_its_owner_alone_and_overwrites_nothing(store: Store, out: Path) -> None:
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    with store.reading() as session, pytest.raises(SettingsError, match="is there already"):
        export_everything(session, "anna", out, now=NOW)


def test_of_who_is_not_there_nothing_is_found(store: Store) -> None:
    with store.reading() as session:
        assert not any(everything_of(session, "nobody").values())


def test_every_table_and_column_is_documented_and_no_other() -> None:
    documented: dict[str, list[str]] = {}
    table = ""
    for line in DOCUMENT.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"### `(\w+)`", line):
            table = heading[1]
        elif row := re.match(r"\| (`\w+`(?:, `\w+`)*) \|", line):
            documented.setdefault(table, []).extend(re.findall(r"`(\w+)`", row[1]))
    assert documented == {
        table.name: columns_of(table)
        for table in sorted(METADATA.tables.values(), key=lambda t: list(documented).index(t.name))
    }
