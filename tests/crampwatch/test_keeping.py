from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from server.settings import database_url
from server.store import Store
from tests.crampwatch.conftest import Command, Terminal


def test_a_backup_is_made_and_restored(crampwatch: Command, night: Path, tmp_path: Path) -> None:
    crampwatch("replay", night)
    out = tmp_path / "today.db"
    made = crampwatch("backup", out)
    assert (made.status, made.err) == (0, "")
    assert made.out == (
        f"Everything that is stored is in {out}. The recordings themselves are not: copy their "
        "folder as well.\n"
    )
    assert "is there already" in crampwatch("backup", out).err
    crampwatch("remove", "--yes", "a-night")
    restored = crampwatch("restore", out)
    assert (restored.status, restored.err) == (0, "")
    first, second = restored.out.splitlines()
    assert first == "What today.db holds is stored now."
    assert second.startswith(f"What was stored before is in {tmp_path / 'store'}")
    assert "1 awakening" in crampwatch("summary").out


def test_without_a_store_there_is_nothing_to_back_up_export_or_erase(
    crampwatch: Command, tmp_path: Path
) -> None:
    for command in (("backup", "b.db"), ("export", "--everything", "out"), ("erase", "me")):
        outcome = crampwatch(*command)
        assert outcome.status == 2
        assert "store" in outcome.err
    assert not (tmp_path / "store" / "crampwatch.db").exists()


def test_a_backup_that_is_none_is_told(crampwatch: Command, night: Path, tmp_path: Path) -> None:
    crampwatch("replay", night)
    outcome = crampwatch("restore", tmp_path / "nothing.db")
    assert outcome.status == 2
    assert "Name a file that `crampwatch backup` made." in outcome.err
    assert "1 awakening" in crampwatch("summary").out


def test_everything_of_the_wearer_is_exported(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    crampwatch("replay", night)
    out = tmp_path / "mine"
    outcome = crampwatch("export", "--everything", out)
    assert (outcome.status, outcome.err) == (0, "")
    assert f"of me are in {out}: everything.json, and a CSV file by table." in outcome.out
    tables = json.loads((out / "everything.json").read_text("utf-8"))["tables"]
    assert [each["name"] for each in tables["recordings"]] == ["a-night"]
    assert (out / "episodes.csv").read_text("utf-8").startswith("id,recording_id,wearer_id,night,")


def test_an_export_of_a_recording_still_wants_to_know_where_to(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    assert "name what to write" in crampwatch("export", night).err
    both = crampwatch("export", "--everything", night, tmp_path / "out")
    assert both.status == 2
    assert "with --everything name only what to write" in both.err


def test_a_wearer_is_erased(crampwatch: Command, night: Path, tmp_path: Path) -> None:
    crampwatch("replay", night)
    unpacked = tmp_path / "store" / "samples" / "of-a-night"
    unpacked.mkdir(parents=True)
    assert "No wearer has the id 'anna'" in crampwatch("erase", "--yes", "anna").err
    outcome = crampwatch("erase", "--yes", "me")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("Nothing of me is left in the store. Not touched: the recordings")
    assert not unpacked.exists()
    assert crampwatch("summary").out.startswith("No night is stored here yet.")


@pytest.mark.parametrize(
    ("answer", "says"),
    [("y\n", "Nothing of me is left in the store."), ("n\n", "Nothing was erased.")],
)
def test_on_a_terminal_it_asks_before_it_erases(
    crampwatch: Command, night: Path, monkeypatch: pytest.MonkeyPatch, answer: str, says: str
) -> None:
    crampwatch("replay", night)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    outcome = crampwatch("erase", "me")
    assert "It cannot be undone. [y/N]" in outcome.out
    assert says in outcome.out


def test_nobody_is_erased_where_nobody_can_be_asked(
    crampwatch: Command, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crampwatch("replay", night)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    outcome = crampwatch("erase", "me")
    assert outcome.status == 2
    assert "Say --yes where nobody can be asked." in outcome.err
    assert "1 awakening" in crampwatch("summary").out


def test_a_store_that_is_served_is_neither_replaced_nor_erased_from(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    crampwatch("replay", night)
    crampwatch("backup", tmp_path / "today.db")
    with Store.open(database_url(tmp_path / "store" / "crampwatch.db"), alone=True):
        for command in (("restore", tmp_path / "today.db"), ("erase", "--yes", "me")):
            outcome = crampwatch(*command)
            assert outcome.status == 2
            assert "Another crampwatch serves the database" in outcome.err
    assert "1 awakening" in crampwatch("summary").out
