"""Reads plain records of one wearer out of a store; ids of others are answered as unknown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    Subquery,
    func,
    select,
    tuple_,
    type_coerce,
    union,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from detector.night import Cue, ModelVersion, Span
from server.cursors import Place
from server.stored import (
    Page,
    StoredAwakening,
    StoredEpisode,
    StoredFault,
    StoredMark,
    StoredModel,
    StoredRecording,
    StoredSleep,
)
from server.tables import (
    AwakeningRow,
    CoverageKind,
    CoverageRow,
    EpisodeRow,
    FaultRow,
    MarkRow,
    ModelRow,
    RecordingRow,
    SleepRow,
)

__all__ = [
    "awakenings",
    "coverage",
    "episode",
    "episodes",
    "faults",
    "in_range",
    "marks",
    "models",
    "neighbours",
    "newest_night",
    "nights",
    "recording",
    "recordings",
    "recordings_called",
    "recordings_reaching_into",
    "sleeps",
    "tried",
]

OfANight: TypeAlias = (
    RecordingRow | SleepRow | CoverageRow | EpisodeRow | AwakeningRow | MarkRow | FaultRow
)

T = TypeVar("T")


Nights: TypeAlias = tuple[date | None, date | None]
"""First and last night of a range, both included; None leaves that side open."""

EVERY_NIGHT: Nights = (None, None)

_RECORDINGS = select(RecordingRow).options(selectinload(RecordingRow.sleeps))

# Column by column, here and below: whole rows, each with that of its recording, take twice as long.
_EPISODES: Select[*tuple[Any, ...]] = (
    select(
        EpisodeRow.recording_id,
        EpisodeRow.night,
        RecordingRow.timezone,
        EpisodeRow.onset_ns,
        EpisodeRow.end_ns,
        EpisodeRow.id,
        EpisodeRow.probability,
        EpisodeRow.standing,
        EpisodeRow.heart_rate_rise_bpm,
        EpisodeRow.got_up,
        EpisodeRow.evidence,
        EpisodeRow.others,
        ModelRow.name,
        ModelRow.version,
    )
    .join(EpisodeRow.recording)
    .join(RecordingRow.model)
)


def in_range(column: Any, within: Nights) -> list[ColumnElement[bool]]:
    """Give what a column of dates has to fulfil to lie in a range."""
    first, last = within
    conditions = [column >= first] if first is not None else []
    return conditions + ([column <= last] if last is not None else [])


def newest_night(session: Session, wearer: str) -> date | None:
    """Name the newest night that some recording is of; None in an empty store."""
    return session.scalar(
        select(func.max(RecordingRow.night)).where(RecordingRow.wearer_id == wearer)
    )


def nights(
    session: Session,
    wearer: str,
    within: Nights = EVERY_NIGHT,
    *,
    timezone: str | None = None,
    limit: int | None = None,
    before: date | None = None,
) -> Page[date]:
    """List the nights that some recording is of or reaches into, newest first."""
    known = _known_nights(wearer, timezone)
    found = select(known.c.night).where(*in_range(known.c.night, within))
    further = None if before is None else known.c.night < before
    order = found.order_by(known.c.night.desc())
    return _page(session, order, lambda night: night, limit, further)


def neighbours(session: Session, wearer: str, night: date) -> tuple[date | None, date | None]:
    """Name the nights before and after one that some recording is of or reaches into."""
    # Of each table for itself: its index leads to the one row, however many there are.
    known = ((_recorded(wearer), CoverageRow.night), (_tried(wearer), RecordingRow.night))
    earlier = [found.where(of < night).order_by(of.desc()).limit(1) for found, of in known]
    later = [found.where(of > night).order_by(of).limit(1) for found, of in known]
    asked = (each.scalar_subquery() for each in (*earlier, *later))
    nights = session.execute(select(*asked)).one()
    before, after = (list(filter(None, each)) for each in (nights[:2], nights[2:]))
    return max(before, default=None), min(after, default=None)


def tried(session: Session, wearer: str, within: Nights) -> frozenset[date]:
    """Name the nights that some recording is of, be it without a second that can be used."""
    found = select(RecordingRow.night).where(*_nights(RecordingRow, wearer, within))
    return frozenset(session.scalars(found))


def coverage(
    session: Session, wearer: str, within: Nights
) -> dict[date, dict[str, dict[CoverageKind, list[Span]]]]:
    """Give the spans recorded, worn and searched, by night and by the id of the recording."""
    of = CoverageRow
    found = select(of.night, of.recording_id, of.kind, of.start_ns, of.end_ns)
    by_night: dict[date, dict[str, dict[CoverageKind, list[Span]]]] = {}
    for night, recording_id, kind, start_ns, end_ns in session.execute(
        found.where(*_nights(of, wearer, within))
    ):
        by_recording = by_night.setdefault(night, {})
        kinds = by_recording.setdefault(recording_id, {kind: [] for kind in CoverageKind})
        kinds[kind].append(Span(start_ns, end_ns))
    return by_night


def sleeps(session: Session, wearer: str, within: Nights) -> tuple[StoredSleep, ...]:
    """List the sleeps of a range of nights as each recording tells them, by time."""
    of = SleepRow
    columns = (of.onset_ns, of.wake_ns, of.asleep_s, of.recording_id, RecordingRow.timezone)
    found = select(*columns).join(of.recording).where(*_nights(of, wearer, within))
    rows = session.execute(found.order_by(of.onset_ns, of.id))
    return tuple(StoredSleep(*row) for row in rows)


def recordings(
    session: Session,
    wearer: str,
    within: Nights = EVERY_NIGHT,
    *,
    timezone: str | None = None,
    limit: int | None = None,
    after: Place | None = None,
) -> Page[StoredRecording]:
    """List the recordings of a range of nights, newest first.

    Parameters
    ----------
    after
        Start and id of the last that was given.
    """
    place = RecordingRow.start_ns, RecordingRow.id
    found = _RECORDINGS.where(*_nights(RecordingRow, wearer, within))
    if timezone is not None:
        found = found.where(RecordingRow.timezone == timezone)
    order = found.order_by(*(column.desc() for column in place))
    return _page(session, order, _recording, limit, _beyond(place, after))


def recordings_reaching_into(
    session: Session, wearer: str, night: date
) -> tuple[StoredRecording, ...]:
    """List the recordings of a night, and others with anything in it, by time."""
    inside = select(CoverageRow.recording_id).where(*_nights(CoverageRow, wearer, (night, night)))
    found = select(RecordingRow).options(joinedload(RecordingRow.sleeps))
    found = found.where(
        RecordingRow.wearer_id == wearer,
        (RecordingRow.night == night) | RecordingRow.id.in_(inside),
    ).order_by(RecordingRow.start_ns)
    return tuple(map(_recording, session.scalars(found).unique()))


def recordings_called(session: Session, wearer: str, name: str) -> tuple[StoredRecording, ...]:
    """List the recordings of a name, an id, or the date of a night, by time."""
    called = (RecordingRow.name == name) | (RecordingRow.id == name)
    with suppress(ValueError):
        called |= RecordingRow.night == date.fromisoformat(name)
    found = _RECORDINGS.where(RecordingRow.wearer_id == wearer, called)
    found = found.order_by(RecordingRow.start_ns)
    return tuple(map(_recording, session.scalars(found)))


def recording(session: Session, wearer: str, recording_id: str) -> StoredRecording | None:
    """Give one recording; None where there is none of that id."""
    row = session.scalar(
        _RECORDINGS.where(RecordingRow.wearer_id == wearer, RecordingRow.id == recording_id)
    )
    return _recording(row) if row else None


def episodes(
    session: Session,
    wearer: str,
    within: Nights = EVERY_NIGHT,
    *,
    recording_id: str | None = None,
) -> tuple[StoredEpisode, ...]:
    """List the episodes of a range of nights, as each recording tells them, by time."""
    found = _EPISODES.where(*_nights(EpisodeRow, wearer, within))
    if recording_id is not None:
        found = found.where(EpisodeRow.recording_id == recording_id)
    rows = session.execute(found.order_by(EpisodeRow.onset_ns, EpisodeRow.id))
    return tuple(map(_episode, rows))


def episode(session: Session, wearer: str, episode_id: str) -> StoredEpisode | None:
    """Give one episode; None where there is none of that id."""
    found = _EPISODES.where(EpisodeRow.wearer_id == wearer, EpisodeRow.id == episode_id)
    row = session.execute(found).one_or_none()
    return None if row is None else _episode(row)


def awakenings(
    session: Session,
    wearer: str,
    within: Nights = EVERY_NIGHT,
    *,
    recording_id: str | None = None,
) -> tuple[StoredAwakening, ...]:
    """List the awakenings of a range of nights, by time."""
    of = AwakeningRow
    columns = (*_place(of), of.probability, of.got_up, of.others)
    found = select(*columns).join(of.recording).where(*_nights(of, wearer, within))
    if recording_id is not None:
        found = found.where(of.recording_id == recording_id)
    rows = session.execute(found.order_by(of.start_ns, of.id))
    return tuple(StoredAwakening(*row) for row in rows)


def faults(
    session: Session,
    wearer: str,
    within: Nights = EVERY_NIGHT,
    *,
    recording_id: str | None = None,
    timezone: str | None = None,
    limit: int | None = None,
    after: Place | None = None,
) -> Page[StoredFault]:
    """List the faults of a range of nights, newest first.

    Parameters
    ----------
    after
        Start, end, kind and recording of the last that was given.
    """
    kind = type_coerce(FaultRow.kind, String)
    place = FaultRow.start_ns, FaultRow.end_ns, kind, FaultRow.recording_id
    found = select(*_place(FaultRow), FaultRow.kind).join(FaultRow.recording)
    found = found.where(*_nights(FaultRow, wearer, within))
    if recording_id is not None:
        found = found.where(FaultRow.recording_id == recording_id)
    if timezone is not None:
        found = found.where(RecordingRow.timezone == timezone)
    order = found.order_by(*(column.desc() for column in place))
    return _page(session, order, StoredFault, limit, _beyond(place, after))


def marks(
    session: Session,
    wearer: str,
    within: Nights = EVERY_NIGHT,
    *,
    recording_id: str | None = None,
) -> tuple[StoredMark, ...]:
    """List the wearer's marks of a range of nights, by time."""
    of = MarkRow
    columns = (of.recording_id, of.night, RecordingRow.timezone, of.time_ns, of.label)
    found = select(*columns).join(of.recording).where(*_nights(of, wearer, within))
    if recording_id is not None:
        found = found.where(of.recording_id == recording_id)
    return tuple(StoredMark(*row) for row in session.execute(found.order_by(of.time_ns, of.id)))


