from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch.output import one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Garmin Vívosmart®, Ω", "Garmin Vívosmart®, Ω"),
        ("two\nlines\r\t", "two\\nlines\\r\\t"),
        ("\x1b[2J\x07\x9b", "\\x1b[2J\\x07\\x9b"),
        ("\udcff and \ud800", "\\udcff and \\ud800"),
        ("\u2028", "\\u2028"),
    ],
)
def test_what_would_break_a_line_is_written_out(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert one_line(text).encode()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_no_terminal_is_too_poor_for_the_output(night: Path, tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / os.fsdecode("Nächte Ω ".encode() + b"\xff")
    folder.symlink_to(night, target_is_directory=True)
    ended = subprocess.run(
        [sys.executable, "-m", "crampwatch", "verify", folder],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"\\udcff: nothing damaged" in ended.stdout
    assert ended.stdout.decode(encoding)
