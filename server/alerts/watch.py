"""Goes through nights one by one, for one wearer or for thousands at once.

The product and the simulation that proves it run the same lines.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from server.alerts import creeping, persistent
from server.alerts.chances import at_least
from server.alerts.nightly import Counts
from server.alerts.rules import RULES, Rules
from server.alerts.sudden import sudden
from server.alerts.usual import NightRow, Scale, Usual, nothing_known, put, scale, some, take_in

__all__ = ["EVERY_LAYER", "Layer", "Signals", "State", "Watch", "watch_alone"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]

NEVER = -(10**6)
"""A night so long ago that nothing depends on it."""

CATCH_UP_NIGHTS = 7
"""Nights that the usual takes in at once, at the most, after it was frozen."""


class Layer(IntEnum):
    """The three alerts, in the order in which they are told: the more particular first."""

    SUDDEN = 1
    CREEPING = 2
    PERSISTENT = 3


EVERY_LAYER = frozenset(Layer)


@dataclass(frozen=True, slots=True)
class Signals:
    """What a night gives cause for, ``[people]``.

    Parameters
    ----------
    raise_
        The layer to raise, or 0. Rest nights and standing alerts are already heeded.
    ends_more, ends_frequent
        Whether a standing *sudden* or *creeping*, or a standing *persistent*, is over.
    becomes_usual
        Whether *sudden* or *creeping* has stood so long that this is the usual now.
    """

    raise_: NDArray[np.int8]
    ends_more: Flags
    ends_frequent: Flags
    becomes_usual: Flags


@dataclass(frozen=True, slots=True)
class State:
    """What a watch has come to before some night, besides what is kept of each night.

    Parameters
    ----------
    usual, scale
        What is usual, and what nights are measured by.
    next
        The first night that the usual has not taken in, ``[people]``.
    answers, mornings
        The habit of answering.
    sum, rising_since, more_since, frequent_since, last_raised
        As the attributes of `Watch`.
    """

    usual: Usual
    scale: Scale
    next: Numbers
    answers: Floats
    mornings: Floats
    sum: Floats
    rising_since: Numbers
    more_since: Numbers
    frequent_since: Numbers
    last_raised: Numbers


class Watch:
    """The nights seen so far, and which alerts stand.

    Parameters
    ----------
    counts
        All nights; none is looked at before its turn.
    layers
        Those that may fire.

    Attributes
    ----------
    scale
        What nights are measured by now.
    sum, rising_since
        The evidence that *creeping* has added up, and the night in which that began.
    more_since, frequent_since, last_raised
        Nights in which alerts were raised; `NEVER` where none stands, or none ever was.
    """

    def __init__(
        self, counts: Counts, rules: Rules = RULES, layers: Container[Layer] = EVERY_LAYER
    ) -> None:
        self.rules = rules
        self._layers = layers
        nights, people = counts.valid.shape
        self._valid = counts.valid
        self._season = np.broadcast_to(counts.season, (nights, 1))
        self._first = np.where(counts.valid, counts.cramp_night, 0.0)
        self._further = np.where(counts.valid, counts.cramps - counts.cramp_night, 0.0)
        self._certain = np.where(counts.valid, counts.certain, 0.0)
        self._answered = counts.answered
        self._answered_share = np.zeros((nights, people))
        self._answers, self._mornings = np.zeros(people), np.zeros(people)
        self._valid_so_far = _so_far(counts.valid)
        self._nights_so_far = _so_far(self._first)
        self._worth_so_far, self._usual_so_far, self._variance_so_far = (
            np.zeros((nights + 1, people)) for _ in range(3)
        )
        self._usual = nothing_known(people)
        self.scale = scale(self._usual, rules)
        self._next = np.zeros(people, np.intp)
        self._column = np.arange(people)
        self.sum = np.zeros(people)
        self.rising_since = np.zeros(people, np.intp)
        self.more_since = np.full(people, NEVER)
        self.frequent_since = np.full(people, NEVER)
        self.last_raised = np.full(people, NEVER)

    def state(self) -> State:
        """Give what it has come to, as it stays while the watch goes on."""
        people = self._column
        return State(
            # These two are changed in place.
            some(self._usual, people),
            self.scale,
            self._next.copy(),
            self._answers,
            self._mornings,
            self.sum,
            self.rising_since,
            self.more_since,
            self.frequent_since,
            self.last_raised,
        )

    def go_on(self, earlier: Watch, state: State, night: int) -> None:
        """Begin with a night in place of the first.

        Parameters
        ----------
        earlier
            A watch that went through the same nights up to there.
        state
            What that had come to before the night.
        """
        for mine, its, upto in (
            (self._answered_share, earlier._answered_share, night),
            (self._worth_so_far, earlier._worth_so_far, night + 1),
            (self._usual_so_far, earlier._usual_so_far, night + 1),
            (self._variance_so_far, earlier._variance_so_far, night + 1),
        ):
            mine[:upto] = its[:upto]
        self._usual, self._next = some(state.usual, self._column), state.next.copy()
        self.scale = state.scale
        self._answers, self._mornings = state.answers, state.mornings
        self.sum, self.rising_since = state.sum, state.rising_since
        self.more_since, self.frequent_since = state.more_since, state.frequent_since
        self.last_raised = state.last_raised

    @property
    def more(self) -> Flags:
        """Whether *sudden* or *creeping* stands."""
        return np.asarray(self.more_since != NEVER)

    @property
    def frequent(self) -> Flags:
        """Whether *persistent* stands."""
        return np.asarray(self.frequent_since != NEVER)

    def look(self, night: int) -> Signals:
        """Take the next night in, and tell what it gives cause for."""
        self.take_in(night)
        return self._signals(night)

    def take_in(self, night: int) -> None:
        """Take the next night in, where what it gave cause for is not asked: in half the time."""
        self._put_to_kinds(night)
        self._take_in(night)
        by = self.scale
        row = self._row(np.full(len(self._column), night), self._column)
        kinds = row.kinds * (row.valid & by.known)
        exposure = kinds * row.season
        worth = (kinds * (row.first + by.worth * row.further)).sum(0)
        self._worth_so_far[night + 1] = self._worth_so_far[night] + worth
        self._usual_so_far[night + 1] = self._usual_so_far[night] + (exposure * by.expected).sum(0)
        self._variance_so_far[night + 1] = self._variance_so_far[night] + (
            exposure * by.variance
        ).sum(0)
        self.sum = np.where(self.more, 0.0, np.maximum(0.0, self.sum + creeping.evidence(row, by)))
        self.rising_since = np.where(self.sum > 0, self.rising_since, night + 1)

    def _signals(self, night: int) -> Signals:
        rules, by = self.rules, self.scale
        learnt = (night >= rules.learning_nights) & (by.nights >= rules.least_known_nights)
        rested = night - self.last_raised >= rules.rest_nights
        fires = {
            Layer.SUDDEN: self._sudden(night, learnt & rested & ~self.more),
            Layer.CREEPING: learnt & rested & ~self.more & (self.sum > creeping.bar(by, rules)),
            Layer.PERSISTENT: self._starts(night, rested & ~self.frequent),
        }
        raise_ = np.zeros(len(self._column), np.int8)
        for layer in reversed(Layer):
            if layer in self._layers:
                raise_[fires[layer]] = layer
        return Signals(
            raise_,
            self._back_to_usual(night),
            self._ends_frequent(night),
            self.more & (night - self.more_since >= rules.frozen_nights),
        )

    def raised(self, layer: Layer, whose: Flags, night: int) -> None:
        """Note that an alert was raised."""
        self.last_raised = np.where(whose, night, self.last_raised)
        if layer is Layer.PERSISTENT:
            self.frequent_since = np.where(whose, night, self.frequent_since)
        else:
            self.more_since = np.where(whose, night, self.more_since)
            self.sum = np.where(whose, 0.0, self.sum)

    def cleared(self, layer: Layer, whose: Flags) -> None:
        """Note that an alert was cleared."""
        if layer is Layer.PERSISTENT:
            self.frequent_since = np.where(whose, NEVER, self.frequent_since)
        else:
            self.more_since = np.where(whose, NEVER, self.more_since)

    def begin_anew(self, whose: Flags) -> None:
        """Learn the usual anew, from the nights since the alert that stands."""
        people = np.flatnonzero(whose)
        put(self._usual, people, nothing_known(len(people)))
        self._next[people] = self.more_since[people]

    def usual_week(
        self, night: int, span: tuple[float, float], whose: int = 0
    ) -> tuple[float, int, int] | None:
        """Give what is usual for somebody in a week: the mean, and the numbers it lies between.

        Parameters
        ----------
        span
            Chances of at least the lower and at least the upper number.

        Returns
        -------
        None while it is not known yet.
        """
        rules, by = self.rules, some(self.scale, np.array([whose]))
        if night < rules.learning_nights or by.nights[0] < rules.least_known_nights:
            return None
        mean = float(by.weekly[0] * self._season[night, 0])
        unit = float((by.variance.sum() / by.expected.sum()) * by.swing[0])
        known = (by.nights[0] + rules.prior_nights) / 7
        cramps = np.arange(int(4 * mean) + 20)
        chances = at_least(cramps / unit, by.weekly[0] * known / unit, mean / by.weekly[0] / known)
        least, most = (int(np.flatnonzero(chances >= each)[-1]) for each in span)
        return mean, least, most

    def _row(self, nights: Numbers, people: Numbers) -> NightRow:
        at = nights, people
        share = self._answered_share[at]
        return NightRow(
            valid=self._valid[at],
            kinds=np.stack([share, 1 - share]),
            first=self._first[at],
            further=self._further[at],
            certain=self._certain[at],
            season=self._season[nights, 0],
        )

    def _put_to_kinds(self, night: int) -> None:
        """Put a night to the answered or the other kind; without a question, by the habit."""
        answered = self._answered[night]
        asked = self._valid[night] & ~np.isnan(answered)
        habit = (self._answers + 0.5) / (self._mornings + 1)
        share = np.where(np.isnan(answered), habit, answered)
        self._answered_share[night] = share
        fades = np.where(asked, 0.5 ** (1 / self.rules.habit_half_life_nights), 1.0)
        self._answers = self._answers * fades + np.where(asked, share, 0.0)
        self._mornings = self._mornings * fades + asked

    def _take_in(self, night: int) -> None:
        """Take into the usual what is old enough, unless a standing alert freezes it."""
        rules = self.rules
        if night < rules.learning_nights:
            return
        held_back = min(rules.held_back_nights, int(night * rules.held_back_share))
        upto = max(rules.learning_nights, night - held_back)
        frozen = self.more | (
            (self.frequent_since >= rules.learning_nights)
            & (night - self.frequent_since < rules.frozen_nights)
        )
        everybody = self._column
        # The learning time is taken in at once when it is over.
        for _ in range(upto if night == rules.learning_nights else 1):
            self._enter(everybody, upto, frozen)
        for _ in range(CATCH_UP_NIGHTS):
            late = np.flatnonzero((self._next < upto) & ~frozen)
            if not late.size:
                break
            self._enter(late, upto, frozen)
        self.scale = scale(self._usual, rules)

    def _enter(self, people: Numbers, upto: int, frozen: Flags) -> None:
        """Take the next night of some people into their usual."""
        nights = self._next[people]
        learnt = nights >= self.rules.learning_nights
        entered = take_in(
            self._usual if people is self._column else some(self._usual, people),
            self._row(nights, people),
            self.scale if people is self._column else some(self.scale, people),
            taken := (nights < upto) & ~(frozen[people] & learnt),
            self.rules,
            ends=(nights + 1) % self.rules.swing_block_nights == 0,
            learnt=learnt,
        )
        if people is self._column:
            self._usual = entered
        else:
            put(self._usual, people, entered)
        self._next[people] += taken

    def _sudden(self, night: int, whose: Flags) -> Flags:
        """Look at the last week of those of whom it matters."""
        rules, by = self.rules, self.scale
        # The week must not be part of the learning time that it is compared with.
        if night + 1 - rules.sudden_nights < rules.learning_nights:
            return np.zeros(len(self._column), bool)
        worth = _last(self._worth_so_far, night, rules.sudden_nights)
        usual = _last(self._usual_so_far, night, rules.sudden_nights)
        enough = _last(self._valid_so_far, night, rules.sudden_nights)
        fires: Flags = whose & (enough >= rules.sudden_least_valid) & (usual > 0)
        fires &= worth > rules.sudden_ratio * usual
        at = np.flatnonzero(fires)
        if at.size:
            variance = _last(self._variance_so_far, night, rules.sudden_nights)[at]
            unit = variance / usual[at] * by.swing[at]
            past = (self._usual.nights[:, at] * by.expected[:, at]).sum(0)
            weeks = by.nights[at] / 7
            fires[at] = sudden(
                worth[at] / unit, past / unit, weeks * usual[at] / past, weeks, rules
            )
        return fires

    def _starts(self, night: int, whose: Flags) -> Flags:
        found, valid = self._cramp_nights(night, self.rules.frequent_nights)
        at = np.flatnonzero(whose & (found > self.rules.frequent_share * valid))
        fires = np.zeros(len(self._column), bool)
        fires[at] = persistent.starts(found[at], valid[at], self.rules)
        return fires

    def _ends_frequent(self, night: int) -> Flags:
        found, valid = self._cramp_nights(night, self.rules.frequent_ends_nights)
        at = np.flatnonzero(self.frequent & (night - self.frequent_since >= self.rules.rest_nights))
        over = np.zeros(len(self._column), bool)
        over[at] = persistent.ends(found[at], valid[at], self.rules)
        return over

    def _back_to_usual(self, night: int) -> Flags:
        rules = self.rules
        worth = _last(self._worth_so_far, night, rules.back_nights)
        usual = _last(self._usual_so_far, night, rules.back_nights)
        enough = _last(self._valid_so_far, night, rules.back_nights)
        rested = night - self.more_since >= rules.rest_nights
        return np.asarray(
            self.more & rested & (enough >= rules.back_least_valid) & (worth <= usual)
        )

    def _cramp_nights(self, night: int, of: int) -> tuple[Floats, Floats]:
        return _last(self._nights_so_far, night, of), _last(self._valid_so_far, night, of)


def watch_alone(
    counts: Counts, rules: Rules = RULES, layers: Container[Layer] = EVERY_LAYER
) -> tuple[NDArray[np.int8], Flags]:
    """Go through the nights and raise and clear whatever there is cause for, as on the days.

    Returns
    -------
    Which layer was raised in each night, or 0, and whether *sudden* or *creeping* stood after it;
    both ``[nights, people]``.
    """
    watch = Watch(counts, rules, layers)
    raised = np.zeros(counts.valid.shape, np.int8)
    standing = np.zeros(counts.valid.shape, bool)
    for night in range(len(counts)):
        signals = watch.look(night)
        watch.begin_anew(signals.becomes_usual)
        watch.cleared(Layer.SUDDEN, signals.ends_more | signals.becomes_usual)
        watch.cleared(Layer.PERSISTENT, signals.ends_frequent)
        for layer in Layer:
            watch.raised(layer, signals.raise_ == layer, night)
        raised[night], standing[night] = signals.raise_, watch.more
    return raised, standing


def _so_far(nightly: NDArray[np.generic]) -> Floats:
    """Add up the nights before each, and all of them at the end."""
    none = np.zeros((1, nightly.shape[1]))
    return np.concatenate([none, np.cumsum(nightly, axis=0, dtype=float)])


def _last(so_far: Floats, night: int, number: int) -> Floats:
    """Give what the last nights up to a night add up to."""
    return np.asarray(so_far[night + 1] - so_far[max(night + 1 - number, 0)])
