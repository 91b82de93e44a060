from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crampwatch.bedtime import NightOverError, parse_until
from ingest.samples import NS_PER_S
from server.app import PATIENCE_S
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


# The server as a service of the whole machine


def server_unit() -> dict[str, str]:
    """Read every option, the last of those that add to each other."""
    told = (FOLDER / "crampwatch-server.service").read_text()
    return dict(re.findall(r"^(\w+)=(.*)$", told, re.MULTILINE))


def test_the_server_is_given_its_folder_and_the_time_to_finish_what_it_took() -> None:
    service = server_unit()
    assert shlex.split(service["ExecStart"])[1:] == ["serve"]
    assert service["Environment"] == f"CRAMPWATCH_DATA_DIR=%S/{service['StateDirectory']}"
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) >= 2 * PATIENCE_S
    assert service["Restart"] == "on-failure"


def test_the_server_may_do_nothing_that_it_need_not() -> None:
    service = server_unit()
    assert service["DynamicUser"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["UMask"] == "0077"
    assert service["RestrictAddressFamilies"].split() == ["AF_INET", "AF_INET6", "AF_UNIX"]
    kept_out = {name for name, value in service.items() if value == "yes"}
    assert kept_out >= {
        "ProtectHome", "ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules",
        "ProtectKernelTunables", "ProtectClock", "ProtectHostname", "PrivateDevices",
        "PrivateUsers", "LockPersonality", "RestrictNamespaces", "RestrictRealtime",
    }  # fmt: skip


def test_systemd_finds_no_fault_in_the_server_unit_and_calls_its_exposure_low(
    tmp_path: Path,
) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here, so its opinion of the unit is not asked")
    # What is started need not be installed here.
    told = (FOLDER / "crampwatch-server.service").read_text()
    copy = tmp_path / "crampwatch-server.service"
    copy.write_text(told.replace("/opt/crampwatch/bin/crampwatch", "/bin/true"))

    def ask(*words: str) -> str:
        done = subprocess.run(
            [analyze, *words, str(copy)], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert ask("verify", "--man=no") == ""
    exposure = re.search(
        r"Overall exposure level for \S+: ([\d.]+)", ask("security", "--offline=yes")
    )
    assert exposure
    assert float(exposure[1]) <= 1.5
