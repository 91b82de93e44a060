"""What happens, for whoever listens: each wearer's last events, from which a listener goes on.

There is one short list for each wearer and no queue for each listener. Who is too slow for it, or
was away for too long, is told to read everything anew.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

__all__ = ["MOST_LISTENERS", "Event", "EventKind", "Events", "TooManyListenersError"]

KEPT = 256
"""Events that are kept of a wearer: four hours of a night that is told once a minute."""

MOST_LISTENERS = 64
"""Who may listen at once: more than a home has screens, and few enough for any memory."""


HEARD_FOR_S = 900.0
"""Seconds after which a listener is let go: it comes back, and is asked again whether it may."""


class EventKind(StrEnum):
    """What an event is about."""

    HELLO = "hello"
    """Listening has begun; what is read from now on is not older than the events that follow."""
    RESET = "reset"
    """Events were missed: everything has to be read anew."""
    NIGHT = "night"
    """A night was stored, or judged otherwise."""
    LIVE = "live"
    """The collector told of the night that goes on, or it is over."""
    EPISODE = "episode"
    """An episode of the night that goes on was told, changed or taken back."""
    ANSWER = "answer"
    """The wearer said something of an awakening, or took it back."""
    ALERT = "alert"
    """An alert was raised, seen or acknowledged."""
    DIARY = "diary"
    """An entry was written, changed or taken out."""
    TRIAL = "trial"
    """A trial was planned or stopped."""
    UPLOAD = "upload"
    """A recording that was sent is some way further, or judged."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    Parameters
    ----------
    id
        From which a listener goes on.
    href
        What is to be read; None where that is everything.
    """

    id: str
    kind: EventKind
    href: str | None = None


@dataclass(slots=True)
class _Ring:
    """The last events of a wearer, and the number of the last one that is not kept any more."""

    events: deque[tuple[int, Event]] = field(default_factory=lambda: deque(maxlen=KEPT))
    forgotten: int = 0


class TooManyListenersError(Exception):
    """As many listen as may."""


class Events:
    """Takes events from any thread and hands them to listeners in their own loops.

    Parameters
    ----------
    run
        Tells the ids of this run from those before the server was started again.
    heard_for_s
        Seconds after which a listener is let go.
    """

    def __init__(self, run: str | None = None, heard_for_s: float = HEARD_FOR_S) -> None:
        self._heard_for_s = heard_for_s
        self._run = run or secrets.token_hex(4)
        self._lock = Lock()
        self._number = 0
        self._rings: dict[str, _Ring] = {}
        self._wake: dict[int, Callable[[], object]] = {}
        self._closed = False

    def publish(self, wearer: str, kind: EventKind, href: str | None = None) -> None:
        """Tell of something; nobody is waited for."""
        with self._lock:
            self._number += 1
            ring = self._rings.setdefault(wearer, _Ring())
            if len(ring.events) == KEPT:
                ring.forgotten = ring.events[0][0]
            ring.events.append((self._number, Event(self._id(self._number), kind, href)))
            self._wake_all()

    def close(self) -> None:
        """Let every listener go, and take no other."""
        with self._lock:
            self._closed = True
            self._wake_all()

    @contextmanager
    def listening(self, wearer: str, last_id: str | None = None) -> Iterator[AsyncIterator[Event]]:
        """Listen to what happens to a wearer, from within a loop.

        Parameters
        ----------
        last_id
            Id of the last event that was heard before; None for who begins.

        Yields
        ------
        AsyncIterator
            Ends when the server stops, or it is time to come back.

        Raises
        ------
        TooManyListenersError
            As many listen as may.
        """
        news = asyncio.Event()
        loop = asyncio.get_running_loop()
        with self._lock:
            if len(self._wake) >= MOST_LISTENERS:
                raise TooManyListenersError
            self._wake[id(news)] = lambda: loop.call_soon_threadsafe(news.set)
            now = self._number
        try:
            yield self._from(wearer, last_id, now, news)
        finally:
            with self._lock:
                del self._wake[id(news)]

    async def _from(
        self, wearer: str, last_id: str | None, now: int, news: asyncio.Event
    ) -> AsyncIterator[Event]:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._heard_for_s
        heard = self._number_of(last_id, now)
        if heard is None:
            kind = EventKind.HELLO if last_id is None else EventKind.RESET
            heard = now
            yield Event(self._id(heard), kind)
        while True:
            news.clear()
            with self._lock:
                closed, last = self._closed, self._number
                ring = self._rings.get(wearer, _Ring())
                missed = heard < ring.forgotten
                found = [] if missed else [each for each in ring.events if each[0] > heard]
            if missed:
                heard = last
                yield Event(self._id(heard), EventKind.RESET)
            for number, event in found:
                heard = number
                yield event
            if closed or loop.time() >= until_s:
                return
            if not missed and not found:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(until_s):
                        await news.wait()

    def _number_of(self, last_id: str | None, now: int) -> int | None:
        run, _, number = (last_id or "").partition("-")
        if run != self._run or not number.isdecimal() or len(number) > len(str(now)):
            return None
        return int(number) if int(number) <= now else None

    def _id(self, number: int) -> str:
        return f"{self._run}-{number}"

    def _wake_all(self) -> None:
        for wake in self._wake.values():
            try:
                wake()
            except RuntimeError:
                # The loop of this listener has ended, and the listener with it.
                continue
