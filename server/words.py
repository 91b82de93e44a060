"""The plain sentences that a wearer reads, in one place for the page and the terminal.

They speak of what was noticed in what was recorded, and of nothing else: 'not recorded' is not
'none found', and an awakening is called cramp-like, never a cramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from detector.night import ModelVersion, Night, Sleep, Span, Standing
from detector.provisional import Change, Fate
from ingest.samples import FaultKind
from server.figures import HALF_A_NIGHT_S, LEAST_SEARCHED_S, NightFigures, NightState
from server.live import Tonight
from server.nights import local_time
from server.spans import searched, seconds
from server.wire import LinkReport

__all__ = [
    "EMPTY_STORE",
    "FAULTS",
    "HOW_TO_FILL",
    "LEGEND",
    "LINK_STATES",
    "NOT_A_DEVICE",
    "PER_CENT",
    "SIMULATED",
    "WHAT_THE_WRIST_SEES",
    "FaultWords",
    "adapter_resets",
    "at_night",
    "between",
    "certainty",
    "clock",
    "count",
    "day",
    "duration",
    "fault",
    "finding",
    "got_up",
    "heading",
    "heard_again",
    "heart_rate",
    "heart_rate_short",
    "hours",
    "last_night_missing",
    "length",
    "link",
    "marked",
    "marks",
    "month",
    "night_name",
    "not_recorded",
    "open_fault",
    "provenance",
    "recorded",
    "scarce",
    "signs",
    "slept",
    "so_far",
    "strip_night",
    "tonight",
    "withdrawn",
    "worn",
    "zone_name",
]

NOT_A_DEVICE = "Crampwatch is not a medical device and gives no medical advice."

WHAT_THE_WRIST_SEES = (
    "The wrist sees the awakening and what the arm does, not the calf: whoever lies still during "
    "a cramp goes unnoticed, and other awakenings can look the same."
)

SIMULATED = "Simulated sample night: a program made it, nobody slept it."

PER_CENT = (
    "A percentage says how sure the detector is: of a hundred awakenings at 70 %, about seventy "
    "should be cramps. It was set on simulated nights and never measured on real cramps."
)

EMPTY_STORE = "No night is stored here yet."

HOW_TO_FILL = (
    "To put one in: crampwatch replay PATH-OF-THE-RECORDING. To record one with a wearable: "
    "crampwatch pair, then crampwatch night. To look around first with sample nights, which a "
    "simulation made: crampwatch replay --samples"
)

LEGEND = {
    "likely": "looked like a cramp",
    "possible": "may have been one",
    "none_found": "none found",
    "partly": f"less than {HALF_A_NIGHT_S / 3600:.0f} h searched",
    "not_recorded": "not recorded",
}
"""What each mark in the strip stands for."""

ALL = 0.99
"""Share of a time that is told as all of it: losses are counted in steps of seconds."""

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
    year = f" {night.year}" if night.year != morning.year else ""
    return f"{_evening(night)}{year} to {day(morning)} {morning.year}"


def heading(night: date, last_night: date | None) -> str:
    """Write which night this is: ``Last night (Fri 20 to Sat 21 Nov)`` where it is last night."""
    if night == last_night:
        return f"Last night ({_evening(night)} to {day(night + timedelta(days=1))})"
    return f"Night of {night_name(night)}"


def _evening(night: date) -> str:
    same_month = night.month == (night + timedelta(days=1)).month
    return f"{night:%a} {night.day}" if same_month else day(night)


def recorded(seconds: float) -> str:
    """Write how much of the night was recorded."""
    return f"Recorded {duration(seconds)}" if round(seconds) else "Nothing usable recorded"


def worn(seconds: float) -> str:
    """Write how much of the night the wearable was on a wrist."""
    return f"worn {duration(seconds)}" if round(seconds) else "not worn"


def hours(recorded_s: float, worn_s: float) -> str:
    """Write how much of the night was seen, before anything is said about it."""
    # Of time that was not recorded nobody knows whether it was worn.
    return f"{recorded(recorded_s)}, {worn(worn_s)}" if round(recorded_s) else recorded(recorded_s)


def slept(sleeps: Sequence[Sleep], zone: ZoneInfo) -> str:
    """Write how long the wearer was asleep and between when, and that only this was searched."""
    if not sleeps:
        return "No sleep was found in what was recorded."
    total = duration(sum(sleep.asleep_s for sleep in sleeps))
    if len(sleeps) == 1:
        onset, wake = clock(sleeps[0].onset_ns, zone), clock(sleeps[0].wake_ns, zone)
        when = f"between {onset} and {wake}"
    else:
        each = ", ".join(between(sleep.onset_ns, sleep.wake_ns, zone) for sleep in sleeps)
        when = f"in {len(sleeps)} sleeps ({each})"
    return f"Asleep for about {total} {when}; only that was searched."


def scarce(searched_s: float, worn_s: float, recorded_s: float) -> str | None:
    """Warn that too little of a night was searched to speak of the whole; None where it was not."""
    if searched_s >= HALF_A_NIGHT_S:
        return None
    if searched_s >= LEAST_SEARCHED_S:
        return f"Only {duration(searched_s)} could be searched; the rest is unknown."
    if round(worn_s):
        return "Nothing is known of this night: only sleep can be searched, and none was found."
    if not round(recorded_s):
        return "Nothing is known of this night: it was recorded badly, and nothing can be used."
    return "Nothing is known of this night: the wearable was recording, but not on a wrist."


def finding(likely: int, possible: int, searched_s: float) -> str:
    """Write what was noticed; 'nothing' is only ever said of what was searched."""
    if likely:
        more = f", and {possible} more that may have been" if possible else ""
        return f"We noticed {_awakenings(likely)} that looked like {_cramps(likely)}{more}."
    if possible:
        return f"We noticed {_awakenings(possible)} that may have been {_cramps(possible)}."
    if searched_s < LEAST_SEARCHED_S:
        return "Nothing can be said about cramps in this night."
    return f"Nothing cramp-like was found in the {duration(searched_s)} searched."


def _awakenings(number: int) -> str:
    return count(number, "awakening", "awakenings")


def _cramps(number: int) -> str:
    return "a cramp" if number == 1 else "cramps"


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


def marked(mark_ns: int, onset_ns: int | None, zone: ZoneInfo) -> str:
    """Write what the wearer marked, and which awakening that was where one was noticed."""
    told = f"You marked {clock(mark_ns, zone)} as a cramp"
    if onset_ns is None:
        return f"{told}. Nothing cramp-like was noticed in the ten minutes before."
    return f"{told}: the awakening at {clock(onset_ns, zone)}."


def marks(marks_ns: Sequence[int], zone: ZoneInfo) -> str:
    """Write when the wearer marked an awakening."""
    return " and ".join(clock(each, zone) for each in marks_ns)


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
        "Nothing is known of that time. Keep the wearable charged, and close to whatever "
        "records it.",
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
    FaultKind.LINK_LOST: FaultWords(
        "Wearable not connected",
        "Keep it charged and near the receiver, and let no phone connect to it at night.",
    ),
    FaultKind.SILENT_STREAM: FaultWords(
        "Connected, but sending nothing",
        "Restart the wearable if that comes back every night.",
    ),
    FaultKind.BATTERY_LOW: FaultWords("Battery low", "Charge the wearable before bedtime."),
    FaultKind.BATTERY_FLAT: FaultWords(
        "Battery almost flat", "Charge the wearable now, or it stops before the morning."
    ),
    FaultKind.DECODE_ERRORS: FaultWords(
        "Wearable sent what could not be read",
        "What could be read was kept. Look for an update of its firmware, and report it to us.",
    ),
    FaultKind.DISK_LOW: FaultWords("Disk almost full", "Make room: a night takes about 20 MB."),
    FaultKind.DISK_FULL: FaultWords(
        "Disk full or not writable",
        "Nothing more could be stored meanwhile. Make room on the disk the nights are on.",
    ),
    FaultKind.CLOCK_STEPPED: FaultWords(
        "The computer's clock was set",
        "The night keeps the time it began with. Let the clock set itself before the night begins.",
    ),
    FaultKind.COLLECTOR_SILENT: FaultWords(
        "Collector not heard of",
        "See whether its computer runs and reaches this one; what it recorded is kept there.",
    ),
}

NEVER_HEART_RATE = (
    "Awakenings were judged by movement alone. If the wearable can measure heart rate, switch that "
    "on for the night; if it cannot, nothing is wrong with it."
)


def open_fault(kind: FaultKind, source: str, start_ns: int, zone: ZoneInfo) -> str:
    """Write since when a fault goes on, and of which wearable where it is of one."""
    of = f" ({source})" if source else ""
    return f"{FAULTS[kind].name}{of} since {clock(start_ns, zone)}."


def fault(
    kind: FaultKind, spans: Sequence[Span], recorded_s: float, worn_s: float, zone: ZoneInfo
) -> tuple[str, str]:
    """Write one sentence for all the spans of a kind of fault, and what can be done about it."""
    name, advice = FAULTS[kind].name, FAULTS[kind].advice
    total_s = seconds(spans)
    total = duration(total_s)
    if kind is FaultKind.OFF_WRIST and total_s >= ALL * recorded_s:
        return f"{name} in all of the {total} recorded.", advice
    if kind is FaultKind.NO_HEART_RATE and total_s >= ALL * worn_s:
        return f"{name} in all of the {total} worn.", NEVER_HEART_RATE
    if len(spans) > FEW_SPANS:
        first = clock(spans[0].start_ns, zone)
        return f"{name} for {total} together, {len(spans)} times, first at {first}.", advice
    when = ", ".join(between(span.start_ns, span.end_ns, zone) for span in spans)
    return f"{name} for {total} ({when}).", advice


def strip_night(figures: NightFigures) -> str:
    """Write one night of the strip, for those who hear it."""
    searched = f"none found in the {duration(figures.searched_s)} searched"
    match figures.state:
        case NightState.NOT_RECORDED:
            return f"{day(figures.night)}: not recorded"
        case NightState.UNKNOWN:
            told = "nothing can be said"
        case NightState.PARTLY:
            told = f"{searched}, which is little"
        case NightState.NONE_FOUND:
            told = searched
        case NightState.FOUND:
            found = {"likely": figures.likely, "possible": figures.possible}
            told = " and ".join(f"{number} {word}" for word, number in found.items() if number)
    return f"{day(figures.night)}: {told}. {hours(figures.recorded_s, figures.worn_s)}"


def month(nights: Sequence[NightFigures]) -> str:
    """Write what the nights of the strip come to."""
    of = sum(night.state is not NightState.NOT_RECORDED for night in nights)
    told = f"{of} of {len(nights)} nights recorded"
    likely = sum(night.likely for night in nights)
    possible = sum(night.possible for night in nights)
    if likely:
        more = f", {possible} more may have been" if possible else ""
        return f"{told}: {_awakenings(likely)} looked like {_cramps(likely)}{more}."
    if possible:
        return f"{told}: {_awakenings(possible)} may have been {_cramps(possible)}."
    searched_s = sum(night.searched_s for night in nights)
    if searched_s < LEAST_SEARCHED_S:
        return f"{told}."
    return f"{told}: nothing cramp-like was found in the {duration(searched_s)} searched."


def not_recorded(night: date) -> str:
    """Write that nothing is known of a night."""
    return f"The night of {night_name(night)} is not recorded here."


def last_night_missing(night: date) -> str:
    """Write that the newest night is not last night."""
    return f"Last night ({day(night)}) is not recorded here. This is the newest night that is."


LINK_STATES = {
    "idle": "not started yet",
    "scanning": "being looked for",
    "connecting": "being connected",
    "subscribing": "connected, starting to send",
    "streaming": "recording",
    "probing": "connected, but quiet for a moment",
    "silent": "connected, but part of what it measures is missing",
    "disconnecting": "being disconnected",
    "backing_off": "out of reach, being tried again",
    "leaving": "ending its night",
    "stopped": "ended its night",
}
"""Plain words for the states of a link to a wearable, as they follow its name."""


def tonight(now: Tonight) -> str:
    """Write since when a night has been recorded, or since when nobody knows."""
    since = clock(now.report.started_ns, now.zone)
    if not now.silent:
        return f"Tonight is being recorded since {since}."
    heard = clock(now.heard_ns, now.zone)
    return (
        f"The collector has not been heard of since {heard}; it began at {since}. See whether it "
        "still runs: what it recorded is kept where it stands."
    )


def heard_again(since_ns: int, zone: ZoneInfo) -> str:
    """Write that a silent collector is silent no more."""
    return f"The collector is heard of again; it had not been since {clock(since_ns, zone)}."


def link(report: LinkReport) -> str:
    """Write how a wearable is doing; a state that is not known here keeps its name."""
    state = LINK_STATES.get(report.state, report.state)
    battery = report.battery_percent
    return state if battery is None else f"{state}, battery {battery} %"


def adapter_resets(times: int) -> str:
    """Write that the computer's own Bluetooth had to be mended."""
    often = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"The Bluetooth adapter hung, and was switched off and on {often}."


def so_far(night: Night | None) -> str | None:
    """Write what was noticed until now; None where too little was searched to say anything."""
    found = len(night.episodes) if night else 0
    if found:
        noticed = f"{_awakenings(found)} that may have been {_cramps(found)}"
        return f"So far {noticed}; the morning decides."
    searched_s = seconds(searched(night)) if night else 0.0
    if searched_s < LEAST_SEARCHED_S:
        return None
    return f"So far nothing cramp-like in the {duration(searched_s)} searched; the morning decides."


def withdrawn(number: int) -> str:
    """Write that what was told earlier in the night does not hold."""
    does = "does" if number == 1 else "do"
    return f"{_awakenings(number)} told earlier {does} not look like {_cramps(number)} any more."


def at_night(change: Change, zone: ZoneInfo) -> str | None:
    """Write what a judgement in the night changed; None where nobody need hear of it."""
    at = clock(change.episode.onset_ns, zone)
    if change.fate is Fate.NEW:
        return f"At {at} an awakening that may have been a cramp; the morning decides."
    if change.fate is Fate.WITHDRAWN:
        return f"The awakening at {at} does not look like a cramp any more."
    return None
