from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crampwatch.cli import main
from ingest.recording import Event
from ingest.recording_folder import write
from ingest.samples import NS_PER_S, RecordingInfo
from tests.detector.script import START_NS, Script, heart
from tests.server.conftest import make_night as make_night


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


Command = Callable[..., Outcome]

NOW = datetime.fromtimestamp(START_NS // NS_PER_S, UTC) + timedelta(days=1)
"""The machine's clock, a day after the night that the tests replay."""


@pytest.fixture
def crampwatch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """The command as the shell starts it, with a store of its own."""
    monkeypatch.setenv("CRAMPWATCH_DATA_DIR", str(tmp_path / "store"))
    monkeypatch.setattr("server.store._utc_now", lambda: NOW)
    for name in ("CRAMPWATCH_DATABASE_URL", "CRAMPWATCH_HOST", "CRAMPWATCH_PORT"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["crampwatch", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hours with one sudden, long awakening, written as a recording folder."""
    script = Script(10).rub(60).still(1800).turn("sitting").rub(70).turn("back").still(2400)
    script.turn("left").still(2800).rub(60)
    folder = tmp_path_factory.mktemp("nights") / "a-night"
    write(
        folder,
        RecordingInfo("a-night", START_NS, "Europe/Berlin", "test", "left", "test"),
        [script.acceleration(), heart(script.seconds, rises=((1866.0, 26.0),))],
        [Event(1860.0, 74.0, "cramp", {"phenotype": "rub"})],
    )
    return folder


def described(night: Path, copy: Path, **changes: object) -> Path:
    """Copy a recording and change what is said of it."""
    shutil.copytree(night, copy)
    description = json.loads((copy / "recording.json").read_text("utf-8"))
    (copy / "recording.json").write_text(json.dumps(description | changes), "utf-8")
    return copy


def movement_alone(folder: Path, night: Path, rows: Iterable[str]) -> Path:
    """Write a recording with the rows of acceleration given, described as a night is."""
    folder.mkdir()
    shutil.copy(night / "recording.json", folder)
    (folder / "accelerometer.csv").write_text("\n".join(["time_s,x_g,y_g,z_g", *rows, ""]))
    return folder
