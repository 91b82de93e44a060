"""What is said of the night that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from detector.night import Night
from detector.provisional import Change, Fate
from server.figures import LEAST_SEARCHED_S
from server.language import N_, _, ngettext
from server.spans import searched, seconds
from server.words.times import clock, duration

if TYPE_CHECKING:
    # They bring asyncio and all that is sent with them, which a replay has no use for.
    from server.live import Tonight
    from server.wire import LinkReport

__all__ = ["LINK_STATES", "adapter_resets", "at_night", "link", "so_far", "tonight", "withdrawn"]

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
