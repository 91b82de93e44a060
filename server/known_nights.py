"""The nights of each wearer as they were counted last; what was changed since is counted anew.

What is given is what `server.asked_nights` gives, computed from nothing: a night is known by the
number of its last change, and no number is ever given twice (`server.night_changes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import TypeAlias
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from detector.matching import SAME_WITHIN_NS
from server import wearers
from server.alerts.nightly import WearerNight
from server.asked_nights import NightFacts, asked, begun, night_facts
from server.by_wearer import by_wearer
from server.night_changes import changed_nights, last_change
from server.night_sums import FIGURES, NightSums, night_sums
from server.store import Store

__all__ = ["KnownNights", "known_nights"]

Changes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Counted:
    asked: WearerNight
    sums: NightSums


@dataclass(frozen=True, slots=True)
class KnownNights:
    """The nights of a wearer, by date, and the sums of each.

    Parameters
    ----------
    days
        ``[nights]``, proleptic Gregorian ordinals.
    figures
        ``[nights, 9]``: `NightSums.figures` of each.
    by_hour
        `NightSums.by_hour` of each; not as one array, which would be a second MiB of the same.
    """

    nights: tuple[WearerNight, ...]
    days: NDArray[np.int64]
    figures: NDArray[np.float64]
    by_hour: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a wearer.

    Parameters
    ----------
    last
        Number of the last change of all.
    home
        The zone of nights that no recording is of.
    facts
        What the store says of each night, and the number of its last change.
    counted
        Nights that were counted together, by the numbers of their last changes.
    """

    last: int | None
    home: ZoneInfo
    facts: Mapping[date, tuple[int, NightFacts]] = field(default_factory=dict)
    counted: Mapping[Changes, tuple[_Counted, ...]] = field(default_factory=dict)
    nights: KnownNights = field(default_factory=lambda: _laid_out([]))


_KNOWN: WeakKeyDictionary[Store, dict[str, _Known]] = by_wearer()

_TURNS: WeakKeyDictionary[Store, dict[str, Lock]] = by_wearer()
"""One thread counts at a time: after an answer the alerts are judged while a page is asked for, and
whoever comes second finds it counted."""


def known_nights(store: Store, session: Session, wearer: str) -> KnownNights:
    """Give the nights that `server.asked_nights.asked_nights` gives, as a session sees the store.

    Parameters
    ----------
    session
        One that reads: what is not committed yet may never be.
    """
    of_store = _KNOWN.setdefault(store, {})
    last, home = last_change(session, wearer), wearers.home(session, wearer)
    with _TURNS.setdefault(store, {}).setdefault(wearer, Lock()):
        known = of_store.get(wearer)
        if known is None or known.home != home:
            known = _Known(None, home)
        if known.last != last:
            known = _brought_up_to_date(known, session, wearer, last)
        of_store[wearer] = known
    return known.nights


def _brought_up_to_date(known: _Known, session: Session, wearer: str, last: int | None) -> _Known:
    facts = _facts(known, session, wearer)
    counted: dict[Changes, tuple[_Counted, ...]] = {}
    for together in _apart(facts.values()):
        key = tuple(number for number, _ in together)
        counted[key] = known.counted.get(key) or _count(
            [night for _, night in together], known.home
        )
    counts = begun(night for _, night in facts.values())
    nights = sorted(
        (each for group in counted.values() for each in group if each.asked.night in counts),
        key=lambda each: each.asked.night,
    )
    return _Known(last, known.home, facts, counted, _laid_out(nights))


def _facts(known: _Known, session: Session, wearer: str) -> dict[date, tuple[int, NightFacts]]:
    """Give the facts of every night, read where they changed."""
    numbers = changed_nights(session, wearer)
    new = {
        night
        for night, number in numbers.items()
        if night not in known.facts or known.facts[night][0] != number
    }
    facts = {night: known.facts[night] for night in numbers if night not in new}
    if new:
        read = {each.night: each for each in night_facts(session, wearer, (min(new), max(new)))}
        # Of a night that was taken out the store says nothing.
        facts |= {night: (numbers[night], read.get(night, NightFacts(night))) for night in new}
    return facts


def _apart(facts: Iterable[tuple[int, NightFacts]]) -> Iterator[list[tuple[int, NightFacts]]]:
    """Give nights in groups; no answer of one group can be of an episode of another.

    Nearly every night is a group of its own. Where a zone was corrected, an answer may be of an
    episode of the night beside it.
    """
    placed = []
    for number, night in facts:
        places = [(each.start_ns, each.end_ns) for each in night.told]
        places += [(each.onset_ns, each.end_ns) for each in night.answers]
        if places:
            first_ns, last_ns = min(places)[0], max(end_ns for _, end_ns in places)
            placed.append((first_ns, last_ns, number, night))
        else:
            yield [(number, night)]
    group: list[tuple[int, NightFacts]] = []
    reach_ns = 0
    for first_ns, last_ns, number, night in sorted(placed, key=lambda each: each[:3]):
        if group and first_ns > reach_ns:
            yield sorted(group, key=lambda each: each[1].night)
            group = []
        reach_ns = max(reach_ns, last_ns + SAME_WITHIN_NS)
        group.append((number, night))
    if group:
        yield sorted(group, key=lambda each: each[1].night)


def _count(facts: list[NightFacts], home: ZoneInfo) -> tuple[_Counted, ...]:
    return tuple(
        _Counted(night, night_sums(night, each, home))
        for night, each in zip(asked(facts), facts, strict=True)
    )


def _laid_out(nights: list[_Counted]) -> KnownNights:
    return KnownNights(
        tuple(each.asked for each in nights),
        np.array([each.asked.night.toordinal() for each in nights], np.int64),
        np.reshape([each.sums.figures for each in nights], (len(nights), FIGURES)),
        tuple(each.sums.by_hour for each in nights),
    )
