"""What every program of the benchmarks owes whoever asks it for help."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


def main_of(file: Path) -> ast.FunctionDef | None:
    for part in ast.parse(file.read_text()).body:
        if isinstance(part, ast.FunctionDef) and part.name == "main":
            return part
    return None


MAINS = {file.stem: main for file in sorted(FOLDER.glob("*.py")) if (main := main_of(file))}


def test_there_are_programs_at_all() -> None:
    assert MAINS.keys() >= {"associations", "peers", "slow_samples"}


@pytest.mark.parametrize("name", MAINS)
def test_help_is_printed_and_nothing_is_run(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    statements = [ast.unparse(each) for each in MAINS[name].body]
    parsed = [number for number, each in enumerate(statements) if "parser.parse_args()" in each]
    # Before it is called: a study that is run here would take hours.
    assert parsed, f"{name} takes no arguments, so --help would run it"
    assert all(each.startswith("parser") for each in statements[: parsed[0]])

    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"benchmarks.{name}").main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {name}.py [-h]")
