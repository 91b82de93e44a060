"""Plain words for the cues that an awakening was judged by, for the page."""

from __future__ import annotations

import math
from collections.abc import Mapping

from detector.night import Cue
from server.words import length

__all__ = ["CUES", "leaning", "others", "telling", "title", "value"]

CUES = {
    "length": "Time from first to last movement",
    "moving": "Time spent moving",
    "moving_share": "Part of all the time spent moving",
    "bursts": "Bursts of movement",
    "longest_burst": "Longest burst",
    "longest_pause": "Longest pause in between",
    "first_minute": "Part of the first minute spent moving",
    "last_half_minute": "Part of the last half minute spent moving",
    "onset_strength": "Strength at the beginning, of the strongest",
    "strong": "Time of strong movement",
    "faint_share": "Part of the movement that was faint",
    "decline": "How the movement faded",
    "busiest_half_minute": "Movement in the busiest half minute",
    "busiest_minute": "Movement in the busiest minute",
    "busiest_two_minutes": "Movement in the busiest two minutes",
    "core": "Longest time of dense movement",
    "core_share": "Part of that time spent moving",
    "until_core": "Time until the movement became dense",
    "turn_at_once": "Arm turned at once",
    "turn": "Arm turned in all",
    "away_share": "Part of the time with the arm turned away",
    "held_away": "Time held still with the arm turned away",
    "returned": "Arm turned between before and after",
    "turning": "Time spent turning",
    "hanging_share": "Part of the time with the arm hanging or raised",
    "walking": "Time walking",
    "walks": "Walks",
    "until_walk": "Time until the first step",
    "heart_rate_rise": "Heart rate rose",
    "rise_within_minute": "Heart rate rose within a minute",
    "rise_latency": "Time until the heart rate rose",
    "rise_held": "Time the heart rate stayed up",
    "rise_left": "Heart rate still up afterwards",
    "rise_against_wander": "Heart rate rose, against its wander before",
    "level_before": "Heart rate before, against asleep",
    "reading_lost": "Part of the time without a heart rate",
    "still_before": "Lay still before",
    "moved_before": "Part of the ten minutes before spent moving",
    "still_after": "Lay still afterwards",
    "moved_after": "Part of the ten minutes after spent moving",
    "since_onset": "Time since falling asleep",
    "neighbours": "Other movements within five minutes",
    "movements_before": "Movements in the half hour before",
    "movements_after": "Movements in the half hour after",
    "off_wrist_near": "Wearable taken off around then",
}
"""Plain words for the features of the shipped model; what is not here keeps its name."""

EARLIER_CUES = {
    "out_of_rest": "Lay still before",
    "just_lain_down": "Had only just lain down",
    "long_enough": "Moved for some time",
    "too_long": "Moved for very long",
    "sudden": "Began at full strength",
    "sat_up": "Arm turned within seconds",
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
    words = CUES.get(name) or EARLIER_CUES.get(name)
    return words or name.replace("_", " ").capitalize()


def value(name: str, measured: Cue) -> str:
    """Write what was measured, or that it could not be."""
    found = measured.value
    if found is None:
        return "not measured"
    if name in SHARES:
        return f"{100 * found:.0f} %"
    if name in COUNTS:
        return f"{found:.0f}"
    if name in YES_OR_NO:
        return "yes" if found else "no"
    match measured.unit:
        case "s" if found < 0:
            return f"{length(-found)} before it"
        case "s":
            return length(found)
        case "deg":
            return f"{found:.0f}°"
        case "bpm":
            return f"{found:+.0f} beats a minute"
        case "1":
            return f"{found:.2g}"
        case "ln":
            return f"{math.exp(found):.2g} times"
    return f"{found:.2g} {measured.unit}"


def telling(evidence: Mapping[str, Cue]) -> list[tuple[str, Cue]]:
    """Pick the cues that made a difference, the weightiest first."""
    weighty = [(name, measured) for name, measured in evidence.items() if _weight(measured)]
    return sorted(weighty, key=lambda item: -abs(item[1].contribution))[:MOST_TOLD]


def others(evidence: Mapping[str, Cue]) -> int:
    """Count the cues that were looked at and are not told."""
    return len(evidence) - len(telling(evidence))


def leaning(measured: Cue) -> str:
    """Write which way a cue speaks, and how strongly."""
    strength = "strongly" if abs(measured.contribution) >= STRONG else "slightly"
    return f"{strength} {'for' if measured.contribution > 0 else 'against'}"


def _weight(measured: Cue) -> float:
    return round(measured.contribution, 1)
