"""Plain words for what the wearer's answers change."""

from __future__ import annotations

from collections.abc import Sequence

from detector.answered import AnsweredNight, report_change
from detector.classifier import Model
from server.language import _, ngettext

__all__ = ["TOLD_FROM_NIGHTS", "changed", "given"]

TOLD_FROM_NIGHTS = 7
"""Answered nights from which on is told what they change: fewer say next to nothing."""


def given(answers: int) -> str:
    """Write how many answers there are to learn from."""
    return ngettext(
        "So far there is %(num)s answer to learn from.",
        "So far there are %(num)s answers to learn from.",
        answers,
    )


def changed(nights: Sequence[AnsweredNight], model: Model) -> str:
    """Write what the answers would have changed in the nights that they are of."""
    if len(nights) < TOLD_FROM_NIGHTS:
        return _(
            "What they change can be told once there are %(num)s answered nights.",
            num=TOLD_FROM_NIGHTS,
        )
    change = report_change(nights, model)
    return _(
        "Of the cramps in these nights (%(cramps)s), %(after)s would have been called likely with "
        "what other nights teach, and %(before)s without. Of what was no cramp: "
        "%(false_after)s and %(false_before)s.",
        cramps=change.cramps,
        after=change.found_after,
        before=change.found_before,
        false_after=change.false_after,
        false_before=change.false_before,
    )
