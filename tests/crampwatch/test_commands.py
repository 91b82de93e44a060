from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from crampwatch.cli import app
from crampwatch.replay import sample_nights
from simulator.corpus import NIGHTS_A_PERSON
from simulator.device import DEVICES
from simulator.families import FAMILIES
from simulator.life import LIVES
from tests.crampwatch.conftest import Command

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_every_command_is_there() -> None:
    assert COMMANDS == [
        "alerts",
        "audit",
        "backup",
        "collect",
        "decode",
        "demo-wearable",
        "devices",
        "erase",
        "evaluate",
        "export",
        "forget",
        "import",
        "night",
        "notices",
        "notify",
        "pair",
        "password",
        "people",
        "recordings",
        "remove",
        "repair",
        "replay",
        "report",
        "restore",
        "scan",
        "serve",
        "sessions",
        "share",
        "simulate",
        "status",
        "summary",
        "tokens",
        "train",
        "verify",
        "wearers",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_examples(crampwatch: Command, command: str) -> None:
    outcome = crampwatch(command, "--help")
    assert outcome.status == 0
    assert "Examples:" in outcome.out
    assert outcome.out.count(f"crampwatch {command}") >= 3


@pytest.mark.parametrize("command", COMMANDS)
def test_every_usage_line_names_its_arguments_in_capitals_and_once(
    crampwatch: Command, command: str
) -> None:
    first, *words = crampwatch(command, "--help").out.splitlines()[0].split()
    assert [first, *words[:3]] == ["Usage:", "crampwatch", command, "[OPTIONS]"]
    assert [
        word for word in words[3:] if not re.fullmatch(r"[\[{][A-Z]+[\]}](\.\.\.)?", word)
    ] == []


def test_every_command_is_told_in_a_line_of_its_own(crampwatch: Command) -> None:
    lines = crampwatch("--help").out.splitlines()
    listed = lines[lines.index("Commands:") + 1 : lines.index("Commands:") + 1 + len(COMMANDS)]
    assert sorted(line.split()[0] for line in listed) == COMMANDS
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


def test_the_version_is_the_installed_one(crampwatch: Command) -> None:
    assert crampwatch("--version").out == "crampwatch 0.1.0\n"


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from crampwatch.cli import main; sys.argv = ['crampwatch', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pyarrow', 'scipy', 'sqlalchemy', 'fastapi', 'pydantic', 'rich'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stderr.strip() == "[]"


def test_a_summary_of_a_date_that_is_none(crampwatch: Command) -> None:
    outcome = crampwatch("summary", "yesterday")
    assert outcome.status == 2
    assert "'yesterday' is not a date. Write it as 2026-10-23." in outcome.err


@pytest.mark.parametrize("date", ["9999-12-31", "0001-01-01", "2262-01-01"])
def test_a_summary_of_a_date_beyond_all_nights(crampwatch: Command, night: Path, date: str) -> None:
    crampwatch("replay", night)
    outcome = crampwatch("summary", date)
    assert outcome.status == 2
    assert outcome.err == (
        f"crampwatch: No night of {date} can be stored. "
        "Give a date from 1678-01-01 to 2261-12-31.\n"
    )


@pytest.mark.parametrize("arguments", [[], ["2026-10-23"]])
def test_a_summary_without_a_store_makes_none_and_says_what_to_do(
    crampwatch: Command, tmp_path: Path, arguments: list[str]
) -> None:
    outcome = crampwatch("summary", *arguments)
    assert outcome.status == 0
    assert outcome.out.startswith("No night is stored here yet. To put one in: crampwatch replay ")
    assert "crampwatch replay --samples" in outcome.out
    assert not (tmp_path / "store").exists()


def test_a_mistyped_database_url_makes_no_folder(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch, night: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "nowhere" / "nights.db"
    monkeypatch.setenv("CRAMPWATCH_DATABASE_URL", f"sqlite:///{elsewhere}")
    for arguments in (["summary"], ["remove", "--yes", "a-night"], ["replay", night]):
        outcome = crampwatch(*arguments)
        assert outcome.status == 2
        assert f"The folder {elsewhere.parent} is not there. Make it, or correct" in outcome.err
    assert not elsewhere.parent.exists()
    assert not (tmp_path / "store").exists()


def test_a_summary_of_a_night_not_recorded(crampwatch: Command, night: Path) -> None:
    crampwatch("replay", night)
    outcome = crampwatch("summary", "2001-01-01")
    assert outcome.status == 0
    assert "not recorded" in outcome.out.lower()


def test_serving_beyond_this_machine_is_refused(crampwatch: Command) -> None:
    outcome = crampwatch("serve", "--host", "0.0.0.0")
    assert outcome.status == 2
    assert "others can reach this server, and no password is set" in outcome.err
    assert "Set one with `crampwatch password`, or leave --host (or CRAMPWATCH_HOST)" in outcome.err


def test_simulated_nights_can_be_replayed(crampwatch: Command, tmp_path: Path) -> None:
    out = tmp_path / "nights"
    made = crampwatch(
        "simulate",
        out,
        "--nights",
        2,
        "--seed",
        5,
        "--hours",
        1.5,
        "--device",
        "pinetime",
        "--clean",
    )
    assert made.status == 0
    assert made.out.splitlines() == [str(out / "p001n01"), str(out / "p001n02")]
    assert len(crampwatch("replay", "--json", out).out.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--device", "sundial"], "pinetime"),
        (["--nights", "0"], "choose 1 or more"),
        (["--hours", "99"], "hours"),
        (["--clean", "--cramps", "2"], "give --clean or --cramps N, not both"),
        (["--hours", "2", "--cramps", "7"], "choose 0 to 6"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    crampwatch: Command, tmp_path: Path, arguments: list[str], says: str
) -> None:
    outcome = crampwatch("simulate", tmp_path / "nights", *arguments)
    assert outcome.status == 2
    assert says in outcome.err
    assert "Traceback" not in outcome.err


def test_a_family_and_a_life_can_be_chosen(crampwatch: Command, tmp_path: Path) -> None:
    chosen = ("--family", "phenomenological", "--life", "hard")
    made = crampwatch("simulate", tmp_path, *chosen, "--hours", 1, "--device", "wasts")
    told = json.loads((Path(made.out.strip()) / "recording.json").read_text())["source"]
    assert told.startswith("crampwatch simulator, phenomenological family, hard life, seed ")


def test_the_help_names_every_device_family_and_life_and_how_many_nights_a_person_has(
    crampwatch: Command,
) -> None:
    text = " ".join(crampwatch("simulate", "--help").out.split())
    assert NIGHTS_A_PERSON == 3
    assert "three of one person each" in text
    for names in (DEVICES, FAMILIES):
        *first, last = names
        assert f"{', '.join(first)} or {last}" in text
    assert all(life in text.split("How nights go:")[1] for life in LIVES)


def test_a_port_that_cannot_be_used_is_named_as_it_was_given(crampwatch: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = crampwatch("serve", "--port", taken.getsockname()[1])
    assert outcome.status == 2
    assert "is in use" in outcome.err
    assert "Set --port (or CRAMPWATCH_PORT) to another one, or to 0" in outcome.err
    outcome = crampwatch("serve", "--port", 70_000)
    assert outcome.status == 2
    assert "--port (or CRAMPWATCH_PORT) cannot be used" in outcome.err


def test_the_sample_nights_are_installed() -> None:
    assert [folder.name for folder in sample_nights()] == ["clean", "faults", "two-cramps"]
