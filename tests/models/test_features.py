from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.features import judged, main
from detector.features import FEATURE_UNITS
from ingest.errors import InputError
from models.study.kept import write_table
from models.study.table import Table, concatenate
from models.study.worth import Shares
from tests.models.sources import COLUMNS, a_source

RENDERED = "level_before"
"""A feature that says of each family's cramps the opposite of the other's."""
SEED = 7


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in {"TREES": 15, "ENSEMBLES": 1, "FOREST_TREES": 15, "FOLDS": 3}.items():
        monkeypatch.setattr(f"models.training.cramps.{name}", number)
    monkeypatch.setattr("benchmarks.features.OTHER_SEEDS", 1)


def a_family(name: str, *, rendered: float, nights: int = 48, seed: int = 0) -> Table:
    """Nights in which moving tells cramps a little, and so does what the family makes of them."""
    table = a_source(name, nights=nights, seed=seed)
    rows = table.rows.copy()
    rub = table.kind == "rub"
    rows[rub, COLUMNS.index("moving")] -= 2.0
    rows[rub, COLUMNS.index(RENDERED)] += rendered
    return replace(table, rows=rows)


OPPOSITE = {"one": 3.0, "other": -3.0}
BOTH = concatenate([a_family(name, rendered=sign) for name, sign in OPPOSITE.items()])


def rows_of(lines: list[str]) -> list[list[str]]:
    """Cells of the table's rows."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ")
    ][2:]


@pytest.mark.usefixtures("_small")
def test_what_helps_at_home_and_hurts_abroad_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = judged(BOTH, ["turning", RENDERED, "moving"], SEED)
    rows = rows_of(lines)
    assert [row[0] for row in rows[:1] + rows[2:]] == [
        "`moving`",
        f"`{RENDERED}`",
        "another seed, 8",
    ]
    assert [row[-1] for row in rows] == ["", "", "helps at home, hurts abroad", ""]
    worth = [float(row[1].split(" ")[0]) for row in rows[:3]]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > 0.1
    assert worth[2] < -0.1
    # Each is told as soon as it is known, and how far it is.
    out, err = capsys.readouterr()
    assert out == ""
    told = [line for line in err.splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0] for line in told] == [
        "| `turning`",
        f"| `{RENDERED}`",
        "| `moving`",
        "| another seed, 8",
    ]
    assert sorted(told) == sorted(line for line in lines[-4:])
    assert "crampwatch: 5 of 5 trainings" in err


@pytest.mark.usefixtures("_small")
def test_the_table_says_what_it_is_of() -> None:
    few = concatenate([a_family(name, rendered=0.0, nights=12) for name in ("one", "other")])
    first, _, found, _, how, _, head, rule, *rows = judged(few, ["turn", "length"], SEED)
    assert first.startswith("SIMULATION")
    assert "24 nights of 8 people, 264 awakenings, 12 visible cramps; seed 7." in first
    assert "at 0.1, 0.3, 1 false alarms a clean night" in found
    assert "Of 2 features that are worth nothing, 0.1 would hurt abroad by chance" in how
    columns = ["mean", "at 0.1", "at 0.3", "at 1"]
    assert head.strip("| ").split(" | ") == [
        "feature",
        *(f"abroad, {each}" for each in columns),
        *(f"at home, {each}" for each in columns),
        "what follows",
    ]
    assert {line.count("|") for line in (head, rule, *rows)} == {11}
    assert len(rows) == 3


def test_of_all_features_about_two_would_stand_out_by_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing = Shares(np.zeros(3), np.zeros((3, 4)))
    monkeypatch.setattr("benchmarks.features._found", lambda *_: (nothing, nothing))
    lines = judged(BOTH, [*FEATURE_UNITS], SEED)
    assert f"Of {len(FEATURE_UNITS)} features that are worth nothing, 1.1 would hurt" in lines[4]
    assert "about 2 would stand out" in lines[4]
    # Of those that are worth the same, and of seeds, the order stays.
    assert [row[0].strip("`") for row in rows_of(lines)] == [
        *FEATURE_UNITS,
        *(f"another seed, {seed}" for seed in (8, 9, 10)),
    ]


def test_nights_of_one_family_are_refused() -> None:
    with pytest.raises(InputError, match="Measure nights of others as well"):
        judged(a_source("one"), ["turn"], SEED)


def test_processes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.features.OTHER_SEEDS", 0)
    few = concatenate([a_family(name, rendered=sign, nights=6) for name, sign in OPPOSITE.items()])
    lines = judged(few, [RENDERED], SEED, jobs=2)
    assert lines == judged(few, [RENDERED], SEED)
    [row] = rows_of(lines)
    assert set(row[1:-1]) != {"+0.000 (+0.000 to +0.000)"}


@pytest.mark.usefixtures("_small")
def test_what_a_training_kept_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = concatenate([a_family(name, rendered=0.0, nights=6) for name in ("one", "other")])
    write_table(few, tmp_path / "measured.npz")
    arguments = ["--measured", str(tmp_path / "measured.npz"), "--feature", "moving", "--seed", "7"]
    monkeypatch.setattr(sys, "argv", ["features", *arguments])
    main()
    assert capsys.readouterr().out.splitlines() == judged(few, ["moving"], SEED)


def test_a_file_that_holds_no_nights_is_refused_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "measured.npz").write_text("nothing")
    monkeypatch.setattr(sys, "argv", ["features", "--measured", str(tmp_path / "measured.npz")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "measured.npz: holds no measured nights" in capsys.readouterr().err
