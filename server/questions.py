"""What the wearer is asked in the morning, and what was said."""

from __future__ import annotations

from dataclasses import dataclass

from detector.night import Standing
from server.answers import GivenAnswer, answered
from server.bathroom import OfferedTrip
from server.kept_tables import Said
from server.stored import StoredEpisode
from server.summary import Morning
from server.told_time import an_hour_comes_twice

__all__ = ["MOST_POSSIBLE_ASKED", "Asked", "Questions", "questions"]

MOST_POSSIBLE_ASKED = 2
"""Possible episodes of a night that are asked about at most: nobody answers a list at seven in the
morning."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An episode, and what is asked and was said of it.

    Parameters
    ----------
    asked
        Whether there is a question about it.
    answer
        None where nothing was said yet.
    trip
        Where it may have been a trip to the bathroom, which is asked after the cramp.
    """

    episode: StoredEpisode
    asked: bool
    answer: GivenAnswer | None = None
    trip: OfferedTrip | None = None

    @property
    def said(self) -> Said | None:
        """What was said."""
        return None if self.answer is None else self.answer.said


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a morning.

    Parameters
    ----------
    episodes
        The likely ones, the possible ones that are asked about, and then the others, each by time.
    missed
        Cramps by the wearer's word that no episode is of, by time.
    trips
        Other awakenings that may have been trips to the bathroom, by time.
    hour_twice
        Whether a time of that night may mean two.
    """

    episodes: tuple[Asked, ...]
    missed: tuple[GivenAnswer, ...]
    trips: tuple[OfferedTrip, ...]
    hour_twice: bool


def questions(morning: Morning) -> Questions:
    """Choose what is asked of a night."""
    possible = [each for each in morning.episodes if each.standing is Standing.POSSIBLE]
    most_probable = sorted(possible, key=lambda each: (-each.probability, each.start_ns))
    asked_possible = {each.id for each in most_probable[:MOST_POSSIBLE_ASKED]}
    given = answered(morning.episodes, morning.answers)
    trips = {each.awakening.start_ns: each for each in morning.trips}

    def asked(episode: StoredEpisode) -> Asked:
        answer = given.by_episode.get(episode.id)
        likely = episode.standing is Standing.LIKELY
        return Asked(
            episode,
            asked=likely or episode.id in asked_possible or answer is not None,
            answer=answer,
            trip=None if answer is None else trips.get(episode.start_ns),
        )

    return Questions(
        episodes=tuple(
            sorted(
                map(asked, morning.episodes),
                key=lambda each: (each.episode.standing is Standing.POSSIBLE, not each.asked),
            )
        ),
        missed=tuple(each for each in given.left if each.said is Said.YES),
        trips=tuple(
            each
            for each in morning.trips
            if all(each.awakening.start_ns != of.start_ns for of in morning.episodes)
        ),
        hour_twice=an_hour_comes_twice(morning.night, morning.zone),
    )
