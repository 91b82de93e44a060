"""The plain sentences that a wearer reads, in one place for the page and the terminal.

They speak of what was noticed in what was recorded, and of nothing else: 'not recorded' is not
'none found', and an awakening is called cramp-like, never a cramp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from detector.night import ModelVersion, Night, Sleep, Span, Standing
from detector.provisional import Change, Fate
from ingest.samples import FaultKind
from server.figures import HALF_A_NIGHT_S, LEAST_SEARCHED_S, NightFigures, NightState
from server.language import LANGUAGES, N_, _, locale, ngettext, translated
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
    "day_and_year",
    "duration",
    "fault",
    "fault_advice",
    "fault_name",
    "finding",
    "full_hour",
    "got_up",
    "heading",
    "heard_again",
    "heart_rate",
    "heart_rate_short",
    "hour",
    "hours",
    "last_night_missing",
    "legend",
    "length",
    "link",
    "listed",
    "marked",
    "marks",
    "month",
    "month_alone",
    "month_name",
    "night_name",
    "not_recorded",
    "open_fault",
    "provenance",
    "recorded",
    "scarce",
    "seen",
    "short_day",
    "short_month",
    "signs",
    "slept",
    "so_far",
    "standing_word",
    "strip_night",
    "tonight",
    "weekdays",
    "withdrawn",
    "worn",
    "zone_name",
]

NOT_A_DEVICE = N_("Crampwatch is not a medical device and gives no medical advice.")

WHAT_THE_WRIST_SEES = N_(
    "The wrist sees the awakening and what the arm does, not the calf: whoever lies still during "
    "a cramp goes unnoticed, and other awakenings can look the same."
)

SIMULATED = N_("Simulated sample night: a program made it, nobody slept it.")

PER_CENT = N_(
    "A percentage says how sure the detector is: of a hundred awakenings at 70 %%, about seventy "
    "should be cramps. It was set on simulated nights and never measured on real cramps."
)

EMPTY_STORE = N_("No night is stored here yet.")

HOW_TO_FILL = (
    "To put one in: crampwatch replay PATH-OF-THE-RECORDING. To record one with a wearable: "
    "crampwatch pair, then crampwatch night. To look around first with sample nights, which a "
    "simulation made: crampwatch replay --samples"
)

LEGEND = {
    "likely": N_("looked like a cramp"),
    "possible": N_("may have been one"),
    "none_found": N_("none found"),
    "partly": N_("less than %(hours)s h searched"),
    "not_recorded": N_("not recorded"),
}
"""What each mark in the strip stands for."""

STANDINGS = {Standing.LIKELY: N_("likely"), Standing.POSSIBLE: N_("possible")}

ZONE_LETTERS = (N_("CET"), N_("CEST"))
"""Letters of zones that another language has letters of its own for."""

ALL = 0.99
"""Share of a time that is told as all of it: losses are counted in steps of seconds."""

FEW_SPANS = 3
"""Spans that a sentence lists one by one; more of them are counted, for a phone's sake."""


def legend(meanings: Mapping[str, str] = LEGEND) -> dict[str, str]:
    """Give what each mark in the strip stands for."""
    return translated(meanings, hours=f"{HALF_A_NIGHT_S / 3600:.0f}")


def count(number: int, one: str, many: str) -> str:
    """Write ``1 awakening`` or ``2 awakenings``, in English."""
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
    shown = format_time(local, "short", locale=locale())
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{shown} {_zone_letters(local)}" if comes_twice else shown


def _zone_letters(local: datetime) -> str:
    name = local.tzname() or ""
    return _(name) if name in ZONE_LETTERS else name


def between(start_ns: int, end_ns: int, zone: ZoneInfo) -> str:
    """Write ``02:13–02:15``."""
    return f"{clock(start_ns, zone)}–{clock(end_ns, zone)}"


def full_hour(hour: int) -> str:
    """Write a full hour as a time: ``02:00``."""
    return format_time(time(hour), "short", locale=locale())


def hour(local: datetime | time) -> str:
    """Write a full hour for a scale: ``02``, or ``2 am`` where that is the habit."""
    with_half_days = "a" in locale().time_formats["short"].pattern
    return format_time(local, "h a" if with_half_days else "HH", locale=locale())


def day(when: date) -> str:
    """Write ``Sat 21 Nov``."""
    return format_date(when, _day_pattern(), locale())


def day_and_year(when: date) -> str:
    """Write ``Sat 21 Nov 2026``."""
    return f"{day(when)} {when.year}"


def short_day(when: date) -> str:
    """Write ``21 Nov``, for where there is little room."""
    return format_date(when, locale().datetime_skeletons["MMMd"].pattern, locale())


