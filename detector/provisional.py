"""What is told of a night while it goes on: each episode under one id, until it is decided.

An episode may move by seconds from one judgement to the next, as calibration and baseline settle,
or go. It is told under the id that it had first; the finish says what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from detector.identity import digest
from detector.matching import matched
from detector.night import Episode, Night
from ingest.samples import NS_PER_S

__all__ = ["STILL_NS", "Change", "Fate", "Provisional"]

STILL_NS = 20 * NS_PER_S
"""Nanoseconds (20 s) without movement after which an episode is told first. Less may be a pause of
whoever stretches a calf; more, and with the minute that samples wait for, it would not be known
within 90 s of its end."""


class Fate(StrEnum):
    """What a judgement changes of an episode."""

    NEW = "new"
    """Is told first, or again after it was withdrawn."""
    CHANGED = "changed"
    """Has other times, another standing or another probability."""
    WITHDRAWN = "withdrawn"
    """Is no longer found."""
    CONFIRMED = "confirmed"
    """Is of the finished night."""
    ADDED = "added"
    """Is of the finished night, and was not told before."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what is told.

    Parameters
    ----------
    id
        Under which the episode is told, from first to last.
    episode
        As it is now, with the id that it has in the finished night where it is confirmed; of one
        withdrawn, as it was told last.
    """

    fate: Fate
    id: str
    episode: Episode


class Provisional:
    """Follows the judgements of a night that goes on; the same judgements give the same changes.

    One episode is taken for another as `detector.matching.matched` says.
    """

    def __init__(self) -> None:
        self._told: dict[str, Episode] = {}
        self._withdrawn: set[str] = set()

    @property
    def withdrawn(self) -> frozenset[str]:
        """Ids of what was told and is not found any more."""
        return frozenset(self._withdrawn)

    def follow(self, night: Night) -> tuple[Night, tuple[Change, ...]]:
        """Take the night so far.

        Parameters
        ----------
        night
            From `detector.detector.Detector.so_far`.

        Returns
        -------
        Night, tuple of Change
            The night with the episodes that are told, each under the id it was told first; and
            what that changes, those that are found by time, then those that went.
        """
        known_ns = night.recorded[-1].end_ns if night.recorded else night.start_ns
        ids = self._ids_of(night)
        told: list[Episode] = []
        changes: list[Change] = []
        for place, episode in enumerate(night.episodes):
            if place not in ids and known_ns - episode.end_ns < STILL_NS:
                continue
            name = ids.get(place) or self._free(episode.id)
            changes += self._found(name, episode)
            told.append(replace(episode, id=name))
        changes += self._gone({each.id for each in told})
        return replace(night, episodes=tuple(told)), tuple(changes)

    def finish(self, night: Night) -> tuple[Change, ...]:
        """Take the finished night, and decide each episode that was told.

        Returns
        -------
        tuple of Change
            Each episode of the night, confirmed or added; then those that are withdrawn.
        """
        ids = self._ids_of(night)
        found = tuple(
            Change(Fate.CONFIRMED, ids[place], episode)
            if place in ids
            else Change(Fate.ADDED, episode.id, episode)
            for place, episode in enumerate(night.episodes)
        )
        return found + self._gone(set(ids.values()))

    def _ids_of(self, night: Night) -> dict[int, str]:
        """Ids of the episodes that were told, by their place in the night."""
        names = list(self._told)
        pairs = matched(
            [(each.onset_ns, each.end_ns) for each in self._told.values()],
            [(each.onset_ns, each.end_ns) for each in night.episodes],
        )
        return {place: names[at] for at, place in pairs}

    def _free(self, name: str) -> str:
        """Give a new id; not that of another whose onset was here before it moved."""
        while name in self._told:
            name = digest(name)
        return name

    def _found(self, name: str, episode: Episode) -> list[Change]:
        before = self._told.get(name)
        is_new = before is None or name in self._withdrawn
        if before is not None and not is_new and _shown(before) == _shown(episode):
            return []
        self._told[name] = episode
        self._withdrawn.discard(name)
        return [Change(Fate.NEW if is_new else Fate.CHANGED, name, episode)]

    def _gone(self, found: set[str]) -> tuple[Change, ...]:
        gone = [name for name in self._told if name not in found | self._withdrawn]
        self._withdrawn.update(gone)
        return tuple(Change(Fate.WITHDRAWN, name, self._told[name]) for name in gone)


def _shown(episode: Episode) -> tuple[int, int, str, int]:
    """Give what is told of an episode, its probability in percent: less changes all night."""
    return episode.onset_ns, episode.end_ns, episode.standing, round(100 * episode.probability)
