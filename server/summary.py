"""What a person reads of a night, and of the thirty nights up to it, taken from the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from detector.night import Span, Standing
from ingest.samples import NS_PER_S, FaultKind
from server import queries
from server.queries import (
    StoredAwakening,
    StoredEpisode,
    StoredFault,
    StoredRecording,
    StoredSleep,
)
from server.store import Store
from server.tables import CoverageKind

__all__ = [
    "HALF_A_NIGHT_S",
    "STRIP_NIGHTS",
    "Morning",
    "NightState",
    "StripNight",
    "figures",
    "morning",
    "neighbours",
    "newest_night",
    "strip",
    "united",
]

HALF_A_NIGHT_S = 4 * 3600.0
"""Seconds worn below which 'none found' is not said: half of eight hours, so that more of the
night was seen than not."""

STRIP_NIGHTS = 30
"""Nights in the strip: about a month, over which people remember how often it came."""


class NightState(StrEnum):
    """What the strip shows of a night. What was found is never hidden by what is missing."""

    NOT_RECORDED = "not_recorded"
    PARTLY = "partly"
    """Nothing found, but too little seen to say so of the night."""
    NONE_FOUND = "none_found"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class StripNight:
    """A night in figures."""

    night: date
    recorded_s: float
    worn_s: float
    likely: int
    possible: int

    @property
    def state(self) -> NightState:
        """How the strip shows it."""
        if not self.recorded_s:
            return NightState.NOT_RECORDED
        if self.likely or self.possible:
            return NightState.FOUND
        # Nothing is worn that is not recorded, so this asks for both.
        if self.worn_s < HALF_A_NIGHT_S:
            return NightState.PARTLY
        return NightState.NONE_FOUND


@dataclass(frozen=True, slots=True)
class Morning:
    """All that the morning page says of one night.

    Parameters
    ----------
    figures
        Hours seen and awakenings counted.
    timezone
        IANA name of the wearer's zone, where the last recording of the night was made.
    sleep
        None where no sleep was found.
    episodes
        Likely ones first, each kind by time. What two recordings both saw is there once.
    recorded, worn
        Spans, united over the recordings.
    awakenings, faults
        By time, of every recording.
    """

    figures: StripNight
    timezone: str
    sleep: StoredSleep | None
    episodes: tuple[StoredEpisode, ...]
    recorded: tuple[Span, ...]
    worn: tuple[Span, ...]
    awakenings: tuple[StoredAwakening, ...]
    faults: tuple[StoredFault, ...]
    recordings: tuple[StoredRecording, ...]

    @property
    def night(self) -> date:
        """The date on which the night began."""
        return self.figures.night

    @property
    def zone(self) -> ZoneInfo:
        """The wearer's zone."""
        return ZoneInfo(self.timezone)

    def fault_spans(self, kind: FaultKind) -> tuple[Span, ...]:
        """Give the spans of one kind of fault, united over the recordings."""
        return united(
            Span(fault.start_ns, fault.end_ns) for fault in self.faults if fault.kind is kind
        )


def newest_night(store: Store) -> date | None:
    """Name the newest night that some recording is of; None in an empty store."""
    with store.reading() as session:
        return queries.newest_night(session)


def morning(store: Store, night: date | None = None) -> Morning | None:
    """Sum up a night; None where nothing of it is recorded.

    Parameters
    ----------
    night
        By the date on which it began; None for the newest.
    """
    with store.reading() as session:
        night = night or queries.newest_night(session)
        if night is None:
            return None
        only = (night, night)
        spans = queries.coverage(session, only).get(night)
        if spans is None:
            return None
        recordings = queries.recordings_reaching_into(session, night)
        found = _told_once(queries.episodes(session, only).items)
        return Morning(
            figures=_figures(night, spans, found),
            timezone=max(recordings, key=lambda recording: recording.end_ns).timezone,
            sleep=_one_sleep(recording for recording in recordings if recording.night == night),
            episodes=tuple(
                sorted(found, key=lambda e: (e.standing != Standing.LIKELY, e.start_ns))
            ),
            recorded=united(spans[CoverageKind.RECORDED]),
            worn=united(spans[CoverageKind.WORN]),
            awakenings=queries.awakenings(session, only),
            faults=queries.faults(session, only).items[::-1],
            recordings=recordings,
        )


def strip(store: Store, until: date, nights: int = STRIP_NIGHTS) -> tuple[StripNight, ...]:
    """Give the figures of a number of nights up to one, that one last."""
    with store.reading() as session:
        return figures(session, [until - timedelta(days=ago) for ago in reversed(range(nights))])


def figures(session: Session, nights: Sequence[date]) -> tuple[StripNight, ...]:
    """Give the figures of some nights, in the order asked for."""
    if not nights:
        return ()
    within = (min(nights), max(nights))
    spans = queries.coverage(session, within)
    episodes: dict[date, list[StoredEpisode]] = {}
    for episode in queries.episodes(session, within).items:
        episodes.setdefault(episode.night, []).append(episode)
    return tuple(
        _figures(night, spans.get(night, {}), _told_once(episodes.get(night, ())))
        for night in nights
    )


def neighbours(store: Store, night: date) -> tuple[date | None, date | None]:
    """Name the recorded nights before and after one."""
    with store.reading() as session:
        return queries.neighbours(session, night)


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that touch or overlap, so that no second is counted twice."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_ns <= joined[-1].end_ns:
            joined[-1] = Span(joined[-1].start_ns, max(joined[-1].end_ns, span.end_ns))
        else:
            joined.append(span)
    return tuple(joined)


def _figures(
    night: date, spans: dict[CoverageKind, list[Span]], episodes: Sequence[StoredEpisode]
) -> StripNight:
    standings = Counter(episode.standing for episode in episodes)
    return StripNight(
        night=night,
        recorded_s=_seconds(united(spans.get(CoverageKind.RECORDED, ()))),
        worn_s=_seconds(united(spans.get(CoverageKind.WORN, ()))),
        likely=standings[Standing.LIKELY],
        possible=standings[Standing.POSSIBLE],
    )


def _seconds(spans: Iterable[Span]) -> float:
    return sum(span.end_ns - span.start_ns for span in spans) / NS_PER_S


def _told_once(episodes: Iterable[StoredEpisode]) -> list[StoredEpisode]:
    """Keep, of episodes that overlap because two recordings saw the same, the most probable."""
    kept: list[StoredEpisode] = []
    for episode in sorted(episodes, key=lambda e: (-e.probability, e.start_ns, e.id)):
        if not any(_overlap(episode, other) for other in kept):
            kept.append(episode)
    return kept


def _overlap(one: StoredEpisode, other: StoredEpisode) -> bool:
    return one.start_ns < other.end_ns and other.start_ns < one.end_ns


def _one_sleep(recordings: Iterable[StoredRecording]) -> StoredSleep | None:
    """Join the sleep of several recordings; of two that overlap the longer one counts."""
    kept: list[StoredSleep] = []
    for sleep in sorted(
        (recording.sleep for recording in recordings if recording.sleep is not None),
        key=lambda sleep: (-sleep.asleep_s, sleep.onset_ns),
    ):
        if all(
            sleep.wake_ns <= other.onset_ns or other.wake_ns <= sleep.onset_ns for other in kept
        ):
            kept.append(sleep)
    if not kept:
        return None
    last = max(kept, key=lambda sleep: sleep.wake_ns)
    return StoredSleep(
        onset_ns=min(sleep.onset_ns for sleep in kept),
        wake_ns=last.wake_ns,
        asleep_s=sum(sleep.asleep_s for sleep in kept),
        timezone=last.timezone,
    )
