"""What is counted in a report: blocks of nights, hours of the night, and what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from detector.night import Standing
from server.alerts.chances import beta_below
from server.alerts.nightly import WearerNight, count_night
from server.alerts.rules import RULES
from server.figures import NightFigures, NightState
from server.kept_tables import Said
from server.nights import ONE_DAY
from server.report.facts import Report, ToldAwakening

__all__ = [
    "WEEK",
    "Block",
    "answered",
    "blocks",
    "by_hour",
    "count",
    "expected",
    "halves",
    "nights_a_week",
    "unclaimed_marks",
]

WEEK = 7
"""Nights of a week."""

INTERVAL = 0.90
"""Chance that the interval holds what is told, as for everything else that crampwatch compares."""

JEFFREYS = 0.5
"""What is added to the nights with and to those without: the prior whose intervals hold what they
claim whatever the share is (Brown, Cai and DasGupta 2001)."""

HALVINGS = 20
"""Of the span from 0 to 1, until a quantile is exact to six digits."""


@dataclass(frozen=True, slots=True)
class Block:
    """Nights in a row.

    Parameters
    ----------
    recorded, valid
        Nights of which anything was recorded, and those of which enough was searched to count.
    told, likely, possible, rejected
        Awakenings: told to be a cramp, those the wearer added among them; likely and possible ones
        that are not answered; those told to be none.
    cramp_nights, others
        Nights with one told or likely: valid ones, and those of which too little was searched.
    """

    first: date
    last: date
    recorded: int
    valid: int
    searched_s: float
    told: int
    added: int
    likely: int
    possible: int
    rejected: int
    cramp_nights: int
    others: int

    @property
    def nights(self) -> int:
        """How many there are, recorded or not."""
        return (self.last - self.first).days + 1


def count(report: Report, first: date, last: date) -> Block:
    """Count the nights from one to another, both included."""
    nights = [each for each in report.nights if first <= each.night <= last]
    found = [each for each in report.awakenings if first <= each.night <= last]
    valid = {each.night: each.searched_s for each in nights if _is_valid(each)}
    waiting = Counter(each.standing for each in found if each.is_open)
    with_cramp = {each.night for each in found if each.is_likely}
    return Block(
        first=first,
        last=last,
        recorded=sum(each.state is not NightState.NOT_RECORDED for each in nights),
        valid=len(valid),
        searched_s=sum(valid.values()),
        told=sum(each.is_told for each in found),
        added=sum(each.standing is None for each in found),
        likely=waiting[Standing.LIKELY],
        possible=waiting[Standing.POSSIBLE],
        rejected=sum(each.said is Said.NO for each in found),
        cramp_nights=len(with_cramp & valid.keys()),
        others=len(with_cramp - valid.keys()),
    )


def blocks(report: Report, length: int) -> tuple[Block, ...]:
    """Count block after block; the last ends with the report, and the first may be shorter."""
    ends = [report.last]
    while (earlier := ends[-1] - length * ONE_DAY) >= report.first:
        ends.append(earlier)
    return tuple(
        count(report, max(end - (length - 1) * ONE_DAY, report.first), end) for end in ends[::-1]
    )


def halves(report: Report) -> tuple[Block, Block]:
    """Count the first and the second half; an odd night is of the second."""
    middle = report.first + len(report.nights) // 2 * ONE_DAY
    return count(report, report.first, middle - ONE_DAY), count(report, middle, report.last)


def expected(report: Report, block: Block) -> float:
    """Sum up the cramps of a block's valid nights as the alerts do.

    What was told counts 1, what was rejected 0, anything else its probability; so this is what
    compares with the usual.
    """
    return sum(
        count_night(each).cramps
        for each in report.counted
        if block.first <= each.night <= block.last and each.searched_s >= RULES.valid_from_s
    )


def nights_a_week(found: int, valid: int) -> tuple[float, float, float]:
    """Give the cramp nights a week of some valid nights, and their interval."""
    a, b = found + JEFFREYS, valid - found + JEFFREYS
    tail = (1 - INTERVAL) / 2
    # Where none is found, or one in every night, the interval reaches to the end.
    least = 0.0 if found == 0 else _quantile(tail, a, b)
    most = 1.0 if found == valid else _quantile(1 - tail, a, b)
    return WEEK * found / valid, WEEK * least, WEEK * most


def by_hour(awakenings: Iterable[ToldAwakening]) -> Counter[int]:
    """Count, by the local hour in which they began, those not told to be none."""
    return Counter(each.onset.hour for each in awakenings if each.said is not Said.NO)


def answered(awakenings: Sequence[ToldAwakening], standing: Standing) -> Counter[Said | None]:
    """Count what was said of those of a standing; None stands for no answer."""
    return Counter(each.said for each in awakenings if each.standing is standing)


def unclaimed_marks(nights: Iterable[WearerNight]) -> int:
    """Count the marks of the wearer by which nothing cramp-like was noticed."""
    return sum(each.marks for each in nights)


def _is_valid(night: NightFigures) -> bool:
    return night.searched_s >= RULES.valid_from_s


def _quantile(chance: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if float(beta_below(middle, a, b)) < chance:
            low = middle
        else:
            high = middle
    return low
