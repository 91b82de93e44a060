"""Chooses which to tell of the episodes that overlap because two recordings saw the same."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from detector.night import Standing

__all__ = ["Seen", "episodes_once"]


class Seen(Protocol):
    """An episode, as a recording tells it."""

    @property
    def recording_id(self) -> str:
        """Which recording tells it."""

    @property
    def start_ns(self) -> int:
        """Onset in UTC nanoseconds."""

    @property
    def end_ns(self) -> int:
        """End in UTC nanoseconds."""

    @property
    def probability(self) -> float:
        """Of being cramp-like."""

    @property
    def standing(self) -> Standing:
        """How likely that is called."""


SeenT = TypeVar("SeenT", bound=Seen)


@dataclass(frozen=True, slots=True)
class _Choice(Generic[SeenT]):
    """Episodes that do not overlap, and how much they tell: likely ones, all, probability."""

    worth: tuple[int, int, float] = (0, 0, 0.0)
    episodes: tuple[SeenT, ...] = ()

    def and_(self, each: SeenT) -> _Choice[SeenT]:
        likely, number, probability = self.worth
        likely += each.standing is Standing.LIKELY
        return _Choice((likely, number + 1, probability + each.probability), (*self.episodes, each))


def episodes_once(found: Iterable[SeenT]) -> tuple[SeenT, ...]:
    """Choose which to tell of the episodes of a night, by time.

    As many likely ones as do not overlap each other, then as many at all, then the most probable:
    a long one of one recording hides none of two within it that another tells apart.
    """
    # Weighted interval scheduling: the best of the first n, by the end, for every n.
    ordered = sorted(found, key=lambda e: (e.end_ns, e.start_ns, e.recording_id))
    ends_ns = [each.end_ns for each in ordered]
    best: list[_Choice[SeenT]] = [_Choice()]
    for number, each in enumerate(ordered):
        before = bisect_right(ends_ns, each.start_ns, hi=number)
        best.append(max(best[number], best[before].and_(each), key=lambda choice: choice.worth))
    return best[-1].episodes
