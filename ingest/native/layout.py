"""Which files a native recording consists of.

::

    night.json                 what it says of itself
    segment-0001.arrows        one for each start of the collector
    segment-0002.arrows
    parquet-0002/              all segments up to 2, compacted; they are removed afterwards
        acceleration_wrist.parquet, heart_rate.parquet, ...

A segment whose number a compacted folder covers is what an interruption left; it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.text_file import open_error

__all__ = [
    "NIGHT_JSON",
    "Layout",
    "is_begun",
    "is_native",
    "look",
    "parquet_name",
    "partial_name",
    "segment_name",
]

NIGHT_JSON = "night.json"

_SEGMENT = re.compile(r"segment-(\d{4,})\.arrows")
_PARQUET = re.compile(r"parquet-(\d{4,})")
_PARTIAL = re.compile(r"\.(parquet-\d{4,}|night\.json)\.partial")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a native recording.

    Parameters
    ----------
    parquet
        The compacted folder, if there is one.
    covered
        Number of the last segment in it.
    segments
        Those after it, in order.
    leftovers
        What is superseded or was never finished.
    """

    folder: Path
    parquet: Path | None
    covered: int
    segments: tuple[Path, ...]
    leftovers: tuple[Path, ...]

    @property
    def last(self) -> int:
        """The highest number in use."""
        return max([self.covered, *(number_of(path) for path in self.segments)])


def is_native(names: Iterable[str]) -> bool:
    """Tell by the names of its files whether a folder is a native recording."""
    return any(
        name == NIGHT_JSON or _SEGMENT.fullmatch(name) or _PARQUET.fullmatch(name) for name in names
    )


def is_begun(folder: Path) -> bool:
    """Tell whether a native recording is there already, to be continued."""
    return folder.is_dir() and is_native(each.name for each in folder.iterdir())


def segment_name(number: int) -> str:
    """Name a segment."""
    return f"segment-{number:04d}.arrows"


def parquet_name(number: int) -> str:
    """Name the folder that holds the segments up to a number, compacted."""
    return f"parquet-{number:04d}"


def partial_name(name: str) -> str:
    """Name what is still being written; it is hidden."""
    return f".{name}.partial"


def number_of(path: Path) -> int:
    """Give the number in the name of a segment or a compacted folder."""
    found = _SEGMENT.fullmatch(path.name) or _PARQUET.fullmatch(path.name)
    assert found is not None
    return int(found[1])


def look(folder: Path) -> Layout:
    """Sort the files of a folder.

    Raises
    ------
    RecordingError
        If it cannot be listed.
    """
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise open_error(folder, error) from error
    compacted = sorted((each for each in paths if _PARQUET.fullmatch(each.name)), key=number_of)
    parquet = compacted[-1] if compacted else None
    covered = number_of(parquet) if parquet else 0
    segments = sorted((each for each in paths if _SEGMENT.fullmatch(each.name)), key=number_of)
    return Layout(
        folder,
        parquet,
        covered,
        tuple(each for each in segments if number_of(each) > covered),
        (
            *compacted[:-1],
            *(each for each in segments if number_of(each) <= covered),
            *(each for each in paths if _PARTIAL.fullmatch(each.name)),
        ),
    )
