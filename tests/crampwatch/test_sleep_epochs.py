from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from crampwatch.cli import app
from crampwatch.evaluate_sleep import sleep_figures
from detector.staging import load_sleep_model
from ingest.sleep_epochs import read_sleep_epochs

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def shared_epochs() -> Path:
    path = SHARED / "sleep_epochs" / "epochs_30s.parquet"
    if not path.exists():
        pytest.skip(f"real nights not here: set CRAMPWATCH_SHARED_DATA ({SHARED} has no epochs)")
    return path


def epochs(folder: Path, people: int = 5, **other: Any) -> Path:
    rng = np.random.default_rng(5)
    wake = np.arange(200) < 20
    columns: dict[str, Any] = {
        "subject": np.repeat([f"p{one}" for one in range(people)], 200),
        "t_s": np.tile(np.arange(200) * 30, people),
        "stage": np.tile(np.where(wake, 0, 2), people),
        "count": np.tile(np.where(wake, 30.0, 0.1), people) * rng.uniform(0.5, 1.5, 200 * people),
        "hr_feature": np.tile(np.where(wake, 1.0, 0.3), people),
    }
    path = folder / "epochs.parquet"
    pq.write_table(pa.table(columns | other), path)
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_evaluate_prints_the_agreement_by_person_and_pooled(tmp_path: Path) -> None:
    status, out, _ = run("evaluate", "--sleep-epochs", str(epochs(tmp_path)))
    figures = json.loads(out)
    assert status == 0
    assert figures["people_the_model_was_trained_on"] == "none"
    assert list(figures["people"]) == ["p0", "p1", "p2", "p3", "p4"]
    assert figures["pooled"]["epochs"] == {"wake": 100, "sleep": 900}
    assert figures["pooled"]["wake_recall_at_sleep_recall_0.93"] > 0.9
    assert figures["pooled"]["kappa"] > 0.8
    assert figures["pooled"]["auc"] > 0.95
    confusion = figures["pooled"]["confusion"]
    assert sum(confusion.values()) == 1000
    assert confusion["wake_called_wake"] == sum(
        each["confusion"]["wake_called_wake"] for each in figures["people"].values()
    )


def test_evaluate_prints_awakenings_by_their_length(tmp_path: Path) -> None:
    wake = np.zeros(200, np.bool_)
    for start, end in ((0, 20), (60, 62), (100, 130)):
        wake[start:end] = True
    moved = wake.copy()
    moved[60:62] = False
    moved[160:190] = True
    path = epochs(
        tmp_path,
        stage=np.tile(np.where(wake, 0, 2), 5),
        count=np.tile(np.where(moved, 60.0, 0.1), 5),
        hr_feature=np.tile(np.where(moved, 1.0, 0.3), 5),
    )
    status, out, _ = run("evaluate", "--sleep-epochs", str(path))
    assert status == 0
    figures = json.loads(out)
    pooled = figures["pooled"]["awakenings"]
    assert list(pooled["by_minutes"]) == ["0.5-1", "1-2", "2-5", "over 5"]
    assert pooled["by_minutes"]["0.5-1"] == {
        "scored": 5,
        "found": 0,
        "share": 0.0,
        "interval_95": [0.0, 0.0],
    }
    assert pooled["by_minutes"]["1-2"] == {
        "scored": 0,
        "found": 0,
        "share": None,
        "interval_95": None,
    }
    assert pooled["by_minutes"]["over 5"] == {
        "scored": 5,
        "found": 5,
        "share": 1.0,
        "interval_95": [1.0, 1.0],
    }
    first = figures["people"]["p0"]["awakenings"]
    assert first["by_minutes"]["0.5-1"] == {"scored": 1, "found": 0, "share": 0.0}
    assert first["by_minutes"]["over 5"] == {"scored": 1, "found": 1, "share": 1.0}
    # The arm that moved in the sleep is claimed by all, and nobody was awake.
    claims = [person["awakenings"]["claimed"] for person in figures["people"].values()]
    assert all(0 < each["false"] < each["all"] for each in claims)
    assert pooled["claimed"]["all"] == sum(each["all"] for each in claims)
    assert pooled["claimed"]["false"] == sum(each["false"] for each in claims)
    # Somebody's falling asleep was called too long, and that is told apart.
    assert all(each["false_at_ends"] < each["false"] for each in claims)
    assert pooled["claimed"]["false_at_ends"] == sum(each["false_at_ends"] for each in claims) > 0
    low, high = pooled["claimed"]["interval_95"]
    assert 0 < low <= pooled["claimed"]["share"] <= high < 1


FIGURES = (
    "wake_recall_at_sleep_recall_0.93",
    "kappa",
    "auc",
    "wake_recall",
    "sleep_recall",
)


