from __future__ import annotations

from pathlib import Path

import pytest

from tests.crampwatch.conftest import Command


def test_without_a_night_there_is_nobody_yet(crampwatch: Command, tmp_path: Path) -> None:
    outcome = crampwatch("wearers")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == "No night is stored here yet. The first one makes a wearer 'Me'.\n"
    assert not (tmp_path / "store").exists()


def test_the_first_night_is_the_first_wearers(crampwatch: Command, night: Path) -> None:
    crampwatch("replay", night)
    assert crampwatch("wearers").out == "me: Me, Europe/Berlin\n"


def test_a_second_sleeper_is_kept_apart(
    crampwatch: Command, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crampwatch("replay", night)
    added = crampwatch("wearers", "--add", "Anna B.", "--timezone", "Europe/Lisbon")
    assert added.out == (
        "Anna B. is a wearer now. For nights of Anna B. set:\n  CRAMPWATCH_WEARER=anna-b\n"
    )
    assert crampwatch("wearers").out == "anna-b: Anna B., Europe/Lisbon\nme: Me, Europe/Berlin\n"
    for command in (("summary",), ("remove", "--yes", "a-night"), ("replay", night)):
        unclear = crampwatch(*command)
        assert unclear.status == 2
        assert unclear.err.endswith(
            "Several wearers' nights are kept here: anna-b (Anna B.), me (Me). Say whose with "
            "CRAMPWATCH_WEARER.\n"
        )
    monkeypatch.setenv("CRAMPWATCH_WEARER", "anna-b")
    assert crampwatch("summary").out.startswith("No night is stored here yet.")
    assert "is stored as a night of another wearer" in crampwatch("replay", night).err
    assert "Nothing called 'a-night'" in crampwatch("remove", "--yes", "a-night").err
    monkeypatch.setenv("CRAMPWATCH_WEARER", "me")
    assert "1 awakening" in crampwatch("summary").out


def test_a_wearer_that_is_none_is_told_by_the_variable(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRAMPWATCH_WEARER", "Anna B.")
    outcome = crampwatch("summary")
    assert outcome.status == 2
    assert "CRAMPWATCH_WEARER cannot be used: it has to be the id of a wearer" in outcome.err


def test_an_id_or_a_zone_without_a_name_is_not_taken(crampwatch: Command) -> None:
    outcome = crampwatch("wearers", "--id", "anna")
    assert outcome.status == 2
    assert "--add NAME" in outcome.err
