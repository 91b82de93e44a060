"""What judging a wearer's nights came to, so that the next judgement need not begin with the first.

Whoever goes on from there compares first whether the nights, the alerts and the rules up to there
are the same, bit for bit: what was changed, be it years ago, is judged anew from there on. So the
result is that of judging from the start, and nothing has to be told that anything was changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeAlias

import numpy as np

from server.alerts.life import Alert
from server.alerts.nightly import Counts
from server.alerts.rules import Rules
from server.alerts.watch import Layer, State, Watch

__all__ = ["SPACING_NIGHTS", "Past", "Turns", "turns_before"]

SPACING_NIGHTS = 28
"""Nights from one remembered state to the next: to go through so many takes about 10 ms, and five
years of states about a quarter of a MiB."""

Turns: TypeAlias = tuple[tuple[Layer, date, date | None], ...]
"""Of each alert its layer, the night it was raised for and the night it was cleared in."""


@dataclass(frozen=True, slots=True)
class Past:
    """A judgement of all nights of a wearer, to go on from.

    Parameters
    ----------
    first
        The first night.
    counts, alerts, rules
        What was judged.
    watch
        As it was after the last night.
    states
        Before every `SPACING_NIGHTS`-th night, by its number.
    """

    first: date
    counts: Counts
    alerts: Sequence[Alert]
    rules: Rules
    watch: Watch
    states: Mapping[int, State]

    def same_before(
        self, dates: Sequence[date], counts: Counts, alerts: Sequence[Alert], rules: Rules
    ) -> int:
        """Find the last night with a state up to which all is the same; 0 where there is none."""
        if dates[0] != self.first or rules != self.rules:
            return 0
        same = _same_rows(self.counts, counts)
        return max(
            (
                night
                for night in self.states
                if night <= same
                and night < len(dates)
                and turns_before(alerts, dates[night]) == turns_before(self.alerts, dates[night])
            ),
            default=0,
        )


def turns_before(alerts: Sequence[Alert], night: date) -> Turns:
    """List what was raised and cleared before a night."""
    return tuple(
        (
            alert.id.layer,
            alert.id.night,
            alert.cleared_in if alert.cleared_in and alert.cleared_in < night else None,
        )
        for alert in alerts
        if alert.id.night < night
    )


def _same_rows(one: Counts, other: Counts) -> int:
    """Count the nights from the first on that are the same in both, to the bit."""
    nights = min(len(one), len(other))
    same = np.ones(nights, bool)
    for each in fields(Counts):
        rows = [
            np.ascontiguousarray(getattr(counts, each.name)[:nights]).view(np.uint8)
            for counts in (one, other)
        ]
        same &= (rows[0] == rows[1]).all(axis=1)
    return nights if same.all() else int(same.argmin())
