"""Where on the body acceleration is measured, and how the device counts it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

__all__ = ["Placement", "Sensor", "to_counts", "to_g"]


class Placement(StrEnum):
    """Where on the body a sensor is worn."""

    WRIST = "wrist"
    FOREARM = "forearm"
    ANKLE = "ankle"
    CALF = "calf"


@dataclass(frozen=True, slots=True)
class Sensor:
    """One source of acceleration in a night.

    Parameters
    ----------
    placement
        Where it is worn.
    device
        Free text; empty where the recording as a whole says it.
    counts_per_g
        Counts that the device sends for 1 g, where it sends whole numbers of 16 bits: 1000 for mg,
        1024 for InfiniTime. None where it does not.
    """

    placement: Placement = Placement.WRIST
    device: str = ""
    counts_per_g: float | None = None


def to_g(counts: npt.NDArray[np.int16], counts_per_g: float) -> npt.NDArray[np.float32]:
    """Turn counts into g: divided in float64, then rounded once to float32.

    A decoder that uses this keeps its recording at two bytes a number.
    """
    return (counts / counts_per_g).astype(np.float32)


def to_counts(xyz_g: npt.NDArray[np.float32], counts_per_g: float) -> npt.NDArray[np.int16] | None:
    """Turn g back into the counts they came from; None where a single bit would be lost."""
    rounded = np.rint(xyz_g.astype(np.float64) * counts_per_g)
    limits = np.iinfo(np.int16)
    if rounded.size and not (limits.min <= rounded.min() and rounded.max() <= limits.max):
        return None
    counts = rounded.astype(np.int16)
    again = to_g(counts, counts_per_g)
    # Compared as bits, as 0 and -0 are equal as numbers.
    same = np.array_equal(again.view(np.int32), np.ascontiguousarray(xyz_g).view(np.int32))
    return counts if same else None
