"""A table on disk: measuring the nights of a training takes minutes, reading them again none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.features import FEATURE_UNITS
from detector.shipped import DAMAGED
from ingest.errors import RecordingError, RecordingWriteError
from models.study.table import KnownCramp, KnownNight, Table

__all__ = ["ensure_writable", "read_table", "write_table"]

COLUMNS = {
    "rhythmic_s": np.float64,
    "cramp": np.bool_,
    "kind": np.str_,
    "onset_s": np.float64,
    "end_s": np.float64,
    "night": np.intp,
}
"""What a table has of each awakening beside its features."""

MEASURE_AGAIN = (
    "Measure the nights again: crampwatch train --keep-measured FILE, with --simulate N or "
    "--nights DIR."
)


def ensure_writable(file: Path) -> None:
    """Find out before the nights are measured whether they can be kept; what is there stays.

    Raises
    ------
    RecordingWriteError
        Where they cannot.
    """
    try:
        with file.open("ab"):
            pass
    except OSError as error:
        raise _unwritable(file, error) from error


def write_table(table: Table, file: Path) -> None:
    """Write a table for `read_table`: arrays of numbers and one of JSON for the nights, no code.

    Raises
    ------
    RecordingWriteError
        Where it cannot be written.
    """
    about = {"features": [*FEATURE_UNITS], "nights": [asdict(night) for night in table.nights]}
    arrays: dict[str, Any] = {
        "about": np.array(json.dumps(about)),
        "rows": table.rows,
        **{name: getattr(table, name) for name in COLUMNS},
    }
    try:
        # Into an open file: to a bare name numpy adds an ending that nobody asked for.
        with file.open("wb") as opened:
            np.savez_compressed(opened, **arrays)
    except OSError as error:
        raise _unwritable(file, error) from error


def read_table(file: Path) -> Table:
    """Read a table that was kept, exactly as it was.

    Raises
    ------
    RecordingError
        When it is missing, damaged or something else, or has other features than are measured now.
    """
    try:
        # Opened here: of a damaged file that it opens itself, numpy leaves closing to chance.
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            differ = _differ([str(name) for name in about["features"]])
            table = None if differ else _table(about["nights"], arrays)
    except OSError as error:
        raise RecordingError(
            file, f"cannot be read: {error.strerror or error}", MEASURE_AGAIN
        ) from error
    except DAMAGED as error:
        # What numpy says of another kind of file is advice to load it unsafely.
        raise RecordingError(file, "holds no measured nights", MEASURE_AGAIN) from error
    if table is None:
        raise RecordingError(file, differ, MEASURE_AGAIN)
    return table


def _differ(features: list[str]) -> str:
    """Say how features differ from those that are measured; nothing where they do not."""
    gone = [name for name in features if name not in FEATURE_UNITS]
    new = [name for name in FEATURE_UNITS if name not in features]
    parts = [
        *([f"was measured with {', '.join(gone)}, which no feature is called now"] if gone else []),
        *([f"was measured without {', '.join(new)}"] if new else []),
    ]
    if not parts and features != [*FEATURE_UNITS]:
        return "was measured with its features in another order"
    return " and ".join(parts)


def _table(nights: list[dict[str, Any]], arrays: Mapping[str, npt.NDArray[Any]]) -> Table:
    rows = arrays["rows"]
    columns = {name: arrays[name] for name in COLUMNS}
    if rows.dtype != np.float64 or rows.shape != (len(rows), len(FEATURE_UNITS)):
        raise ValueError("its rows do not fit its features")
    for name, kind in COLUMNS.items():
        if not np.issubdtype(columns[name].dtype, kind) or columns[name].shape != rows.shape[:1]:
            raise ValueError(f"its {name} does not fit its rows")
    night = columns["night"]
    if len(night) and not 0 <= night.min() <= night.max() < len(nights):
        raise ValueError("it has awakenings of no night")
    return Table(rows=rows, nights=tuple(map(_night, nights)), **columns)


def _night(night: dict[str, Any]) -> KnownNight:
    cramps = tuple(
        KnownCramp(float(each["onset_s"]), float(each["end_s"]), str(each["kind"]))
        for each in night["cramps"]
    )
    names = {key: str(night[key]) for key in ("source", "family", "person", "name", "device")}
    return KnownNight(
        **names,
        worn_nights=float(night["worn_nights"]),
        length_s=float(night["length_s"]),
        cramps=cramps,
    )


def _unwritable(file: Path, error: OSError) -> RecordingWriteError:
    return RecordingWriteError(
        file, f"cannot be written: {error.strerror}", "Name another file with --keep-measured."
    )