def test_the_pooled_agreement_has_intervals_and_that_of_one_person_none(tmp_path: Path) -> None:
    for people in (5, 1):
        _, out, _ = run("evaluate", "--sleep-epochs", str(epochs(tmp_path, people)))
        figures = json.loads(out)
        pooled = figures["pooled"]
        assert tuple(pooled["interval_95"]) == FIGURES
        assert "interval_95" not in figures["people"]["p0"]
        for figure in FIGURES:
            interval = pooled["interval_95"][figure]
            if people == 1:
                assert interval is None
            else:
                assert 0 <= interval[0] <= pooled[figure] <= interval[1] <= 1


def test_a_person_scored_as_nothing_but_sleep_has_no_figures_of_wake(tmp_path: Path) -> None:
    stage = np.tile(np.where(np.arange(200) < 20, 0, 2), 5)
    stage[:200] = 1
    _, out, _ = run("evaluate", "--sleep-epochs", str(epochs(tmp_path, stage=stage)))
    first = json.loads(out)["people"]["p0"]
    assert first["auc"] is None
    assert first["wake_recall"] is None
    assert first["sleep_recall"] < 1


def test_evaluate_says_whom_the_model_was_trained_on(shared_epochs: Path) -> None:
    people = read_sleep_epochs(shared_epochs)
    figures = sleep_figures(people, load_sleep_model())
    assert figures["people_the_model_was_trained_on"] == "all"
    assert all(person["trained_on"] for person in figures["people"].values())
    status, _, said = run("evaluate", "--sleep-epochs", str(shared_epochs))
    assert status == 0
    assert "trained on 21 of 21 people here" in said


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"stage": np.zeros(1000, np.int8)}, "holds wake and nothing else"),
        ({"count": np.full(1000, np.nan)}, "holds no number in row 1 of count"),
    ],
)
@pytest.mark.parametrize("command", ["evaluate", "train"])
def test_epochs_that_cannot_be_used_end_in_a_sentence(
    tmp_path: Path, command: str, other: dict[str, Any], said: str
) -> None:
    status, out, complaint = run(command, "--sleep-epochs", str(epochs(tmp_path, **other)))
    assert (status, out) == (2, "")
    assert said in complaint
    assert complaint.count("\n") == 1


def test_a_file_that_is_not_there_ends_in_a_sentence(tmp_path: Path) -> None:
    for command in ("evaluate", "train"):
        status, _, said = run(command, "--sleep-epochs", str(tmp_path / "none.parquet"))
        assert status == 2
        assert "is not there" in said


def test_nights_and_epochs_are_not_evaluated_together(tmp_path: Path) -> None:
    for arguments in ([], [str(tmp_path), "--sleep-epochs", "epochs.parquet"]):
        status, _, said = run("evaluate", *arguments)
        assert status == 2
        assert "either" in said


def test_training_writes_the_model_and_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detector.staging import read_sleep_model
    from models.training.sleep import PLAIN_TREES, TREES

    monkeypatch.setitem(TREES, "max_iter", 3)
    monkeypatch.setitem(PLAIN_TREES, "max_iter", 3)
    path, out = epochs(tmp_path), tmp_path / "trained"
    arguments = ("train", "--sleep-epochs", str(path), "--out", str(out), "--seed", "7")
    status, said, _ = run(*arguments)
    assert status == 0
    assert "| **pooled** | 1000 | 100 |" in said
    [intervals] = [line for line in said.splitlines() if line.startswith("| 95 % interval |")]
    assert intervals.count(" to ") == 5
    [keeping] = [line for line in said.splitlines() if line.startswith("At thresholds that keep")]
    assert keeping.count(" to ") == 2
    assert "plain boosting: count, heart, time" in said
    model = read_sleep_model((out / "sleep-1.npz").read_bytes())
    assert model.trained_on == {person.digest for person in read_sleep_epochs(path)}
    results = (out / "results.md").read_text()
    assert "## `sleep 1`, seed 7" in results
    assert results.count("| p0 | 200 | 20 |") == 1
    assert "| minutes | scored | found | share |" in results
    # Everybody here wakes before the sleep and not within it.
    assert "| 0.5-1 | 0 | 0 |  | 0 |  |" in results
    assert "| claimed, and of them false | |" in results
    assert "Of the false ones " in results
    assert "| p0 | 0 of 0 | 0 of 0 | 0 of 0 | 0 of 0 |" in results


def test_training_into_what_is_no_folder_ends_in_a_sentence_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = str(epochs(tmp_path))
    status, _, said = run("train", "--sleep-epochs", path, "--out", str(tmp_path / "file"))
    assert status == 2
    assert "cannot be written" in said


def test_training_on_people_who_never_wake_but_one_ends_in_a_sentence(tmp_path: Path) -> None:
    stage = np.full(1000, 2)
    stage[:20] = 0
    status, _, said = run("train", "--sleep-epochs", str(epochs(tmp_path, stage=stage)))
    assert status == 2
    assert "nobody is awake" in said
