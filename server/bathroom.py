"""Trips to the bathroom: what looked like one is asked about, and the answer goes to the diary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from server import queries
from server.diary import DiaryEntry, entries, put_entry
from server.stored import StoredEpisode

__all__ = ["KIND", "looked_like_one", "tell_trip", "trips"]

KIND = "bathroom"
"""Kind of the entry in the diary; it is of the day on which the night began."""


def looked_like_one(episode: StoredEpisode) -> bool:
    """Say whether the wearer may have gone to the bathroom, so that it is worth a question."""
    kind = max(episode.others, key=lambda each: episode.others[each], default=None)
    return episode.got_up or kind == KIND


def trips(session: Session, wearer: str, night: date) -> Mapping[int, bool]:
    """Give what was said of the trips of a night, by the onset of the episode in nanoseconds."""
    found = entries(session, wearer, (night, night), kind=KIND)
    return {each.payload["onset_ns"]: each.payload["said"] == "yes" for each in found}


def tell_trip(
    session: Session, wearer: str, episode_id: str, *, was_one: bool, given_ns: int, given_by: str
) -> StoredEpisode | None:
    """Keep whether an episode was a trip, unless that was said later; None of no such episode."""
    episode = queries.episode(session, wearer, episode_id)
    if episode is None:
        return None
    entry = DiaryEntry(
        id=f"{KIND}-{wearer}-{episode.start_ns}",
        day=episode.night,
        kind=KIND,
        payload={"onset_ns": episode.start_ns, "said": "yes" if was_one else "no"},
        given_ns=given_ns,
        given_by=given_by,
    )
    within = (episode.night, episode.night)
    before = [each for each in entries(session, wearer, within, kind=KIND) if each.id == entry.id]
    if not before or before[0].given_ns <= given_ns:
        put_entry(session, wearer, entry)
    return episode
