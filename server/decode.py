"""Decodes one recording into plain arrays, as a process of its own: see `server.decoded`.

``python -m server.decode PATH TIMEZONE FOLDER``
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from detector.calibration import Calibration
from detector.seconds import GAP_NS
from detector.traces import Stretches, Tracer, enmo_g
from ingest.discover import find_recordings
from ingest.errors import InputError
from ingest.recording import Recording
from ingest.samples import Acceleration
from server.decoded import (
    ABOUT,
    ANGLE,
    BLOCK_SAMPLES,
    ENMO,
    GAPS,
    HEART,
    SLOW_TIMES,
    TIMES,
    XYZ,
    NotShown,
)

__all__ = ["decode", "main"]


def main() -> None:
    """Decode, and print the id of the recording or what is wrong with it, as a line of JSON."""
    path, timezone, folder = sys.argv[1:]
    said: dict[str, str | None] = {"id": None, "problem": None, "detail": None}
    try:
        said["id"] = _decode_at(Path(path), timezone, Path(folder))
    except InputError as error:
        said |= {"problem": NotShown.UNREADABLE, "detail": str(error)}
    except OSError as error:
        said |= {"problem": NotShown.NO_ROOM, "detail": str(error)}
    if said["id"] is None and said["problem"] is None:
        said |= {"problem": NotShown.MOVED, "detail": "it is not there"}
    sys.stdout.write(json.dumps(said) + "\n")


def decode(recording: Recording, folder: Path) -> str:
    """Write the arrays of a recording into a folder, and give its id.

    Raises
    ------
    InputError
        The recording cannot be read.
    OSError
        The folder cannot be written.
    """
    tracer, gaps = Tracer(), [np.empty((0, 2), np.int64)]
    last_ns: int | None = None
    samples = 0
    with ExitStack() as files:
        times, xyz = (files.enter_context((folder / name).open("xb")) for name in (TIMES, XYZ))
        for chunk in recording.samples():
            tracer.feed(chunk)
            if not isinstance(chunk, Acceleration) or not len(chunk):
                continue
            near = chunk.times_ns if last_ns is None else np.insert(chunk.times_ns, 0, last_ns)
            late = np.flatnonzero(np.diff(near) > GAP_NS)
            gaps.append(np.column_stack([near[late], near[late + 1]]))
            last_ns = int(chunk.times_ns[-1])
            samples += len(chunk)
            times.write(chunk.times_ns.tobytes())
            xyz.write(chunk.xyz_g.tobytes())
    traces = tracer.finish()
    count = min(len(traces.z_angle_deg), len(traces.heart_bpm))
    for name, values in (
        (GAPS, np.concatenate(gaps)),
        (SLOW_TIMES, traces.times_ns[:count]),
        (ANGLE, traces.z_angle_deg[:count]),
        (HEART, traces.heart_bpm[:count]),
    ):
        (folder / name).write_bytes(values.tobytes())
    stretches = Stretches(traces)
    _write_enmo(folder, samples, traces.calibration, stretches)
    about: dict[str, Any] = {
        "samples": samples,
        "stretches": [asdict(each) for each in stretches.finish()],
    }
    (folder / ABOUT).write_text(json.dumps(about, allow_nan=False), "utf-8")
    return traces.id


def _decode_at(path: Path, timezone: str, folder: Path) -> str | None:
    try:
        found = find_recordings(path, timezone=timezone)
    except InputError:
        return None
    one = next((each for each in found if each.path == path), None)
    return None if one is None else decode(one.open(), folder)


def _write_enmo(folder: Path, samples: int, calibration: Calibration, stretches: Stretches) -> None:
    """Read the samples again, now that the whole night has told the calibration."""
    with (folder / ENMO).open("xb") as file:
        for start in range(0, samples, BLOCK_SAMPLES):
            count = min(BLOCK_SAMPLES, samples - start)
            times_ns = np.fromfile(folder / TIMES, np.int64, count, offset=8 * start)
            xyz_g = np.fromfile(folder / XYZ, np.float32, 3 * count, offset=12 * start)
            values = enmo_g(xyz_g.reshape(count, 3), calibration)
            stretches.take(times_ns, values)
            file.write(values.tobytes())


if __name__ == "__main__":
    main()
