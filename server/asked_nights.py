"""The nights of a wearer as the alerts count them, taken from the store: one query for each kind.

What two recordings of a night both saw is there once, as on the morning page. Whoever asks again
and again asks `server.known_nights`, which comes to the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from detector.night import Span, Standing, marked
from server import answers
from server.alerts.nightly import Answer, AskedEpisode, WearerNight
from server.answers import GivenAnswer
from server.kept_tables import Said
from server.once import episodes_once
from server.queries import EVERY_NIGHT, Nights, in_range
from server.spans import seconds, united
from server.tables import CoverageKind, CoverageRow, EpisodeRow, MarkRow, RecordingRow

__all__ = ["FoundEpisode", "NightFacts", "asked", "asked_nights", "begun", "night_facts", "told"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundEpisode:
    """An episode without what it was judged by, which takes the time of reading a stored one."""

    id: str
    recording_id: str
    night: date
    start_ns: int
    end_ns: int
    probability: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class NightFacts:
    """What the store says of a night, with answers and marks not put to episodes yet.

    Parameters
    ----------
    searched
        Spans that do not overlap.
    told
        Each once, by time.
    answers
        Those that were not taken back.
    timezone
        IANA name of the zone of its last recording; None where none is of this night.
    """

    night: date
    searched: tuple[Span, ...] = ()
    told: tuple[FoundEpisode, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()
    marks_ns: tuple[int, ...] = ()
    timezone: str | None = None


def asked_nights(session: Session, wearer: str) -> tuple[WearerNight, ...]:
    """Give the newest night and every other of which anything was searched, by date.

    A night begun by the end of a recording of the night before is still to come, and left out. An
    answer of no episode is a missed cramp where it is 'yes'.
    """
    facts = night_facts(session, wearer)
    counted = begun(facts)
    return tuple(night for night in asked(facts) if night.night in counted)


def begun(facts: Iterable[NightFacts]) -> frozenset[date]:
    """Name the newest night and every one before it of which anything was searched."""
    known = tuple(facts)
    newest = max((each.night for each in known if each.timezone is not None), default=date.min)
    return frozenset(
        each.night
        for each in known
        if each.night == newest or (each.searched and each.night < newest)
    )


def asked(facts: Sequence[NightFacts]) -> tuple[WearerNight, ...]:
    """Put the answers and marks of some nights to their episodes; all that may be theirs are given.

    Returns
    -------
    tuple of WearerNight
        Each night, in the same order.
    """
    given = answers.answered(
        [episode for each in facts for episode in each.told],
        [answer for each in facts for answer in each.answers],
    )
    missed = Counter(each.night for each in given.left if each.said is Said.YES)

    def episode(found: FoundEpisode) -> AskedEpisode:
        answer = given.by_episode.get(found.id)
        said = None if answer is None else Answer(answer.said)
        return AskedEpisode(found.probability, found.standing, said)

    def unclaimed(night: NightFacts) -> int:
        places = [(each.start_ns, each.end_ns) for each in night.told]
        return sum(marked(time_ns, places) is None for time_ns in night.marks_ns)

    return tuple(
        WearerNight(
            each.night,
            seconds(each.searched),
            tuple(map(episode, each.told)),
            missed=missed[each.night],
            marks=unclaimed(each),
        )
        for each in facts
    )


def night_facts(
    session: Session, wearer: str, within: Nights = EVERY_NIGHT
) -> tuple[NightFacts, ...]:
    """Give what the store says of each night of a range that it says anything of, by date."""
    searched = _searched(session, wearer, within)
    found = told(session, wearer, within)
    given = _by_night((each.night, each) for each in answers.answers(session, wearer, within))
    marks_ns = _marks(session, wearer, within)
    zones = _zones(session, wearer, within)
    return tuple(
        NightFacts(
            night,
            united(searched.get(night, ())),
            episodes_once(found.get(night, ())),
            tuple(given.get(night, ())),
            tuple(marks_ns.get(night, ())),
            zones.get(night),
        )
        for night in sorted({*searched, *found, *given, *marks_ns, *zones})
    )


def _searched(session: Session, wearer: str, within: Nights) -> dict[date, list[Span]]:
    found = select(CoverageRow.night, CoverageRow.start_ns, CoverageRow.end_ns).where(
        CoverageRow.wearer_id == wearer,
        CoverageRow.kind == CoverageKind.SEARCHED,
        *in_range(CoverageRow.night, within),
    )
    return _by_night(
        (night, Span(start_ns, end_ns)) for night, start_ns, end_ns in session.execute(found)
    )


def told(session: Session, wearer: str, within: Nights) -> dict[date, list[FoundEpisode]]:
    """List the episodes of a range of nights, by night, as each recording tells them."""
    columns = (
        EpisodeRow.id,
        EpisodeRow.recording_id,
        EpisodeRow.night,
        EpisodeRow.onset_ns,
        EpisodeRow.end_ns,
        EpisodeRow.probability,
        EpisodeRow.standing,
    )
    found = select(*columns).where(
        EpisodeRow.wearer_id == wearer, *in_range(EpisodeRow.night, within)
    )
    rows = (FoundEpisode(*row) for row in session.execute(found))
    return _by_night((each.night, each) for each in rows)


def _marks(session: Session, wearer: str, within: Nights) -> dict[date, list[int]]:
    found = select(MarkRow.night, MarkRow.time_ns).where(
        MarkRow.wearer_id == wearer, *in_range(MarkRow.night, within)
    )
    return _by_night((night, time_ns) for night, time_ns in session.execute(found))


def _zones(session: Session, wearer: str, within: Nights) -> dict[date, str]:
    """Give the zone of each night: where its last recording was made, as on the page."""
    found = (
        select(RecordingRow.night, RecordingRow.timezone)
        .where(RecordingRow.wearer_id == wearer, *in_range(RecordingRow.night, within))
        .order_by(RecordingRow.end_ns, RecordingRow.id)
    )
    return dict(session.execute(found).all())


def _by_night(pairs: Iterable[tuple[date, T]]) -> dict[date, list[T]]:
    found: dict[date, list[T]] = {}
    for night, each in pairs:
        found.setdefault(night, []).append(each)
    return found
