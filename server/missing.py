"""What was missing of a night, told once over all its recordings.

What one wearable lacked and another recorded was not missing. What lies between two recordings
of a sleep was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from detector.night import Span
from ingest.samples import NS_PER_S, Fault, FaultKind
from server.spans import united, without
from server.stored import StoredFault
from server.tables import CoverageKind

__all__ = ["missing"]

MADE_GOOD = frozenset({FaultKind.GAP, FaultKind.OFF_WRIST, FaultKind.NO_HEART_RATE})
"""Faults of the samples: another recording may have what one lacked."""

LEAST_TOLD_NS = 60 * NS_PER_S
"""Nanoseconds between two recordings, or of a fault that another recording leaves over, below
which they are not worth telling: no two begin and end in the same second."""


def missing(
    faults: Sequence[StoredFault],
    coverage: Mapping[str, Mapping[CoverageKind, Sequence[Span]]],
    holes: Iterable[Span] = (),
) -> tuple[Fault, ...]:
    """Join the faults of the recordings of a night, by time.

    Parameters
    ----------
    coverage
        What each recording has of the night, by its id.
    holes
        What lies between one recording and the next.
    """
    gaps = [
        *_spans(faults, FaultKind.GAP),
        *(hole for hole in holes if hole.end_ns - hole.start_ns >= LEAST_TOLD_NS),
    ]
    unread = _spans(faults, FaultKind.NO_HEART_RATE)
    worn = _all(coverage, CoverageKind.WORN)
    # With heart rate, that is: on a wrist, and no loss of it told.
    read = [
        span
        for recording_id, kinds in coverage.items()
        for span in without(
            kinds[CoverageKind.WORN],
            _spans(
                (fault for fault in faults if fault.recording_id == recording_id),
                FaultKind.NO_HEART_RATE,
            ),
        )
    ]
    told = {
        FaultKind.GAP: _left(gaps, _all(coverage, CoverageKind.RECORDED)),
        FaultKind.OFF_WRIST: _left(_spans(faults, FaultKind.OFF_WRIST), worn),
        FaultKind.NO_HEART_RATE: _left(unread, read),
        # What a collector noted is of one wearable or of the computer; no other makes it good.
        **{kind: united(_spans(faults, kind)) for kind in FaultKind if kind not in MADE_GOOD},
    }
    return tuple(
        sorted(
            Fault(span.start_ns, span.end_ns, kind)
            for kind, spans in told.items()
            for span in spans
        )
    )


def _left(faults: Iterable[Span], made_good: Iterable[Span]) -> list[Span]:
    """Give what of some faults nothing made good, but for scraps."""
    whole = united(faults)
    return [
        span
        for span in without(whole, made_good)
        if span in whole or span.end_ns - span.start_ns >= LEAST_TOLD_NS
    ]


def _spans(faults: Iterable[StoredFault], kind: FaultKind) -> list[Span]:
    return [Span(fault.start_ns, fault.end_ns) for fault in faults if fault.kind is kind]


def _all(
    coverage: Mapping[str, Mapping[CoverageKind, Sequence[Span]]], kind: CoverageKind
) -> list[Span]:
    return [span for kinds in coverage.values() for span in kinds[kind]]
