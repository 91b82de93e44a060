"""Keeps judged nights: one transaction a night, idempotent by the recording's id."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from detector.night import ModelVersion, Night, Span
from server import migrate, sqlite
from server.nights import by_night, night_of
from server.tables import (
    AwakeningRow,
    Base,
    CoverageKind,
    CoverageRow,
    CueJSON,
    EpisodeRow,
    FaultRow,
    ModelRow,
    RecordingRow,
)

__all__ = ["Saved", "Store"]

_LOG = logging.getLogger(__name__)


class Saved(StrEnum):
    """What saving a night changed."""

    ADDED = "added"
    REPLACED = "replaced"
    """The recording was there, judged otherwise."""
    UNCHANGED = "unchanged"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The database of one installation. Open it with `Store.open`; threads may share it."""

    def __init__(self, engine: Engine, path: Path, put_aside: Path | None = None):
        self._engine = engine
        self.path = path
        self.put_aside = put_aside

    @classmethod
    def open(
        cls,
        url: str,
        *,
        say: Callable[[str], None] = _LOG.warning,
        now: Callable[[], datetime] = _utc_now,
    ) -> Self:
        """Open the database, made and brought up to date where that is needed.

        Parameters
        ----------
        url
            ``sqlite:///`` and the path of the file.
        say
            Told when a damaged file was put aside; its new name is `put_aside` of the store.
        now
            The UTC time that names a file put aside.

        Raises
        ------
        StoreError
            The file or its folder cannot be used; the message says what to do.
        """
        path = sqlite.database_file(url)
        aside = None
        with sqlite.errors_with_advice(path):
            # What it holds is about somebody's health: it is for its owner alone.
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                path.touch(mode=0o600)
            if not sqlite.is_sound(path):
                aside = sqlite.put_aside(path, now())
                path.touch(mode=0o600)
                say(
                    f"The database {path} was damaged. It was put aside as {aside.name} and a new "
                    "one begun; replay your recordings to fill it."
                )
            migrating = sqlite.connect(path, foreign_keys=False)
            try:
                migrate.bring_up_to_date(sqlite.writing(migrating))
            finally:
                migrating.dispose()
        return cls(sqlite.connect(path), path, aside)

    def close(self) -> None:
        """Close every connection; the file is then whole by itself."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees the store as it is now, whatever is written meanwhile."""
        with sqlite.errors_with_advice(self.path), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with (
            sqlite.errors_with_advice(self.path),
            Session(sqlite.writing(self._engine)) as session,
            session.begin(),
        ):
            yield session

    def save(self, night: Night) -> Saved:
        """Keep a judged night, whole or not at all.

        The same recording judged in the same way changes nothing, under whatever name it comes;
        judged in another way it takes the place of what was there.

        Raises
        ------
        StoreError
            The database cannot be written; nothing of the night is stored.
        """
        rows = list(_rows(night))
        figures = _figures(night) | {"judgement": _judgement(night, rows)}
        with self._writing() as session:
            stored = session.get(RecordingRow, night.id)
            if stored is not None and stored.judgement == figures["judgement"]:
                return Saved.UNCHANGED
            figures["model"] = _model(session, night.model)
            if stored is None:
                session.add(RecordingRow(id=night.id, **figures))
            else:
                for name, value in figures.items():
                    setattr(stored, name, value)
                for table in (CoverageRow, EpisodeRow, AwakeningRow, FaultRow):
                    session.execute(delete(table).where(table.recording_id == night.id))
            session.flush()
            session.add_all(rows)
        return Saved.ADDED if stored is None else Saved.REPLACED


def _model(session: Session, model: ModelVersion) -> ModelRow:
    known = select(ModelRow).filter_by(name=model.name, version=model.version)
    return session.scalar(known) or ModelRow(name=model.name, version=model.version)


def _figures(night: Night) -> dict[str, Any]:
    info, sleep = night.info, night.sleep
    return {
        "name": info.name,
        "timezone": info.timezone,
        "device": info.device,
        "wrist": info.wrist,
        "source": info.source,
        "start_ns": night.start_ns,
        "end_ns": night.end_ns,
        "night": _main_night(night),
        "recorded_s": night.recorded_s,
        "worn_s": night.worn_s,
        "sleep_onset_ns": sleep.onset_ns if sleep else None,
        "sleep_wake_ns": sleep.wake_ns if sleep else None,
        "asleep_s": sleep.asleep_s if sleep else None,
    }


def _main_night(night: Night) -> date:
    """Name the night a recording is of: that of its sleep, or else the one it has most of.

    A wearable that is worn past noon has begun the next night, but is not yet a recording of it.
    """
    zone = night.info.zone
    if night.sleep is not None:
        return night_of(night.sleep.onset_ns, zone)
    recorded: Counter[date] = Counter()
    for span in night.recorded:
        for name, start_ns, end_ns in by_night(span.start_ns, span.end_ns, zone):
            recorded[name] += end_ns - start_ns
    return max(recorded, key=lambda name: recorded[name], default=night_of(night.start_ns, zone))


def _judgement(night: Night, rows: Iterable[Base]) -> str:
    """Digest all that the detector said, so that 'the same again' can be told."""
    said = [asdict(night.model), asdict(night.sleep) if night.sleep else None]
    said += [
        {column.key: getattr(row, column.key) for column in row.__table__.columns} for row in rows
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def _rows(night: Night) -> Iterator[Base]:
    zone = night.info.zone
    yield from _coverage(night, CoverageKind.RECORDED, night.recorded)
    yield from _coverage(night, CoverageKind.WORN, night.worn)
    for episode in night.episodes:
        yield EpisodeRow(
            id=episode.id,
            recording_id=night.id,
            night=night_of(episode.onset_ns, zone),
            onset_ns=episode.onset_ns,
            end_ns=episode.end_ns,
            probability=episode.probability,
            standing=episode.standing,
            heart_rate_rise_bpm=episode.heart_rate_rise_bpm,
            got_up=episode.got_up,
            evidence={
                name: CueJSON(value=cue.value, unit=cue.unit, contribution=cue.contribution)
                for name, cue in episode.evidence.items()
            },
        )
    for awakening in night.awakenings:
        yield AwakeningRow(
            recording_id=night.id,
            night=night_of(awakening.start_ns, zone),
            start_ns=awakening.start_ns,
            end_ns=awakening.end_ns,
            probability=awakening.probability,
        )
    for fault in night.faults:
        for name, start_ns, end_ns in by_night(fault.start_ns, fault.end_ns, zone):
            yield FaultRow(
                recording_id=night.id,
                night=name,
                kind=fault.kind,
                start_ns=start_ns,
                end_ns=end_ns,
            )


def _coverage(night: Night, kind: CoverageKind, spans: tuple[Span, ...]) -> Iterator[CoverageRow]:
    for span in spans:
        for name, start_ns, end_ns in by_night(span.start_ns, span.end_ns, night.info.zone):
            yield CoverageRow(
                recording_id=night.id, night=name, kind=kind, start_ns=start_ns, end_ns=end_ns
            )
