"""Which awakening of one telling is which of another, so that a word outlives a judgement."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.samples import NS_PER_S

__all__ = ["SAME_WITHIN_NS", "matched"]

SAME_WITHIN_NS = 120 * NS_PER_S
"""Nanoseconds (120 s) between two onsets that make them one awakening, as where a judgement is
compared with what happened (`detector.evaluate`)."""


def matched(
    one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pair awakenings that are the same, one to one, those with the closest onsets first.

    Parameters
    ----------
    one, other
        Onset and end of each, in UTC nanoseconds.

    Returns
    -------
    list of (place in one, place in other)
        Of those whose onsets lie within 120 s, and of those that overlap: another judgement may
        let a long awakening begin some minutes sooner. By place in the first.
    """
    distances = sorted(
        (abs(onset_ns - other_onset_ns), at, to)
        for at, (onset_ns, end_ns) in enumerate(one)
        for to, (other_onset_ns, other_end_ns) in enumerate(other)
        if abs(onset_ns - other_onset_ns) <= SAME_WITHIN_NS
        or (onset_ns < other_end_ns and other_onset_ns < end_ns)
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, to in distances:
        if at not in pairs and to not in taken:
            pairs[at] = to
            taken.add(to)
    return sorted(pairs.items())
