from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "make-venv"


def answer(python: str | Path, venv: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", SCRIPT, python, venv], capture_output=True, text=True, check=False, timeout=60
    )


def pretend_python(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('[ "$1" = -V ] && echo Python 3.9.2 && exit 0; exit 1', "is Python 3.9.2"),
        ('case "$*" in *ensurepip*) exit 1;; esac; exit 0', "sudo apt install python3-venv"),
    ],
    ids=["too old", "without venv"],
)
def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path, script: str, says: str) -> None:
    ended = answer(pretend_python(tmp_path / "python", script), tmp_path / "venv")
    assert ended.returncode == 1
    assert says in ended.stderr
    assert not (tmp_path / "venv").exists()


def test_without_python_it_says_what_to_install(tmp_path: Path) -> None:
    ended = answer("no-such-python", tmp_path / "venv")
    assert ended.returncode == 1
    assert "sudo apt install python3 python3-venv" in ended.stderr


def test_with_what_it_needs_it_makes_one(tmp_path: Path) -> None:
    ended = answer(sys.executable, tmp_path / "venv")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "venv" / "bin" / "pip").exists()
