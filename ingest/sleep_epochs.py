"""Nights of polysomnography as epochs of 30 s: stage, activity count and heart-rate feature."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.errors import RecordingError
from ingest.samples import MAX_RECORDING_S

__all__ = ["COLUMNS", "EPOCH_S", "SleepEpochs", "read_sleep_epochs"]

EPOCH_S = 30
"""Seconds an epoch, as polysomnography is scored."""
COLUMNS = ("subject", "t_s", "stage", "count", "hr_feature")
WAKE, HIGHEST_STAGE = 0, 5
"""Stages run from 0, wake, over N1 to N4 to 5, REM."""
DIGEST_BYTES = 8

LAYOUT = (
    "The file must be Parquet with the columns subject, t_s (seconds from the start of the night), "
    "stage (0 wake, 1 to 4 N1 to N4, 5 REM), count and hr_feature."
)


@dataclass(frozen=True, slots=True, eq=False)
class SleepEpochs:
    """The scored epochs of one person's night; what was not scored is not there.

    Parameters
    ----------
    subject
        Who it is.
    epoch : int64, shape (n,)
        Which epoch from the start of the night, rising.
    wake : bool, shape (n,)
    count : float64, shape (n,)
        Smoothed activity count.
    heart : float64, shape (n,)
        Heart-rate feature; NaN where it was not measured.
    digest
        The same epochs give the same, whatever the person is called.
    """

    subject: str
    epoch: npt.NDArray[np.int64]
    wake: npt.NDArray[np.bool_]
    count: npt.NDArray[np.float64]
    heart: npt.NDArray[np.float64]
    digest: str

    def __len__(self) -> int:
        return len(self.epoch)

    def on_line(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Lay a value of each epoch onto the unbroken line of the night, NaN where none is."""
        line = np.full(int(self.epoch[-1]) + 1, np.nan)
        line[self.epoch] = values
        return line


def read_sleep_epochs(path: Path) -> list[SleepEpochs]:
    """Read every person of a file, by name.

    Raises
    ------
    RecordingError
        When it cannot be read or is not what it should be.
    """
    table = _read(path)
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise RecordingError(path, f"has no column {' and no column '.join(missing)}", LAYOUT)
    if not table.num_rows:
        raise RecordingError(path, "holds no epochs", LAYOUT)
    numbers = {name: _numbers(path, table, name) for name in COLUMNS[1:]}
    if table.column("subject").null_count:
        raise RecordingError(path, "has rows without a subject", LAYOUT)
    subjects = np.array([str(subject) for subject in table.column("subject").to_pylist()])
    people = [
        _person(
            path, subject, {name: values[subjects == subject] for name, values in numbers.items()}
        )
        for subject in np.unique(subjects).tolist()
    ]
    if len(np.unique(np.concatenate([person.wake for person in people]))) < 2:
        only = "wake" if people[0].wake[0] else "sleep"
        raise RecordingError(
            path, f"holds {only} and nothing else", "Both are needed to tell them apart."
        )
    return people


def _read(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        there = "is no file" if path.exists() else "is not there"
        raise RecordingError(path, there, "Name a Parquet file of epochs.")
    try:
        return pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise RecordingError(path, "cannot be read as Parquet", LAYOUT) from error


def _numbers(path: Path, table: Any, name: str) -> npt.NDArray[np.float64]:
    import pyarrow as pa

    try:
        values = np.asarray(
            table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64
        )
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise RecordingError(
            path, f"holds something else than numbers in {name}", LAYOUT
        ) from error
    # The heart may not have been measured; everything else must be known.
    usable = np.isfinite(values) | (np.isnan(values) if name == "hr_feature" else False)
    if not usable.all():
        row = int(np.argmin(usable)) + 1
        raise RecordingError(
            path, f"holds no number in row {row} of {name}", "Leave such epochs out of the file."
        )
    return values


def _person(path: Path, subject: str, of: dict[str, npt.NDArray[np.float64]]) -> SleepEpochs:
    times_s, stage, count, heart = (of[name] for name in COLUMNS[1:])

    def require(holds: bool, problem: str, advice: str) -> None:
        if not holds:
            raise RecordingError(path, f"subject {subject}: {problem}", advice)

    known = (stage >= WAKE) & (stage <= HIGHEST_STAGE) & (stage == np.round(stage))
    require(bool(known.all()), "a stage is not one of 0 to 5", "Leave unscored epochs out.")
    require(bool((count >= 0).all()), "a count is negative", LAYOUT)
    require(
        times_s[0] >= 0 and times_s[-1] <= MAX_RECORDING_S,
        f"t_s does not lie within 0 and {MAX_RECORDING_S} s",
        "Count t_s from the start of that person's night.",
    )
    require(
        bool((np.diff(times_s) > 0).all() and (times_s % EPOCH_S == times_s[0] % EPOCH_S).all()),
        f"t_s does not rise in steps of {EPOCH_S} s",
        "Sort each person's epochs by time and give each once.",
    )
    epoch = (times_s // EPOCH_S).astype(np.int64)
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for values in (epoch, stage, count, heart):
        digest.update(values.astype("<f4").tobytes())
    return SleepEpochs(subject, epoch, stage == WAKE, count, heart, digest.hexdigest())