def month_name(month: date) -> str:
    """Write ``November 2026``."""
    return format_date(month, locale().datetime_skeletons["yMMMM"].pattern, locale())


def month_alone(month: date) -> str:
    """Write ``November``."""
    return format_date(month, "LLLL", locale())


def short_month(month: date) -> str:
    """Write ``Nov``."""
    return format_date(month, "LLL", locale())


def weekdays() -> list[str]:
    """Write ``Mon`` to ``Sun``, or from whichever day a week begins with."""
    names = locale().days["stand-alone"]["abbreviated"]
    return [names[(locale().first_week_day + place) % 7] for place in range(7)]


def night_name(night: date) -> str:
    """Write a night by both its dates: ``Sat 21 to Sun 22 Nov 2026``."""
    morning = night + timedelta(days=1)
    year = f" {night.year}" if night.year != morning.year else ""
    return _(
        "%(evening)s to %(morning)s",
        evening=f"{_evening(night)}{year}",
        morning=day_and_year(morning),
    )


def heading(night: date, last_night: date | None) -> str:
    """Write which night this is: ``Last night (Fri 20 to Sat 21 Nov)`` where it is last night."""
    if night == last_night:
        morning = night + timedelta(days=1)
        return _(
            "Last night (%(evening)s to %(morning)s)",
            evening=_evening(night),
            morning=day(morning),
        )
    return _("Night of %(night)s", night=night_name(night))


def _evening(night: date) -> str:
    if night.month != (night + timedelta(days=1)).month:
        return day(night)
    # Where the month comes last, it need not be said twice.
    return format_date(night, _day_pattern().rstrip("M "), locale())


def _day_pattern() -> str:
    month = LANGUAGES[locale().language].month
    pattern: str = locale().datetime_skeletons[f"{month}Ed"].pattern
    # It stands in sentences that have commas of their own.
    return pattern.replace(",", "")


def recorded(seconds: float) -> str:
    """Write how much of the night was recorded."""
    if not round(seconds):
        return _("Nothing usable recorded")
    return _("Recorded %(time)s", time=duration(seconds))


def worn(seconds: float) -> str:
    """Write how much of the night the wearable was on a wrist."""
    return _("worn %(time)s", time=duration(seconds)) if round(seconds) else _("not worn")


def seen(recorded_s: float, worn_s: float) -> tuple[str, ...]:
    """Write how much of the night was seen, before anything is said about it."""
    # Of time that was not recorded nobody knows whether it was worn.
    if not round(recorded_s):
        return (recorded(recorded_s),)
    return recorded(recorded_s), worn(worn_s)


def hours(recorded_s: float, worn_s: float) -> str:
    """Write how much of the night was seen, as one piece."""
    return ", ".join(seen(recorded_s, worn_s))


def slept(sleeps: Sequence[Sleep], zone: ZoneInfo) -> str:
    """Write how long the wearer was asleep and between when, and that only this was searched."""
    if not sleeps:
        return _("No sleep was found in what was recorded.")
    total = duration(sum(sleep.asleep_s for sleep in sleeps))
    if len(sleeps) == 1:
        return _(
            "Asleep for about %(total)s between %(onset)s and %(wake)s; only that was searched.",
            total=total,
            onset=clock(sleeps[0].onset_ns, zone),
            wake=clock(sleeps[0].wake_ns, zone),
        )
    return _(
        "Asleep for about %(total)s in %(number)s sleeps (%(each)s); only that was searched.",
        total=total,
        number=len(sleeps),
        each=", ".join(between(sleep.onset_ns, sleep.wake_ns, zone) for sleep in sleeps),
    )


def scarce(searched_s: float, worn_s: float, recorded_s: float) -> str | None:
    """Warn that too little of a night was searched to speak of the whole; None where it was not."""
    if searched_s >= HALF_A_NIGHT_S:
        return None
    if searched_s >= LEAST_SEARCHED_S:
        time = duration(searched_s)
        return _("Only %(time)s could be searched; the rest is unknown.", time=time)
    if round(worn_s):
        return _("Nothing is known of this night: only sleep can be searched, and none was found.")
    if not round(recorded_s):
        return _("Nothing is known of this night: it was recorded badly, and nothing can be used.")
    return _("Nothing is known of this night: the wearable was recording, but not on a wrist.")


