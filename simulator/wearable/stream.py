"""Something that happens at one time after the other: a generator that yields these times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import TypeAlias

__all__ = ["Steps", "Stream"]

Steps: TypeAlias = Generator[float, None, None]
"""Yields when it wants to go on, in seconds of the loop; what follows happens then."""


class Stream:
    """Runs a generator of times, from its beginning each time it is started.

    Parameters
    ----------
    steps
        Makes the generator.
    """

    def __init__(self, steps: Callable[[], Steps]):
        self._steps = steps
        self._running: Steps | None = None
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, if not begun."""
        if self._running is None:
            self._running = self._steps()
            self._go_on(self._running)

    def stop(self) -> None:
        """Stop, if begun."""
        self._running = None
        if self._handle is not None:
            self._handle.cancel()

    def _go_on(self, steps: Steps) -> None:
        due_s = next(steps, None)
        # A step may stop its own stream.
        if due_s is not None and self._running is steps:
            self._handle = asyncio.get_running_loop().call_at(due_s, self._go_on, steps)
