"""The nights of a wearer as the alerts count them, taken from the store: one query for each kind.

What two recordings of a night both saw is there once, as on the morning page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from detector.night import Span, Standing, marked
from server import answers, queries
from server.alerts.nightly import Answer, AskedEpisode, WearerNight
from server.kept_tables import Said
from server.once import episodes_once
from server.spans import seconds, united
from server.tables import CoverageKind, CoverageRow, EpisodeRow, MarkRow

__all__ = ["FoundEpisode", "asked_nights", "searched_spans", "told_episodes"]

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


def asked_nights(
    session: Session,
    wearer: str,
    since: date = date.min,
    *,
    told: Mapping[date, Sequence[FoundEpisode]] | None = None,
    searched: Mapping[date, Sequence[Span]] | None = None,
) -> tuple[WearerNight, ...]:
    """Give the newest night and every other of which anything was searched, by date.

    A night begun by the end of a recording of the night before is still to come, and left out. An
    answer of no episode is a missed cramp where it is 'yes'.

    Parameters
    ----------
    since
        The first night that is wanted.
    told, searched
        The episodes and spans of these nights, where they are known already.
    """
    newest = queries.newest_night(session, wearer)
    if newest is None:
        return ()
    searched = searched_spans(session, wearer, since) if searched is None else searched
    told = told_episodes(session, wearer, since) if told is None else told
    given = answers.answered(
        [each for episodes in told.values() for each in episodes],
        answers.answers(session, wearer, (since, None)),
    )
    missed = _by_night((each.night, each) for each in given.left if each.said is Said.YES)
    marks = _by_night(
        (night, time_ns)
        for night, time_ns in session.execute(
            select(MarkRow.night, MarkRow.time_ns).where(
                MarkRow.wearer_id == wearer, MarkRow.night >= since
            )
        )
    )

    def episode(found: FoundEpisode) -> AskedEpisode:
        answer = given.by_episode.get(found.id)
        said = None if answer is None else Answer(answer.said)
        return AskedEpisode(found.probability, found.standing, said)

    def unclaimed(night: date) -> int:
        places = [(each.start_ns, each.end_ns) for each in told.get(night, ())]
        return sum(marked(time_ns, places) is None for time_ns in marks.get(night, ()))

    return tuple(
        WearerNight(
            night,
            seconds(united(searched.get(night, ()))),
            tuple(map(episode, told.get(night, ()))),
            missed=len(missed.get(night, ())),
            marks=unclaimed(night),
        )
        for night in sorted({*searched, newest})
        if night <= newest
    )


def searched_spans(session: Session, wearer: str, since: date) -> dict[date, list[Span]]:
    """Give what each recording says was searched of each night from a first one on."""
    found = select(CoverageRow.night, CoverageRow.start_ns, CoverageRow.end_ns).where(
        CoverageRow.wearer_id == wearer,
        CoverageRow.kind == CoverageKind.SEARCHED,
        CoverageRow.night >= since,
    )
    return _by_night(
        (night, Span(start_ns, end_ns)) for night, start_ns, end_ns in session.execute(found)
    )


def told_episodes(
    session: Session, wearer: str, since: date
) -> dict[date, tuple[FoundEpisode, ...]]:
    """Give the episodes of each night from a first one on, each once, by time."""
    columns = (
        EpisodeRow.id,
        EpisodeRow.recording_id,
        EpisodeRow.night,
        EpisodeRow.onset_ns,
        EpisodeRow.end_ns,
        EpisodeRow.probability,
        EpisodeRow.standing,
    )
    rows = session.execute(
        select(*columns).where(EpisodeRow.wearer_id == wearer, EpisodeRow.night >= since)
    )
    found = _by_night((each.night, each) for each in (FoundEpisode(*row) for row in rows))
    return {night: episodes_once(episodes) for night, episodes in found.items()}


def _by_night(pairs: Iterable[tuple[date, T]]) -> dict[date, list[T]]:
    found: dict[date, list[T]] = {}
    for night, each in pairs:
        found.setdefault(night, []).append(each)
    return found
