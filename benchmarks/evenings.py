"""Evenings that are spent in bed or on the sofa, long before sleep: scripts for the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulator.happening import Kind, Scripted
from simulator.night import NightSettings

__all__ = ["MANNERS", "with_an_evening"]

LATEST_ASLEEP_S = 1800.0
"""Seconds within which the simulator lets everybody fall asleep: the evening follows on it."""
SETTLING_S = 80.0
"""Seconds that the simulator keeps free after anything but an arousal, and a few more."""
EVENING_S = (1800.0, 7200.0)
"""Length of an evening in seconds: half an hour to two hours."""

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Manner:
    """How an evening is spent; assumed.

    Parameters
    ----------
    doing_s
        What is done in turn, by chance, and for how many seconds.
    still_s
        Seconds of lying or sitting still in between.
    """

    doing_s: Mapping[Kind, Range]
    still_s: Range


MANNERS: Mapping[str, Manner] = {
    "reads": Manner({Kind.PHONE: (300, 1500)}, (90, 400)),
    "lies awake": Manner({Kind.LYING_AWAKE: (180, 900)}, (120, 1000)),
    "gets up": Manner(
        {Kind.DRINK: (150, 700), Kind.BATHROOM: (150, 700), Kind.INFANT: (150, 700)}, (360, 1700)
    ),
    "sofa": Manner(
        {
            Kind.PHONE: (40, 900),
            Kind.DRINK: (30, 300),
            Kind.SCRATCH: (15, 150),
            Kind.POSITION_SHIFT: (4, 20),
        },
        (300, 1600),
    ),
}
"""By name. Much of the stillness is shorter than the half an hour that makes a sleep."""


def with_an_evening(settings: NightSettings, number: int, seed: int) -> NightSettings:
    """Put an evening before a night, each manner in turn; the night is as long as it was."""
    rng = np.random.default_rng([seed, number])
    manner = list(MANNERS.values())[number // 2 % len(MANNERS)]
    kinds = list(manner.doing_s)
    script = []
    at_s = LATEST_ASLEEP_S + SETTLING_S
    until_s = at_s + rng.uniform(*EVENING_S)
    while at_s < until_s:
        kind = kinds[rng.integers(len(kinds))]
        lasts_s = round(rng.uniform(*manner.doing_s[kind]), 1)
        script.append(Scripted(kind, round(at_s, 1), lasts_s))
        at_s += lasts_s + SETTLING_S + rng.uniform(*manner.still_s)
    return replace(settings, script=tuple(script), hours=settings.hours + at_s / 3600)
