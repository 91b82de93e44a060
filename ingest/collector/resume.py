"""Where a recording stands that a collector is to continue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.devices.conversation import StreamKind
from ingest.native.description import acceleration_names
from ingest.native.layout import is_begun
from ingest.native.night import Reading, describe, latest
from ingest.samples import Acceleration, Fault, HeartRate, RRIntervals, Samples
from ingest.sensor import Sensor

__all__ = ["Resumed", "resume"]


@dataclass(slots=True)
class Resumed:
    """What a recording has reached.

    Parameters
    ----------
    sensors_ns
        UTC nanoseconds of the last acceleration, by the place of its sensor.
    readings_ns
        The same of heart rate.
    reached_ns
        The latest of all; 0 where there is nothing.
    unended
        Faults that were left open, ended with the last that was recorded.
    """

    sensors_ns: dict[int, int] = field(default_factory=dict)
    readings_ns: dict[StreamKind, int] = field(default_factory=dict)
    reached_ns: int = 0
    unended: tuple[Fault, ...] = ()


def resume(
    folder: Path, sensors: Sequence[Sensor], hand_on: Callable[[Samples, int], None]
) -> Resumed:
    """Read a recording up to its end; where there is none yet, there is nothing.

    Parameters
    ----------
    folder
        Of the recording.
    sensors
        Those that are to be recorded.
    hand_on
        Takes every sample, and the place of its sensor.

    Raises
    ------
    RecordingError
        If nothing of it can be read.
    """
    if not is_begun(folder):
        return Resumed()
    places = {name: place for place, name in enumerate(acceleration_names(sensors))}
    found = Resumed()
    faults: list[Fault] = []
    for table, record in describe(folder).records(Reading()):
        match record:
            case Fault():
                faults.append(record)
                continue
            case Acceleration() if len(record) and table in places:
                found.sensors_ns[places[table]] = int(record.times_ns[-1])
            case HeartRate() | RRIntervals() if len(record):
                last_ns = int(record.times_ns[-1])
                before_ns = found.readings_ns.get(StreamKind.HEART_RATE, 0)
                found.readings_ns[StreamKind.HEART_RATE] = max(before_ns, last_ns)
            case _:
                pass
        if isinstance(record, Acceleration) and table not in places:
            continue
        if isinstance(record, Samples):
            hand_on(record, places.get(table, 0))
    found.reached_ns = max([*found.sensors_ns.values(), *found.readings_ns.values()], default=0)
    found.unended = tuple(
        Fault(each.start_ns, max(found.reached_ns, each.start_ns + 1), each.kind)
        for each in latest(faults)
        if each.end_ns == each.start_ns
    )
    return found
