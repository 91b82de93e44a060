"""The plan of a trial: which nights are to be with the habit and which without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random

from server.diary_kinds import Habit
from server.nights import ONE_DAY

__all__ = ["BLOCK_NIGHTS", "PAIRS", "Block", "Plan"]

BLOCK_NIGHTS = 14
"""Nights of a block: two weeks, through which each weekday and most bad weeks go on both sides."""

PAIRS = (2, 3, 4)
"""Pairs of blocks that a trial may have: 8, 12 or 16 weeks. A single pair would be one comparison
with whatever else changed meanwhile; more than four months nobody keeps up."""

EVEN = 0.5
"""Chance that the first block of a pair is the one with the habit."""


@dataclass(frozen=True, slots=True)
class Block:
    """Nights in a row that are to be alike.

    Parameters
    ----------
    number
        From 0 on.
    with_it
        Whether the habit is to be kept.
    """

    number: int
    first: date
    with_it: bool

    @property
    def pair(self) -> int:
        """Number of the pair that it is in."""
        return self.number // 2

    @property
    def last(self) -> date:
        """The last night."""
        return self.first + (BLOCK_NIGHTS - 1) * ONE_DAY


@dataclass(frozen=True)
class Plan:
    """A habit, from a first night on.

    Parameters
    ----------
    seed
        Of what draws which block of each pair comes first: the same whenever it is asked again.
    """

    habit: Habit
    first: date
    pairs: int
    seed: int

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks by time; each pair has one with the habit and one without, in random order."""
        # `random()` is the one sequence that Python promises to keep for a seed.
        draw = Random(self.seed).random
        kept = [each for _ in range(self.pairs) for each in _pair(draw() < EVEN)]
        return tuple(
            Block(number, self.first + number * BLOCK_NIGHTS * ONE_DAY, with_it)
            for number, with_it in enumerate(kept)
        )

    @property
    def last(self) -> date:
        """The last night."""
        return self.blocks[-1].last

    def block(self, night: date) -> Block | None:
        """Give the block that a night is in; None before and after the trial."""
        number = (night - self.first).days // BLOCK_NIGHTS
        return self.blocks[number] if 0 <= number < len(self.blocks) else None


def _pair(first_with_it: bool) -> tuple[bool, bool]:
    return first_with_it, not first_with_it
