"""How well a probability of waking agrees with polysomnography, by epochs and by awakenings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.runs import runs_of

__all__ = [
    "LENGTHS",
    "SLEEP_RECALL",
    "Agreement",
    "AgreementIntervals",
    "Awakenings",
    "AwakeningsTogether",
    "Interval",
    "agree",
    "agreement_intervals",
    "best_threshold",
    "match_awakenings",
    "sleep_threshold",
    "together",
]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Interval = tuple[float, float]

SLEEP_RECALL = 0.93
"""Share of sleep called sleep at which the recall of wake is compared between methods: that of
Walch et al. 2019."""
THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.01), 2)
"""Probabilities tried for the one from which an epoch is called wake."""
LENGTHS = {"0.5-1": 2, "1-2": 4, "2-5": 10, "over 5": None}
"""Classes of awakenings by their length in minutes, and the most epochs of 30 s in each; the upper
end of a class belongs to it."""
DRAWS = 2000
"""Draws of people for an interval: enough that its ends move by less than a hundredth."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of called with scored epochs.

    Parameters
    ----------
    wake_recall_fixed
        Share of wake that is found where the threshold is moved until 93 % of sleep is called
        sleep; None, as `auc` is, where only one of the two was scored.
    auc
        Chance that an epoch of wake has a higher probability than one of sleep.
    wake_as_wake, wake_as_sleep, sleep_as_wake, sleep_as_sleep
        Epochs by what was scored and what they are called at the threshold.
    """

    wake_recall_fixed: float | None
    auc: float | None
    wake_as_wake: int
    wake_as_sleep: int
    sleep_as_wake: int
    sleep_as_sleep: int

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa at the threshold; None where chance alone explains all."""
        total = self.wake_as_wake + self.wake_as_sleep + self.sleep_as_wake + self.sleep_as_sleep
        scored = self.wake_as_wake + self.wake_as_sleep
        called = self.wake_as_wake + self.sleep_as_wake
        agreed = (self.wake_as_wake + self.sleep_as_sleep) / total
        by_chance = (scored * called + (total - scored) * (total - called)) / total**2
        return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)

    @property
    def wake_recall(self) -> float | None:
        """Share of wake called wake at the threshold."""
        scored = self.wake_as_wake + self.wake_as_sleep
        return self.wake_as_wake / scored if scored else None

    @property
    def sleep_recall(self) -> float | None:
        """Share of sleep called sleep at the threshold."""
        scored = self.sleep_as_wake + self.sleep_as_sleep
        return self.sleep_as_sleep / scored if scored else None


def agree(probability: Doubles, wake: Flags, wake_from: float) -> Agreement:
    """Compare probabilities of waking with what was scored.

    Parameters
    ----------
    probability : float64, shape (n,)
        At least one; none NaN.
    wake : bool, shape (n,)
        What was scored.
    wake_from
        Lowest probability called wake.
    """
    called = probability >= wake_from
    both = bool(wake.any() and not wake.all())
    return Agreement(
        wake_recall_fixed=_wake_recall(probability, wake) if both else None,
        auc=_auc(probability, wake) if both else None,
        wake_as_wake=int((called & wake).sum()),
        wake_as_sleep=int((~called & wake).sum()),
        sleep_as_wake=int((called & ~wake).sum()),
        sleep_as_sleep=int((~called & ~wake).sum()),
    )


def best_threshold(probability: Doubles, wake: Flags) -> float:
    """Return the threshold with the highest kappa, the lowest of equals."""
    kappas = [agree(probability, wake, wake_from).kappa or 0.0 for wake_from in THRESHOLDS.tolist()]
    return float(THRESHOLDS[int(np.argmax(kappas))])


def sleep_threshold(probability: Doubles, wake: Flags) -> float:
    """Return the lowest probability above which no more than 7 % of sleep lies."""
    asleep = np.sort(probability[~wake])
    return float(asleep[int(np.ceil(SLEEP_RECALL * len(asleep))) - 1])


def _wake_recall(probability: Doubles, wake: Flags) -> float:
    return float((probability[wake] > sleep_threshold(probability, wake)).mean())


