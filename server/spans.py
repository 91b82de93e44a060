"""Arithmetic on stretches of time, such as what of a night was searched."""

from __future__ import annotations

from collections.abc import Iterable

from detector.night import Night, Span
from ingest.samples import NS_PER_S

__all__ = ["common", "searched", "seconds", "united", "without"]


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that touch or overlap, so that no second is counted twice."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_ns <= joined[-1].end_ns:
            joined[-1] = Span(joined[-1].start_ns, max(joined[-1].end_ns, span.end_ns))
        else:
            joined.append(span)
    return tuple(joined)


def without(spans: Iterable[Span], left_out: Iterable[Span]) -> tuple[Span, ...]:
    """Give what of some spans lies in none of others."""
    holes = united(left_out)
    kept: list[Span] = []
    first = 0
    for span in united(spans):
        since_ns = span.start_ns
        while first < len(holes) and holes[first].end_ns <= since_ns:
            first += 1
        place = first
        while place < len(holes) and holes[place].start_ns < span.end_ns:
            if since_ns < holes[place].start_ns:
                kept.append(Span(since_ns, holes[place].start_ns))
            since_ns = holes[place].end_ns
            place += 1
        if since_ns < span.end_ns:
            kept.append(Span(since_ns, span.end_ns))
    return tuple(kept)


def common(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """Give what of some spans lies in others as well."""
    together = united(spans)
    return without(together, without(together, others))


def seconds(spans: Iterable[Span]) -> float:
    """Add up how long spans are, in seconds."""
    return sum(span.end_ns - span.start_ns for span in spans) / NS_PER_S


def searched(night: Night) -> tuple[Span, ...]:
    """Give what of a recording was searched for awakenings: its sleeps, on the wrist."""
    return common(night.worn, (Span(sleep.onset_ns, sleep.wake_ns) for sleep in night.sleeps))
