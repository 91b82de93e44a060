from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.features import FEATURE_UNITS
from ingest.errors import RecordingError, RecordingWriteError
from models.study.kept import ensure_writable, read_table, write_table
from models.study.table import Table, concatenate
from tests.models.sources import a_source

TABLE = concatenate([a_source("one", nights=4, seed=1), a_source("other, hard life", nights=3)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table that was kept."""
    file = tmp_path / "measured"
    write_table(TABLE, file)
    return file


def same(one: Table, other: Table) -> bool:
    """Whether two tables are the same to the bit, NaN and all."""
    arrays = [each.name for each in fields(Table) if each.name != "nights"]
    return one.nights == other.nights and all(
        getattr(one, name).dtype == getattr(other, name).dtype
        and getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in arrays
    )


def test_a_table_reads_back_as_it_was_bit_for_bit(file: Path) -> None:
    assert np.isnan(TABLE.rows).any()
    assert same(read_table(file), TABLE)
    again = file.with_name("again.npz")
    write_table(read_table(file), again)
    assert again.read_bytes() == file.read_bytes()


def test_nights_without_an_awakening_are_kept(tmp_path: Path) -> None:
    none = a_source("one", nights=3)
    nights_only = Table(
        rows=none.rows[:0],
        rhythmic_s=none.rhythmic_s[:0],
        cramp=none.cramp[:0],
        kind=none.kind[:0],
        onset_s=none.onset_s[:0],
        end_s=none.end_s[:0],
        night=none.night[:0],
        nights=none.nights,
    )
    write_table(nights_only, tmp_path / "measured")
    assert same(read_table(tmp_path / "measured"), nights_only)


def changed(file: Path, **others: Any) -> None:
    """Write the file anew with other arrays in it; None leaves one out."""
    with np.load(file) as arrays:
        held = dict(arrays) | others
    with file.open("wb") as opened:
        np.savez_compressed(opened, **{name: held[name] for name in held if held[name] is not None})


def about(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with np.load(file) as arrays:
        told = json.loads(str(arrays["about"]))
    change(told)
    changed(file, about=np.array(json.dumps(told)))


FIRST, *MIDDLE, LAST = FEATURE_UNITS


@pytest.mark.parametrize(
    ("features", "problem"),
    [
        ([FIRST, *MIDDLE], f"was measured without {LAST}"),
        (
            [FIRST, *MIDDLE, "jerk"],
            "was measured with jerk, which no feature is called now "
            f"and was measured without {LAST}",
        ),
        (
            [*FEATURE_UNITS, "jerk", "band"],
            "was measured with jerk, band, which no feature is called now",
        ),
        ([LAST, *MIDDLE, FIRST], "was measured with its features in another order"),
    ],
)
def test_other_features_are_refused_by_name(file: Path, features: list[str], problem: str) -> None:
    about(file, lambda told: told.update(features=features))
    with pytest.raises(RecordingError) as refused:
        read_table(file)
    assert refused.value.problem == problem
    assert str(file) in str(refused.value)
    assert "--keep-measured FILE, with --simulate N or --nights DIR" in str(refused.value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-200]),
        lambda file: file.write_bytes(file.read_bytes()[:2000].replace(b"\x00", b"\x01")),
        lambda file: file.write_text("onset,end\n"),
        lambda file: file.write_bytes(_bare(TABLE.rows)),
        lambda file: changed(file, about=None),
        lambda file: changed(file, about=np.array("[]")),
        lambda file: changed(file, kind=None),
        lambda file: changed(file, rows=TABLE.rows[:, 1:]),
        lambda file: changed(file, rows=TABLE.rows.astype(str)),
        lambda file: changed(file, rows=TABLE.rows[0]),
        lambda file: changed(file, onset_s=TABLE.onset_s[1:]),
        lambda file: changed(file, cramp=TABLE.cramp.astype(float)),
        lambda file: changed(file, night=TABLE.night + 1),
        lambda file: changed(file, night=TABLE.night - 1),
        lambda file: about(file, lambda told: told["nights"][0].pop("family")),
        lambda file: about(file, lambda told: told["nights"][1].update(cramps=[3])),
    ],
)
def test_what_is_no_table_is_refused_with_advice(
    file: Path, damage: Callable[[Path], object]
) -> None:
    damage(file)
    with pytest.raises(RecordingError, match=r"holds no measured nights\. Measure the nights aga"):
        read_table(file)


def _bare(values: np.ndarray[Any, Any]) -> bytes:
    with io.BytesIO() as file:
        np.save(file, values)
        return file.getvalue()


def test_code_in_a_file_is_not_run(file: Path) -> None:
    changed(file, kind=np.array([Runs()] * len(TABLE), object))
    with pytest.raises(RecordingError, match="holds no measured nights"):
        read_table(file)


class Runs:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("run",))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(RecordingError, match=f"cannot be read: {problem}"):
            read_table(path)


def test_what_cannot_be_written_is_told_before_and_after(tmp_path: Path) -> None:
    for write in (ensure_writable, lambda path: write_table(TABLE, path)):
        for path in (tmp_path, tmp_path / "none" / "measured"):
            with pytest.raises(RecordingWriteError, match="another file with --keep-measured"):
                write(path)


def test_finding_out_changes_nothing_that_is_there(file: Path) -> None:
    before = file.read_bytes()
    ensure_writable(file)
    assert file.read_bytes() == before
