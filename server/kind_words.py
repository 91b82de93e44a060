"""What an awakening may have been instead of a cramp, in words."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KINDS", "looks_like"]

KINDS = {
    "arousal": "a brief waking",
    "bathroom": "getting up, as for the bathroom",
    "large_movement": "a large movement",
    "limb_movements": "a row of small limb movements",
    "off_wrist": "taking the wearable off",
    "phone": "using a phone",
    "position_shift": "turning over",
}
"""Plain words for the harmless kinds of the models so far; what is not here keeps its name."""


def looks_like(probability: float, others: Mapping[str, float]) -> str | None:
    """Say what else an awakening looks like; None where the model has no word on it.

    Parameters
    ----------
    probability
        Of a cramp.
    others
        Probability of each harmless kind.
    """
    if not others:
        return None
    kind, other = max(others.items(), key=lambda item: item[1])
    told = f"{KINDS.get(kind, kind.replace('_', ' '))} ({100 * other:.0f} %)"
    return f"Looks more like {told}." if other > probability else f"If not a cramp, {told}."
