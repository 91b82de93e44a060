"""One connection as a conversation sees it: frames are decoded where they arrive, or counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakCharacteristicNotFoundError

from ingest.collector.bluetooth import Client
from ingest.collector.clock import Clock
from ingest.devices.conversation import Decode, Frame, StreamKind
from ingest.errors import DecodeError

__all__ = ["Heard", "Hearer", "LinkTalk"]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A frame, and how it came.

    Parameters
    ----------
    frame
        Decoded.
    data
        As it came, to tell a repeat.
    received_ns
        When, by the monotonic clock.
    connection
        Number of the connection, from 1.
    asked
        Whether it was read, not sent by itself.
    """

    frame: Frame
    data: bytes
    received_ns: int
    connection: int
    asked: bool = False


class Hearer(Protocol):
    """Who takes what one wearable says; neither method may raise, as the radio calls them."""

    def heard(self, heard: Heard) -> None:
        """Take a frame."""

    def undecodable(self, error: DecodeError, received_ns: int) -> None:
        """Take note of bytes that were no frame."""

    def advised(self, advice: str) -> None:
        """Take note of what the wearer can do about the device."""


class LinkTalk:
    """A connected wearable, as `ingest.devices.conversation.Talk` has it.

    Parameters
    ----------
    client
        Connected.
    wanted
        What the night takes from this device.
    hearer
        Who takes the frames.
    clock
        For the moment that they come.
    connection
        Number of the connection.
    on_stopped
        Called when the device has stopped a stream.
    """

    def __init__(
        self,
        client: Client,
        wanted: Collection[StreamKind],
        hearer: Hearer,
        clock: Clock,
        *,
        connection: int,
        on_stopped: Callable[[StreamKind], None],
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._hearer = hearer
        self._clock = clock
        self._connection = connection
        self._on_stopped = on_stopped
        self._decoders: dict[str, Decode] = {}
        self._farewells: list[Callable[[], Awaitable[None]]] = []
        self._open = True

    @property
    def farewells(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What the conversation wants done before the link is given up on purpose."""
        return tuple(self._farewells)

    def close(self) -> None:
        """Hear nothing more: a connection that is given up may go on notifying."""
        self._open = False

    def wants(self, kind: StreamKind) -> bool:
        """Tell whether the night takes this stream from this device."""
        return kind in self._wanted

    def has(self, uuid: str) -> bool:
        """Tell whether the device has a characteristic."""
        return self._find(uuid) is not None

    async def read(self, uuid: str) -> bytes:
        """Read a characteristic."""
        return bytes(await self._client.read_gatt_char(self._characteristic(uuid)))

    async def write(self, uuid: str, data: bytes) -> None:
        """Write a characteristic, and wait until the device has taken it."""
        await self._client.write_gatt_char(self._characteristic(uuid), data, response=True)

    async def subscribe(self, uuid: str, decode: Decode) -> None:
        """Hand on what a characteristic notifies or indicates from now on."""

        def notified(_: BleakGATTCharacteristic, data: bytearray) -> None:
            self._take(bytes(data), decode, asked=False)

        self._decoders[uuid] = decode
        await self._client.start_notify(self._characteristic(uuid), notified)

    async def renew(self, uuid: str) -> None:
        """Subscribe again to what is subscribed to already."""
        await self._client.stop_notify(self._characteristic(uuid))
        await self.subscribe(uuid, self._decoders[uuid])

    async def ask(self, uuid: str, decode: Decode) -> bytes:
        """Read a characteristic, hand on what it says, and give it as it came."""
        data = await self.read(uuid)
        self._take(data, decode, asked=True)
        return data

    async def bond(self) -> None:
        """Pair with the device."""
        await self._client.pair()

    def stopped(self, kind: StreamKind) -> None:
        """Say that the device has stopped a stream by itself."""
        if self._open:
            self._on_stopped(kind)

    def advise(self, advice: str) -> None:
        """Tell the wearer what to do about the device."""
        self._hearer.advised(advice)

    def at_end(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """Have something done before the link is given up on purpose."""
        self._farewells.append(farewell)

    def _take(self, data: bytes, decode: Decode, *, asked: bool) -> None:
        if not self._open:
            return
        received_ns = self._clock.monotonic_ns()
        try:
            frames = decode(data)
        except DecodeError as error:
            self._hearer.undecodable(error, received_ns)
            return
        for frame in frames:
            self._hearer.heard(Heard(frame, data, received_ns, self._connection, asked))

    def _find(self, uuid: str) -> BleakGATTCharacteristic | None:
        # A device may have several of one kind, two batteries say; the first one is taken.
        found = self._client.services.characteristics.values()
        return next((each for each in found if each.uuid == uuid), None)

    def _characteristic(self, uuid: str) -> BleakGATTCharacteristic:
        found = self._find(uuid)
        if found is None:
            raise BleakCharacteristicNotFoundError(uuid)
        return found