def finding(likely: int, possible: int, searched_s: float) -> str:
    """Write what was noticed; 'nothing' is only ever said of what was searched."""
    if likely:
        noticed = ngettext(
            "We noticed %(num)s awakening that looked like a cramp",
            "We noticed %(num)s awakenings that looked like cramps",
            likely,
        )
        return f"{noticed}{_more(possible)}."
    if possible:
        return ngettext(
            "We noticed %(num)s awakening that may have been a cramp.",
            "We noticed %(num)s awakenings that may have been cramps.",
            possible,
        )
    if searched_s < LEAST_SEARCHED_S:
        return _("Nothing can be said about cramps in this night.")
    time = duration(searched_s)
    return _("Nothing cramp-like was found in the %(time)s searched.", time=time)


def _more(possible: int) -> str:
    if not possible:
        return ""
    return ngettext(
        ", and %(num)s more that may have been",
        ", and %(num)s more that may have been",
        possible,
    )


def standing_word(standing: Standing) -> str:
    """Write how sure the detector is, in a word."""
    return _(STANDINGS[standing])


def certainty(standing: Standing, probability: float) -> str:
    """Write how sure the detector is, in a word and a number that never claims certainty."""
    percent = min(max(round(100 * probability), 1), 99)
    word = standing_word(standing)
    return f"{word[0].upper()}{word[1:]}, {percent} %"


def heart_rate(rise_bpm: float | None) -> str:
    """Write what the heart rate did."""
    if rise_bpm is None:
        return _("heart rate not measured")
    if round(rise_bpm) <= 0:
        return _("heart rate did not rise")
    return _("heart rate up by %(rise)s beats a minute", rise=round(rise_bpm))


def heart_rate_short(rise_bpm: float | None) -> str:
    """Write what the heart rate did, for a column."""
    if rise_bpm is None:
        return _("not measured")
    return _("%(rise)s a minute", rise=f"{round(rise_bpm):+d}")


def got_up(steps_seen: bool) -> str:
    """Write whether the wearer got up, as far as a wrist can tell."""
    return _("got up") if steps_seen else _("no steps seen")


def signs(duration_s: float, rise_bpm: float | None, steps_seen: bool) -> str:
    """Write how long an awakening was and what went with it, as a sentence."""
    return _(
        "%(time)s long, %(heart_rate)s, %(got_up)s.",
        time=length(duration_s),
        heart_rate=heart_rate(rise_bpm),
        got_up=got_up(steps_seen),
    )


def marked(mark_ns: int, onset_ns: int | None, zone: ZoneInfo) -> str:
    """Write what the wearer marked, and which awakening that was where one was noticed."""
    at = clock(mark_ns, zone)
    if onset_ns is None:
        return _(
            "You marked %(at)s as a cramp. Nothing cramp-like was noticed in the ten minutes "
            "before.",
            at=at,
        )
    onset = clock(onset_ns, zone)
    return _("You marked %(at)s as a cramp: the awakening at %(onset)s.", at=at, onset=onset)


def marks(marks_ns: Sequence[int], zone: ZoneInfo) -> str:
    """Write when the wearer marked an awakening."""
    return listed([clock(each, zone) for each in marks_ns])