def _auc(probability: Doubles, wake: Flags) -> float:
    asleep = np.sort(probability[~wake])
    below = np.searchsorted(asleep, probability[wake], side="left")
    up_to = np.searchsorted(asleep, probability[wake], side="right")
    return float((below + up_to).mean() / 2 / len(asleep))


@dataclass(frozen=True, slots=True)
class AgreementIntervals:
    """95 % intervals of the figures of an `Agreement` over several people.

    From drawing people anew, each with all of their epochs; None where fewer than two people have
    what the figure is of: wake, sleep, or both.
    """

    wake_recall_fixed: Interval | None
    kappa: Interval | None
    auc: Interval | None
    wake_recall: Interval | None
    sleep_recall: Interval | None


def agreement_intervals(
    probability: Sequence[Doubles], wake: Sequence[Flags], wake_from: Sequence[float]
) -> AgreementIntervals:
    """Draw people anew and compare all of their epochs with what was scored.

    Parameters
    ----------
    probability, wake, wake_from
        Of each person, as `agree` takes them.
    """
    of_each = [agree(*person) for person in zip(probability, wake, wake_from, strict=True)]
    cells = np.array(
        [
            [each.wake_as_wake, each.wake_as_sleep, each.sleep_as_wake, each.sleep_as_sleep]
            for each in of_each
        ]
    )
    levels, level = np.unique(np.concatenate(probability), return_inverse=True)
    person = np.repeat(np.arange(len(wake)), [len(epochs) for epochs in wake])
    awake = np.concatenate(wake)

    def at_levels(epochs: Flags, times: npt.NDArray[np.int64]) -> Doubles:
        counts = np.bincount(level[epochs], times[person[epochs]], minlength=len(levels))
        return np.asarray(counts, np.float64)

    drawn: list[Agreement] = []
    for people in _drawn(len(wake)):
        times = np.bincount(people, minlength=len(wake))
        fixed, auc = _curve(at_levels(awake, times), at_levels(~awake, times))
        drawn.append(Agreement(fixed, auc, *(times @ cells).tolist()))

    def interval(figures: Iterable[float | None], people: int) -> Interval | None:
        known = np.array([figure for figure in figures if figure is not None])
        return _middle(known) if people > 1 else None

    awoke, slept = np.count_nonzero(cells.reshape(-1, 2, 2).sum(axis=2), axis=0).tolist()
    both = min(awoke, slept)
    return AgreementIntervals(
        wake_recall_fixed=interval((each.wake_recall_fixed for each in drawn), both),
        kappa=interval((each.kappa for each in drawn), both),
        auc=interval((each.auc for each in drawn), both),
        wake_recall=interval((each.wake_recall for each in drawn), awoke),
        sleep_recall=interval((each.sleep_recall for each in drawn), slept),
    )


def _curve(awake: Doubles, asleep: Doubles) -> tuple[float | None, float | None]:
    """Return what `agree` has at any threshold, from counts of epochs at each probability."""
    if not (awake.any() and asleep.any()):
        return None, None
    up_to = np.cumsum(asleep)
    kept = int(np.searchsorted(up_to, np.ceil(SLEEP_RECALL * up_to[-1])))
    below = awake @ (up_to - asleep / 2)
    return float(awake[kept + 1 :].sum() / awake.sum()), float(below / awake.sum() / up_to[-1])


@dataclass(frozen=True, slots=True)
class Awakenings:
    """Awakenings that were scored and that were claimed, in one night or more.

    Parameters
    ----------
    scored, found
        Those that were scored, and how many of them were found, in each class of `LENGTHS`.
    claimed, false
        Those that were claimed, and how many of them touch no scored one.
    false_at_ends
        False ones at the beginning or the end of the sleep period: lying awake before or after it
        that was called too long.
    """

    scored: tuple[int, ...]
    found: tuple[int, ...]
    claimed: int
    false: int
    false_at_ends: int

    @property
    def found_shares(self) -> tuple[float | None, ...]:
        """Share that was found, in each class of `LENGTHS`; None where none was scored."""
        return tuple(
            found / scored if scored else None
            for found, scored in zip(self.found, self.scored, strict=True)
        )

    @property
    def false_share(self) -> float | None:
        """Share of what was claimed that touches no scored one; None where none was claimed."""
        return self.false / self.claimed if self.claimed else None


