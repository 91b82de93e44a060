"""A judged night as the rows of its tables, and the digest by which the same again is told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from detector.night import Night
from server.dating import Dating
from server.nights import by_night, night_of
from server.spans import searched
from server.tables import (
    AwakeningRow,
    Base,
    CoverageKind,
    CoverageRow,
    CueJSON,
    EpisodeRow,
    FaultRow,
    MarkRow,
    SleepRow,
)

__all__ = ["figures_of", "judgement_of", "rows_of", "what_is_known"]


def what_is_known(night: Night) -> dict[str, Any]:
    """Give what somebody said of a recording, and may say otherwise later."""
    info = night.info
    return {
        "name": info.name,
        "timezone": info.timezone,
        "device": info.device,
        "wrist": info.wrist,
        "source": info.source,
    }


def figures_of(night: Night) -> dict[str, Any]:
    """Give the figures of the whole of a recording."""
    return {
        "start_ns": night.start_ns,
        "end_ns": night.end_ns,
        "night": _main_night(night),
        "recorded_s": night.recorded_s,
        "worn_s": night.worn_s,
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


def judgement_of(night: Night, rows: Iterable[Base]) -> str:
    """Digest all that the detector said, so that 'the same again' can be told."""
    said: list[Any] = [asdict(night.model), figures_of(night)]
    # Where there was none, what was stored before adjustments were is the same again.
    said += [] if night.personal is None else [night.personal]
    said += [dict(_said_by_detector(row)) for row in rows]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def _said_by_detector(row: Base) -> Iterator[tuple[str, Any]]:
    for column in row.__table__.columns:
        value = getattr(row, column.key)
        # Whose night it is was not, and what was stored before features were is the same again.
        if column.key != "wearer_id" and not (column.key == "features" and not value):
            yield column.key, value


def rows_of(night: Night, wearer: str) -> Iterator[Base]:
    """Give the rows of all that was found in a recording of a wearer, each of its night."""
    of = {"recording_id": night.id, "wearer_id": wearer}
    dating = Dating.of(night)
    for kind, spans in (
        (CoverageKind.RECORDED, night.recorded),
        (CoverageKind.WORN, night.worn),
        (CoverageKind.SEARCHED, searched(night)),
    ):
        for span in spans:
            for name, start_ns, end_ns in dating.by_night(span.start_ns, span.end_ns):
                yield CoverageRow(**of, night=name, kind=kind, start_ns=start_ns, end_ns=end_ns)
    for sleep in night.sleeps:
        yield SleepRow(
            **of,
            night=dating.night_of(sleep.onset_ns),
            onset_ns=sleep.onset_ns,
            wake_ns=sleep.wake_ns,
            asleep_s=sleep.asleep_s,
        )
    for episode in night.episodes:
        yield EpisodeRow(
            id=episode.id,
            **of,
            night=dating.night_of(episode.onset_ns),
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
            others=dict(episode.others),
        )
    for awakening in night.awakenings:
        yield AwakeningRow(
            **of,
            night=dating.night_of(awakening.start_ns),
            start_ns=awakening.start_ns,
            end_ns=awakening.end_ns,
            probability=awakening.probability,
            got_up=awakening.got_up,
            others=dict(awakening.others),
            features=dict(awakening.features),
        )
    for mark in night.marks:
        yield MarkRow(
            **of,
            night=dating.night_of(mark.time_ns),
            time_ns=mark.time_ns,
            label=mark.label,
        )
    for fault in night.faults:
        for name, start_ns, end_ns in dating.by_night(fault.start_ns, fault.end_ns):
            yield FaultRow(
                **of,
                night=name,
                kind=fault.kind,
                start_ns=start_ns,
                end_ns=end_ns,
            )
