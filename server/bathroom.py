"""Trips to the bathroom: what looked like one is offered, and the answer goes to the diary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from detector.night import Sleep
from server.diary import DiaryEntry, entries, put_entry
from server.queries import Nights
from server.stored import StoredAwakening, StoredEpisode

__all__ = ["KIND", "MOST_OFFERED", "OfferedTrip", "offered", "tell_trip", "trips"]

KIND = "bathroom"
"""Kind of the entry in the diary; it is of the day on which the night began."""

MOST_OFFERED = 3
"""Awakenings of a night that are offered at the most beside the cramp-like ones: few people get up
more often, and nobody answers a list."""


@dataclass(frozen=True, slots=True)
class OfferedTrip:
    """An awakening that may have been a trip to the bathroom, and what was said of it.

    Parameters
    ----------
    was_one
        None where nothing was said.
    """

    awakening: StoredAwakening | StoredEpisode
    was_one: bool | None


def offered(
    episodes: Iterable[StoredEpisode],
    awakenings: Iterable[StoredAwakening],
    sleeps: Iterable[Sleep],
    said: Mapping[int, bool],
) -> tuple[OfferedTrip, ...]:
    """Choose what may have been a trip in a night, by time.

    That is each episode that looked like one, and of the other awakenings within a sleep the few
    that did most; one of which something was said stays.

    Parameters
    ----------
    said
        As of `trips`.
    """
    slept = tuple(sleeps)
    told = {each.start_ns: each for each in episodes}
    others = sorted(
        (
            each
            for each in awakenings
            if each.start_ns not in told
            and _looked_like_one(each)
            # Whoever gets up for good was not roused.
            and any(of.onset_ns <= each.start_ns and each.end_ns <= of.wake_ns for of in slept)
        ),
        key=lambda each: (each.start_ns not in said, -each.others.get(KIND, 0.0), each.start_ns),
    )
    found: list[StoredAwakening | StoredEpisode] = [*filter(_looked_like_one, told.values())]
    found += others[:MOST_OFFERED]
    return tuple(
        OfferedTrip(each, said.get(each.start_ns))
        for each in sorted(found, key=lambda each: each.start_ns)
    )


def trips(session: Session, wearer: str, within: Nights) -> Mapping[int, bool]:
    """Give what was said of the trips of some nights, by the onset in nanoseconds."""
    found = entries(session, wearer, within, kind=KIND)
    return {each.payload["onset_ns"]: each.payload["said"] == "yes" for each in found}


def tell_trip(
    session: Session,
    wearer: str,
    night: date,
    onset_ns: int,
    *,
    was_one: bool,
    given_ns: int,
    given_by: str,
) -> None:
    """Keep whether an awakening was a trip, unless that was said later."""
    entry = DiaryEntry(
        id=f"{KIND}-{wearer}-{onset_ns}",
        day=night,
        kind=KIND,
        payload={"onset_ns": onset_ns, "said": "yes" if was_one else "no"},
        given_ns=given_ns,
        given_by=given_by,
    )
    before = [
        each for each in entries(session, wearer, (night, night), kind=KIND) if each.id == entry.id
    ]
    if not before or before[0].given_ns <= given_ns:
        put_entry(session, wearer, entry)


def _looked_like_one(awakening: StoredAwakening | StoredEpisode) -> bool:
    """Say whether steps were seen, or getting up is the likeliest of the harmless kinds."""
    kinds = awakening.others
    return awakening.got_up or max(kinds, key=lambda each: kinds[each], default=None) == KIND
