"""How well a probability of waking agrees with polysomnography, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SLEEP_RECALL", "Agreement", "agree", "best_threshold", "sleep_threshold"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SLEEP_RECALL = 0.93
"""Share of sleep called sleep at which the recall of wake is compared between methods: that of
Walch et al. 2019."""
THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.01), 2)
"""Probabilities tried for the one from which an epoch is called wake."""


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
