from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.slow_samples import (
    Judge,
    Night,
    Readings,
    averaged,
    by_others,
    by_shipped,
    main,
    read_thrice,
    refuse_known,
    report,
)
from crampwatch.training_nights import simulated_person
from detector.classifier import CrampScore, load_model
from ingest.errors import InputError
from ingest.samples import Acceleration
from models.study.table import Table, concatenate
from models.training.cramps import scores_of_others
from simulator.corpus import night_settings
from simulator.device import DEVICES
from simulator.families import FAMILIES
from tests.models.sources import COLUMNS, a_source

STEP_NS = 20_000_000


def worn(table: Table, device: str) -> Table:
    return replace(
        table,
        nights=tuple(
            replace(night, device=DEVICES[device].description, person=f"{device} {night.person}")
            for night in table.nights
        ),
    )


READ = worn(a_source("one", nights=12, seed=1), "apple")
UNREAD = worn(a_source("one", nights=12, seed=2), "logger")
ONE = concatenate([READ, UNREAD])
MOVING = COLUMNS.index("moving")
BLIND = replace(ONE, rows=ONE.rows * (np.arange(len(COLUMNS)) != MOVING))
"""The same nights, of which nobody says how long the wrist moved."""


def rows_of(lines: list[str]) -> list[str]:
    return [line for line in lines if line[2:3].isdigit()]


def test_five_samples_of_50_hz_make_one_of_10_hz_and_a_gap_stays_a_gap() -> None:
    numbers = np.arange(100)
    kept = (numbers < 30) | (numbers >= 60)
    xyz_g = np.stack([numbers / 100, np.ones(100), -numbers / 100], axis=1).astype(np.float32)
    slow = averaged(Acceleration(numbers[kept] * STEP_NS, xyz_g[kept]), 10)
    np.testing.assert_allclose(
        slow.xyz_g[:, 0], [*np.arange(0.02, 0.3, 0.05), *np.arange(0.62, 1, 0.05)]
    )
    np.testing.assert_allclose(slow.xyz_g[:, 1], 1.0)
    assert slow.times_ns[:2].tolist() == [50_000_000, 150_000_000]
    assert np.diff(slow.times_ns).max() == 700_000_000


def test_a_night_is_read_as_recorded_with_slower_samples_and_without_its_heart() -> None:
    settings, seed = night_settings(0, 7, device="apple", hours=1.25, cramps=1, life="hard")
    own, slow, heartless = read_thrice(Night("kinematic", "hard", "7 p001", settings, seed))
    assert {night.person for each in (own, slow, heartless) for night in each.nights} == {"7 p001"}
    assert own.visible.tolist() == slow.visible.tolist() == heartless.visible.tolist()
    rise, moving = (COLUMNS.index(name) for name in ("heart_rate_rise", "moving"))
    assert np.isfinite(own.rows[:, rise]).any()
    assert np.isfinite(slow.rows[:, rise]).any()
    assert np.isnan(heartless.rows[:, rise]).all()
    assert heartless.rows[:, moving].tolist() == own.rows[:, moving].tolist()
    assert slow.rows[:, moving].tolist() != own.rows[:, moving].tolist()


def test_the_same_nights_again_differ_by_nothing() -> None:
    lines = report(Readings(ONE, ONE, ONE), by_shipped(load_model()))
    assert lines[0].startswith("SIMULATION. 24 nights of 8 people with 2 devices, 12 visible")
    assert "which has learnt from all four families" in lines[0]
    rows = rows_of(lines)
    assert len(rows) == 2 * 3
    assert all(row.endswith("| +0.000 (+0.000 to +0.000) |") for row in rows)
    standings = [line for line in lines if line.startswith("| from")]
    assert len(standings) == 2 * 2
    assert all("| +0.000 (+0.000 to +0.000) |" in row for row in standings)


