"""What it means to keep a judged night: the same samples once, the longer copy, no other's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from detector.night import ModelVersion, Night, Span
from ingest.errors import InputError
from server import provisional, wearers
from server.rows import figures_of, judgement_of, rows_of, what_is_known
from server.spans import common, seconds, without
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
from server.wire import Saved
from server.words import duration

__all__ = ["Outcome", "save_night"]

OVERLAP_S = 600.0
"""Seconds for which two recordings run at once before that is told: a wearable that is restarted
or taken over by another overlaps for less."""

TABLES = (CoverageRow, SleepRow, EpisodeRow, AwakeningRow, MarkRow, FaultRow)
"""Of what is told of a recording; each row goes when it is judged anew."""

LEAST_LOST_S = 60.0
"""Seconds of a stored recording that another copy of it may lack and still take its place: one that
was cut off or repaired lacks the seconds around the damage."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of saving a night.

    Parameters
    ----------
    overlaps
        Names of other recordings of the wearer that run at the same time, where the night was
        added: another wearable, or another person's. One of the same name is told by its id.
    """

    saved: Saved
    overlaps: tuple[str, ...] = ()


def save_night(session: Session, night: Night, asked: str | None) -> Outcome:
    """Keep a judged night in a session, as `server.store.Store.save` has it.

    Raises
    ------
    InputError, WearerError
        As there.
    """
    known = what_is_known(night)
    wearer = wearers.resolve_or_begin(session, asked, night.info.timezone)
    rows = list(rows_of(night, wearer))
    judged = {"personal": night.personal, "judgement": judgement_of(night, rows)}
    figures = known | figures_of(night) | judged
    stored = session.get(RecordingRow, night.id)
    if stored is not None and stored.wearer_id != wearer:
        raise InputError(
            f"{night.info.name}: is stored as a night of another wearer. If that was a "
            f"mistake, take it out there first: `crampwatch remove {night.id}`."
        )
    wearers.saw_device(
        session, wearer, night.info.device, start_ns=night.start_ns, end_ns=night.end_ns
    )
    if stored is not None and stored.judgement == figures["judgement"]:
        changed = {key: value for key, value in known.items() if getattr(stored, key) != value}
        for key, value in changed.items():
            setattr(stored, key, value)
        return Outcome(Saved.UPDATED if changed else Saved.UNCHANGED)
    earlier = _other_readings(session, wearer, night)
    session.execute(delete(RecordingRow).where(RecordingRow.id.in_(earlier)))
    figures["model"] = _model(session, night.model)
    if stored is None:
        session.add(RecordingRow(id=night.id, wearer_id=wearer, **figures))
    else:
        for key, value in figures.items():
            setattr(stored, key, value)
        for table in TABLES:
            session.execute(delete(table).where(table.recording_id == night.id))
    session.flush()
    session.add_all(rows)
    _require_own_episodes(session, night)
    provisional.settle(session, wearer, night)
    if stored is not None or earlier:
        return Outcome(Saved.REPLACED)
    return Outcome(Saved.ADDED, _overlaps(session, wearer, night))


def _other_readings(session: Session, wearer: str, night: Night) -> list[str]:
    """List what is stored of the same recording under another id, to be replaced.

    Raises
    ------
    InputError
        One of them has what this one lacks.
    """
    same = select(RecordingRow.id, RecordingRow.recorded_s).where(
        RecordingRow.id != night.id,
        RecordingRow.wearer_id == wearer,
        RecordingRow.name == night.info.name,
        RecordingRow.device == night.info.device,
        RecordingRow.start_ns == night.start_ns,
    )
    replaced = []
    for recording_id, recorded_s in session.execute(same):
        stored = select(CoverageRow.start_ns, CoverageRow.end_ns).where(
            CoverageRow.recording_id == recording_id,
            CoverageRow.kind == CoverageKind.RECORDED,
        )
        spans = [Span(start_ns, end_ns) for start_ns, end_ns in session.execute(stored)]
        lost_s = seconds(without(spans, night.recorded))
        if lost_s > LEAST_LOST_S:
            raise InputError(
                f"{night.info.name}: lacks {duration(lost_s)} of the {duration(recorded_s)} that "
                "are stored of this recording, and does not take their place. To have it "
                f"nevertheless, first take out what is stored: `crampwatch remove {recording_id}`."
            )
        replaced.append(recording_id)
    return replaced


def _require_own_episodes(session: Session, night: Night) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise InputError(
            f"{night.info.name}: has an episode with the id of one in another recording, and is "
            "not stored. Where the two are copies that begin alike, take the stored one out with "
            "`crampwatch remove`; else replay the recording to judge it anew."
        ) from error


def _overlaps(session: Session, wearer: str, night: Night) -> tuple[str, ...]:
    """Name the other recordings that hold more than a little of the same time."""
    found = select(
        RecordingRow.id, RecordingRow.name, CoverageRow.start_ns, CoverageRow.end_ns
    ).where(
        CoverageRow.recording_id == RecordingRow.id,
        CoverageRow.wearer_id == wearer,
        CoverageRow.kind == CoverageKind.RECORDED,
        RecordingRow.id != night.id,
        CoverageRow.start_ns < night.end_ns,
        CoverageRow.end_ns > night.start_ns,
    )
    recorded: dict[tuple[str, str], list[Span]] = {}
    for recording_id, name, start_ns, end_ns in session.execute(found):
        # Its name would not tell one of the same name from the new one.
        told = recording_id if name == night.info.name else name
        recorded.setdefault((told, recording_id), []).append(Span(start_ns, end_ns))
    return tuple(
        dict.fromkeys(
            told
            for (told, _), spans in sorted(recorded.items())
            if seconds(common(night.recorded, spans)) > OVERLAP_S
        )
    )


def _model(session: Session, model: ModelVersion) -> ModelRow:
    known = select(ModelRow).filter_by(name=model.name, version=model.version)
    return session.scalar(known) or ModelRow(name=model.name, version=model.version)
