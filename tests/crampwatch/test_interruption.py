from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path


def simulating(out: Path) -> subprocess.Popen[str]:
    """A command that goes on for long and prints a line for each night.

    It hears Ctrl-C even where these tests were started in the background, which does not.
    """
    command = [sys.executable, "-m", "crampwatch", "simulate", str(out), "--nights", "500"]
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [*command, "--hours", "1.5", "--device", "pinetime"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, heard)


def test_ctrl_c_ends_in_a_word_and_the_status_of_shells(tmp_path: Path) -> None:
    with simulating(tmp_path / "nights") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"{tmp_path / 'nights' / 'p001n01'}\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == "crampwatch: stopped\n"


def test_a_reader_that_goes_away_ends_it_without_a_word(tmp_path: Path) -> None:
    with simulating(tmp_path / "nights") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"{tmp_path / 'nights' / 'p001n01'}\n"
        process.stdout.close()
        assert process.wait(60) == 141
        assert process.stderr.read() == ""


def test_a_reader_that_has_what_it_wants_ends_a_replay(night: Path) -> None:
    script = f"{sys.executable} -m crampwatch replay --json --no-store {night} {night} | head -c 1"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("{", "")
