"""What goes wrong with the link in a night, drawn from a seed and done to a wearable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulator.wearable.polar import PolarSense
from simulator.wearable.wearable import Wearable, noise, truncated

__all__ = ["Mishap", "MishapKind", "draw_mishaps", "suffer"]

LASTS_S = (5.0, 120.0)
"""Shortest and longest mishap in seconds: a turn in bed, and a walk to the bathroom."""
NOTICED_AFTER_S = 6.0
"""Seconds until a stack notices a lost link: common supervision timeouts are 4 to 6 s."""
TRUNCATED_BYTES = 13
"""Length of a cut notification in bytes: within the first sample of a Polar frame."""


class MishapKind(StrEnum):
    """How a link fails."""

    DROP = "the wearable ends the connection"
    LOST = "the wearable goes out of range, and the stack notices"
    VANISHED = "the wearable goes out of range, and nobody notices"
    STOPPED = "the wearable stops its streams"
    REBOOT = "the wearable restarts with its clock at zero"
    TWICE = "everything comes twice"
    TRUNCATED = "notifications are cut"
    GARBLED = "notifications are noise"


@dataclass(frozen=True, slots=True, order=True)
class Mishap:
    """One mishap, in seconds since the night began."""

    start_s: float
    lasts_s: float
    kind: MishapKind


def draw_mishaps(
    seed: int,
    *,
    hours: float,
    count: int,
    kinds: Sequence[MishapKind] = tuple(MishapKind),
) -> list[Mishap]:
    """Draw mishaps that do not overlap, each kind as often as the others.

    Parameters
    ----------
    seed
        Of all chance.
    hours
        Length of the night; it begins and ends without a mishap.
    count
        How many.
    kinds
        To choose from.
    """
    random = np.random.default_rng(seed)
    room_s = hours * 3600 / (count + 1)
    chosen = random.permutation([kinds[i % len(kinds)] for i in range(count)])
    return [
        Mishap(
            start_s=room_s * (number + float(random.uniform(0.5, 1))),
            lasts_s=float(random.uniform(LASTS_S[0], min(LASTS_S[1], room_s / 2))),
            kind=MishapKind(kind),
        )
        for number, kind in enumerate(chosen)
    ]


async def suffer(wearable: Wearable, mishaps: Sequence[Mishap]) -> None:
    """Do mishaps to a wearable, each at its time from now."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for mishap in sorted(mishaps):
        await asyncio.sleep(began_s + mishap.start_s - loop.time())
        _begin(wearable, mishap)
        await asyncio.sleep(mishap.lasts_s)
        _end(wearable, mishap)


def _begin(wearable: Wearable, mishap: Mishap) -> None:
    match mishap.kind:
        case MishapKind.DROP:
            wearable.drop()
        case MishapKind.LOST:
            wearable.vanish(noticed_after_s=NOTICED_AFTER_S)
        case MishapKind.VANISHED:
            wearable.vanish()
        case MishapKind.STOPPED:
            if isinstance(wearable, PolarSense):
                wearable.stop_by_itself()
            else:
                wearable.mute(*wearable.measurements)
        case MishapKind.REBOOT:
            wearable.reboot(down_s=mishap.lasts_s, noticed_after_s=NOTICED_AFTER_S)
        case MishapKind.TWICE:
            wearable.sent_twice = True
        case MishapKind.TRUNCATED:
            wearable.spoil = truncated(TRUNCATED_BYTES)
        case MishapKind.GARBLED:
            wearable.spoil = noise(round(mishap.start_s))


def _end(wearable: Wearable, mishap: Mishap) -> None:
    if mishap.kind in (MishapKind.LOST, MishapKind.VANISHED):
        wearable.come_back()
    wearable.sent_twice = False
    wearable.spoil = None
    wearable.unmute(*wearable.measurements)