def models(session: Session, wearer: str) -> tuple[StoredModel, ...]:
    """List the models that ever judged here, and how many of the wearer's recordings each."""
    judged = (
        select(func.count())
        .where(RecordingRow.model_id == ModelRow.id, RecordingRow.wearer_id == wearer)
        .correlate(ModelRow)
        .scalar_subquery()
    )
    found = select(ModelRow.name, ModelRow.version, judged)
    found = found.order_by(ModelRow.name, ModelRow.version)
    return tuple(StoredModel(*row) for row in session.execute(found))


def _known_nights(wearer: str, timezone: str | None = None) -> Subquery:
    """Give every night once. A recording of which no second can be used is of a night as well."""
    recorded, tried = _recorded(wearer), _tried(wearer)
    if timezone is not None:
        there = select(RecordingRow.id).where(
            RecordingRow.wearer_id == wearer, RecordingRow.timezone == timezone
        )
        recorded = recorded.where(CoverageRow.recording_id.in_(there))
        tried = tried.where(RecordingRow.timezone == timezone)
    return union(recorded, tried).subquery()


def _recorded(wearer: str) -> Select[date]:
    return select(CoverageRow.night).where(
        CoverageRow.wearer_id == wearer, CoverageRow.kind == CoverageKind.RECORDED
    )


