"""The names of a recording, made of what was measured: the same samples give the same names.

Acceleration counts by its seconds: what differs in a sample differs in its second. Of all that was
measured comes the name of the night; of the first minute comes what is known while it goes on, so
that an episode is called in the evening as it will be in the morning.
"""

from __future__ import annotations

import hashlib

import numpy as np

from detector.seconds import MINUTE_S, Part
from ingest.samples import HeartRate, RRIntervals

__all__ = ["Identity", "digest"]

DIGEST_BYTES = 8
"""Bytes of an id: among a million nights two share one with a chance of 3 in 100 million."""


class Identity:
    """Digests the streams of a recording as they come, whatever their chunks."""

    def __init__(self) -> None:
        self._hashes = {
            kind: hashlib.blake2b(digest_size=DIGEST_BYTES)
            for kind in ("seconds", "levels", "rate times", "rates", "beat times", "beats")
        }
        self._beginning = ""

    def take_part(self, part: Part) -> None:
        """Add some minutes of acceleration."""
        recorded = np.flatnonzero(~np.isnan(part.jerk2[:, 0]))
        seconds = (part.start_s + recorded).astype("<i8", copy=False)
        levels = np.column_stack([part.mean_g, part.variance_g2, part.jerk2])
        if len(recorded) < len(levels):
            levels = levels[recorded]
        levels = levels.astype("<f4", order="C", copy=False)
        self._hashes["seconds"].update(seconds.data)
        self._hashes["levels"].update(levels.data)
        if not self._beginning:
            first = recorded < MINUTE_S
            self._beginning = digest(
                part.start_s, seconds[first].tobytes().hex(), levels[first].tobytes().hex()
            )

    def take_rates(self, rates: HeartRate) -> None:
        """Add some readings of heart rate."""
        self._hashes["rate times"].update(rates.times_ns.astype("<i8").tobytes())
        self._hashes["rates"].update(rates.bpm.astype("<f4").tobytes())

    def take_beats(self, beats: RRIntervals) -> None:
        """Add some intervals between beats."""
        self._hashes["beat times"].update(beats.times_ns.astype("<i8").tobytes())
        self._hashes["beats"].update(beats.rr_ms.astype("<f4").tobytes())

    def copied(self) -> Identity:
        """Give one that goes on apart from this."""
        twin = Identity()
        twin._hashes = {kind: each.copy() for kind, each in self._hashes.items()}
        twin._beginning = self._beginning
        return twin

    def beginning(self) -> str:
        """Give the name of the first minute with acceleration; it stays, whatever follows."""
        return self._beginning

    def name(self) -> str:
        """Give the name of all that was taken."""
        return digest(*(each.hexdigest() for each in self._hashes.values()))


def digest(*parts: object) -> str:
    """Digest some values into an id."""
    text = "\n".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()
