from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crampwatch.evaluate import figures_of
from detector.classifier import load_model
from detector.evaluate import Score
from detector.night import ModelVersion
from models.study.baselines import BASELINES
from models.study.found import CURVE, RATES
from models.training.cramps import write_model
from tests.crampwatch.conftest import Command, described


@pytest.fixture
def figures(crampwatch: Command, night: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(crampwatch("evaluate", "--nights", night).out)
    return loaded


def test_evaluation_prints_figures(crampwatch: Command, night: Path) -> None:
    figures = json.loads(crampwatch("evaluate", "--nights", night).out)
    assert figures["recordings"] == 1
    assert figures["possible or likely"]["cramps"] == {"rub": {"found": 1, "of": 1}}
    assert figures["possible or likely"]["false_alarms"] == {}


def test_evaluation_takes_nights_without_being_told(crampwatch: Command, night: Path) -> None:
    assert crampwatch("evaluate", night) == crampwatch("evaluate", "--nights", night)


def test_evaluation_gives_the_claim_beside_the_rate(crampwatch: Command, night: Path) -> None:
    figures = json.loads(crampwatch("evaluate", night).out)
    for point, claimed in (("likely", 0.1), ("possible or likely", 1.0)):
        assert figures[point]["false_alarms_a_night_claimed"] == claimed
        assert figures[point]["false_alarms_a_night_upper_95"] == pytest.approx(14.76, abs=0.01)


def test_evaluation_leaves_out_a_night_of_which_nobody_knows_what_happened(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    for name in ("known", "unknown"):
        shutil.copytree(night, tmp_path / "all" / name)
    (tmp_path / "all" / "unknown" / "events.csv.gz").unlink()
    outcome = crampwatch("evaluate", tmp_path / "all")
    assert outcome.status == 0
    assert outcome.err.count("\n") == 1
    assert f"{tmp_path / 'all' / 'unknown'}: has no events.csv" in outcome.err
    figures = json.loads(outcome.out)
    assert (figures["recordings"], figures["left_out"]) == (1, 1)
    assert figures["likely"]["worn_nights"] == pytest.approx(0.25, abs=0.01)


def test_evaluation_of_nothing_known_is_refused(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "unknown"
    shutil.copytree(night, folder)
    (folder / "events.csv.gz").unlink()
    outcome = crampwatch("evaluate", folder)
    assert (outcome.status, outcome.out) == (2, "")
    assert "There is no night to compare with. Put an events.csv" in outcome.err


def test_evaluation_names_every_night_that_cannot_be_used_before_it_refuses(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    broken = [described(night, tmp_path / "all" / name, start="today") for name in ("a", "c")]
    shutil.copytree(night, tmp_path / "all" / "b")
    outcome = crampwatch("evaluate", tmp_path / "all")
    assert (outcome.status, outcome.out) == (2, "")
    *named, refused = outcome.err.splitlines()
    for folder, line in zip(broken, named, strict=True):
        assert str(folder) in line
    assert "2 of 3 nights cannot be used, and the others alone would mislead" in refused


def test_evaluation_warns_of_a_label_that_is_not_known(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "labelled"
    shutil.copytree(night, folder)
    (folder / "events.csv.gz").unlink()
    (folder / "events.csv").write_text("onset_s,duration_s,label\n1860,74,Cramp\n60,1,Cramp\n")
    outcome = crampwatch("evaluate", folder)
    assert outcome.status == 0
    assert "the event label 'Cramp' (2 times) is not known and counts as no cramp" in outcome.err
    assert "Known are cramp, bathroom, large_movement" in outcome.err
    assert json.loads(outcome.out)["likely"]["cramps"] == {}


def test_without_wear_there_is_no_rate() -> None:
    figures = figures_of(Score({}, {}, worn_nights=0.0), 0.1)
    assert figures["false_alarms_a_night"] is None
    assert figures["false_alarms_a_night_upper_95"] is None


def test_evaluation_names_the_model_and_where_its_standings_begin(figures: dict[str, Any]) -> None:
    model = load_model()
    assert figures["model"] == {"name": model.version.name, "version": model.version.version}
    assert figures["likely"]["from_probability"] == round(model.likely_from, 4)
    assert figures["possible or likely"]["from_probability"] == round(model.possible_from, 4)


def test_evaluation_gives_the_whole_curve_and_where_it_counted(figures: dict[str, Any]) -> None:
    curve = figures["curve"]
    assert curve["false_alarms_counted_in"] == "all nights"
    assert [point["false_alarms_a_night"] for point in curve["points"]] == list(CURVE)
    found = [point["found"] for point in curve["points"]]
    assert found == sorted(found)
    assert found[-1] == 1.0
    assert figures["people"] == 1


def test_evaluation_gives_baselines_at_the_same_rates(figures: dict[str, Any]) -> None:
    assert list(figures["baselines"]) == list(BASELINES)
    for points in figures["baselines"].values():
        assert [point["false_alarms_a_night"] for point in points] == list(RATES)


def test_evaluation_scores_any_overlap_too(figures: dict[str, Any]) -> None:
    assert figures["possible or likely"]["szcore"] == {
        "found": 1,
        "of": 1,
        "false_alarms_a_night": 0.0,
    }


def test_evaluation_is_by_device_too(figures: dict[str, Any]) -> None:
    [device] = figures["by_device"].values()
    assert device["recordings"] == 1
    assert device["possible or likely"]["visible_cramps"]["found"] == 1.0


def test_evaluation_holds_probabilities_against_what_happened(figures: dict[str, Any]) -> None:
    for sense in ("at_the_stated_rate", "at_the_rate_of_these_nights"):
        held = figures["calibration"][sense]["all"]
        assert 0 <= held["expected_calibration_error"] <= 1
        # These nights are of one person.
        assert held["low_95"] is held["high_95"] is None
        assert sum(each["share"] for each in held["bins"]) == pytest.approx(1, abs=0.01)


def test_a_night_in_which_nothing_is_found_has_figures_too(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "clean"
    shutil.copytree(night, folder)
    (folder / "events.csv.gz").unlink()
    (folder / "events.csv").write_text("onset_s,duration_s,label\n")
    figures = json.loads(crampwatch("evaluate", folder).out)
    assert figures["curve"]["false_alarms_counted_in"] == "nights without a cramp"
    assert figures["curve"]["points"][0]["found"] is None
    assert figures["likely"]["szcore"]["of"] == 0


def test_evaluation_judges_with_another_model(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    shipped = load_model()
    file = tmp_path / "cramps-own.npz"
    with file.open("wb") as opened:
        write_model(
            replace(shipped, version=ModelVersion("cramps", "own"), likely_from=0.999), opened
        )
    told = [
        json.loads(crampwatch("evaluate", "--nights", night, *model).out)
        for model in ((), ("--model", file))
    ]
    assert [each["model"]["version"] for each in told] == [shipped.version.version, "own"]
    assert [each["likely"]["visible_cramps"]["found"] for each in told] == [1.0, 0.0]
    assert told[1]["likely"]["from_probability"] == 0.999


def test_a_file_that_is_no_model_is_refused(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    file = tmp_path / "model.npz"
    file.write_text("no model")
    outcome = crampwatch("evaluate", "--nights", night, "--model", file)
    assert outcome.status == 2
    assert str(file) in outcome.err
    assert "Traceback" not in outcome.err


def test_a_model_of_awakenings_does_not_judge_sleep_epochs(
    crampwatch: Command, tmp_path: Path
) -> None:
    file = tmp_path / "epochs.parquet"
    outcome = crampwatch("evaluate", "--sleep-epochs", file, "--model", tmp_path / "model.npz")
    assert outcome.status == 2
    assert "--model FILE" in outcome.err
