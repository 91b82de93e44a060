from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.crampwatch.conftest import Command, Terminal


def test_what_was_removed_is_not_in_the_summary_and_can_be_replayed(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    crampwatch("replay", night)
    unpacked = tmp_path / "store" / "samples" / "of-a-night"
    unpacked.mkdir(parents=True)
    removed = crampwatch("remove", "--yes", "a-night")
    assert (removed.status, removed.err) == (0, "")
    assert not unpacked.exists()
    assert removed.out.splitlines() == [
        "a-night: night of Mon 21 to Tue 22 Sept 2026",
        "Removed from the store. Replaying a recording stores it again.",
    ]
    assert crampwatch("summary").out.startswith("No night is stored here yet.")
    assert "a-night (added)" in crampwatch("replay", night).out


def test_a_night_is_removed_by_its_date(crampwatch: Command, night: Path) -> None:
    crampwatch("replay", night)
    assert crampwatch("remove", "--yes", "2026-09-22").status == 2
    assert crampwatch("remove", "--yes", "2026-09-21").status == 0
    assert crampwatch("summary").out.startswith("No night is stored here yet.")


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [("y\n", 0, "Removed from the store."), ("n\n", 0, "Nothing was removed.")],
)
def test_on_a_terminal_it_asks(
    crampwatch: Command,
    night: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    status: int,
    says: str,
) -> None:
    crampwatch("replay", night)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    outcome = crampwatch("remove", "a-night")
    assert outcome.status == status
    assert "Remove it from the store? [y/N]" in outcome.out
    assert says in outcome.out


def test_without_a_terminal_it_wants_to_be_told(
    crampwatch: Command, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crampwatch("replay", night)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    outcome = crampwatch("remove", "a-night")
    assert outcome.status == 2
    assert "Say --yes where nobody can be asked." in outcome.err
    assert "1 awakening" in crampwatch("summary").out


def test_what_is_not_there_cannot_be_removed(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    empty = crampwatch("remove", "--yes", "a-night")
    assert (empty.status, (tmp_path / "store").exists()) == (2, False)
    crampwatch("replay", night)
    outcome = crampwatch("remove", "--yes", "another")
    assert outcome.status == 2
    assert "Nothing called 'another' is stored. Name a recording as" in outcome.err
