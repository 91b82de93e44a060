"""What is said of a night as a whole, and of nights in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from detector.night import ModelVersion, Sleep
from server.figures import HALF_A_NIGHT_S, LEAST_SEARCHED_S, NightFigures, NightState
from server.language import N_, _, ngettext, translated
from server.words.times import between, clock, day, duration, listed, night_name

__all__ = [
    "EMPTY_STORE",
    "HOW_TO_FILL",
    "LEGEND",
    "NOT_A_DEVICE",
    "PER_CENT",
    "SIMULATED",
    "WHAT_THE_WRIST_SEES",
    "finding",
    "hours",
    "last_night_missing",
    "legend",
    "month",
    "not_recorded",
    "provenance",
    "recorded",
    "scarce",
    "seen",
    "slept",
    "strip_night",
    "worn",
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


def legend(meanings: Mapping[str, str] = LEGEND) -> dict[str, str]:
    """Give what each mark in the strip stands for."""
    return translated(meanings, hours=f"{HALF_A_NIGHT_S / 3600:.0f}")


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