def _tried(wearer: str) -> Select[date]:
    return select(RecordingRow.night).where(RecordingRow.wearer_id == wearer)


def _page(
    session: Session,
    found: Select[Any],
    record: Callable[..., T],
    limit: int | None,
    further: ColumnElement[bool] | None,
) -> Page[T]:
    """Give a stretch of a list.

    Parameters
    ----------
    record
        What is made of the columns of a row.
    further
        What is true of the items after those that were given already.
    """
    if limit is None:
        everything = tuple(record(*row) for row in session.execute(found))
        return Page(everything, len(everything))
    total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    left = found if further is None else found.where(further)
    # One more than wanted tells whether there are more.
    rows = session.execute(left.limit(limit + 1)).all()
    return Page(tuple(record(*row) for row in rows[:limit]), total, more=len(rows) > limit)


def _beyond(columns: tuple[Any, ...], after: Place | None) -> ColumnElement[bool] | None:
    """Tell what comes after a place, where the greatest is first."""
    return None if after is None else tuple_(*columns) < tuple_(*after)


def _nights(table: type[OfANight], wearer: str, within: Nights) -> list[ColumnElement[bool]]:
    return [table.wearer_id == wearer, *in_range(table.night, within)]


def _place(of: type[AwakeningRow | FaultRow]) -> tuple[Any, ...]:
    """Name the columns of a `server.stored.StoredSpan`."""
    return of.recording_id, of.night, RecordingRow.timezone, of.start_ns, of.end_ns


def _episode(row: Row[*tuple[Any, ...]]) -> StoredEpisode:
    return StoredEpisode(
        recording_id=row.recording_id,
        night=row.night,
        timezone=row.timezone,
        start_ns=row.onset_ns,
        end_ns=row.end_ns,
        id=row.id,
        probability=row.probability,
        standing=row.standing,
        heart_rate_rise_bpm=row.heart_rate_rise_bpm,
        got_up=row.got_up,
        evidence={name: Cue(**cue) for name, cue in row.evidence.items()},
        others=row.others,
        model=ModelVersion(row.name, row.version),
    )


def _recording(row: RecordingRow) -> StoredRecording:
    return StoredRecording(
        id=row.id,
        name=row.name,
        timezone=row.timezone,
        device=row.device,
        wrist=row.wrist,
        source=row.source,
        night=row.night,
        start_ns=row.start_ns,
        end_ns=row.end_ns,
        recorded_s=row.recorded_s,
        worn_s=row.worn_s,
        sleeps=tuple(_sleep(sleep, row.timezone) for sleep in row.sleeps),
        model=_model(row.model),
        personal=row.personal,
    )


def _sleep(row: SleepRow, timezone: str) -> StoredSleep:
    return StoredSleep(row.onset_ns, row.wake_ns, row.asleep_s, row.recording_id, timezone)


def _model(row: ModelRow) -> ModelVersion:
    return ModelVersion(row.name, row.version)
