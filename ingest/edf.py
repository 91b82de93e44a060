"""Writes a night as EDF+, for the programs that sleep laboratories use.

EDF+ knows only even sampling without holes, so acceleration is laid on an even grid and holes are
filled with 0 g, which no body at rest measures, and annotated. RR intervals are left out. The plain
recording folder is exact where this is not.

Kemp, B. and Olivan, J. (2003). European data format 'plus' (EDF+). Clinical Neurophysiology 114,
1755-1761.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from edfio import Edf, EdfAnnotation, EdfSignal
from edfio import Recording as EdfRecording

from ingest.errors import RecordingError
from ingest.extent import HOLE_NS
from ingest.native import disk
from ingest.recording import Event, Recording
from ingest.samples import MAX_BPM, NS_PER_S, Acceleration, HeartRate, Mark, RecordingInfo

__all__ = ["write"]

RANGES_G = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Full scales in g that accelerometers have: the smallest that holds the night keeps the most."""

MAX_COUNT = 32767
"""Largest count on either side: with as many below as above, 0 g is 0 and stays exact."""

BPM_STEPS = 10
"""Counts for one beat per minute: finer than any wearable tells."""

HOLD_NS = 10 * NS_PER_S
"""Nanoseconds for which a heart rate holds: twice the 5 s between the slowest readings."""

MAX_DEVICE_CHARS = 20
"""Characters of the device: EDF+ has 80 for it, the zone and the date together."""

Times = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def write(path: Path, recording: Recording, annotations: Sequence[Event] = ()) -> None:
    """Write a recording as an EDF+ file.

    Its signals are x, y and z in g, at the rate of the recording in whole hertz, and the heart rate
    once a second, 0 where there is none. Events, marks, holes and ``annotations`` are its
    annotations. Its clock shows the wearer's local time at the start.

    Parameters
    ----------
    path
        Must not be there yet.
    annotations
        Further ones, such as what a detector found.

    Raises
    ------
    RecordingError
        If the recording cannot be read, or not told in EDF+.
    RecordingWriteError
        If the file cannot be written.
    """
    if path.exists():
        raise RecordingError(path, "is there already", "Choose another name, or remove it first.")
    info = recording.info
    acceleration: list[Acceleration] = []
    readings: list[HeartRate] = []
    events = [*recording.events, *annotations]
    for record in recording.samples():
        if isinstance(record, Acceleration):
            acceleration.append(record)
        elif isinstance(record, HeartRate):
            readings.append(record)
        elif isinstance(record, Mark):
            events.append(Event((record.time_ns - info.start_ns) / NS_PER_S, 0.0, record.label))
    if sum(map(len, acceleration)) < 2:
        raise RecordingError(path, "would hold no acceleration", "Choose another recording.")
    times_ns = np.concatenate([each.times_ns for each in acceleration])
    xyz_g = np.concatenate([each.xyz_g for each in acceleration])
    start_ns = int(times_ns[0]) // NS_PER_S * NS_PER_S
    seconds = int(times_ns[-1] - start_ns) // NS_PER_S + 1
    rate_hz = max(1, round(NS_PER_S / float(np.median(np.diff(times_ns)))))
    signals = [
        *_acceleration_signals(times_ns, xyz_g, start_ns, seconds, rate_hz),
        _heart_signal(readings, start_ns, seconds),
    ]
    offset_s = (info.start_ns - start_ns) / NS_PER_S
    notes = [
        *(_annotation(event, offset_s) for event in events),
        *_holes(times_ns, start_ns),
    ]
    disk.create(path, _file(path, info, start_ns, signals, notes))


