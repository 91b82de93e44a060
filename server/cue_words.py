"""Plain words for the cues that an awakening was judged by, for the page."""

from __future__ import annotations

from collections.abc import Mapping

from detector.night import Cue
from server.words import count, length

__all__ = ["CUES", "idle", "leaning", "telling", "title", "value"]

CUES = {
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
"""Plain words for the cues of the models so far; a cue that is not here keeps its name."""

SHARES = {"kept_moving", "sudden"}
"""Cues without a unit that are a share of a whole."""
TIMES = {"restless", "walk_back"}
"""Cues without a unit that were counted."""
YES_OR_NO = {"off_wrist"}
"""Cues without a unit that were seen or not."""

STRONG = 1.0
"""Log-odds from which a cue speaks strongly: it changes the odds almost threefold."""


def title(name: str) -> str:
    """Write the name of a cue as words."""
    return CUES.get(name, name.replace("_", " ").capitalize())


def value(name: str, measured: Cue) -> str:
    """Write what was measured, or that it could not be."""
    found = measured.value
    if found is None:
        return "not measured"
    if name in SHARES:
        return f"{100 * found:.0f} %"
    if name in TIMES:
        return count(round(found), "time", "times")
    if name in YES_OR_NO:
        return "yes" if found else "no"
    match measured.unit:
        case "s":
            return length(found)
        case "deg":
            return f"{found:.0f}°"
        case "bpm":
            return f"{found:+.0f} beats a minute"
        case "1":
            return f"{found:.2g}"
    return f"{found:.2g} {measured.unit}"


def telling(evidence: Mapping[str, Cue]) -> list[tuple[str, Cue]]:
    """Pick the cues that made a difference, the weightiest first."""
    weighty = [(name, measured) for name, measured in evidence.items() if _weight(measured)]
    return sorted(weighty, key=lambda item: -abs(item[1].contribution))


def idle(evidence: Mapping[str, Cue]) -> list[str]:
    """Pick the cues that were looked at and spoke neither way, in words within a sentence."""
    return [title(name).lower() for name, measured in evidence.items() if not _weight(measured)]


def leaning(measured: Cue) -> str:
    """Write which way a cue speaks, and how strongly."""
    strength = "strongly" if abs(measured.contribution) >= STRONG else "slightly"
    return f"{strength} {'for' if measured.contribution > 0 else 'against'}"


def _weight(measured: Cue) -> float:
    return round(measured.contribution, 1)
