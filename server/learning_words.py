"""Plain words for what the wearer's answers change."""

from __future__ import annotations

from collections.abc import Sequence

from detector.answered import AnsweredNight, report_change
from detector.classifier import Model
from detector.personal import ASKED
from server.language import _, ngettext

__all__ = ["TOLD_FROM_NIGHTS", "so_far"]

TOLD_FROM_NIGHTS = 7
"""Answered nights from which on is told what they change: fewer say next to nothing."""


def so_far(nights: Sequence[AnsweredNight], model: Model) -> str:
    """Write how many answers there are to learn from, and what they would have changed."""
    asked = sum(answer.weight >= ASKED for night in nights for answer in night.answers)
    if not asked:
        return _("So far there is no answer to learn from.")
    told = ngettext(
        "So far there is %(num)s answer to learn from.",
        "So far there are %(num)s answers to learn from.",
        asked,
    )
    if len(nights) < TOLD_FROM_NIGHTS:
        return told
    change = report_change(nights, model)
    changed = _(
        "Of the cramps in these nights (%(cramps)s), %(after)s would have been called likely with "
        "what the other nights teach, and %(before)s without. Of what was no cramp: "
        "%(false_after)s and %(false_before)s.",
        cramps=change.cramps,
        after=change.found_after,
        before=change.found_before,
        false_after=change.false_after,
        false_before=change.false_before,
    )
    return f"{told} {changed}"
