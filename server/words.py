"""The plain sentences that a wearer reads, in one place for the page and the terminal.

They speak of what was noticed in what was recorded, and of nothing else: 'not recorded' is not
'none found', and an awakening is called cramp-like, never a cramp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from detector.night import Cue, ModelVersion, Sleep, Span, Standing
from ingest.samples import NS_PER_S, FaultKind
from server.nights import local_time

__all__ = [
    "EMPTY_STORE",
    "FAULTS",
    "LEGEND",
    "NOT_A_DEVICE",
    "WHAT_THE_WRIST_SEES",
    "FaultWords",
    "between",
    "certainty",
    "clock",
    "count",
    "cue",
    "cue_value",
    "day",
    "duration",
    "fault",
    "finding",
    "got_up",
    "heart_rate",
    "heart_rate_short",
    "hours",
    "hours_caveat",
    "idle_cues",
    "last_night_missing",
    "leaning",
    "length",
    "night_name",
    "not_recorded",
    "provenance",
    "recorded",
    "signs",
    "slept",
    "strip_night",
    "telling_cues",
    "worn",
    "zone_name",
]

NOT_A_DEVICE = "Crampwatch is not a medical device and gives no medical advice."

WHAT_THE_WRIST_SEES = (
    "The wrist sees the awakening and what the arm does, not the calf: whoever lies still during "
    "a cramp goes unnoticed, and other awakenings can look the same."
)

EMPTY_STORE = "No night is stored here yet."

LEGEND = {
    "likely": "looked like a cramp",
    "possible": "may have been one",
    "none_found": "none found",
    "partly": "none found, but worn for less than 4 h",
    "not_recorded": "not recorded",
}
"""What each mark in the strip stands for."""

FEW_SPANS = 3
"""Spans that a sentence lists one by one; more of them are counted, for a phone's sake."""


def count(number: int, one: str, many: str) -> str:
    """Write ``1 awakening`` or ``2 awakenings``."""
    return f"{number} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """Write hours and minutes, as for a night: ``7 h 40 min``; under a minute, seconds."""
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(part for part in parts if part)


def length(seconds: float) -> str:
    """Write minutes and seconds, as for an awakening: ``2 min 5 s``; whole minutes from ten on."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if not minutes or whole >= 600 or not rest:
        return duration(whole)
    return f"{minutes} min {rest} s"


def clock(instant_ns: int, zone: ZoneInfo) -> str:
    """Write local time as ``02:13``, with its zone (``02:13 CET``) where that hour comes twice."""
    local = local_time(instant_ns, zone)
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M} {local.tzname()}" if comes_twice else f"{local:%H:%M}"


def between(start_ns: int, end_ns: int, zone: ZoneInfo) -> str:
    """Write ``02:13–02:15``."""
    return f"{clock(start_ns, zone)}–{clock(end_ns, zone)}"


def day(when: date) -> str:
    """Write ``Sat 21 Nov``."""
    return f"{when:%a} {when.day} {when:%b}"


def night_name(night: date) -> str:
    """Write a night by both its dates: ``Sat 21 to Sun 22 Nov 2026``."""
    morning = night + timedelta(days=1)
    evening = f"{night:%a} {night.day}"
    if night.month != morning.month:
        evening = day(night)
    if night.year != morning.year:
        evening = f"{evening} {night.year}"
    return f"{evening} to {day(morning)} {morning.year}"


def recorded(seconds: float) -> str:
    """Write how much of the night was recorded."""
    return f"Recorded {duration(seconds)}"


def worn(seconds: float) -> str:
    """Write how much of the night the wearable was on a wrist."""
    return f"worn {duration(seconds)}" if round(seconds) else "not worn"


def hours(recorded_s: float, worn_s: float) -> str:
    """Write how much of the night was seen, before anything is said about it."""
    return f"{recorded(recorded_s)}, {worn(worn_s)}"


def hours_caveat(worn_s: float) -> str:
    """Warn that most of a night went unseen."""
    return (
        f"Only {duration(worn_s)} of this night could be looked at, so most of it is unknown."
        if worn_s
        else "Nothing is known of this night: the wearable was recording, but not on a wrist."
    )


def slept(sleep: Sleep | None, zone: ZoneInfo) -> str:
    """Write how long the wearer was asleep, and between when."""
    if sleep is None:
        return "No sleep was found in what was recorded."
    return (
        f"Asleep for about {duration(sleep.asleep_s)} "
        f"between {clock(sleep.onset_ns, zone)} and {clock(sleep.wake_ns, zone)}."
    )


def finding(likely: int, possible: int, recorded_s: float, worn_s: float) -> str:
    """Write what was noticed; 'nothing' is only ever said of hours that were seen."""
    if likely:
        noticed = count(likely, "awakening", "awakenings")
        more = f", and {possible} more that may have been" if possible else ""
        return (
            f"We noticed {noticed} that looked like {'a cramp' if likely == 1 else 'cramps'}{more}."
        )
    if possible:
        noticed = count(possible, "awakening", "awakenings")
        return (
            f"We noticed {noticed} that may have been {'a cramp' if possible == 1 else 'cramps'}."
        )
    if not worn_s:
        return "Nothing can be said about cramps in this night."
    seen = (
        f"the {duration(recorded_s)} recorded"
        if duration(worn_s) == duration(recorded_s)
        else f"the {duration(worn_s)} recorded on the wrist"
    )
    return f"Nothing cramp-like was found in {seen}."


def certainty(standing: Standing, probability: float) -> str:
    """Write how sure the detector is, in a word and a number that never claims certainty."""
    percent = min(max(round(100 * probability), 1), 99)
    return f"{standing.value.capitalize()}, {percent} %"


