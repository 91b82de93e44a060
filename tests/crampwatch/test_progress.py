from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from crampwatch.progress import NightProgress, show_count, show_step
from ingest.samples import RecordingInfo
from tests.crampwatch.conftest import Terminal

ERASE_LINE = "\x1b[2K"


def on_a_terminal(*arguments: str | Path, stdout_too: bool) -> tuple[int, str, str]:
    """Run the command on a terminal; give its status, what the terminal got, and the output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "crampwatch", *map(str, arguments)],
        stdout=theirs if stdout_too else subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:
        pass  # The terminal is gone with the last process on it.
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    return process.returncode, shown.decode(), (out or b"").decode()


def left_on_screen(shown: str) -> list[str]:
    """What a terminal still shows: each line after its last erasing, without control sequences."""
    lines = [line.rpartition(ERASE_LINE)[2].rpartition("\r")[2] for line in shown.split("\r\n")]
    plain = [re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", line) for line in lines]
    return [line for line in plain if line and "━" not in line]


@pytest.fixture
def sample() -> Path:
    return Path(__file__).parents[2] / "sample_recordings" / "clean"


def test_the_terminal_shows_a_bar_and_then_the_results_alone(sample: Path) -> None:
    status, shown, _ = on_a_terminal(
        "replay", "--no-store", sample, "nowhere", sample, stdout_too=True
    )
    assert status == 2
    assert "1 of 3  clean" in shown
    assert "3 of 3  clean" in shown
    assert "━" in shown
    assert re.search(r"\d h \d\d min read", shown)
    first, second, third = left_on_screen(shown)
    assert first.startswith("clean (not stored): Recorded ")
    assert second == "crampwatch: nowhere: is not there. Check the path."
    assert third == first


def test_the_results_go_to_standard_output_while_the_terminal_shows_a_bar(sample: Path) -> None:
    status, shown, out = on_a_terminal("replay", "--json", "--no-store", sample, stdout_too=False)
    assert status == 0
    assert json.loads(out)["recording"] == "clean"
    assert out.count("\n") == 1
    assert "━" in shown
    assert "recording" not in shown


def test_one_recording_needs_no_count(sample: Path) -> None:
    _, shown, _ = on_a_terminal("replay", "--no-store", sample, stdout_too=True)
    assert "1 of 1" not in shown


def test_off_a_terminal_there_is_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with NightProgress(2) as progress:
        progress.turn(1)
        progress.begin(RecordingInfo("night", 0, "UTC"))
        progress.reached(10**12, 0.5)
        with progress.paused():
            pass
    assert capsys.readouterr() == ("", "")


def test_off_a_terminal_a_step_is_a_line_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_step("leaving out somebody\x1b[2K")
    show_step(None)
    assert capsys.readouterr() == ("", "crampwatch: leaving out somebody\\x1b[2K\n")


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (1, [1]),
        (4, [1, 2, 3, 4]),
        (25, [3, 5, 8, 10, 13, 15, 18, 20, 23, 25]),
        (800, [80, 160, 240, 320, 400, 480, 560, 640, 720, 800]),
    ],
)
def test_off_a_terminal_a_count_is_told_after_every_tenth(
    capsys: pytest.CaptureFixture[str], of: int, told: list[int]
) -> None:
    for number in range(1, of + 1):
        show_count(number, of, "nights measured")
    lines = [f"crampwatch: {number} of {of} nights measured\n" for number in told]
    assert capsys.readouterr() == ("", "".join(lines))


def test_on_a_terminal_every_step_takes_the_place_of_the_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for number in range(1, 30):
        show_count(number, 29, "nights measured")
    show_step("training")
    shown = terminal.getvalue().split("\r\x1b[K")
    assert shown[1:3] == ["1 of 29 nights measured ...", "2 of 29 nights measured ..."]
    assert len(shown) == 31
    show_step(None)
    assert terminal.getvalue().endswith("training ...\r\x1b[K")
    assert "\n" not in terminal.getvalue()
    assert capsys.readouterr().out == ""