@dataclass(frozen=True, slots=True)
class AwakeningsTogether:
    """Awakenings of several people, with 95 % intervals of the shares.

    Parameters
    ----------
    found_intervals, false_interval
        From drawing people anew, each with all of their awakenings; None where fewer than two
        people have any.
    """

    total: Awakenings
    found_intervals: tuple[Interval | None, ...]
    false_interval: Interval | None


def match_awakenings(called: Flags, wake: Flags, epoch: npt.NDArray[np.int64]) -> Awakenings:
    """Compare runs of epochs called wake with runs scored wake, within the sleep period.

    The sleep period reaches from the first to the last epoch scored sleep; lying awake before and
    after is no awakening, and what is called wake there is none claimed. A scored awakening is
    found where at least one of its epochs is called wake; a claimed one is false where none of its
    epochs is scored wake. An epoch that was not scored ends a run.

    Parameters
    ----------
    called, wake : bool, shape (n,)
        What each epoch is called, and what was scored.
    epoch : int64, shape (n,)
        Which epoch from the start of the night, rising.
    """
    asleep = epoch[~wake]
    if not len(asleep):
        nothing = (0,) * len(LENGTHS)
        return Awakenings(nothing, nothing, 0, 0, 0)
    within = (epoch >= asleep[0]) & (epoch <= asleep[-1])
    place = epoch[within] - asleep[0]
    scored, claimed = np.zeros((2, place[-1] + 1), np.bool_)
    scored[place], claimed[place] = wake[within], called[within]

    runs = runs_of(scored)
    of_class = np.searchsorted(
        [longest for longest in LENGTHS.values() if longest is not None],
        [end - start for start, end in runs],
    )
    found = np.array([claimed[start:end].any() for start, end in runs], np.bool_)
    claims = runs_of(claimed)
    false = [(start, end) for start, end in claims if not scored[start:end].any()]
    return Awakenings(
        scored=_counted(of_class),
        found=_counted(of_class[found]),
        claimed=len(claims),
        false=len(false),
        false_at_ends=sum(start == 0 or end == len(claimed) for start, end in false),
    )


def together(people: Sequence[Awakenings]) -> AwakeningsTogether:
    """Add up the awakenings of several people, at least one."""
    scored = np.array([[*person.scored, person.claimed] for person in people])
    found = np.array([[*person.found, person.false] for person in people])
    drawn = _drawn(len(people))
    intervals = [
        _interval(part[drawn].sum(axis=1), whole[drawn].sum(axis=1))
        if np.count_nonzero(whole) > 1
        else None
        for part, whole in zip(found.T, scored.T, strict=True)
    ]
    *all_scored, claimed = scored.sum(axis=0).tolist()
    *all_found, false = found.sum(axis=0).tolist()
    return AwakeningsTogether(
        Awakenings(
            tuple(all_scored),
            tuple(all_found),
            claimed,
            false,
            sum(person.false_at_ends for person in people),
        ),
        tuple(intervals[:-1]),
        intervals[-1],
    )


def _counted(of_class: npt.NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(np.bincount(of_class, minlength=len(LENGTHS)).tolist())


def _interval(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Interval:
    """Return the 95 % interval of a share over draws, but for those without any."""
    some = whole > 0
    return _middle(part[some] / whole[some])


def _middle(figures: Doubles) -> Interval:
    """Return the ends between which 95 % of what was drawn lies."""
    low, high = np.quantile(figures, (0.025, 0.975))
    return float(low), float(high)


def _drawn(people: int) -> npt.NDArray[np.int64]:
    """Draw as many people as there are, `DRAWS` times, the same each time."""
    return np.random.default_rng(0).integers(people, size=(DRAWS, people))
