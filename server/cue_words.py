"""Plain words for the cues that an awakening was judged by, for the page."""

from __future__ import annotations

import math
from collections.abc import Mapping

from detector.classifier import probability_of
from detector.night import Cue
from server.language import N_, _, decimal_sign
from server.words import length, percentage

__all__ = ["CUES", "beginning", "leaning", "others", "telling", "title", "value"]

CUES = {
    "length": N_("Time from first to last movement"),
    "moving": N_("Time spent moving"),
    "moving_share": N_("Part of all the time spent moving"),
    "bursts": N_("Bursts of movement"),
    "longest_burst": N_("Longest burst"),
    "longest_pause": N_("Longest pause in between"),
    "first_minute": N_("Part of the first minute spent moving"),
    "last_half_minute": N_("Part of the last half minute spent moving"),
    "onset_strength": N_("Strength at the beginning, of the strongest"),
    "strong": N_("Time of strong movement"),
    "faint_share": N_("Part of the movement that was faint"),
    "decline": N_("How the movement faded"),
    "busiest_half_minute": N_("Movement in the busiest half minute"),
    "busiest_minute": N_("Movement in the busiest minute"),
    "busiest_two_minutes": N_("Movement in the busiest two minutes"),
    "core": N_("Longest time of dense movement"),
    "core_share": N_("Part of that time spent moving"),
    "until_core": N_("Time until the movement became dense"),
    "turn_at_once": N_("Arm turned at once"),
    "turn": N_("Arm turned in all"),
    "away_share": N_("Part of the time with the arm turned away"),
    "held_away": N_("Time held still with the arm turned away"),
    "returned": N_("Arm turned between before and after"),
    "turning": N_("Time spent turning"),
    "hanging_share": N_("Part of the time with the arm hanging or raised"),
    "walking": N_("Time walking"),
    "walks": N_("Walks"),
    "until_walk": N_("Time until the first step"),
    "heart_rate_rise": N_("Heart rate rose"),
    "rise_within_minute": N_("Heart rate rose within a minute"),
    "rise_latency": N_("Time until the heart rate rose"),
    "rise_held": N_("Time the heart rate stayed up"),
    "rise_left": N_("Heart rate still up afterwards"),
    "rise_against_wander": N_("Heart rate rose, against its wander before"),
    "level_before": N_("Heart rate before, against asleep"),
    "reading_lost": N_("Part of the time without a heart rate"),
    "still_before": N_("Lay still before"),
    "moved_before": N_("Part of the ten minutes before spent moving"),
    "still_after": N_("Lay still afterwards"),
    "moved_after": N_("Part of the ten minutes after spent moving"),
    "since_onset": N_("Time since falling asleep"),
    "neighbours": N_("Other movements within five minutes"),
    "movements_before": N_("Movements in the half hour before"),
    "movements_after": N_("Movements in the half hour after"),
    "off_wrist_near": N_("Wearable taken off around then"),
}
"""Plain words for the features of the shipped model; what is not here keeps its name."""

EARLIER_CUES = {
    "out_of_rest": N_("Lay still before"),
    "just_lain_down": N_("Had only just lain down"),
    "long_enough": N_("Moved for some time"),
    "too_long": N_("Moved for very long"),
    "sudden": N_("Began at full strength"),
    "sat_up": N_("Arm turned within seconds"),
    "jerky": N_("Jerky movement"),
    "kept_moving": N_("Moved without pause"),
    "heart_rose": N_("Heart rate rose"),
    "heart_calm": N_("Heart rate stayed calm"),
    "long_walk": N_("Walked far"),
    "walk_back": N_("Walked there and back"),
    "settled": N_("Lay still afterwards"),
    "restless": N_("Other movement around then"),
    "off_wrist": N_("Wearable taken off around then"),
}
"""Words for the cues of the model `transparent 1`, by which nights kept so far were judged."""

SHARES = {
    "moving_share",
    "first_minute",
    "last_half_minute",
    "onset_strength",
    "faint_share",
    "core_share",
    "away_share",
    "hanging_share",
    "reading_lost",
    "moved_before",
    "moved_after",
    "kept_moving",
    "sudden",
}
"""Cues without a unit that are a share of a whole."""
COUNTS = {
    "bursts",
    "walks",
    "neighbours",
    "movements_before",
    "movements_after",
    "restless",
    "walk_back",
}
"""Cues without a unit that were counted."""
YES_OR_NO = {"off_wrist_near", "off_wrist"}
"""Cues without a unit that were seen or not."""
MOST_TOLD = 8
"""Cues told of an awakening at most: nobody reads forty."""

STRONG = 1.0
"""Log-odds from which a cue speaks strongly: it changes the odds almost threefold."""


def title(name: str) -> str:
    """Write the name of a cue as words."""
    known = CUES.get(name) or EARLIER_CUES.get(name)
    return _(known) if known else name.replace("_", " ").capitalize()


def value(name: str, measured: Cue) -> str:
    """Write what was measured, or that it could not be."""
    found = measured.value
    if found is None:
        return _("not measured")
    if name in SHARES:
        return f"{100 * found:.0f} %"
    if name in COUNTS:
        return f"{found:.0f}"
    if name in YES_OR_NO:
        return _("yes") if found else _("no")
    match measured.unit:
        case "s" if found < 0:
            return _("%(time)s before it", time=length(-found))
        case "s":
            return length(found)
        case "deg":
            return f"{found:.0f}°"
        case "bpm":
            return _("%(rise)s beats a minute", rise=f"{found:+.0f}")
        case "1":
            return _short(found)
        case "ln":
            return _("%(number)s times", number=_short(math.exp(found)))
    return f"{_short(found)} {measured.unit}"


def _short(value: float) -> str:
    """Write two digits of a number that count."""
    return f"{value:.2g}".replace(".", decimal_sign())


def telling(evidence: Mapping[str, Cue]) -> list[tuple[str, Cue]]:
    """Pick the cues that made a difference, the weightiest first."""
    weighty = [(name, measured) for name, measured in evidence.items() if _weight(measured)]
    return sorted(weighty, key=lambda item: -abs(item[1].contribution))[:MOST_TOLD]


def others(evidence: Mapping[str, Cue]) -> int:
    """Count the cues that were looked at and are not told."""
    return len(evidence) - len(telling(evidence))


def beginning(probability: float, evidence: Mapping[str, Cue]) -> str:
    """Write how probable a cramp was before any cue was weighed, in a number never certain.

    Without it the reader sees signs that all speak for a cramp and a low percentage, and no reason.
    """
    added = sum(cue.contribution for cue in evidence.values())
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return percentage(probability_of(math.log(inside / (1 - inside)) - added))


def leaning(measured: Cue) -> str:
    """Write which way a cue speaks, and how strongly."""
    strongly = abs(measured.contribution) >= STRONG
    if measured.contribution > 0:
        return _("strongly for") if strongly else _("slightly for")
    return _("strongly against") if strongly else _("slightly against")


def _weight(measured: Cue) -> float:
    return round(measured.contribution, 1)
