"""What the documents say exists: commands, options, make targets, files."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import typer

from crampwatch.alerts_people import LIKELY_FALSE
from crampwatch.alerts_study import LIVES, MOST_FALSE_A_YEAR, RATES, told
from crampwatch.cli import app
from detector.classifier import load_model
from detector.features import FEATURE_UNITS
from ingest.recording_json import KEYS, parse_info
from server.alerts.rules import RULES
from simulator.device import DEVICES

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "models").glob("*.md"),
    ROOT / "sample_recordings" / "README.md",
]
TEXTS = {document.relative_to(ROOT).as_posix(): document.read_text() for document in DOCUMENTS}
COMMAND = typer.main.get_command(app)

WORDS_TO_AVOID = (
    "detects kidney",
    "risk score",
    "medical grade",
    "medical-grade",
    "low potassium",
    "stop your statin",
    "no cramps last night",
)


def shell_lines() -> list[tuple[str, list[str]]]:
    """Every command in a fenced ``sh`` block, or in backticks after crampwatch or make."""
    lines = []
    for name, text in TEXTS.items():
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
        inline = re.findall(r"`((?:crampwatch|make) [a-z][^`]*)`", text)
        for line in [*blocks.splitlines(), *inline]:
            words = shlex.split(line, comments=True)
            if words:
                lines.append((name, words))
    return lines


CRAMPWATCH_LINES = [(name, words) for name, words in shell_lines() if words[0] == "crampwatch"]
MAKE_LINES = [(name, words) for name, words in shell_lines() if words[0] == "make"]


def test_the_documents_name_commands_at_all() -> None:
    assert len(CRAMPWATCH_LINES) >= 10
    assert {words[1] for _, words in MAKE_LINES} >= {"run", "test", "bench"}


@pytest.mark.parametrize(
    ("name", "words"), CRAMPWATCH_LINES, ids=lambda value: " ".join(value) if value else None
)
def test_a_documented_command_exists_with_its_options(name: str, words: list[str]) -> None:
    if words[1:] in (["--help"], ["--version"]):
        return
    command = COMMAND.commands[words[1]]  # type: ignore[attr-defined]
    redirected = words[2 : words.index(">")] if ">" in words else words[2:]
    if redirected and redirected[0] in getattr(command, "commands", {}):
        command, redirected = command.commands[redirected[0]], redirected[1:]
    context = command.make_context(words[1], list(redirected))
    assert context.args == [], name


@pytest.mark.parametrize(("name", "words"), MAKE_LINES)
def test_a_documented_make_target_exists(name: str, words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{re.escape(words[1])}:", makefile, re.MULTILINE), (name, words)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_documented_benchmark_exists(name: str) -> None:
    named = set(re.findall(r"\bbenchmarks\.(\w+)", TEXTS[name]))
    assert [each for each in named if not (ROOT / "benchmarks" / f"{each}.py").exists()] == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_an_option_of_a_documented_benchmark_exists(name: str) -> None:
    for benchmark, words in re.findall(r"python -m benchmarks\.(\w+)([^`\n]*)", TEXTS[name]):
        program = (ROOT / "benchmarks" / f"{benchmark}.py").read_text()
        for option in re.findall(r"--[a-z-]+", words):
            assert f'"{option}"' in program, (benchmark, option)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_linked_file_exists(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", TEXTS[name])
    missing = [link for link in links if not (ROOT / name).parent.joinpath(link).exists()]
    assert missing == []


def test_every_folder_of_the_layout_exists() -> None:
    layout = re.findall(r"^\| (`[a-z_]+/`(?:, `[a-z_]+/`)*) \|", TEXTS["README.md"], re.MULTILINE)
    folders = {folder for row in layout for folder in re.findall(r"`([a-z_]+)/`", row)}
    assert folders >= {"ingest", "detector", "models", "server", "sample_recordings", "tests"}
    assert [folder for folder in sorted(folders) if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_no_document_promises_or_diagnoses(name: str) -> None:
    text = TEXTS[name].lower()
    assert [words for words in WORDS_TO_AVOID if words in text] == []


@pytest.mark.parametrize("name", ["README.md", "docs/nights.md"])
def test_the_recording_json_that_is_shown_can_be_read(name: str) -> None:
    (shown,) = [
        block
        for block in re.findall(r"```json\n(.*?)```", TEXTS[name], re.DOTALL)
        if '"timezone"' in block
    ]
    assert parse_info(Path("recording.json"), shown, "night").timezone == "Europe/Berlin"
    assert list(json.loads(shown)) == list(KEYS)


def test_the_devices_that_can_be_simulated_are_named() -> None:
    listed = re.search(r"takes one for all: ([^.]*)\.", TEXTS["docs/nights.md"])
    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == list(DEVICES)


def test_the_alerts_are_documented_with_the_numbers_they_go_by() -> None:
    text = " ".join(TEXTS["docs/alerts.md"].split())
    rules = RULES
    for said in (
        f"at least {rules.valid_from_s / 3600:.0f} h of it were searched",
        f"that belongs to no episode {rules.mark_counts:g}.",
        f"The newest {rules.held_back_nights} nights",
        f"In the first {rules.learning_nights} nights only *persistent*",
        f"At most one alert in {rules.rest_nights} nights",
        f"clear when {rules.back_nights} nights",
        f"or after {rules.frozen_nights} nights",
        f"the last {rules.sudden_nights} nights against",
        f"the last {rules.frequent_nights} nights, whatever",
        f"at most {MOST_FALSE_A_YEAR:g} false alerts a year",
        f"likely with {LIKELY_FALSE:g} false alarms a night",
    ):
        assert said in text
    assert (rules.usual_half_life_nights, rules.frequent_ends_nights) == (2 * 364, 8 * 7)
    assert rules.frequent_share == 3 / 7


def test_the_figures_of_the_alerts_are_those_of_every_life() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", TEXTS["docs/alerts.md"], re.MULTILINE)
    for life in LIVES:
        assert rows.count(told(life)) == 3, told(life)


def test_what_is_said_of_the_false_alerts_is_what_the_table_shows() -> None:
    text = TEXTS["docs/alerts.md"]
    table = text[text.index("### False alerts") : text.index("### Weeks from a rise")]
    # What is said is said of the alerts as they are.
    as_they_are = [life for life in LIVES if not life.rebased]
    rows = [row for row in table.splitlines() if "at one's own rate" not in row]
    rates = [float(rate) for rate in re.findall(r"(\d\.\d\d) \(\d", "\n".join(rows))]
    said = re.search(r"Of (\d+) combinations, (\d+) are at 0\.5 or less before rounding", text)
    assert said
    assert int(said[1]) == len(rates) == len(as_they_are) * len(RATES)
    # The table is rounded, what is said of it is not.
    surely_met = sum(rate < MOST_FALSE_A_YEAR for rate in rates)
    assert surely_met <= int(said[2]) <= sum(rate <= MOST_FALSE_A_YEAR for rate in rates)
    assert f"(at most {max(rates):.2f}, mean" in text


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## [Unreleased]" in TEXTS["CHANGELOG.md"]


def test_the_pins_name_no_host_and_cover_what_is_required() -> None:
    pins = (ROOT / "constraints.txt").read_text()
    lines = [line for line in pins.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line) for line in lines)
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    project = (ROOT / "pyproject.toml").read_text()
    required = set(re.findall(r'^ {4}"([a-z0-9-]+)(?:\[[a-z]+\])?>=', project, re.MULTILINE))
    assert len(required) > 15
    assert required <= pinned


def test_the_features_in_the_document_are_those_that_are_measured() -> None:
    table = re.findall(
        r"^\| `\w+\.py` \| [^|`]+ \| (.+) \|$", TEXTS["docs/detector.md"], re.MULTILINE
    )
    named = [name for row in table for name in re.findall(r"`(\w+)`", row)]
    assert named == list(FEATURE_UNITS)


def test_the_standings_in_the_card_are_those_of_the_model() -> None:
    model = load_model()
    card = (ROOT / "models" / "CARD.md").read_text()
    assert f"From {model.likely_from:.2f} on it is `likely`" in card
    assert f"from {model.possible_from:.2f} on `possible`" in card
