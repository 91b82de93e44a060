from __future__ import annotations

import shlex
from configparser import ConfigParser
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crampwatch.bedtime import NightOverError, parse_until
from ingest.samples import NS_PER_S
from tests.crampwatch.conftest import Command

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "systemd"
NAMES = ["collect", "night"]
ZONE = ZoneInfo("UTC")


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((FOLDER / name).read_text())
    return parser


@pytest.mark.parametrize("name", NAMES)
def test_a_service_runs_a_command_with_options_that_there_are(
    crampwatch: Command, name: str
) -> None:
    program, command, *arguments = shlex.split(
        unit(f"crampwatch-{name}.service")["Service"]["ExecStart"]
    )
    assert (program, command) == ("%h/.local/bin/crampwatch", name)
    shown = crampwatch(command, "--help").out
    options = [each for each in arguments if each.startswith("--")]
    assert options == ["--until"]
    assert "--until" in shown


@pytest.mark.parametrize("name", NAMES)
def test_a_service_begins_by_its_timer_and_when_the_computer_starts(name: str) -> None:
    assert unit(f"crampwatch-{name}.service")["Install"]["WantedBy"] == "default.target"
    timer = unit(f"crampwatch-{name}.timer")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 21:00"
    assert "Unit" not in timer["Timer"]
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.parametrize("name", NAMES)
def test_a_computer_that_starts_by_day_begins_no_night(name: str) -> None:
    *_, until = shlex.split(unit(f"crampwatch-{name}.service")["Service"]["ExecStart"])

    def ends(hour: int, minute: int) -> int:
        now = datetime(2026, 11, 22, hour, minute, tzinfo=ZONE)
        return parse_until(until, int(now.timestamp()) * NS_PER_S, ZONE)

    for hour, minute in ((9, 1), (14, 59)):
        with pytest.raises(NightOverError):
            ends(hour, minute)
    assert ends(15, 0) == ends(2, 0) + 24 * 3600 * NS_PER_S


def test_the_page_on_the_pi_copies_every_file() -> None:
    told = (ROOT / "docs" / "raspberry-pi.md").read_text()
    assert [each.name for each in FOLDER.iterdir() if f"docs/systemd/{each.name}" not in told] == []
