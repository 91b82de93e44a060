from __future__ import annotations

from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crampwatch import demo
from server.settings import Settings, database_url
from tests.crampwatch.conftest import Command


@pytest.fixture
def nights(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, list[str]]]:
    """Stand for the simulated nights: each with what was in its store when it began."""
    seen: list[tuple[Settings, list[str]]] = []
    truth = SimpleNamespace(events=[], info=SimpleNamespace(start_ns=0, zone=UTC))

    async def night(settings: Settings, *_: Any) -> tuple[Any, Any]:
        folder = settings.data_dir
        there = sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))
        seen.append((settings, there))
        recording = settings.recordings_dir / demo.EVENING.isoformat()
        recording.mkdir(parents=True)
        (recording / "night.json").write_text("{}")
        for name in ("crampwatch.db", "crampwatch.db-wal", "wearables.toml"):
            (folder / name).write_text("of this demonstration")
        return None, truth

    monkeypatch.setattr(demo, "_night", night)
    return seen


def test_it_stays_apart_from_the_nights_and_the_alarm_of_the_owner(
    crampwatch: Command,
    nights: list[tuple[Settings, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CRAMPWATCH_DATABASE_URL", database_url(tmp_path / "mine.db"))
    monkeypatch.setenv("CRAMPWATCH_NOTICE_COMMAND", "wake-everybody")
    assert crampwatch("demo-wearable").status == 0
    ((settings, _),) = nights
    folder = tmp_path / "store" / "demo"
    assert settings.data_dir == folder
    assert settings.database_url == database_url(folder / "crampwatch.db")
    assert settings.notice_command is None


def test_it_takes_the_place_of_the_one_before_and_of_nothing_else(
    crampwatch: Command, nights: list[tuple[Settings, list[str]]], tmp_path: Path
) -> None:
    folder = tmp_path / "store" / "demo"
    crampwatch("demo-wearable", "--kind", "infinitime")
    (folder / "recordings" / "2026-11-20").mkdir()
    (folder / "mine.txt").write_text("kept")
    crampwatch("demo-wearable", "--kind", "polar")
    assert [there for _, there in nights] == [
        [],
        ["mine.txt", "recordings", "recordings/2026-11-20"],
    ]


def test_one_that_cannot_be_removed_is_said(
    crampwatch: Command, nights: list[tuple[Settings, list[str]]], tmp_path: Path
) -> None:
    in_the_way = tmp_path / "store" / "demo" / "wearables.toml"
    in_the_way.mkdir(parents=True)
    outcome = crampwatch("demo-wearable")
    assert outcome.status == 2
    assert outcome.err.startswith(f"crampwatch: {in_the_way.parent}: the demonstration before")
    assert nights == []
