from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.peers import Contestant, Peer

PEER = Peer("peer", ("some-peer==1.2", "numpy==2.0"), (("peer", "some peer"),))

ANSWERS = """
import json, sys
print(json.dumps({"found": "warm", "held_mib": 40.0}), flush=True)
for turn, line in enumerate(sys.stdin, start=1):
    if turn > 2:
        sys.exit("out of memory")
    answer = {"found": f"turn {turn}", "wall_s": turn, "cpu_s": turn / 2, "peak_mib": 50.0 + turn}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Contestant]:
    def contestant(source: str) -> Contestant:
        rounds = tmp_path / "rounds.py"
        rounds.write_text(source)
        monkeypatch.setattr(peers, "ROUNDS_FILE", rounds)
        python = Path(sys.executable)
        return peers._begin("peer", "some peer", python, tmp_path / "night.npz", tmp_path)

    return contestant


def pip_that(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, status: int, said: str
) -> list[list[str]]:
    """An environment that is made of one file, and a pip that answers so."""
    calls: list[list[str]] = []

    def create(place: Path, *, with_pip: bool) -> None:
        assert with_pip
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").write_text("")

    def run(command: list[object], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append([str(word) for word in command])
        return subprocess.CompletedProcess(calls[-1], status, "", said)

    monkeypatch.setattr(peers, "ENVIRONMENTS", folder)
    monkeypatch.setattr(venv, "create", create)
    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_every_turn_is_timed_and_the_warming_up_is_not(
    begin: Callable[[str], Contestant],
) -> None:
    with begin(ANSWERS) as contestant:
        contestant.warm_up()
        contestant.take_turn()
        contestant.take_turn()
    assert (contestant.wall_s, contestant.cpu_s) == ([1, 2], [0.5, 1.0])
    assert (contestant.held_mib, contestant.peak_mib) == (40.0, 52.0)
    assert contestant.found == "turn 2"


def test_who_stops_on_the_way_is_left_out_with_a_sentence(
    begin: Callable[[str], Contestant], capsys: pytest.CaptureFixture[str]
) -> None:
    with begin(ANSWERS) as contestant:
        contestant.warm_up()
        for _ in range(5):
            contestant.take_turn()
    assert contestant.failed
    said = capsys.readouterr().out
    assert said == "some peer is left out: it stopped. out of memory\n"


def test_who_cannot_begin_is_left_out_with_a_sentence(
    begin: Callable[[str], Contestant], capsys: pytest.CaptureFixture[str]
) -> None:
    with begin("import no_such_package") as contestant:
        contestant.warm_up()
        contestant.take_turn()
    assert capsys.readouterr().out == (
        "some peer is left out: it stopped. "
        "ModuleNotFoundError: No module named 'no_such_package'\n"
    )


def test_what_pip_cannot_install_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pip_that(monkeypatch, tmp_path, status=1, said="looking\nERROR: nothing for this Python\n")
    assert peers._environment(PEER) is None
    said = capsys.readouterr().out
    assert "some-peer 1.2 is left out: pip could not install it on Python 3." in said
    assert said.endswith("ERROR: nothing for this Python\n")


def test_an_environment_is_made_once_and_anew_for_other_versions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = pip_that(monkeypatch, tmp_path, status=0, said="")
    python = tmp_path / "peer" / "bin" / "python"
    assert peers._environment(PEER) == peers._environment(PEER) == python
    assert [call[-2:] for call in calls] == [["some-peer==1.2", "numpy==2.0"]]
    assert peers._environment(replace(PEER, pins=("some-peer==1.3",))) == python
    assert calls[-1][-1] == "some-peer==1.3"


def test_a_row_has_the_ratios_to_ours(begin: Callable[[str], Contestant]) -> None:
    with begin(ANSWERS) as ours:
        ours.warm_up()
    ours.wall_s, ours.cpu_s, ours.peak_mib = [0.2, 0.1, 0.4], [0.2, 0.1, 0.2], 90.0
    other = replace(ours, title="other", wall_s=[0.5, 0.3, 0.6], cpu_s=[0.3, 0.25, 0.3])
    assert peers._row(other, ours) == ("| other | 300 | 500 | 250 | 3.0, 2.5, 2.5 | 90 (40) |")
