"""Samples of stored recordings, decoded once and kept as plain arrays for whoever draws them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.traces import Stretch

__all__ = [
    "ABOUT",
    "ANGLE",
    "BLOCK_SAMPLES",
    "ENMO",
    "GAPS",
    "HEART",
    "SLOW_TIMES",
    "TIMES",
    "XYZ",
    "Block",
    "Decoded",
    "DecodedNights",
    "NotShown",
]

log = logging.getLogger(__name__)

MAX_CACHE_BYTES = 1_000_000_000
"""Largest the kept arrays may grow together in bytes: about 25 nights at 50 Hz, 40 MB each."""

BLOCK_SAMPLES = 1 << 16
"""Samples in memory at once: 1.5 MB of them."""

PATIENCE_S = 600
"""Seconds that decoding may take: a night of text on the slowest memory card takes one minute, and
a drive in the network that went away takes for ever."""

LAYOUT = 1
"""Number of the way in which the arrays are kept; what was kept in another is made anew."""

TIMES, XYZ, ENMO, GAPS = "times.i8", "xyz.f4", "enmo.f4", "gaps.i8"
SLOW_TIMES, ANGLE, HEART = "slow_times.i8", "angle.f8", "heart.f8"
ABOUT = "about.json"
"""Files of a decoded recording, in the byte order of the machine; that of the last is written
last."""

Times = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


class NotShown(StrEnum):
    """Why there are no samples of a stored recording to draw."""

    ELSEWHERE = "elsewhere"
    """Nobody told where it lies: it came from a collector on another machine."""
    MOVED = "moved"
    """It does not lie where it did."""
    CHANGED = "changed"
    """What lies there is not what was judged."""
    UNREADABLE = "unreadable"
    """It cannot be read."""
    NO_ROOM = "no_room"
    """Its samples could not be kept on the disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Samples in a row: times in UTC nanoseconds, shape (n,), and what was measured in g."""

    times_ns: Times
    xyz_g: Singles
    enmo_g: Singles


class Decoded:
    """The samples of one recording, read from the disk as they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        self.samples: int = about["samples"]
        self.stretches = tuple(Stretch(**each) for each in about["stretches"])

    def rows(self, start_ns: int, end_ns: int) -> tuple[int, int]:
        """Give the places of the samples of a range, half-open, with one more to either side."""
        times_ns = np.memmap(self._folder / TIMES, np.int64, "r")
        first, last = np.searchsorted(times_ns, (start_ns, end_ns)).tolist()
        return max(first - 1, 0), min(last + 1, self.samples)

    def blocks(self, first: int, last: int, pieces: int) -> Iterator[Block]:
        """Read the samples from one place to another, in some equal pieces."""
        for start, stop in pairwise(np.linspace(first, last, pieces + 1).astype(int).tolist()):
            count = stop - start
            yield Block(
                np.fromfile(self._folder / TIMES, np.int64, count, offset=8 * start),
                np.fromfile(self._folder / XYZ, np.float32, 3 * count, offset=12 * start).reshape(
                    count, 3
                ),
                np.fromfile(self._folder / ENMO, np.float32, count, offset=4 * start),
            )

    def gaps_ns(self) -> Times:
        """Give the last sample before and the first after each gap, shape (k, 2)."""
        return np.fromfile(self._folder / GAPS, np.int64).reshape(-1, 2)

    def slow_curves(self) -> tuple[Times, Doubles, Doubles]:
        """Give times, z-angle in degrees and heart rate in bpm, each 5 s; NaN where unknown."""
        return (
            np.fromfile(self._folder / SLOW_TIMES, np.int64),
            np.fromfile(self._folder / ANGLE, np.float64),
            np.fromfile(self._folder / HEART, np.float64),
        )


class DecodedNights:
    """The decoded recordings of a server, in a folder of its own.

    Parameters
    ----------
    folder
        Made where it is not there.
    max_bytes
        What was not drawn for the longest goes first; the one that is drawn stays.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._refused: dict[str, tuple[tuple[str, int], NotShown]] = {}

    def get(
        self, recording_id: str, timezone: str, where: Callable[[], Path | None]
    ) -> Decoded | NotShown:
        """Give the samples of a recording, decoded where they are not yet, or say why not.

        Parameters
        ----------
        timezone
            Of a recording whose format does not carry one.
        where
            Says where the recording lies, None where nobody knows; asked only where it has to be
            decoded.
        """
        folder = self._folder / _name(recording_id)
        if not (folder / ABOUT).is_file():
            # One at a time: each takes a second of a core, and two may be asked for the same.
            with self._lock:
                why = None
                if not (folder / ABOUT).is_file():
                    why = self._decode(recording_id, timezone, where(), folder)
            if why is not None:
                return why
        os.utime(folder)
        return Decoded(folder)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return not self._folders()

    def keep_only(self, recording_ids: Collection[str]) -> None:
        """Remove what is kept of every other recording."""
        kept = {_name(each) for each in recording_ids}
        with self._lock:
            for folder in self._folders():
                if folder.name not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    def _decode(
        self, recording_id: str, timezone: str, path: Path | None, folder: Path
    ) -> NotShown | None:
        if path is None:
            return NotShown.ELSEWHERE
        state = (str(path), _last_changed_ns(path))
        before = self._refused.get(recording_id)
        if before is not None and before[0] == state:
            return before[1]
        partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        try:
            partial.mkdir(mode=0o700, parents=True)
            outcome = _decode_apart(path, timezone, partial)
            if outcome == recording_id:
                partial.rename(folder)
                self._make_room(folder)
                return None
        except OSError as error:
            log.warning("the samples of a recording cannot be kept: %s", error)
            return NotShown.NO_ROOM
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        why = outcome if isinstance(outcome, NotShown) else NotShown.CHANGED
        if why is not NotShown.NO_ROOM:
            self._refused[recording_id] = state, why
        return why

    def _make_room(self, newest: Path) -> None:
        others = sorted(
            (each for each in self._folders() if each != newest),
            key=lambda each: each.stat().st_mtime_ns,
            reverse=True,
        )
        left = self._max_bytes - _bytes(newest)
        for folder in others:
            left -= _bytes(folder)
            if left < 0:
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []


def _name(recording_id: str) -> str:
    """Name the folder of a recording: whoever sends a night chooses its id."""
    return f"{hashlib.sha256(recording_id.encode()).hexdigest()[:32]}-{LAYOUT}"


def _bytes(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.iterdir())


def _last_changed_ns(path: Path) -> int:
    try:
        paths = [path, *path.iterdir()] if path.is_dir() else [path]
        return max(each.stat().st_mtime_ns for each in paths)
    except OSError:
        return 0


def _decode_apart(path: Path, timezone: str, folder: Path) -> str | NotShown:
    """Decode a recording in a process of its own, and give its id or what was wrong with it.

    What reads a recording takes 50 MB that a server would never give back, and a second in which
    it would answer nobody else.
    """
    # With -P, what lies in the working folder is not taken for a part of crampwatch.
    command = [sys.executable, "-P", "-m", "server.decode", str(path), timezone, str(folder)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE_S,
            # Ctrl-C is for the server.
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        log.warning("the samples of %s are not read after %s s", path, PATIENCE_S)
        return NotShown.UNREADABLE
    if done.returncode:
        log.warning("the samples of %s cannot be read: %s", path, done.stderr.strip())
        return NotShown.UNREADABLE
    said = json.loads(done.stdout)
    if said["problem"] is None:
        return str(said["id"])
    log.warning("the samples of %s cannot be drawn: %s", path, said["detail"])
    return NotShown(said["problem"])
