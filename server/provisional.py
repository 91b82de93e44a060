"""Episodes as they are told while a night goes on, and what becomes of each.

An episode is provisional until the finished night confirms or withdraws it. Another judgement of
the same recording may confirm what was withdrawn, and withdraw what was confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from detector.matching import matched
from detector.night import Night, Standing
from ingest.errors import InputError
from server.nights import night_of
from server.queries import EVERY_NIGHT, Nights, in_range
from server.tables import EpisodeState, ProvisionalEpisodeRow

__all__ = [
    "ProvisionalEpisode",
    "StoredProvisional",
    "Told",
    "provisional_episodes",
    "settle",
    "tell_episode",
    "tell_episodes",
    "withdraw_episode",
]


@dataclass(frozen=True, slots=True)
class ProvisionalEpisode:
    """An episode of a night that goes on.

    Parameters
    ----------
    started_ns
        Start of the recording, in UTC nanoseconds: by this the finished night is known as the same.
    """

    id: str
    started_ns: int
    onset_ns: int
    end_ns: int
    probability: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Told:
    """That an episode was told: of whom, in which zone, and when in UTC nanoseconds."""

    wearer: str
    episode: ProvisionalEpisode
    zone: ZoneInfo
    told_ns: int


@dataclass(frozen=True, slots=True)
class StoredProvisional(ProvisionalEpisode):
    """The same, as it is kept.

    Parameters
    ----------
    became
        Id of the episode of the finished night that it is; None where there is none.
    told_ns
        When it was told first, in UTC nanoseconds.
    """

    night: date
    state: EpisodeState
    became: str | None
    told_ns: int


def tell_episode(
    session: Session, wearer: str, episode: ProvisionalEpisode, zone: ZoneInfo, *, told_ns: int
) -> bool:
    """Keep an episode that was told; the same again takes its place.

    One that a finished night has settled stays as it is: the word came late.

    Returns
    -------
    bool
        Whether it was new.

    Raises
    ------
    InputError
        Its id is that of another wearer's.
    """
    (new,) = tell_episodes(session, [Told(wearer, episode, zone, told_ns)])
    return new


def tell_episodes(session: Session, told: Sequence[Told]) -> list[bool]:
    """Keep episodes as `tell_episode` does one after the other, most of them by one statement."""
    first = {
        each.episode.id: _row(each) | {"settled": False, "told_ns": each.told_ns}
        for each in reversed(told)
    }
    # By far the most are new: those cost a tenth of what a session does for a row.
    connection = session.connection()
    insert = _insert_new(connection.dialect.name)
    new = set(connection.execute(insert, list(first.values())).scalars())
    return [_is_new(session, each, new) for each in told]


@cache
def _insert_new(dialect: str) -> Any:
    """Say in a dialect to insert rows that are not there yet; it alone is loaded for that."""
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert
    return (
        insert(ProvisionalEpisodeRow)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(ProvisionalEpisodeRow.id)
    )


def _is_new(session: Session, told: Told, new: set[str]) -> bool:
    """Tell whether an episode is among the new ones, once; else it takes the place of the old."""
    if told.episode.id in new:
        new.remove(told.episode.id)
        return True
    row = session.get_one(ProvisionalEpisodeRow, told.episode.id)
    if row.wearer_id != told.wearer:
        raise InputError(f"The episode {row.id} cannot be kept: its id is taken.")
    if not row.settled:
        for name, value in _row(told).items():
            setattr(row, name, value)
    return False


def _row(told: Told) -> dict[str, Any]:
    episode = told.episode
    return {
        "id": episode.id,
        "wearer_id": told.wearer,
        "started_ns": episode.started_ns,
        "night": night_of(episode.onset_ns, told.zone),
        "onset_ns": episode.onset_ns,
        "end_ns": episode.end_ns,
        "probability": episode.probability,
        "standing": episode.standing,
        "state": EpisodeState.PROVISIONAL,
    }


def withdraw_episode(session: Session, wearer: str, episode_id: str) -> bool:
    """Take back an episode while the night goes on; False where the wearer has no such one."""
    row = session.get(ProvisionalEpisodeRow, episode_id)
    if row is None or row.wearer_id != wearer:
        return False
    if not row.settled:
        row.state = EpisodeState.WITHDRAWN
    return True


def settle(session: Session, wearer: str, night: Night) -> None:
    """Confirm the episodes that a finished night has, and withdraw the others of its recording."""
    told = session.scalars(
        select(ProvisionalEpisodeRow)
        .where(
            ProvisionalEpisodeRow.wearer_id == wearer,
            ProvisionalEpisodeRow.started_ns == night.info.start_ns,
        )
        .order_by(ProvisionalEpisodeRow.onset_ns, ProvisionalEpisodeRow.id)
    ).all()
    pairs = dict(
        matched(
            [(each.onset_ns, each.end_ns) for each in told],
            [(each.onset_ns, each.end_ns) for each in night.episodes],
        )
    )
    for at, row in enumerate(told):
        row.became = night.episodes[pairs[at]].id if at in pairs else None
        row.state = EpisodeState.CONFIRMED if at in pairs else EpisodeState.WITHDRAWN
        row.settled = True


def provisional_episodes(
    session: Session, wearer: str, within: Nights = EVERY_NIGHT
) -> tuple[StoredProvisional, ...]:
    """List the episodes that were told while the nights went on, by time."""
    found = select(ProvisionalEpisodeRow).where(
        ProvisionalEpisodeRow.wearer_id == wearer,
        *in_range(ProvisionalEpisodeRow.night, within),
    )
    rows = session.scalars(found.order_by(ProvisionalEpisodeRow.onset_ns, ProvisionalEpisodeRow.id))
    return tuple(
        StoredProvisional(
            id=row.id,
            started_ns=row.started_ns,
            onset_ns=row.onset_ns,
            end_ns=row.end_ns,
            probability=row.probability,
            standing=row.standing,
            night=row.night,
            state=row.state,
            became=row.became,
            told_ns=row.told_ns,
        )
        for row in rows
    )
