from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crampwatch.train_mine import FILE
from detector.classifier import load_model
from detector.personal import read_personal
from tests.crampwatch.conftest import Command, Outcome


@pytest.fixture
def nights(night: Path, tmp_path: Path) -> Path:
    """Four alike, each with a cramp that is only possible by the plain model."""
    for number in range(4):
        shutil.copytree(night, tmp_path / "mine" / f"n{number}")
    return tmp_path / "mine"


@pytest.fixture
def trained(crampwatch: Command, nights: Path, tmp_path: Path) -> Outcome:
    return crampwatch("train", "--mine", nights, "--yes-these-are-mine", "--out", tmp_path / "out")


def probabilities(replayed: Outcome) -> list[float]:
    return [one["probability"] for one in json.loads(replayed.out)["awakenings"]]


def test_nobody_is_learnt_from_who_did_not_agree(
    crampwatch: Command, nights: Path, tmp_path: Path
) -> None:
    outcome = crampwatch("train", "--mine", nights, "--out", tmp_path / "out")
    assert outcome.status == 2
    assert "Add --yes-these-are-mine" in outcome.err
    assert not (tmp_path / "out").exists()


def test_the_adjustment_is_written_and_told(trained: Outcome, tmp_path: Path) -> None:
    assert trained.status == 0
    assert "Of 4 cramps in 4 answered nights" in trained.out
    assert f"crampwatch replay --personal {tmp_path / 'out' / FILE} NIGHTS" in trained.out
    personal = read_personal(tmp_path / "out" / FILE)
    assert personal.model == load_model().version
    assert personal.cramps == 4
    assert personal.shift > 0


def test_every_night_that_cannot_be_used_is_named_before_nothing_is_learnt(
    crampwatch: Command, nights: Path, tmp_path: Path
) -> None:
    for name in ("n1", "n3"):
        (nights / name / "recording.json").write_text("{}")
    outcome = crampwatch(
        "train", "--mine", nights, "--yes-these-are-mine", "--out", tmp_path / "out"
    )
    assert outcome.status == 2
    *named, refused = outcome.err.splitlines()
    for name, line in zip(("n1", "n3"), named, strict=True):
        assert str(nights / name) in line
    assert "2 of 4 nights cannot be used" in refused
    assert not (tmp_path / "out" / FILE).exists()


def test_the_same_nights_give_the_same_bytes(
    crampwatch: Command, trained: Outcome, nights: Path, tmp_path: Path
) -> None:
    assert trained.status == 0
    first = (tmp_path / "out" / FILE).read_bytes()
    crampwatch("train", "--mine", nights, "--yes-these-are-mine", "--out", tmp_path / "again")
    assert (tmp_path / "again" / FILE).read_bytes() == first


def test_a_night_is_judged_by_the_answers(
    crampwatch: Command, trained: Outcome, night: Path, tmp_path: Path
) -> None:
    assert trained.status == 0
    file = tmp_path / "out" / FILE
    plain = crampwatch("replay", "--json", "--no-store", night)
    adjusted = crampwatch("replay", "--json", "--no-store", "--personal", file, night)
    before, after = json.loads(plain.out), json.loads(adjusted.out)
    assert (before["personal"], after["personal"]) == (None, read_personal(file).version)
    assert [one["id"] for one in after["episodes"]] == [one["id"] for one in before["episodes"]]
    assert max(probabilities(adjusted)) > max(probabilities(plain))
    assert before["model"] == after["model"]


def test_evaluation_says_which_adjustment_judged(
    crampwatch: Command, trained: Outcome, night: Path, tmp_path: Path
) -> None:
    assert trained.status == 0
    file = tmp_path / "out" / FILE
    for arguments, version in ((["--personal", file], read_personal(file).version), ([], None)):
        figures = json.loads(crampwatch("evaluate", night, *arguments).out)
        assert figures["personal"] == version


def test_a_night_without_answers_is_left_out_by_name(
    crampwatch: Command, nights: Path, tmp_path: Path
) -> None:
    (nights / "n2" / "events.csv.gz").unlink()
    outcome = crampwatch("train", "--mine", nights, "--yes-these-are-mine", "--out", tmp_path / "o")
    assert f"{nights / 'n2'}: has no events.csv" in outcome.err
    assert "in 3 answered nights" in outcome.out


def test_without_any_answer_there_is_nothing_to_learn(
    crampwatch: Command, nights: Path, tmp_path: Path
) -> None:
    for file in nights.glob("*/events.csv.gz"):
        file.unlink()
    outcome = crampwatch("train", "--mine", nights, "--yes-these-are-mine", "--out", tmp_path / "o")
    assert outcome.status == 2
    assert "There is no night to learn from." in outcome.err
    assert not (tmp_path / "o" / FILE).exists()


def test_it_goes_alone(crampwatch: Command, nights: Path) -> None:
    outcome = crampwatch("train", "--mine", nights, "--simulate", "1")
    assert outcome.status == 2
    assert "give --mine alone" in outcome.err


@pytest.mark.parametrize("command", ["replay", "evaluate"])
def test_an_adjustment_of_another_model_is_refused(
    crampwatch: Command, trained: Outcome, night: Path, tmp_path: Path, command: str
) -> None:
    assert trained.status == 0
    file = tmp_path / "out" / FILE
    about = json.loads(file.read_text())
    file.write_text(json.dumps(about | {"model": {"name": "cramps", "version": "0"}}))
    outcome = crampwatch(command, "--personal", file, night)
    assert outcome.status == 2
    assert "was fitted for the model cramps 0, but cramps 5 judges" in outcome.err
    assert "Traceback" not in outcome.err