def listed(parts: Sequence[str]) -> str:
    """Write ``a``, ``a and b`` or ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(parts)s and %(last)s", parts=", ".join(parts[:-1]), last=parts[-1])


def zone_name(timezone: str) -> str:
    """Write an IANA zone without its underscores."""
    return timezone.replace("_", " ")


def provenance(
    name: str, device: str, source: str, model: ModelVersion, personal: str | None
) -> str:
    """Write where what is shown comes from; a simulation says here that it is one."""
    told = {
        _("Recording"): name,
        _("Device"): device,
        _("Source"): source,
        _("Model"): f"{model.name} {model.version}",
        _("Adjusted to you"): personal,
    }
    return " ".join(f"{what}: {value}." for what, value in told.items() if value)


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


def strip_night(figures: NightFigures) -> str:
    """Write one night of the strip, for those who hear it."""
    searched = duration(figures.searched_s)
    match figures.state:
        case NightState.NOT_RECORDED:
            return f"{day(figures.night)}: {_('not recorded')}"
        case NightState.UNKNOWN:
            told = _("nothing can be said")
        case NightState.PARTLY:
            told = _("none found in the %(time)s searched, which is little", time=searched)
        case NightState.NONE_FOUND:
            told = _("none found in the %(time)s searched", time=searched)
        case NightState.FOUND:
            found = {
                _("%(num)s likely", num=figures.likely): figures.likely,
                _("%(num)s possible", num=figures.possible): figures.possible,
            }
            told = listed([each for each, number in found.items() if number])
    return f"{day(figures.night)}: {told}. {hours(figures.recorded_s, figures.worn_s)}"


def month(nights: Sequence[NightFigures]) -> str:
    """Write what the nights of the strip come to."""
    of = sum(night.state is not NightState.NOT_RECORDED for night in nights)
    told = _("%(recorded)s of %(nights)s nights recorded", recorded=of, nights=len(nights))
    likely = sum(night.likely for night in nights)
    possible = sum(night.possible for night in nights)
    if likely:
        looked = ngettext(
            "%(num)s awakening looked like a cramp",
            "%(num)s awakenings looked like cramps",
            likely,
        )
        more = ngettext(", %(num)s more may have been", ", %(num)s more may have been", possible)
        return f"{told}: {looked}{more if possible else ''}."
    if possible:
        may = ngettext(
            "%(num)s awakening may have been a cramp",
            "%(num)s awakenings may have been cramps",
            possible,
        )
        return f"{told}: {may}."
    searched_s = sum(night.searched_s for night in nights)
    if searched_s < LEAST_SEARCHED_S:
        return f"{told}."
    nothing = _("nothing cramp-like was found in the %(time)s searched", time=duration(searched_s))
    return f"{told}: {nothing}."


def not_recorded(night: date) -> str:
    """Write that nothing is known of a night."""
    return _("The night of %(night)s is not recorded here.", night=night_name(night))


def last_night_missing(night: date) -> str:
    """Write that the newest night is not last night."""
    return _(
        "Last night (%(day)s) is not recorded here. This is the newest night that is.",
        day=day(night),
    )


LINK_STATES = {
    "idle": N_("not started yet"),
    "scanning": N_("being looked for"),
    "connecting": N_("being connected"),
    "subscribing": N_("connected, starting to send"),
    "streaming": N_("recording"),
    "probing": N_("connected, but quiet for a moment"),
    "silent": N_("connected, but part of what it measures is missing"),
    "disconnecting": N_("being disconnected"),
    "backing_off": N_("out of reach, being tried again"),
    "leaving": N_("ending its night"),
    "stopped": N_("ended its night"),
}
"""Plain words for the states of a link to a wearable, as they follow its name."""


def tonight(now: Tonight) -> str:
    """Write since when a night has been recorded, or since when nobody knows."""
    since = clock(now.report.started_ns, now.zone)
    if not now.silent:
        return _("Tonight is being recorded since %(since)s.", since=since)
    return _(
        "The collector has not been heard of since %(heard)s; it began at %(since)s. See whether "
        "it still runs: what it recorded is kept where it stands.",
        heard=clock(now.heard_ns, now.zone),
        since=since,
    )


def heard_again(since_ns: int, zone: ZoneInfo) -> str:
    """Write that a silent collector is silent no more."""
    return _(
        "The collector is heard of again; it had not been since %(since)s.",
        since=clock(since_ns, zone),
    )


def link(report: LinkReport) -> str:
    """Write how a wearable is doing; a state that is not known here keeps its name."""
    known = LINK_STATES.get(report.state)
    state = report.state if known is None else _(known)
    battery = report.battery_percent
    if battery is None:
        return state
    return _("%(state)s, battery %(percent)s %%", state=state, percent=battery)


def adapter_resets(times: int) -> str:
    """Write that the computer's own Bluetooth had to be mended."""
    return ngettext(
        "The Bluetooth adapter hung, and was switched off and on once.",
        "The Bluetooth adapter hung, and was switched off and on %(num)s times.",
        times,
    )


def so_far(night: Night | None) -> str | None:
    """Write what was noticed until now; None where too little was searched to say anything."""
    found = len(night.episodes) if night else 0
    if found:
        return ngettext(
            "So far %(num)s awakening that may have been a cramp; the morning decides.",
            "So far %(num)s awakenings that may have been cramps; the morning decides.",
            found,
        )
    searched_s = seconds(searched(night)) if night else 0.0
    if searched_s < LEAST_SEARCHED_S:
        return None
    return _(
        "So far nothing cramp-like in the %(time)s searched; the morning decides.",
        time=duration(searched_s),
    )


def withdrawn(number: int) -> str:
    """Write that what was told earlier in the night does not hold."""
    return ngettext(
        "%(num)s awakening told earlier does not look like a cramp any more.",
        "%(num)s awakenings told earlier do not look like cramps any more.",
        number,
    )


def at_night(change: Change, zone: ZoneInfo) -> str | None:
    """Write what a judgement in the night changed; None where nobody need hear of it."""
    at = clock(change.episode.onset_ns, zone)
    if change.fate is Fate.NEW:
        return _("At %(at)s an awakening that may have been a cramp; the morning decides.", at=at)
    if change.fate is Fate.WITHDRAWN:
        return _("The awakening at %(at)s does not look like a cramp any more.", at=at)
    return None
