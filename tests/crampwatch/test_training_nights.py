from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crampwatch.training_nights import (
    RecordedNight,
    SimulatedNight,
    measured,
    nights_in,
    nights_to_simulate,
)
from ingest.errors import InputError, SettingsError
from tests.crampwatch.conftest import Command, described


def test_a_night_of_which_nobody_knows_what_happened_is_left_out_by_name(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("known", "unknown"):
        shutil.copytree(night, tmp_path / "study" / name)
    (tmp_path / "study" / "unknown" / "events.csv.gz").unlink()
    assert [each.path.name for each in nights_in([tmp_path / "study"])] == ["known"]
    [line] = capsys.readouterr().err.splitlines()
    assert f"{tmp_path / 'study' / 'unknown'}: has no events.csv" in line


def test_folders_that_are_called_alike_are_sources_of_their_own(
    night: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("one/nights", "other/nights", "third")]
    for folder in folders:
        shutil.copytree(night, folder / "p1n1")
    found = [each.source for each in nights_in(folders)]
    assert found == [str(folders[0]), str(folders[1]), "third"]


def test_a_folder_is_called_by_its_name_from_within_it(
    night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(night, tmp_path / "study" / "p1n1")
    monkeypatch.chdir(tmp_path / "study")
    assert [each.source for each in nights_in([Path()])] == ["study"]


def test_every_night_that_cannot_be_read_is_named_and_none_is_simulated_after_it(
    night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "crampwatch.training_nights._measure_simulated", lambda _: pytest.fail("simulated")
    )
    broken = [described(night, tmp_path / "study" / name, start="today") for name in ("a", "c")]
    shutil.copytree(night, tmp_path / "study" / "b")
    nights: list[RecordedNight | SimulatedNight] = [
        *nights_in([tmp_path / "study"]),
        SimulatedNight("kinematic", "plain", 0, 1, 5, None),
    ]
    with pytest.raises(InputError, match="2 of 4 nights cannot be used"):
        list(measured(nights, 1))
    named = capsys.readouterr().err.splitlines()
    for folder, line in zip(broken, named, strict=True):
        assert str(folder) in line


def test_a_night_without_a_second_to_judge_is_named(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = described(night, tmp_path / "study" / "short")
    (folder / "accelerometer.csv.gz").unlink()
    (folder / "accelerometer.csv").write_text("time_s,x_g,y_g,z_g\n0.00,0,0,1\n0.02,0,0,1\n")
    with pytest.raises(InputError, match="None of the nights can be used"):
        list(measured(list(nights_in([tmp_path / "study"])), 1))
    assert f"{folder}: cannot be judged: there is not one second" in capsys.readouterr().err


def test_that_there_are_no_real_nights_is_said_before_any_is_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CRAMPWATCH_SHARED_DATA", raising=False)
    with pytest.raises(SettingsError, match="needs real nights"):
        next(nights_to_simulate(1, 1, None))


@pytest.mark.parametrize(
    "wrong",
    [
        ("--nights", "study", "--seed", -1),
        ("--nights", "study", "--seed", 10**9),
        ("--simulate", -1),
    ],
)
def test_what_a_training_cannot_count_with_is_refused_at_once(
    crampwatch: Command, wrong: tuple[object, ...]
) -> None:
    outcome = crampwatch("train", *wrong)
    assert outcome.status == 2
    assert f"Invalid value for '{wrong[-2]}'" in outcome.err