def heart_rate(rise_bpm: float | None) -> str:
    """Write what the heart rate did."""
    if rise_bpm is None:
        return "heart rate not measured"
    if round(rise_bpm) <= 0:
        return "heart rate did not rise"
    return f"heart rate up by {round(rise_bpm)} beats a minute"


def heart_rate_short(rise_bpm: float | None) -> str:
    """Write what the heart rate did, for a column."""
    return "not measured" if rise_bpm is None else f"{round(rise_bpm):+d} a minute"


def got_up(steps_seen: bool) -> str:
    """Write whether the wearer got up, as far as a wrist can tell."""
    return "got up" if steps_seen else "no steps seen"


def signs(duration_s: float, rise_bpm: float | None, steps_seen: bool) -> str:
    """Write how long an awakening was and what went with it, as a sentence."""
    return f"{length(duration_s)} long, {heart_rate(rise_bpm)}, {got_up(steps_seen)}."


def zone_name(timezone: str) -> str:
    """Write an IANA zone without its underscores."""
    return timezone.replace("_", " ")


def provenance(name: str, device: str, source: str, model: ModelVersion) -> str:
    """Write where what is shown comes from; a simulation says here that it is one."""
    told = {
        "Recording": name,
        "Device": device,
        "Source": source,
        "Model": f"{model.name} {model.version}",
    }
    return " ".join(f"{what}: {value}." for what, value in told.items() if value)


@dataclass(frozen=True, slots=True)
class FaultWords:
    """What a kind of fault is called, and what the wearer can do about it."""

    name: str
    advice: str


FAULTS = {
    FaultKind.GAP: FaultWords(
        "No data",
        "Keep the wearable charged, and the receiver within a few metres of the bed.",
    ),
    FaultKind.OFF_WRIST: FaultWords(
        "Not on a wrist",
        "Nothing can be noticed in that time. If you did wear it, close the strap a little more.",
    ),
    FaultKind.NO_HEART_RATE: FaultWords(
        "No heart rate",
        "Awakenings in that time were judged by movement alone. "
        "Wear the sensor flat on dry skin, a finger's width above the wrist bone.",
    ),
}


def fault(kind: FaultKind, spans: Sequence[Span], recorded_s: float, zone: ZoneInfo) -> str:
    """Write one sentence for all the spans of a kind of fault."""
    name = FAULTS[kind].name
    total = duration(sum(span.end_ns - span.start_ns for span in spans) / NS_PER_S)
    if kind is not FaultKind.GAP and total == duration(recorded_s):
        return f"{name} in all of the {total} recorded."
    if len(spans) > FEW_SPANS:
        first = clock(spans[0].start_ns, zone)
        return f"{name} for {total} together, {len(spans)} times, first at {first}."
    when = ", ".join(between(span.start_ns, span.end_ns, zone) for span in spans)
    return f"{name} for {total} ({when})."


CUES = {
    "out_of_rest": "Lay still before",
    "just_lain_down": "Had only just lain down",
    "long_enough": "Moved for some time",
    "too_long": "Moved for very long",
    "sudden": "Began at full strength",
    "sat_up": "Arm turned within seconds",
    "pose_returns": "Arm back as it lay before",
    "jerky": "Jerky movement",
    "kept_moving": "Moved without pause",
    "heart_rose": "Heart rate rose",
    "heart_calm": "Heart rate stayed calm",
    "long_walk": "Walked far",
    "walk_back": "Walked there and back",
    "settled": "Lay still afterwards",
    "restless": "Other movement around then",
    "off_wrist": "Wearable taken off around then",
}
"""Plain words for the cues of the models so far; a cue that is not here keeps its name."""


def cue(name: str) -> str:
    """Write the name of a cue as words."""
    return CUES.get(name, name.replace("_", " ").capitalize())


def cue_value(measured: Cue) -> str:
    """Write what was measured, or that it could not be."""
    if measured.value is None:
        return "not measured"
    match measured.unit:
        case "s":
            return length(measured.value)
        case "deg":
            return f"{measured.value:.0f}°"
        case "bpm":
            return f"{measured.value:+.0f} beats a minute"
        case "1":
            return f"{measured.value:.2g}"
    return f"{measured.value:.2g} {measured.unit}"


def telling_cues(evidence: Mapping[str, Cue]) -> list[tuple[str, Cue]]:
    """Pick the cues that made a difference, the weightiest first."""
    telling = [(name, measured) for name, measured in evidence.items() if _weight(measured)]
    return sorted(telling, key=lambda item: -abs(item[1].contribution))


def idle_cues(evidence: Mapping[str, Cue]) -> list[str]:
    """Pick the cues that were looked at and spoke neither way, in words within a sentence."""
    return [cue(name).lower() for name, measured in evidence.items() if not _weight(measured)]


def leaning(measured: Cue) -> str:
    """Write which way a cue speaks, with its weight in log-odds."""
    weight = _weight(measured)
    return f"for it, +{weight}" if weight > 0 else f"against it, −{-weight}"


def _weight(measured: Cue) -> float:
    return round(measured.contribution, 1)


def strip_night(night: date, recorded_s: float, worn_s: float, likely: int, possible: int) -> str:
    """Write one night of the strip, for those who hear it."""
    if not recorded_s:
        return f"{day(night)}: not recorded"
    found = [f"{likely} likely"] * bool(likely) + [f"{possible} possible"] * bool(possible)
    return f"{day(night)}: {' and '.join(found) or 'none found'}. {hours(recorded_s, worn_s)}"


def not_recorded(night: date) -> str:
    """Write that nothing is known of a night."""
    return f"The night of {night_name(night)} is not recorded here."


def last_night_missing(night: date) -> str:
    """Write that the newest night is not last night."""
    return f"Last night ({day(night)}) is not recorded here. This is the newest night that is."
