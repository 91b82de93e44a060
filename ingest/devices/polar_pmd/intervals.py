"""Polar's frames of beat-to-beat intervals (PPI).

The stream takes 25 s to start, and slows the heart rate beside it to one in 5 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from struct import iter_unpack

import numpy as np

from ingest.devices.polar_pmd.frame import (
    CONTENT_AT,
    UNIX_OFFSET_NS,
    MeasurementType,
    decode_header,
)
from ingest.errors import DecodeError, SampleError
from ingest.samples import RRIntervals

__all__ = ["PpiFrame", "PpiSample", "decode_ppi", "to_rr_intervals"]

INTERVAL_BYTES = 6
"""Heart rate, interval, its error and flags: 1 + 2 + 2 + 1."""

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class PpiSample:
    """One interval between two pulses.

    Parameters
    ----------
    hr
        Beats per minute; 0 is no reading.
    pp_ms, err_ms
        The interval, and how far off it may be, in milliseconds.
    blocker
        Whether movement disturbed it.
    skin_contact
        Whether the device touches the skin, where it can tell.
    skin_contact_supported
        Whether it can.
    """

    hr: int
    pp_ms: int
    err_ms: int
    blocker: bool
    skin_contact: bool
    skin_contact_supported: bool


@dataclass(frozen=True, slots=True)
class PpiFrame:
    """A frame of beat-to-beat intervals.

    Parameters
    ----------
    timestamp_ns
        Time of the last pulse, in nanoseconds of the device since 2000; 0 from firmware that does
        not say.
    samples
        Oldest first.
    """

    timestamp_ns: int
    samples: tuple[PpiSample, ...]

    @property
    def n(self) -> int:
        """How many intervals there are."""
        return len(self.samples)


def decode_ppi(data: bytes) -> PpiFrame:
    """Decode a frame of beat-to-beat intervals.

    Raises
    ------
    DecodeError
        If the frame is not whole, or of a type not known.
    """
    frame = "Polar PPI frame"
    timestamp_ns, type_number = decode_header(MeasurementType.PPI, data)
    if type_number != 0:
        raise DecodeError(frame, f"is of the unknown type 0x{type_number:02x}", data)
    rest = (len(data) - CONTENT_AT) % INTERVAL_BYTES
    if rest:
        raise DecodeError(frame, f"ends {rest} bytes into an interval", data)
    return PpiFrame(
        timestamp_ns,
        tuple(
            PpiSample(hr, pp_ms, err_ms, bool(flags & 1), bool(flags & 2), bool(flags & 4))
            for hr, pp_ms, err_ms, flags in iter_unpack("<BHHB", data[CONTENT_AT:])
        ),
    )


def to_rr_intervals(frame: PpiFrame) -> RRIntervals:
    """Give the intervals as the house takes them, by the clock of the device as it stands.

    Intervals of 0 ms are left out: nothing was measured.

    Raises
    ------
    SampleError
        If the firmware did not say when they were.
    """
    if not frame.timestamp_ns:
        raise SampleError("RR intervals: the frame has no time; take the time of its arrival")
    pp_ms = [sample.pp_ms for sample in frame.samples if sample.pp_ms]
    before_ms = [*accumulate(reversed(pp_ms), initial=0)][:-1][::-1]
    last_ns = frame.timestamp_ns + UNIX_OFFSET_NS
    times_ns = last_ns - np.array(before_ms, np.int64) * NS_PER_MS
    return RRIntervals(times_ns, np.array(pp_ms, np.float32))
