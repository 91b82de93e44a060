"""What the tests of collected nights share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.collector.paired import PairedDevice
from ingest.devices.conversation import StreamKind
from ingest.native.night import Reading, describe
from ingest.samples import NS_PER_S, Acceleration, RecordingInfo
from ingest.sensor import Placement
from simulator.wearable import EVENING, Wearable

INFO = RecordingInfo("night", round(EVENING.timestamp()) * NS_PER_S, "Europe/Berlin")


def stored(
    folder: Path, table: str = "acceleration_wrist"
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    found = describe(folder).records(Reading())
    parts = [
        each.record
        for each in found
        if each.table == table and isinstance(each.record, Acceleration)
    ]
    times_ns = [each.times_ns for each in parts]
    return np.concatenate(times_ns), np.concatenate([each.xyz_g for each in parts])


def paired(
    wearable: Wearable,
    kind: str,
    *takes: StreamKind,
    placement: Placement = Placement.WRIST,
) -> PairedDevice:
    return PairedDevice(wearable.address, wearable.name, kind, frozenset(takes), placement)
