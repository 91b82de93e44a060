"""What an awakening may have been instead of a cramp, in words."""

from __future__ import annotations

from collections.abc import Mapping

from server.language import N_, _

__all__ = ["KINDS", "looks_like"]

KINDS = {
    "arousal": N_("a brief waking"),
    "bathroom": N_("getting up, as for the bathroom"),
    "large_movement": N_("a large movement"),
    "limb_movements": N_("a row of small limb movements"),
    "off_wrist": N_("taking the wearable off"),
    "phone": N_("using a phone"),
    "position_shift": N_("turning over"),
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
    name = _(KINDS[kind]) if kind in KINDS else kind.replace("_", " ")
    told = f"{name} ({100 * other:.0f} %)"
    if other > probability:
        return _("Looks more like %(kind)s.", kind=told)
    return _("If not a cramp, %(kind)s.", kind=told)
