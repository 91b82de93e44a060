"""Drives one link: does what its machine says, and tells the machine what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Protocol

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from ingest.collector.bluetooth import Client, ClientFactory, abandon, within
from ingest.collector.clock import Clock
from ingest.collector.machine import CONNECTED, Action, Event, Machine, State
from ingest.collector.paired import PairedDevice
from ingest.collector.radio import Radio
from ingest.collector.talk import Heard, Hearer, LinkTalk
from ingest.collector.watchdog import Watchdog
from ingest.devices.conversation import RefusedError, Stream, StreamKind, kind_of
from ingest.errors import DecodeError
from ingest.samples import NS_PER_S

__all__ = ["LEAVE_S", "Link", "LinkListener"]

log = logging.getLogger(__name__)

SCAN_S = 15.0
"""Seconds that a device is looked for: some advertise only every few seconds to save power."""
CONNECT_S = 20.0
"""Seconds that a connection may take: most take less than two, through a wall up to ten."""
SUBSCRIBE_S = 30.0
"""Seconds that a conversation may take to begin: some ten exchanges of less than a second, and one
for bonding."""
PROBE_S = 10.0
"""Seconds that an answer may take; the stack itself may take 30 to notice that nobody is there."""
DISCONNECT_S = 5.0
"""Seconds that a connection may take to end before it is left behind."""
FAREWELL_S = 3.0
"""Seconds for the last words of a conversation: the wearer waits for the command to end."""
LEAVE_S = 15.0
"""Seconds that a link may take to end when it is told to: its farewells, and the disconnecting."""


class LinkListener(Hearer, Protocol):
    """Who follows a link, besides what it brings."""

    def moved(self, state: State, why: str) -> None:
        """Take note of the state, and of what led to it where something failed."""

    def silent(self, kind: StreamKind, since_ns: int) -> None:
        """Take note of a stream that stays silent, since a moment of the monotonic clock."""


class Link:
    """Keeps a wearable connected, whatever happens, until it is told to leave.

    Parameters
    ----------
    paired
        The wearable.
    radio
        Shared by all links.
    client
        Makes a connection.
    clock
        For what was received when.
    rng
        For the rests between attempts.
    listener
        Who takes what comes.
    """

    def __init__(
        self,
        paired: PairedDevice,
        *,
        radio: Radio,
        client: ClientFactory,
        clock: Clock,
        rng: Random,
        listener: LinkListener,
    ) -> None:
        self._paired = paired
        self._wearable = paired.wearable
        self._radio = radio
        self._make_client = client
        self._clock = clock
        self._listener = listener
        self._machine = Machine(rng)
        self._why = ""
        self._leaving = asyncio.Event()
        self._lost = asyncio.Event()
        self._woken = asyncio.Event()
        self._device: BLEDevice | None = None
        self._client: Client | None = None
        self._talk: LinkTalk | None = None
        self._connections = 0
        self._watchdog = Watchdog([], 0)
        self._to_ask: Stream | None = None
        self._to_restart: set[StreamKind] = set()

    @property
    def state(self) -> State:
        """Where the link stands."""
        return self._machine.state

    def leave(self) -> None:
        """Have the link end: the device is told, and disconnected."""
        self._leaving.set()

    async def run(self) -> None:
        """Keep the link up until `leave`."""
        doing: dict[Action, Callable[[], Awaitable[Event]]] = {
            Action.SCAN: self._scan,
            Action.CONNECT: self._connect,
            Action.SUBSCRIBE: self._subscribe,
            Action.WATCH: self._watch,
            Action.PROBE: self._probe,
            Action.DISCONNECT: self._disconnect,
            Action.WAIT: self._wait,
            Action.LEAVE: self._leave,
        }
        action = self._take(Event.START)
        while action is not Action.END:
            if action in (Action.DISCONNECT, Action.LEAVE):
                event = await doing[action]()
            else:
                event = await self._interruptible(action, doing[action])
            action = self._take(event)

    def heard(self, heard: Heard) -> None:
        """Take a frame from the conversation."""
        kind = kind_of(heard.frame)
        if self._watchdog.heard(kind, heard.received_ns):
            self._woken.set()
        if self.state in CONNECTED and kind is not StreamKind.BATTERY:
            self._machine.prosper()
        self._listener.heard(heard)

    def undecodable(self, error: DecodeError, received_ns: int) -> None:
        """Take note of bytes that were no frame; they show that the device is there."""
        self._listener.undecodable(error, received_ns)

    def advised(self, advice: str) -> None:
        """Take note of what the wearer can do."""
        self._listener.advised(advice)

    def _take(self, event: Event) -> Action:
        before = self._machine.state
        action = self._machine.take(event)
        if self._machine.state is not before:
            log.info(
                "%s: %s -> %s (%s%s)",
                self._paired.name,
                before,
                self._machine.state,
                event,
                f": {self._why}" if self._why else "",
            )
            self._listener.moved(self._machine.state, self._why)
        self._why = ""
        return action

    async def _interruptible(
        self, action: Action, operation: Callable[[], Awaitable[Event]]
    ) -> Event:
        """Do something until it is done, the device is lost, or the link is to end."""
        working = asyncio.ensure_future(operation())
        leaving = asyncio.ensure_future(self._leaving.wait())
        lost = asyncio.ensure_future(self._lost.wait())
        can_be_lost = action in (Action.CONNECT, Action.SUBSCRIBE, Action.WATCH, Action.PROBE)
        try:
            await asyncio.wait(
                {working, leaving, *([lost] if can_be_lost else [])},
                return_when=asyncio.FIRST_COMPLETED,
            )
            if leaving.done():
                return Event.STOP
            if can_be_lost and lost.done():
                self._why = "the device disconnected"
                return Event.LOST
            return working.result()
        except Exception as error:
            # A Bluetooth stack raises whatever its system does; the link is there to try again.
            self._why = _told(error)
            if isinstance(error, RefusedError):
                self._listener.advised(str(error))
            if action in (Action.SCAN, Action.CONNECT):
                await self._radio_failed()
            return Event.FAILED
        finally:
            leaving.cancel()
            lost.cancel()
            await abandon(working)

    async def _radio_failed(self) -> None:
        try:
            await self._radio.failed()
        except Exception as error:
            log.warning("The adapter could not be reset: %s", _told(error))

    async def _scan(self) -> Event:
        begun_s = asyncio.get_running_loop().time()
        self._device = await self._radio.find(self._paired.address, SCAN_S)
        if self._device is None:
            # Where nobody at all is heard, it may be the adapter that is deaf.
            if not self._radio.heard_since(begun_s):
                await self._radio_failed()
            self._why = "not seen; is it on, in range, and connected to nothing else?"
            return Event.ABSENT
        return Event.FOUND

    async def _connect(self) -> Event:
        assert self._device is not None
        self._lost.clear()
        async with self._radio.connecting():
            self._client = self._make_client(self._device, self._dropped)
            await within(CONNECT_S, self._client.connect())
            self._radio.is_up(self)
        self._connections += 1
        return Event.CONNECTED

    async def _subscribe(self) -> Event:
        assert self._client is not None
        self._to_restart.clear()
        self._talk = LinkTalk(
            self._client,
            self._paired.takes,
            self,
            self._clock,
            connection=self._connections,
            on_stopped=self._stopped,
        )
        streams = await within(SUBSCRIBE_S, self._wearable.converse(self._talk))
        now_ns = self._clock.monotonic_ns()
        self._watchdog = Watchdog(_with_a_vital_one(streams), now_ns)
        for kind in self._paired.brings - {each.kind for each in streams}:
            self._listener.silent(kind, now_ns)
        return Event.SUBSCRIBED

    async def _watch(self) -> Event:
        while True:
            self._woken.clear()
            event = self._verdict()
            if event is not None:
                return event
            wait_ns = self._watchdog.deadline_ns - self._clock.monotonic_ns()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), max(0, wait_ns) / NS_PER_S)

    def _verdict(self) -> Event | None:
        """Tell what the silence of streams means by now; None while all is well."""
        for kind in self._to_restart:
            self._to_ask = self._watchdog.stream(kind)
            if self._to_ask is not None and self._to_ask.restart is not None:
                return Event.ASK
        self._to_restart.clear()
        if self.state is State.SILENT and not self._watchdog.silent:
            return Event.HEARD
        stream = self._watchdog.overdue(self._clock.monotonic_ns())
        if stream is None:
            return None
        if stream.probe is not None:
            self._to_ask = stream
            return Event.ASK
        event = self._silence(stream)
        return None if event is Event.ANSWERED else event

    async def _probe(self) -> Event:
        stream = self._to_ask
        assert stream is not None
        try:
            if stream.kind in self._to_restart and stream.restart is not None:
                self._to_restart.discard(stream.kind)
                await within(PROBE_S, stream.restart())
                self._watchdog.grant(stream.kind, self._clock.monotonic_ns())
                return Event.ANSWERED
            assert stream.probe is not None
            if await within(PROBE_S, stream.probe()):
                self._watchdog.grant(stream.kind, self._clock.monotonic_ns())
                return self._calm()
        except Exception:
            if stream.vital:
                raise
            log.info("%s: %s cannot be asked for", self._paired.name, stream.kind, exc_info=True)
        return self._silence(stream)

    def _silence(self, stream: Stream) -> Event:
        since_ns = self._watchdog.heard_ns(stream.kind)
        self._watchdog.stays_silent(stream.kind, self._clock.monotonic_ns())
        if stream.kind is not StreamKind.BATTERY:
            self._listener.silent(stream.kind, since_ns)
        if not stream.vital:
            return self._calm()
        self._why = f"{stream.kind} is silent"
        return Event.DEAD

    def _calm(self) -> Event:
        """Say whether all streams come."""
        return Event.MUTE if self._watchdog.silent - {StreamKind.BATTERY} else Event.ANSWERED

    async def _disconnect(self) -> Event:
        """Give the old connection up before there is another, as BlueZ would notify for both."""
        self._radio.is_down(self)
        if self._talk is not None:
            self._talk.close()
        client, self._client, self._talk = self._client, None, None
        if client is not None:
            try:
                await within(DISCONNECT_S, client.disconnect())
            except Exception as error:
                log.info("%s: disconnecting: %s", self._paired.name, _told(error))
        return Event.DISCONNECTED

    async def _wait(self) -> Event:
        await asyncio.sleep(self._machine.wait_s)
        return Event.RESTED

    async def _leave(self) -> Event:
        for farewell in self._talk.farewells if self._talk is not None else ():
            try:
                await within(FAREWELL_S, farewell())
            except Exception as error:
                log.info("%s: taking leave: %s", self._paired.name, _told(error))
        return await self._disconnect()

    def _dropped(self, client: BleakClient) -> None:
        # An old client may report its end late; the one that is up now is not meant then.
        if client is self._client:
            self._lost.set()

    def _stopped(self, kind: StreamKind) -> None:
        self._to_restart.add(kind)
        self._woken.set()


def _with_a_vital_one(streams: Sequence[Stream]) -> Sequence[Stream]:
    """Have at least one stream whose silence ends the link.

    Raises
    ------
    RefusedError
        If there is none but the battery's.
    """
    if all(each.kind is StreamKind.BATTERY for each in streams):
        raise RefusedError("It offers nothing that a night is made of. Pair another device.")
    if any(each.vital for each in streams):
        return streams
    return [replace(each, vital=each.kind is not StreamKind.BATTERY) for each in streams]


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
