"""What all simulated wearables share: a clock of their own, a battery, and the ways they fail."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ingest.devices.heart_rate_service import BATTERY_LEVEL, BATTERY_SERVICE
from ingest.samples import NS_PER_S
from simulator.wearable.body import Body
from simulator.wearable.gatt import Characteristic, Radio, Service
from simulator.wearable.stream import Steps, Stream

__all__ = ["DEVICE_INFORMATION", "FIRMWARE_REVISION", "Wearable", "noise", "truncated"]

DEVICE_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
"""UUID of the service that says what the device is."""
FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"
"""UUID of the characteristic with the version of the firmware."""

RADIO_DELAY_S = (0.005, 0.045)
"""Shortest and longest way of a notification in seconds: within one connection interval."""

BATTERY_LOOK_S = 60.0
"""Seconds between two looks at the battery."""


class Wearable:
    """A simulated wearable; what it measures is counted from when it is placed in the air.

    Sample i of the movement is taken at ``sample_time_s(i)`` and second k of the heart rate ends
    at ``second_time_s(k)``, by the loop's clock, whatever happens to the connection.

    Parameters
    ----------
    name, address
        As advertised.
    body
        What it measures.
    rate_hz
        Acceleration samples in a second of its own clock; 0 where it has none. The movement of the
        body has the same rate.
    drift_ppm
        How much its clock is fast, in parts per million.
    max_mtu
        Largest MTU in bytes that it agrees to.
    battery_percent, battery_h
        Charge at the beginning, and hours that a full battery lasts; it never falls without.
    one_bond
        Whether it bonds with one central only.
    seed
        Of the delays on its way.
    began_s
        Seconds of the loop at which it began to measure; when it is placed in the air without.

    Attributes
    ----------
    counts : int64, shape (n, 3)
        The movement of the body as its sensor writes it.
    sent_acc, sent_hr
        Numbers of the samples and seconds that went to a central unspoilt, in order, each once.
    sent_twice
        Set it to have every notification sent twice.
    spoil
        Set it to have every notification changed: `truncated`, `noise` or another.
    bonds
        Names of the centrals it is bonded with.
    """

    counts_per_g = 1000
    """Counts in one g of its acceleration."""
    range_g = 8.0
    """Largest acceleration that its sensor measures in g."""
    battery_uuid = BATTERY_LEVEL
    """UUID of the characteristic that tells its battery."""

    def __init__(
        self,
        name: str,
        address: str,
        body: Body,
        *,
        rate_hz: float = 0.0,
        drift_ppm: float = 0.0,
        max_mtu: int = 247,
        battery_percent: int = 100,
        battery_h: float | None = None,
        one_bond: bool = False,
        seed: int = 0,
        began_s: float | None = None,
    ):
        self.name = name
        self.address = address
        self.body = body
        self.rate_hz = rate_hz
        self.max_mtu = max_mtu
        within = np.clip(body.xyz_g, -self.range_g, self.range_g)
        self.counts: npt.NDArray[np.int64] = np.rint(within * self.counts_per_g).astype(np.int64)
        self.sent_twice = False
        self.spoil: Callable[[bytes], bytes] | None = None
        self.bonds: set[str] = set()
        self.sent_acc = array("q")
        self.sent_hr = array("q")
        self._speed = 1 + drift_ppm * 1e-6
        self._battery_start = battery_percent
        self._battery_h = battery_h
        self._one_bond = one_bond
        self._random = np.random.default_rng(seed)
        self._began_s = began_s
        self._radio: Radio | None = None
        self._zero_s = self._boot_s = 0.0
        self._boot_ns = 0
        self._on = True
        self._muted: set[str] = set()
        self._streams: dict[str, Stream] = {}
        self._battery = Stream(self._drain)

    @property
    def advertised(self) -> tuple[str, ...]:
        """The UUIDs of the services in the advertisement."""
        raise NotImplementedError

    @property
    def services(self) -> tuple[Service, ...]:
        """All services."""
        raise NotImplementedError

    @property
    def measurements(self) -> tuple[str, ...]:
        """The UUIDs of the characteristics that it notifies of its own accord."""
        return tuple(self._streams)

    @property
    def clock_ns(self) -> int:
        """Nanoseconds that its clock starts with when it is placed in the air."""
        return 0

    # What the air calls.

    def placed(self, radio: Radio) -> None:
        """Begin to measure."""
        self._radio = radio
        now_s = asyncio.get_running_loop().time()
        self._zero_s = self._boot_s = now_s if self._began_s is None else self._began_s
        self._boot_ns = self.clock_ns
        self._battery.start()

    def disconnected(self) -> None:
        """Stop: no central is connected any more."""
        for stream in self._streams.values():
            stream.stop()

    def subscribed(self, uuid: str) -> None:
        """Notify a characteristic from now on: the central has subscribed."""
        if uuid in self._streams:
            self._streams[uuid].start()

    def unsubscribed(self, uuid: str) -> None:
        """Notify it no more: the central has unsubscribed."""
        if uuid in self._streams:
            self._streams[uuid].stop()

    def accepts_bond(self, central: str) -> bool:
        """Bond with a central; False where it is refused."""
        if self._one_bond and self.bonds - {central}:
            return False
        self.bonds.add(central)
        return True

    # What a test may do to it.

    def drop(self) -> None:
        """End the connection; it advertises again at once."""
        self.radio.disconnect()

    def vanish(self, *, noticed_after_s: float | None = None) -> None:
        """Go out of range in silence.

        Parameters
        ----------
        noticed_after_s
            When the central's stack notices that the link is lost; never without.
        """
        self.radio.vanish(noticed_after_s)

    def come_back(self) -> None:
        """Come into range again, and advertise."""
        self.radio.come_back()

    def reboot(self, *, down_s: float = 5.0, noticed_after_s: float | None = None) -> None:
        """Restart: the link falls silent, and the clock begins at zero."""
        self.radio.vanish(noticed_after_s)
        self.rebooted()
        self._on = False
        asyncio.get_running_loop().call_later(down_s, self._booted)

    def rebooted(self) -> None:
        """Forget what a restart forgets."""

    def mute(self, *uuids: str) -> None:
        """Send nothing more of characteristics, without a word."""
        self._muted.update(uuids)

    def unmute(self, *uuids: str) -> None:
        """Send them again."""
        self._muted.difference_update(uuids)

    # What it measures, and when.

    @property
    def radio(self) -> Radio:
        """Its radio."""
        if self._radio is None:
            raise RuntimeError(f"{self.name} is not in the air yet")
        return self._radio

    def sample_time_s(self, sample: int) -> float:
        """Return when a sample of the movement is taken, in seconds of the loop."""
        return self._zero_s + sample / (self.rate_hz * self._speed)

    def second_time_s(self, second: int) -> float:
        """Return when a second of the heart rate ends, in seconds of the loop."""
        return self._zero_s + (second + 1) / self._speed

    def device_ns(self, loop_s: float) -> int:
        """Return what its clock shows at a time of the loop, in nanoseconds."""
        return self._boot_ns + round((loop_s - self._boot_s) * self._speed * NS_PER_S)

    def acc_counts(self, samples: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return samples of the movement as its sensor writes them, int64, shape (n, 3)."""
        return self.counts[np.asarray(samples, np.int64) % len(self.counts)]

    def acc_g(self, samples: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return what a host should make of samples of the movement, in g, shape (n, 3)."""
        return self.acc_counts(samples) / self.counts_per_g

    @property
    def battery_percent(self) -> int:
        """How full the battery is."""
        if self._battery_h is None:
            return self._battery_start
        hours = (asyncio.get_running_loop().time() - self._zero_s) / 3600
        return max(0, int(self._battery_start - 100 * hours / self._battery_h))

    # For the kinds of wearables.

    def _battery_level(self) -> Characteristic:
        return Characteristic(
            self.battery_uuid, ("read", "notify"), read=lambda: bytes([self.battery_percent])
        )

    def _battery_service(self) -> Service:
        return Service(BATTERY_SERVICE, (self._battery_level(),))

    def _next_sample(self) -> int:
        """Return the number of the next sample to be taken."""
        now_s = asyncio.get_running_loop().time()
        return int((now_s - self._zero_s) * self.rate_hz * self._speed) + 1

    def _next_second(self) -> int:
        """Return the number of the second that ends next."""
        return int((asyncio.get_running_loop().time() - self._zero_s) * self._speed)

    def _delay_s(self) -> float:
        return float(self._random.uniform(*RADIO_DELAY_S))

    def _send(self, uuid: str, data: bytes) -> bool:
        """Notify; True where it went to a central unspoilt."""
        if uuid in self._muted or not self._on:
            return False
        spoilt = data if self.spoil is None else self.spoil(data)
        taken = self.radio.send(uuid, spoilt)
        if self.sent_twice:
            self.radio.send(uuid, spoilt)
        return taken and spoilt == data

    def _booted(self) -> None:
        self._on = True
        self._boot_s = asyncio.get_running_loop().time()
        self._boot_ns = 0
        self.radio.come_back()

    def _drain(self) -> Steps:
        """Tell how full the battery is whenever that changes, and go out when it is empty."""
        told = self.battery_percent
        while told:
            yield asyncio.get_running_loop().time() + BATTERY_LOOK_S
            if self.battery_percent != told:
                told = self.battery_percent
                self._send(self.battery_uuid, bytes([told]))
        self._on = False
        self.radio.vanish(None)


def truncated(size: int) -> Callable[[bytes], bytes]:
    """Return a `Wearable.spoil` that cuts every notification to a number of bytes."""
    return lambda data: data[:size]


def noise(seed: int) -> Callable[[bytes], bytes]:
    """Return a `Wearable.spoil` that replaces every notification by as many random bytes."""
    random = np.random.default_rng(seed)
    return lambda data: random.bytes(len(data))
