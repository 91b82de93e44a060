"""The numbers that an alert shows, as they were when it was raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from server.alerts.judge import UsualWeek
from server.alerts.nightly import Answer, WearerNight
from server.alerts.rules import RULES, Rules
from server.alerts.watch import Layer

__all__ = ["AlertNumbers", "confirmed", "numbers", "unanswered"]


@dataclass(frozen=True, slots=True)
class AlertNumbers:
    """What an alert speaks of.

    Parameters
    ----------
    first, last
        The nights it looks at.
    recorded
        How many of them are valid; only these are counted.
    confirmed
        Cramps by the wearer's word: confirmed, or added in the morning.
    open
        Awakenings and marks that wait for an answer.
    found_nights
        Nights with any of these.
    usual
        None for *persistent* in the learning time.
    """

    layer: Layer
    first: date
    last: date
    recorded: int
    confirmed: int
    open: int
    found_nights: int
    usual: UsualWeek | None

    @property
    def nights(self) -> int:
        """Nights from the first to the last, recorded or not."""
        return (self.last - self.first).days + 1


def numbers(
    layer: Layer,
    last: date,
    nights: Iterable[WearerNight],
    usual: UsualWeek | None,
    rising_since: date | None = None,
    rules: Rules = RULES,
) -> AlertNumbers:
    """Count what an alert raised for a night speaks of.

    Parameters
    ----------
    rising_since
        Where *creeping* began to add up; it looks at a week at least.
    """
    span = {Layer.PERSISTENT: rules.frequent_nights}.get(layer, rules.sudden_nights)
    first = last - timedelta(days=span - 1)
    if layer is Layer.CREEPING and rising_since is not None:
        first = min(first, rising_since)
    within = [each for each in nights if first <= each.night <= last]
    valid = [each for each in within if each.searched_s >= rules.valid_from_s]
    found = [(confirmed(each), unanswered(each)) for each in valid]
    return AlertNumbers(
        layer=layer,
        first=first,
        last=last,
        recorded=len(valid),
        confirmed=sum(told for told, _ in found),
        open=sum(waiting for _, waiting in found),
        found_nights=sum(told + waiting > 0 for told, waiting in found),
        usual=usual,
    )


def confirmed(night: WearerNight) -> int:
    """Count the cramps of a night by the wearer's word."""
    return night.missed + sum(each.answer is Answer.YES for each in night.episodes)


def unanswered(night: WearerNight) -> int:
    """Count the awakenings and marks of a night that wait for an answer."""
    marks = max(night.marks - night.missed, 0)
    return marks + sum(not each.settled for each in night.episodes)
