"""What is read of a wearer's night, and of the thirty nights up to it, taken from the store.

Where several recordings are of one night, they are told as one: nothing is counted twice, and
what one of them lacked is not missing if another has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from detector.night import Span, Standing, marked
from ingest.samples import Fault, FaultKind
from server import bathroom, queries
from server.answers import GivenAnswer, answers
from server.asked_nights import FoundEpisode, told
from server.bathroom import OfferedTrip
from server.figures import NightFigures, is_simulated
from server.missing import missing
from server.nights import ONE_DAY
from server.once import episodes_once
from server.queries import Nights
from server.spans import common, seconds, united, without
from server.store import Store
from server.stored import StoredAwakening, StoredEpisode, StoredMark, StoredRecording, StoredSleep
from server.tables import CoverageKind

__all__ = [
    "STRIP_NIGHTS",
    "Morning",
    "Overview",
    "episodes",
    "figures",
    "morning",
    "morning_in",
    "newest",
    "newest_in",
    "newest_night",
    "overview",
    "trips",
]

Found = TypeVar("Found", StoredAwakening, StoredEpisode)

ByRecording: TypeAlias = Mapping[str, Mapping[CoverageKind, Sequence[Span]]]
"""The spans of a night, by the id of the recording that has them."""

STRIP_NIGHTS = 30
"""Nights in the strip: about a month, over which people remember how often it came."""


@dataclass(frozen=True, slots=True)
class Morning:
    """All that the morning page says of one night.

    Parameters
    ----------
    figures
        Hours seen and awakenings counted.
    timezone
        IANA name of the wearer's zone, where the last recording of the night was made.
    sleeps
        By time; where those of two recordings overlap, the longer one.
    episodes, awakenings
        By time. What two recordings both saw is there once.
    recorded, worn, searched
        Spans, united over the recordings.
    faults
        By time, as they are left when every recording is taken together.
    marks
        The wearer's own, by time.
    answers
        What the wearer said, by time.
    trips
        What may have been trips to the bathroom, by time, and what was said of them.
    """

    figures: NightFigures
    timezone: str
    sleeps: tuple[StoredSleep, ...]
    episodes: tuple[StoredEpisode, ...]
    recorded: tuple[Span, ...]
    worn: tuple[Span, ...]
    searched: tuple[Span, ...]
    awakenings: tuple[StoredAwakening, ...]
    faults: tuple[Fault, ...]
    recordings: tuple[StoredRecording, ...]
    marks: tuple[StoredMark, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()
    trips: tuple[OfferedTrip, ...] = ()

    @property
    def night(self) -> date:
        """The date on which the night began."""
        return self.figures.night

    @property
    def zone(self) -> ZoneInfo:
        """The wearer's zone."""
        return ZoneInfo(self.timezone)

    @property
    def simulated(self) -> bool:
        """Whether any of it was made by a simulation."""
        return any(is_simulated(recording.source) for recording in self.recordings)

    @property
    def asleep(self) -> tuple[Span, ...]:
        """The sleeps without their awakenings and without what was not seen on a wrist."""
        slept = common((Span(each.onset_ns, each.wake_ns) for each in self.sleeps), self.worn)
        return without(slept, (Span(each.start_ns, each.end_ns) for each in self.awakenings))

    def marked_ns(self, mark_ns: int) -> int | None:
        """Give the onset of the episode a mark is put down to; None where none was noticed."""
        place = marked(mark_ns, ((each.start_ns, each.end_ns) for each in self.episodes))
        return None if place is None else self.episodes[place].start_ns

    def marks_ns(self, episode: StoredEpisode) -> tuple[int, ...]:
        """Give the times of the marks that are put down to an episode."""
        times_ns = (mark.time_ns for mark in self.marks)
        return tuple(each for each in times_ns if self.marked_ns(each) == episode.start_ns)

    def fault_spans(self, kind: FaultKind) -> tuple[Span, ...]:
        """Give the spans of one kind of fault."""
        return tuple(
            Span(fault.start_ns, fault.end_ns) for fault in self.faults if fault.kind is kind
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """A night, and what is around it, all as the store was at one moment.

    Parameters
    ----------
    morning
        None where nothing of the night is recorded.
    before, after
        The recorded nights next to it, where there are any.
    strip
        The figures of the thirty nights up to it, that one last.
    """

    night: date
    morning: Morning | None
    before: date | None
    after: date | None
    strip: tuple[NightFigures, ...]


def newest_night(store: Store, wearer: str) -> date | None:
    """Name the newest night that some recording is of; None in an empty store."""
    with store.reading() as session:
        return queries.newest_night(session, wearer)


def newest(store: Store, wearer: str) -> Overview | None:
    """Sum up the newest night and what is around it; None in an empty store."""
    with store.reading() as session:
        return newest_in(session, wearer)


def newest_in(session: Session, wearer: str) -> Overview | None:
    """Sum up the newest night as a session sees it; None in an empty store."""
    night = queries.newest_night(session, wearer)
    return None if night is None else _overview(session, wearer, night)


def overview(store: Store, wearer: str, night: date) -> Overview:
    """Sum up a night, recorded or not, and what is around it."""
    with store.reading() as session:
        return _overview(session, wearer, night)


def morning(store: Store, wearer: str, night: date) -> Morning | None:
    """Sum up a night; None where nothing of it is recorded."""
    with store.reading() as session:
        return morning_in(session, wearer, night)


def figures(session: Session, wearer: str, nights: Sequence[date]) -> tuple[NightFigures, ...]:
    """Give the figures of some nights, in the order asked for."""
    if not nights:
        return ()
    within = (min(nights), max(nights))
    return _figures_of(session, wearer, nights, queries.coverage(session, wearer, within))


def episodes(session: Session, wearer: str, within: Nights) -> tuple[StoredEpisode, ...]:
    """List the episodes of a range of nights by time, each once."""
    by_night = _by_night(queries.episodes(session, wearer, within))
    return tuple(
        episode for night in sorted(by_night) for episode in episodes_once(by_night[night])
    )


def trips(session: Session, wearer: str, within: Nights) -> tuple[OfferedTrip, ...]:
    """List what may have been trips to the bathroom in a range of nights, by time."""
    known = _by_night(episodes(session, wearer, within))
    found = _by_night(queries.awakenings(session, wearer, within))
    sleeps = _longest(queries.sleeps(session, wearer, within))
    said = bathroom.trips(session, wearer, within)
    return tuple(
        each
        for night in sorted({*known, *found})
        for each in bathroom.offered(
            known.get(night, ()),
            _awakenings_once(found.get(night, ()), known.get(night, ())),
            sleeps,
            said,
        )
    )


def _overview(session: Session, wearer: str, night: date) -> Overview:
    before, after = queries.neighbours(session, wearer, night)
    last_nights = [night - ago * ONE_DAY for ago in reversed(range(STRIP_NIGHTS))]
    coverage = queries.coverage(session, wearer, (last_nights[0], night))
    return Overview(
        night=night,
        morning=_morning(session, wearer, night, coverage.get(night, {})),
        before=before,
        after=after,
        strip=_figures_of(session, wearer, last_nights, coverage),
    )


def morning_in(session: Session, wearer: str, night: date) -> Morning | None:
    """Sum up a night as a session sees it; None where nothing of it is recorded."""
    coverage = queries.coverage(session, wearer, (night, night))
    return _morning(session, wearer, night, coverage.get(night, {}))


def _morning(
    session: Session, wearer: str, night: date, by_recording: ByRecording
) -> Morning | None:
    only = (night, night)
    spans = _together(by_recording)
    recordings = queries.recordings_reaching_into(session, wearer, night)
    if not recordings:
        return None
    tried = any(recording.night == night for recording in recordings)
    sleeps = _longest(queries.sleeps(session, wearer, only))
    found = episodes_once(queries.episodes(session, wearer, only))
    awakenings = _awakenings_once(queries.awakenings(session, wearer, only), found)
    said = bathroom.trips(session, wearer, only)
    return Morning(
        figures=_figures(night, spans, found, tried=tried),
        timezone=max(recordings, key=lambda recording: recording.end_ns).timezone,
        sleeps=sleeps,
        episodes=found,
        recorded=united(spans[CoverageKind.RECORDED]),
        worn=united(spans[CoverageKind.WORN]),
        searched=united(spans[CoverageKind.SEARCHED]),
        awakenings=awakenings,
        faults=missing(
            queries.faults(session, wearer, only).items,
            by_recording,
            _holes(night, recordings, sleeps),
        ),
        recordings=recordings,
        marks=queries.marks(session, wearer, only),
        answers=answers(session, wearer, only),
        trips=bathroom.offered(found, awakenings, sleeps, said),
    )


def _together(by_recording: ByRecording) -> dict[CoverageKind, list[Span]]:
    return {
        kind: [span for kinds in by_recording.values() for span in kinds[kind]]
        for kind in CoverageKind
    }


def _figures_of(
    session: Session, wearer: str, nights: Sequence[date], coverage: Mapping[date, ByRecording]
) -> tuple[NightFigures, ...]:
    within = (min(nights), max(nights))
    found = told(session, wearer, within)
    tried = queries.tried(session, wearer, within)
    return tuple(
        _figures(
            night,
            _together(coverage.get(night, {})),
            episodes_once(found.get(night, ())),
            tried=night in tried,
        )
        for night in nights
    )


def _figures(
    night: date,
    spans: Mapping[CoverageKind, Sequence[Span]],
    found: Sequence[FoundEpisode | StoredEpisode],
    *,
    tried: bool,
) -> NightFigures:
    standings = Counter(episode.standing for episode in found)
    return NightFigures(
        night=night,
        recorded_s=seconds(united(spans[CoverageKind.RECORDED])),
        worn_s=seconds(united(spans[CoverageKind.WORN])),
        searched_s=seconds(united(spans[CoverageKind.SEARCHED])),
        likely=standings[Standing.LIKELY],
        possible=standings[Standing.POSSIBLE],
        tried=tried,
    )


def _by_night(found: Iterable[Found]) -> dict[date, list[Found]]:
    by_night: dict[date, list[Found]] = {}
    for each in found:
        by_night.setdefault(each.night, []).append(each)
    return by_night


def _awakenings_once(
    found: Iterable[StoredAwakening], told: Iterable[StoredEpisode]
) -> tuple[StoredAwakening, ...]:
    """Keep, of awakenings that overlap, those that are told as episodes, then the most probable."""
    episodes = {(each.recording_id, each.start_ns) for each in told}
    kept: list[StoredAwakening] = []
    for each in sorted(
        found,
        key=lambda e: (
            (e.recording_id, e.start_ns) not in episodes,
            -e.probability,
            e.start_ns,
            e.recording_id,
        ),
    ):
        if all(each.end_ns <= o.start_ns or o.end_ns <= each.start_ns for o in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda e: e.start_ns))


def _longest(sleeps: Iterable[StoredSleep]) -> tuple[StoredSleep, ...]:
    """Keep, of sleeps that overlap because two recordings saw the same, the longer one."""
    kept: list[StoredSleep] = []
    for sleep in sorted(sleeps, key=lambda sleep: (-sleep.asleep_s, sleep.onset_ns)):
        if all(sleep.wake_ns <= o.onset_ns or o.wake_ns <= sleep.onset_ns for o in kept):
            kept.append(sleep)
    return tuple(sorted(kept, key=lambda sleep: sleep.onset_ns))


def _holes(
    night: date, recordings: Iterable[StoredRecording], sleeps: Sequence[StoredSleep]
) -> list[Span]:
    """Give what lies between the recordings that are of a night, from falling asleep on.

    The day before, when a wearable is charged, and the end of a recording that is of the night
    before make no hole.
    """
    extents = united(Span(each.start_ns, each.end_ns) for each in recordings if each.night == night)
    asleep_from_ns = sleeps[0].onset_ns if sleeps else 0
    return [
        Span(before.end_ns, after.start_ns)
        for before, after in pairwise(extents)
        if after.start_ns > asleep_from_ns
    ]