def _acceleration_signals(
    times_ns: Times, xyz_g: npt.NDArray[np.float32], start_ns: int, seconds: int, rate_hz: int
) -> Iterator[EdfSignal]:
    grid_ns = start_ns + np.arange(seconds * rate_hz) * NS_PER_S // rate_hz
    after = np.searchsorted(times_ns, grid_ns)
    before = np.searchsorted(times_ns, grid_ns, side="right") - 1
    inside = (before >= 0) & (after < len(times_ns))
    last = len(times_ns) - 1
    steps_ns = times_ns[np.minimum(after, last)] - times_ns[np.maximum(before, 0)]
    recorded = inside & (steps_ns <= HOLE_NS)
    peak_g = float(np.abs(xyz_g).max())
    full_g = next(each for each in RANGES_G if peak_g <= each)
    # Relative, so that float64 keeps the nanosecond.
    grid_s, times_s = (grid_ns - start_ns) / NS_PER_S, (times_ns - start_ns) / NS_PER_S
    for axis, label in enumerate(("Acc X", "Acc Y", "Acc Z")):
        values: Floats = np.where(recorded, np.interp(grid_s, times_s, xyz_g[:, axis]), 0.0)
        yield EdfSignal(
            values,
            rate_hz,
            label=label,
            physical_dimension="g",
            physical_range=(-full_g, full_g),
            digital_range=(-MAX_COUNT, MAX_COUNT),
        )


def _heart_signal(readings: Sequence[HeartRate], start_ns: int, seconds: int) -> EdfSignal:
    times_ns = np.concatenate([np.empty(0, np.int64), *(each.times_ns for each in readings)])
    bpm = np.concatenate([np.zeros(1), *(each.bpm for each in readings)])
    grid_ns = start_ns + np.arange(seconds) * NS_PER_S
    # One place further than the readings: place 0 stands for none yet.
    latest = np.searchsorted(times_ns, grid_ns, side="right")
    since_ns = grid_ns - np.concatenate([[start_ns - 2 * HOLD_NS], times_ns])[latest]
    return EdfSignal(
        np.where(since_ns <= HOLD_NS, bpm[latest], 0.0),
        1,
        label="Heart rate",
        physical_dimension="bpm",
        physical_range=(0, MAX_BPM),
        digital_range=(0, int(MAX_BPM) * BPM_STEPS),
    )


def _holes(times_ns: Times, start_ns: int) -> Iterator[EdfAnnotation]:
    for place in np.flatnonzero(np.diff(times_ns) > HOLE_NS):
        first_ns, next_ns = int(times_ns[place]), int(times_ns[place + 1])
        yield EdfAnnotation(
            (first_ns - start_ns) / NS_PER_S, (next_ns - first_ns) / NS_PER_S, "not recorded"
        )


def _annotation(event: Event, offset_s: float) -> EdfAnnotation:
    extra = ", ".join(f"{name}: {text}" for name, text in event.extra.items())
    text = f"{event.label} ({extra})" if extra else event.label
    printable = "".join(char if char.isprintable() else " " for char in text)
    # The nanosecond is as fine as a recording is; more digits are noise of the subtraction.
    return EdfAnnotation(round(event.onset_s + offset_s, 9), event.duration_s or None, printable)


def _file(
    path: Path,
    info: RecordingInfo,
    start_ns: int,
    signals: Sequence[EdfSignal],
    notes: Iterable[EdfAnnotation],
) -> bytes:
    start = datetime.fromtimestamp(start_ns // NS_PER_S, UTC).astimezone(info.zone)
    try:
        edf = Edf(
            signals,
            recording=EdfRecording(
                startdate=start.date(),
                equipment_code=_ascii(info.device)[:MAX_DEVICE_CHARS] or "X",
                additional=(info.timezone,),
            ),
            starttime=start.time(),
            data_record_duration=1,
            annotations=sorted(notes),
        )
        sink = io.BytesIO()
        edf.write(sink)
    except ValueError as error:
        raise RecordingError(
            path, f"cannot be told in EDF+ ({error})", "Export it as a plain folder instead."
        ) from error
    return sink.getvalue()


def _ascii(text: str) -> str:
    """Put a text into what a subfield of EDF+ takes: printable ASCII without spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^!-~]+", "_", plain).strip("_")
