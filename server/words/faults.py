"""What is said of what was wrong with a recording, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from detector.night import Span
from ingest.samples import FaultKind
from server.language import N_, _
from server.nights import local_time
from server.spans import seconds
from server.words.times import between, clock, day, duration

__all__ = [
    "FAULTS",
    "FaultWords",
    "fault",
    "fault_advice",
    "fault_name",
    "heard_again",
    "not_begun",
    "open_fault",
]

ALL = 0.99
"""Share of a time that is told as all of it: losses are counted in steps of seconds."""

FEW_SPANS = 3
"""Spans that a sentence lists one by one; more of them are counted, for a phone's sake."""


@dataclass(frozen=True, slots=True)
class FaultWords:
    """What a kind of fault is called, and what the wearer can do about it."""

    name: str
    advice: str


FAULTS = {
    FaultKind.GAP: FaultWords(
        N_("No data"),
        N_(
            "Nothing is known of that time. Keep the wearable charged, and close to whatever "
            "records it."
        ),
    ),
    FaultKind.OFF_WRIST: FaultWords(
        N_("Not on a wrist"),
        N_(
            "Nothing can be noticed in that time. If you did wear it, close the strap a little "
            "more."
        ),
    ),
    FaultKind.NO_HEART_RATE: FaultWords(
        N_("No heart rate"),
        N_(
            "Awakenings in that time were judged by movement alone. "
            "Wear the sensor flat on dry skin, a finger's width above the wrist bone."
        ),
    ),
    FaultKind.LINK_LOST: FaultWords(
        N_("Wearable not connected"),
        N_("Keep it charged and near the receiver, and let no phone connect to it at night."),
    ),
    FaultKind.SILENT_STREAM: FaultWords(
        N_("Connected, but sending nothing"),
        N_("Restart the wearable if that comes back every night."),
    ),
    FaultKind.BATTERY_LOW: FaultWords(N_("Battery low"), N_("Charge the wearable before bedtime.")),
    FaultKind.BATTERY_FLAT: FaultWords(
        N_("Battery almost flat"),
        N_("Charge the wearable now, or it stops before the morning."),
    ),
    FaultKind.DECODE_ERRORS: FaultWords(
        N_("Wearable sent what could not be read"),
        N_("What could be read was kept. Look for an update of its firmware, and report it to us."),
    ),
    FaultKind.DISK_LOW: FaultWords(
        N_("Disk almost full"), N_("Make room: a night takes about 20 MB.")
    ),
    FaultKind.DISK_FULL: FaultWords(
        N_("Disk full or not writable"),
        N_("Nothing more could be stored meanwhile. Make room on the disk the nights are on."),
    ),
    FaultKind.CLOCK_STEPPED: FaultWords(
        N_("The computer's clock was set"),
        N_(
            "The night keeps the time it began with. Let the clock set itself before the night "
            "begins."
        ),
    ),
    FaultKind.COLLECTOR_SILENT: FaultWords(
        N_("Collector not heard of"),
        N_("See whether its computer runs and reaches this one; what it recorded is kept there."),
    ),
    FaultKind.NIGHT_NOT_BEGUN: FaultWords(
        N_("Night not begun"),
        N_("See whether the wearable is on the wrist, charged, and near what records it."),
    ),
}

NEVER_HEART_RATE = N_(
    "Awakenings were judged by movement alone. If the wearable can measure heart rate, switch that "
    "on for the night; if it cannot, nothing is wrong with it."
)


def fault_name(kind: FaultKind) -> str:
    """Name a kind of fault."""
    return _(FAULTS[kind].name)


def fault_advice(kind: FaultKind) -> str:
    """Write what can be done about a kind of fault."""
    return _(FAULTS[kind].advice)


def open_fault(kind: FaultKind, source: str, start_ns: int, zone: ZoneInfo) -> str:
    """Write since when a fault goes on, and of which wearable where it is of one."""
    name = fault_name(kind)
    of = f"{name} ({source})" if source else name
    return _("%(fault)s since %(since)s.", fault=of, since=clock(start_ns, zone))


def fault(
    kind: FaultKind, spans: Sequence[Span], recorded_s: float, worn_s: float, zone: ZoneInfo
) -> tuple[str, str]:
    """Write one sentence for all the spans of a kind of fault, and what can be done about it."""
    name, advice = fault_name(kind), fault_advice(kind)
    total_s = seconds(spans)
    total = duration(total_s)
    if kind is FaultKind.OFF_WRIST and total_s >= ALL * recorded_s:
        return _("%(fault)s in all of the %(time)s recorded.", fault=name, time=total), advice
    if kind is FaultKind.NO_HEART_RATE and total_s >= ALL * worn_s:
        never = _("%(fault)s in all of the %(time)s worn.", fault=name, time=total)
        return never, _(NEVER_HEART_RATE)
    if len(spans) > FEW_SPANS:
        often = _(
            "%(fault)s for %(time)s together, %(number)s times, first at %(first)s.",
            fault=name,
            time=total,
            number=len(spans),
            first=clock(spans[0].start_ns, zone),
        )
        return often, advice
    when = ", ".join(between(span.start_ns, span.end_ns, zone) for span in spans)
    return _("%(fault)s for %(time)s (%(when)s).", fault=name, time=total, when=when), advice


def heard_again(since_ns: int, zone: ZoneInfo) -> str:
    """Write that a silent collector is silent no more."""
    return _(
        "The collector is heard of again; it had not been since %(since)s.",
        since=clock(since_ns, zone),
    )


def not_begun(since_ns: int, zone: ZoneInfo) -> str:
    """Write since when nothing was recorded, and what to look at."""
    since = _(
        "Nothing has been recorded since %(day)s at %(time)s.",
        day=day(local_time(since_ns, zone).date()),
        time=clock(since_ns, zone),
    )
    return f"{since} {fault_advice(FaultKind.NIGHT_NOT_BEGUN)}"