def test_the_false_alarms_of_a_standing_are_told_of_both_readings() -> None:
    """Four of twelve clean nights of eight hours have one, and none where the wrist is not read."""
    harmless = np.flatnonzero(ONE.harmless & ONE.clean[ONE.night])
    claimed = ONE.cramp.copy()
    claimed[harmless[np.unique(ONE.night[harmless], return_index=True)[1][:4]]] = True

    def score(table: Table) -> npt.NDArray[np.float64]:
        read = np.nan_to_num(table.rows[:, MOVING]).any()
        return np.where(claimed[: len(table)] & read, 1.0, 0.0)

    lines = report(Readings(ONE, BLIND, ONE), Judge("hand", score, {"likely": 0.5}))
    told = [line.strip("|").split("|") for line in lines if line.startswith("| from `likely` on")]
    worn = ONE.worn_nights[ONE.clean].sum()
    assert told[0][1].strip() == "1.00"
    assert told[0][2].strip() == "0.00"
    assert [cell.strip() for cell in told[0][4:]] == [f"{4 / worn:.2f}", "0.00"]


@pytest.fixture(scope="module")
def scores() -> Mapping[str, CrampScore]:
    odd = a_source("odd", nights=48, seed=3, told_by="level_before")
    return scores_of_others(concatenate([a_source("one", seed=5), odd]), seed=0)


def test_the_loss_is_told_with_its_interval_and_by_the_reading_that_has_it() -> None:
    others = Judge(
        "how long the wrist moved", lambda table: np.nan_to_num(table.rows[:, MOVING]), {}
    )
    at_10_hz = rows_of(report(Readings(ONE, BLIND, ONE), others))
    without_heart = rows_of(report(Readings(ONE, ONE, BLIND), others))
    assert len(at_10_hz) == len(without_heart) == 2 * 3
    for lossy, whole in (at_10_hz[:3], at_10_hz[3:]), (without_heart[3:], without_heart[:3]):
        assert all(row.endswith("| +0.000 (+0.000 to +0.000) |") for row in whole)
        difference, low, high = (
            float(part)
            for part in lossy[1].rsplit("| ")[-1].replace("(", "").strip(") |").split()
            if part != "to"
        )
        assert -1.0 <= low < difference < high < 0.0


def test_without_heart_rate_only_those_nights_are_told_of_that_had_it() -> None:
    lines = report(Readings(ONE, ONE, ONE), by_shipped(load_model()))
    told = [line for line in lines if line.startswith("SIMULATION")]
    assert "24 nights of 8 people with 2 devices" in told[0]
    assert "12 nights of 4 people with 1 devices" in told[1]


def test_each_night_is_judged_by_what_the_other_families_teach(
    scores: Mapping[str, CrampScore],
) -> None:
    table = concatenate([READ, a_source("odd", nights=12, seed=4, told_by="level_before")])
    judged = by_others(scores).score(table)
    for family, other in (("one", "odd"), ("odd", "one")):
        theirs, rows = table.of_source(family)
        assert judged[rows].tolist() == scores[family].log_odds(theirs.rows).tolist()
        assert judged[rows].tolist() != scores[other].log_odds(theirs.rows).tolist()


def learnt_by(*seeds: int) -> Table:
    families = [
        replace(night, family=family, person=simulated_person(seed, "p001n01"))
        for family, seed in zip(FAMILIES, seeds, strict=False)
        for night in a_source(family, nights=1).nights
    ]
    return replace(a_source("one", nights=1), nights=tuple(families))


def test_whoever_was_learnt_from_is_not_judged() -> None:
    refuse_known(learnt_by(1, 2, 3, 4), ["1 p002", "5 p001"])
    with pytest.raises(InputError, match=r"1 of the people .* another with --seed"):
        refuse_known(learnt_by(1, 2, 3, 4), ["3 p001", "5 p001"])


def test_nor_whoever_the_shipped_model_has_learnt_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["slow_samples", "--nights", "0", "--seed", "31"])
    with pytest.raises(SystemExit):
        main()
    assert "the shipped model has learnt from the people of this --seed" in capsys.readouterr().err


def test_a_file_that_is_no_model_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "model.npz"
    file.write_text("no model")
    monkeypatch.setattr(sys, "argv", ["slow_samples", "--nights", "0", "--model", str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"error: The model {file} is no model of crampwatch" in capsys.readouterr().err


def test_a_folder_without_real_nights_is_refused_before_any_night_is_simulated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["slow_samples", "--nights", "0", "--backgrounds", "none"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"error: {tmp_path / 'none'} holds no wrist_5hz" in capsys.readouterr().err


def test_every_family_has_to_be_among_those_that_were_learnt_from() -> None:
    with pytest.raises(InputError, match="no submovements night"):
        refuse_known(learnt_by(1, 2, 3), [])
