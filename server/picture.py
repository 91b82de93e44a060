"""The night in a picture: what is drawn of a night, which recordings, and the same as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from detector.night import Span
from detector.traces import STRETCH_S, Stretch
from ingest.samples import NS_PER_S, FaultKind
from server import words
from server.language import _, number
from server.spans import common, seconds
from server.stored import StoredRecording
from server.summary import Morning
from server.timeline import extent

__all__ = ["Line", "Picture", "Row", "five_minutes", "picture", "shown_recordings"]

NS_PER_MS = NS_PER_S // 1000

OVERLAP_S = 600.0
"""Seconds for which two recordings may run at once and both be drawn, one after the other: a
wearable that takes over from another overlaps for less."""

STRETCH_NS = STRETCH_S * NS_PER_S

MG_PER_G = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """What happened in the night, for the table: a place in time, and words."""

    start_ns: int
    end_ns: int
    when: str
    what: str
    more: str


@dataclass(frozen=True, slots=True)
class Line:
    """Five minutes in words, for the table."""

    when: str
    movement: str
    most: str
    angle: str
    heart: str
    what: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A night as it is drawn.

    Parameters
    ----------
    drawn
        What the script needs, as JSON values; times in UTC milliseconds.
    rows
        The same for those who do not see it, by time.
    """

    drawn: dict[str, Any]
    rows: tuple[Row, ...]


def picture(morning: Morning) -> Picture:
    """Lay out what is known of a night beside its samples."""
    whole = extent(morning)
    lanes = [
        (_("Sleep"), "asleep", morning.asleep),
        *((words.fault_name(kind), "fault", morning.fault_spans(kind)) for kind in FaultKind),
    ]
    drawn = {
        "zone": morning.timezone,
        "start": _ms(whole.start_ns),
        "end": _ms(whole.end_ns),
        "lanes": [
            {
                "name": name,
                "kind": kind,
                "spans": [[_ms(each.start_ns), _ms(each.end_ns)] for each in within],
            }
            for name, kind, spans in lanes
            if (within := common(spans, [whole]))
        ],
        "episodes": [
            {
                "start": _ms(each.start_ns),
                "end": _ms(each.end_ns),
                "standing": each.standing.value,
            }
            for each in morning.episodes
        ],
    }
    return Picture(drawn, tuple(sorted(_rows(morning), key=lambda row: row.start_ns)))


def shown_recordings(
    recordings: Sequence[StoredRecording], preferred: str | None = None
) -> tuple[StoredRecording, ...]:
    """Choose the recordings that are drawn: of two that ran at once, the longer one.

    Parameters
    ----------
    preferred
        Id of one that is drawn in any case.
    """
    kept: list[StoredRecording] = []
    for each in sorted(recordings, key=lambda one: (one.id != preferred, -one.recorded_s, one.id)):
        span = Span(each.start_ns, each.end_ns)
        if all(seconds(common([span], [Span(o.start_ns, o.end_ns)])) <= OVERLAP_S for o in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda one: one.start_ns))


def five_minutes(morning: Morning, stretches: Sequence[Stretch]) -> tuple[Line, ...]:
    """Write a recording by five minutes, as far as it lies in the night that is drawn."""
    whole = extent(morning)
    return tuple(
        _line(morning, stretch)
        for stretch in stretches
        if whole.start_ns <= stretch.start_ns < whole.end_ns
    )


def _rows(morning: Morning) -> list[Row]:
    zone = morning.zone
    rows = [
        _row(
            each.start_ns,
            each.end_ns,
            zone,
            words.certainty(each.standing, each.probability),
            words.signs(each.duration_s, each.heart_rate_rise_bpm, each.got_up),
        )
        for each in morning.episodes
    ]
    rows += [
        _row(
            each.onset_ns,
            each.wake_ns,
            zone,
            _("Sleep"),
            _("Asleep for about %(time)s of it.", time=words.duration(each.asleep_s)),
        )
        for each in morning.sleeps
    ]
    for kind in FaultKind:
        rows += [
            _row(each.start_ns, each.end_ns, zone, words.fault_name(kind), _long(each))
            for each in morning.fault_spans(kind)
        ]
    rows += [
        _row(mark.time_ns, mark.time_ns, mark.zone, _("Your mark"), mark.label)
        for mark in morning.marks
    ]
    return rows


def _row(start_ns: int, end_ns: int, zone: ZoneInfo, what: str, more: str) -> Row:
    since, until = words.clock(start_ns, zone), words.clock(end_ns, zone)
    return Row(start_ns, end_ns, since if since == until else f"{since}–{until}", what, more)


def _long(span: Span) -> str:
    return _("%(time)s long.", time=words.length((span.end_ns - span.start_ns) / NS_PER_S))


def _line(morning: Morning, stretch: Stretch) -> Line:
    span = Span(stretch.start_ns, stretch.start_ns + STRETCH_NS)
    happened = [
        words.standing_word(each.standing)
        for each in morning.episodes
        if each.start_ns < span.end_ns and each.end_ns > span.start_ns
    ]
    asleep_s = seconds(common([span], morning.asleep))
    if asleep_s:
        happened.append(_("asleep") if asleep_s >= STRETCH_S else _("partly asleep"))
    happened += [
        words.fault_name(kind) for kind in FaultKind if common([span], morning.fault_spans(kind))
    ]
    return Line(
        when=words.clock(stretch.start_ns, morning.zone),
        movement=_number(stretch.enmo_g, MG_PER_G, 1),
        most=_number(stretch.most_enmo_g, MG_PER_G, 0),
        angle=_number(stretch.z_angle_deg, 1, 0),
        heart=_number(stretch.heart_bpm, 1, 0),
        what=", ".join(happened),
    )


def _number(value: float | None, factor: int, digits: int) -> str:
    return "–" if value is None else number(factor * value, digits).replace("-", "−")


def _ms(instant_ns: int) -> int:
    return instant_ns // NS_PER_MS
