from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from crampwatch.train_nights import train_nights
from detector.classifier import read_model
from detector.night import ModelVersion
from ingest.errors import RecordingWriteError
from models.study.found import CURVE
from models.study.kept import read_table
from models.study.table import Table, concatenate
from tests.crampwatch.conftest import Command
from tests.models.sources import a_source

BOTH = concatenate([a_source("one", seed=1), a_source("other", seed=2)])


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few trees, and 48 nights of two sources in place of those that would be simulated."""
    for name in ("TREES", "OTHER_TREES", "FOREST_TREES", "ENSEMBLES"):
        monkeypatch.setattr(f"models.training.cramps.{name}", 2)
    monkeypatch.setattr("crampwatch.train_nights.nights_to_simulate", lambda *_: nights_of(BOTH))
    monkeypatch.setattr("crampwatch.train_nights.measured", lambda nights, _: nights)
    # Threads that wait for each other take a hundred times longer where the machine is busy.
    with threadpool_limits(1):
        yield


def nights_of(table: Table) -> list[Table]:
    numbers = np.arange(len(table.nights))
    return [table.of_nights(numbers == number)[0] for number in numbers]


def trained(out: Path) -> None:
    train_nights([], 1, out, 7, backgrounds=None, jobs=1)


def test_a_training_off_a_terminal_tells_on_standard_error_how_far_it_has_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path)
    out, err = capsys.readouterr()
    lines = [line.removeprefix("crampwatch: ") for line in err.splitlines()]
    assert lines[0] == "measuring 48 nights"
    assert lines[1:11] == [
        f"{number} of 48 nights measured" for number in (5, 10, 15, 20, 24, 29, 34, 39, 44, 48)
    ]
    assert lines[11:15] == [
        "training on all of them",
        "judging each source by a model of the others",
        "judging the people of each source by a model of others of it",
        "drawing people anew for the intervals",
    ]
    assert lines[15] == "telling apart what was no cramp"
    assert all(line.startswith("training without ") for line in lines[16:-1])
    assert lines[-1].startswith("wrote ")
    assert "crampwatch:" not in out


def test_a_training_writes_the_model_its_picture_and_the_figures_that_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path)
    printed = capsys.readouterr().out
    artefact = tmp_path / "cramps-own.npz"
    assert read_model(artefact).version == ModelVersion("cramps", "own")
    assert printed.startswith("## `cramps own`, seed 7\n")
    assert artefact.with_suffix(".svg").read_text().startswith("<svg")
    assert (tmp_path / "results.md").read_text() == f"# Results\n\n{printed}"


def test_a_model_is_called_as_it_was_asked_to_be(tmp_path: Path) -> None:
    train_nights([], 1, tmp_path, 7, backgrounds=None, jobs=1, version="study-1")
    model = read_model(tmp_path / "cramps-study-1.npz")
    assert model.version == ModelVersion("cramps", "study-1")


@pytest.mark.parametrize("version", ["", "../5", "-5", "5" * 31, "a b"])
def test_a_version_that_is_no_part_of_a_file_name_is_refused(
    crampwatch: Command, tmp_path: Path, version: str
) -> None:
    outcome = crampwatch(
        "train", "--simulate", "1", f"--call-it={version}", "--out", str(tmp_path / "out")
    )
    assert outcome.status == 2
    assert "--call-it takes up to 30 letters, digits" in outcome.err
    assert not (tmp_path / "out").exists()


def test_an_adjustment_has_no_version(crampwatch: Command, tmp_path: Path) -> None:
    outcome = crampwatch("train", "--mine", str(tmp_path), "--call-it", "6")
    assert outcome.status == 2
    assert "give --call-it with --nights DIR or --simulate N" in outcome.err


def test_every_calibration_error_has_an_interval(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    start = next(place for place, line in enumerate(lines) if "calibration error" in line)
    rows = [line.strip("| ").split(" | ") for line in lines[start + 2 : start + 5]]
    assert [row[0] for row in rows] == ["one", "other", "**all together**"]
    for _, *errors, of_equal_weight in rows:
        assert 0 <= float(of_equal_weight) <= 1
        for error in errors:
            found, ends = error.removesuffix(")").split(" (")
            low, high = map(float, ends.split("-"))
            assert low <= float(found) <= high


def test_a_training_tells_the_whole_curve_and_each_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    curve = [
        line.strip("| ").split(" | ")
        for line in table_after(lines, "| false alarms a clean night | mean over")
    ]
    assert [float(rate) for rate, *_ in curve] == list(CURVE)
    found = [float(mean.split(" ")[0]) for _, mean, *_ in curve]
    assert found == sorted(found)
    [watch] = table_after(lines, "| false alarms a clean night, 95 % below | worn nights")
    assert watch.startswith("| watch | 24.0 | ")


def test_what_was_measured_is_kept_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.train_nights.train_on", lambda *_, **__: None)
    kept = tmp_path / "measured"
    train_nights([], 1, tmp_path / "out", 7, backgrounds=None, jobs=1, keep=kept)
    table = read_table(kept)
    assert table.sources == ["one", "other"]
    assert np.array_equal(table.rows, BOTH.rows, equal_nan=True)
    assert table.nights == BOTH.nights


def test_that_it_cannot_be_kept_is_told_before_any_night_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.train_nights.measured", lambda *_: pytest.fail("measured"))
    with pytest.raises(RecordingWriteError, match="another file with --keep-measured"):
        train_nights([], 1, tmp_path, 7, backgrounds=None, jobs=1, keep=tmp_path)


@pytest.mark.parametrize("others", [("--mine", "nights"), ("--sleep-epochs", "epochs"), ()])
def test_only_nights_that_a_training_measures_can_be_kept(
    crampwatch: Command, tmp_path: Path, others: tuple[str, ...]
) -> None:
    outcome = crampwatch("train", *others, "--keep-measured", tmp_path / "measured")
    assert outcome.status == 2
    assert "give --keep-measured with --nights DIR or --simulate N" in outcome.err
    assert not (tmp_path / "measured").exists()


def table_after(lines: list[str], head: str) -> list[str]:
    start = next(place for place, line in enumerate(lines) if line.startswith(head))
    return list(takewhile(lambda line: line.startswith("|"), lines[start + 2 :]))
