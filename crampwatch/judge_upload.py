"""Judges one recording that was sent to a server, as a process of its own.

    python -m crampwatch.judge_upload FILE NAME TIMEZONE FOLDER

On standard input it takes the adjustment to the wearer's answers as JSON, or nothing.
It says on standard output, each as a line of JSON, how far it is (``part``), and at last what was
found (``night``, ``remarks``) or what is wrong (``problem``).
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from pathlib import Path

from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording, remarks
from crampwatch.unpack import MAX_UNPACKED_BYTES, is_archive, unpack
from detector.classifier import load_model
from detector.personal import Personal, parse_personal
from ingest.discover import find_recordings
from ingest.errors import CrampwatchError, InputError
from ingest.recording import Recording
from ingest.samples import RecordingInfo
from server import logs
from server.settings import load_settings
from server.wire import dump_night

__all__ = ["main"]

_LOG = logging.getLogger(__name__)

MEMORY_BYTES = 4 * 1024**3
"""Most that the process may ask for: a night of nine hours takes a tenth of it."""

CPU_S = 1800
"""Seconds of a core it may take: three days at the highest rate take some minutes."""

NICENESS = 10
"""By how much it stands back: a night that is being recorded goes before one that is over."""

TOLD_PART = 0.01
"""Part of a recording after which it says how far it is."""


class _Told(NightProgress):
    """Says how far a recording was read."""

    def __init__(self) -> None:
        super().__init__()
        self._told = 0.0

    def begin(self, info: RecordingInfo) -> None:
        """Start; there is nothing to say yet."""

    def reached(self, time_ns: int, part: float | None = None) -> None:
        """Say how far it is, where that is known."""
        if part is not None and part - self._told >= TOLD_PART:
            self._told = part
            _say({"part": round(part, 3)})


def main(arguments: list[str]) -> int:
    """Judge a recording; 0 where that was said, whatever came of it."""
    file, name, timezone, room = arguments
    logs.begin(load_settings().log_format)
    _limit()
    try:
        _judge(Path(file), name, timezone, Path(room))
    except CrampwatchError as error:
        # What it is called on the server is nothing to whoever sent it.
        _say({"problem": str(error).replace(f"{room}/", "").replace(file, name)})
    except MemoryError:
        _say({"problem": f"{name}: takes too much memory to be judged. Send one night alone."})
    except Exception:
        # Written as the server writes its own mistakes, without what it stumbled over.
        _LOG.exception("A recording that was sent could not be judged.")
        return 1
    return 0


def _judge(file: Path, name: str, timezone: str, room: Path) -> None:
    recording, place = _opened(file, name, timezone, room)
    night, samples = judge_recording(
        recording, load_model(), _Told(), place, _adjustment(sys.stdin.read())
    )
    said = [each.replace(f"{room}/", "") for each in remarks(place, recording, samples)]
    _say({"night": json.loads(dump_night(night)), "remarks": said})


def _opened(file: Path, name: str, timezone: str, room: Path) -> tuple[Recording, Path]:
    """Open the one recording that a file holds.

    Raises
    ------
    InputError
        It holds none, or more than one.
    """
    # A damaged archive is none by its content, but still by its name.
    if is_archive(file) or name.lower().endswith(".zip"):
        place = unpack(file, room, Path(name).stem)
    else:
        place = room / name
        os.link(file, place)
    found = find_recordings(place, timezone=timezone)
    if len(found) > 1:
        raise InputError(f"{name}: holds {len(found)} recordings. Send each by itself.")
    return found[0].open(), found[0].path


def _adjustment(text: str) -> Personal | None:
    return parse_personal(text) if text else None


def _limit() -> None:
    os.nice(NICENESS)
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, MAX_UNPACKED_BYTES),
    ):
        resource.setrlimit(limit, (most, most))


def _say(said: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
