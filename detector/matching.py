"""Which awakening of one telling is which of another, so that a word outlives a judgement."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
    # Years of awakenings are matched at once; only those near in time are looked at.
    ordered = sorted((onset_ns, end_ns, to) for to, (onset_ns, end_ns) in enumerate(other))
    onsets_ns = [onset_ns for onset_ns, _, _ in ordered]
    longest_ns = max((end_ns - onset_ns for onset_ns, end_ns in other), default=0)
    back_ns = max(longest_ns, SAME_WITHIN_NS)
    distances = []
    for at, (onset_ns, end_ns) in enumerate(one):
        first = bisect_left(onsets_ns, onset_ns - back_ns)
        last = bisect_right(onsets_ns, max(end_ns, onset_ns + SAME_WITHIN_NS))
        for other_onset_ns, other_end_ns, to in ordered[first:last]:
            distance_ns = abs(onset_ns - other_onset_ns)
            overlap = onset_ns < other_end_ns and other_onset_ns < end_ns
            if distance_ns <= SAME_WITHIN_NS or overlap:
                distances.append((distance_ns, at, to))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, to in sorted(distances):
        if at not in pairs and to not in taken:
            pairs[at] = to
            taken.add(to)
    return sorted(pairs.items())
