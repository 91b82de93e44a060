from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crampwatch import demo
from ingest.errors import SettingsError
from ingest.recording import Event
from ingest.samples import NS_PER_S
from server.settings import Settings, database_url
from simulator.wearable import PolarSense
from simulator.wearable.sleeper import KINDS
from tests.crampwatch.conftest import Command


@pytest.fixture
def nights(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, list[str]]]:
    """Stand for the simulated nights: each with what was in its store when it began."""
    seen: list[tuple[Settings, list[str]]] = []
    start = datetime.combine(demo.EVENING, time(22, 30), UTC)
    info = SimpleNamespace(start_ns=int(start.timestamp()) * NS_PER_S, zone=UTC)

    def wear_nothing(kind: str, *_: Any) -> tuple[PolarSense, SimpleNamespace]:
        if kind not in KINDS:
            raise SettingsError(f"no simulated wearable is called {kind!r}")
        return PolarSense(), SimpleNamespace(events=[], info=info)

    async def pair(settings: Settings, *_: Any, **__: Any) -> None:
        folder = settings.data_dir
        there = sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))
        seen.append((settings, there))
        recording = settings.recordings_dir / demo.EVENING.isoformat()
        recording.mkdir(parents=True)
        (recording / "night.json").write_text("{}")
        for name in ("crampwatch.db", "crampwatch.db-wal", "wearables.toml"):
            (folder / name).write_text("of this demonstration")
        raise SettingsError("that is enough")

    monkeypatch.setattr(demo, "wear", wear_nothing)
    monkeypatch.setattr(demo, "pair", pair)
    return seen


def test_it_stays_apart_from_the_nights_and_the_alarm_of_the_owner(
    crampwatch: Command,
    nights: list[tuple[Settings, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CRAMPWATCH_DATABASE_URL", database_url(tmp_path / "mine.db"))
    monkeypatch.setenv("CRAMPWATCH_NOTICE_COMMAND", "wake-everybody")
    assert crampwatch("demo-wearable").err == "crampwatch: that is enough\n"
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


def test_a_kind_that_there_is_none_of_costs_no_earlier_demonstration(
    crampwatch: Command, nights: list[tuple[Settings, list[str]]], tmp_path: Path
) -> None:
    crampwatch("demo-wearable")
    outcome = crampwatch("demo-wearable", "--kind", "nokia")
    assert outcome.status == 2
    assert "no simulated wearable is called 'nokia'" in outcome.err
    assert (tmp_path / "store" / "demo" / "crampwatch.db").exists()
    assert len(nights) == 1


@pytest.mark.parametrize(
    ("passed_h", "told"),
    [
        (7.5, "In truth there were 2 cramps: 04:30, 05:30 (in which the wrist lay still)."),
        (6.5, "In truth there was 1 cramp: 04:30."),
        (3.0, "In truth there was no cramp until then."),
    ],
)
def test_a_night_that_was_stopped_is_told_no_cramps_to_come(passed_h: float, told: str) -> None:
    start = datetime.combine(demo.EVENING, time(22, 30), UTC)
    truth: Any = SimpleNamespace(
        info=SimpleNamespace(start_ns=int(start.timestamp()) * NS_PER_S, zone=UTC),
        events=[
            Event(6 * 3600.0, 60.0, "cramp", {"visible": "yes"}),
            Event(6.2 * 3600.0, 60.0, "bathroom", {"visible": "yes"}),
            Event(7 * 3600.0, 60.0, "cramp", {"visible": "no"}),
        ],
    )
    assert demo.in_truth(truth, passed_h * 3600) == told
