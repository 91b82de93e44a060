"""A Polar Verity Sense: acceleration and beat-to-beat intervals as measurement data (PMD)."""

from __future__ import annotations

import asyncio
from struct import pack
from typing import Any

from ingest.devices.heart_rate_service import HEART_RATE_SERVICE
from ingest.devices.polar_pmd.control import CONTROL
from ingest.devices.polar_pmd.frame import DATA, MIN_MTU, SERVICE, UNIX_OFFSET_NS
from simulator.wearable.body import Body
from simulator.wearable.frames import (
    ACC,
    DELTA_MG,
    HEAD_BYTES,
    PPI,
    RAW_16_BIT,
    delta_acc,
    heart_rate_measurement,
    pmd_frame,
    ppi_frame,
    raw_acc,
)
from simulator.wearable.gatt import (
    ATT_HEADER_BYTES,
    Characteristic,
    GattError,
    GattErrorCode,
    Service,
)
from simulator.wearable.heart_rate_strap import HeartRateWearable
from simulator.wearable.stream import Steps, Stream
from simulator.wearable.virtual_time import EVENING

__all__ = ["PolarSense"]

POLAR_ELECTRO = "0000feee-0000-1000-8000-00805f9b34fb"
"""UUID that Polar's devices advertise beside the heart rate; their own service is not."""

SDK_MODE = 9
"""Number of the mode, in commands among the measurements."""
QUERY, START, STOP = 1, 2, 3
"""Numbers of the operations."""
OK, BAD_OPERATION, BAD_TYPE, BAD_PARAMETER = 0, 1, 2, 5
ALREADY_IN_STATE, BAD_RESOLUTION, BAD_RATE, BAD_RANGE, BAD_MTU, BAD_CHANNELS = 6, 7, 8, 9, 10, 11
IN_CHARGER = 13
"""Answers to them."""

FEATURES = bytes.fromhex("0f6e020000000000000000000000000000")
"""What a real Verity Sense gives when its control point is read."""

FRAME_BYTES = 228
"""Longest frame seen of a real device."""
FRAME_SAMPLES = 99
"""Most samples seen in one."""

ANSWER_S = 0.1
"""Seconds until it answers a command: longer than a round trip, so that a hasty host is early."""
PPI_START_S = 25.0
"""Seconds until the first intervals."""
PPI_EVERY_S = 5
"""Seconds between two frames of intervals, and of the heart rate beside them."""
PPI_ERROR_MS = 10
CONTACT_FLAGS = 0b110
"""Touches the skin, and can tell."""


class PolarSense(HeartRateWearable):
    """A Verity Sense; a stream that was started is still started after the link was lost.

    Parameters
    ----------
    name, address, body, kwargs
        As `Wearable` has them.
    rate_hz
        Samples in a second of its clock.
    frames
        How acceleration is written: ``"delta"``, or ``"raw"`` with 16 bits.
    needs_bond
        Whether its measurement data need a bond, as the H10's do.
    in_charger
        Whether it lies in its charger, and refuses to start.
    sdk_mode
        Whether it was left in the mode that turns the heart rate off.
    clock_ns
        What its clock shows when it is placed in the air, in nanoseconds since 2000; the evening
        of virtual nights without.

    Attributes
    ----------
    sent_ppi
        Numbers of the seconds whose intervals went to a central unspoilt.
    commands
        Every command written to its control point.
    """

    def __init__(
        self,
        name: str = "Polar Sense A1B2C3D4",
        address: str = "C0:00:00:00:00:04",
        body: Body | None = None,
        *,
        rate_hz: int = 52,
        frames: str = "delta",
        needs_bond: bool = False,
        in_charger: bool = False,
        sdk_mode: bool = False,
        clock_ns: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            name, address, body or Body.asleep(rate_hz=rate_hz), rate_hz=rate_hz, **kwargs
        )
        self.sent_ppi: list[int] = []
        self.commands: list[bytes] = []
        self._rate = rate_hz
        self._raw = frames == "raw"
        self._needs_bond = needs_bond
        self._in_charger = in_charger
        self._sdk_mode = sdk_mode
        evening_ns = int(EVENING.timestamp()) * 1_000_000_000 - UNIX_OFFSET_NS
        self._clock_ns = evening_ns if clock_ns is None else clock_ns
        self._started: set[int] = set()
        self._control_subscribed = False
        self._answering = False
        self._measurements = {ACC: Stream(self._acceleration), PPI: Stream(self._intervals)}

    @property
    def advertised(self) -> tuple[str, ...]:
        """The heart rate and Polar's mark."""
        return (HEART_RATE_SERVICE, POLAR_ELECTRO)

    @property
    def clock_ns(self) -> int:
        """What its clock starts with."""
        return self._clock_ns

    @property
    def services(self) -> tuple[Service, ...]:
        """Measurement data, heart rate and battery."""
        control = Characteristic(
            CONTROL,
            ("read", "write", "indicate"),
            read=lambda: FEATURES,
            write=self._command,
            needs_bond=self._needs_bond,
        )
        data = Characteristic(DATA, ("notify",), needs_bond=self._needs_bond)
        return (
            self._heart_rate_service(),
            self._battery_service(),
            Service(SERVICE, (control, data)),
        )

    @property
    def hr_every_s(self) -> int:
        """Seconds between two heart rates: intervals slow it down."""
        return PPI_EVERY_S if PPI in self._started else 1

    def subscribed(self, uuid: str) -> None:
        """Notify a characteristic from now on: the central has subscribed."""
        super().subscribed(uuid)
        if uuid == CONTROL:
            self._control_subscribed = True
        if uuid == DATA:
            for measurement in self._started:
                self._measurements[measurement].start()

    def unsubscribed(self, uuid: str) -> None:
        """Notify it no more: the central has unsubscribed."""
        super().unsubscribed(uuid)
        if uuid == CONTROL:
            self._control_subscribed = False

    def disconnected(self) -> None:
        """Stop: no central is connected any more."""
        super().disconnected()
        self._control_subscribed = self._answering = False
        for stream in self._measurements.values():
            stream.stop()

    def rebooted(self) -> None:
        """Forget the streams."""
        self._started.clear()

    def stop_by_itself(self, *measurements: int) -> None:
        """Stop streams, acceleration without a number, and say so."""
        for measurement in measurements or (ACC,):
            self._end(measurement)
        self.radio.send(CONTROL, bytes([1, *(measurements or (ACC,))]))

    # The control point.

    def _command(self, data: bytes) -> None:
        if not self._control_subscribed:
            raise GattError(GattErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        if self._answering:
            raise GattError(GattErrorCode.PROCEDURE_ALREADY_IN_PROGRESS)
        self._answering = True
        self.commands.append(bytes(data))
        asyncio.get_running_loop().call_later(ANSWER_S, self._answer, bytes(data))

    def _answer(self, command: bytes) -> None:
        self._answering = False
        op, measurement = (command + b"\xff\xff")[:2]
        status, params = self._obey(op, measurement, command[2:])
        self.radio.send(CONTROL, bytes([0xF0, op, measurement, status, 0]) + params)

    def _obey(self, op: int, measurement: int, params: bytes) -> tuple[int, bytes]:
        if op not in (QUERY, START, STOP):
            return BAD_OPERATION, b""
        if measurement == SDK_MODE and op != QUERY:
            self._sdk_mode = op == START
            return OK, b""
        if measurement not in self._measurements:
            return BAD_TYPE, b""
        if op == QUERY:
            return OK, self._settings() if measurement == ACC else b""
        if op == STOP:
            was_started = measurement in self._started
            self._end(measurement)
            return (OK if was_started else ALREADY_IN_STATE), b""
        status = self._refusal(measurement, params)
        if status == OK:
            self._started.add(measurement)
            self._measurements[measurement].start()
        return status, b""

    def _settings(self) -> bytes:
        rates = (26, 52, 104, 208, 416) if self._sdk_mode else (self._rate,)
        return (
            bytes([0, len(rates)])
            + pack(f"<{len(rates)}H", *rates)
            + pack("<BBHBBHBBB", 1, 1, 16, 2, 1, round(self.range_g), 4, 1, 3)
        )

    def _refusal(self, measurement: int, params: bytes) -> int:
        """Return why a stream does not start, or 0."""
        if self._in_charger:
            return IN_CHARGER
        if measurement in self._started:
            return ALREADY_IN_STATE
        if self.radio.mtu < MIN_MTU:
            return BAD_MTU
        if measurement == PPI:
            return OK
        chosen: dict[int, int] = {}
        while params:
            size = 1 if params[0] == 4 else 2
            chosen[params[0]] = int.from_bytes(params[2 : 2 + size], "little")
            params = params[2 + size :]
        wanted = {0: (self._rate, BAD_RATE), 1: (16, BAD_RESOLUTION), 2: (8, BAD_RANGE)}
        for setting, (value, refusal) in wanted.items():
            if chosen.get(setting) != value:
                return refusal if setting in chosen else BAD_PARAMETER
        return OK if chosen.get(4, 3) == 3 else BAD_CHANNELS

    def _end(self, measurement: int) -> None:
        self._started.discard(measurement)
        self._measurements[measurement].stop()

    # The streams.

    def _acceleration(self) -> Steps:
        room = min(FRAME_BYTES, self.radio.mtu - ATT_HEADER_BYTES) - HEAD_BYTES
        compress, frame_type = (raw_acc, RAW_16_BIT) if self._raw else (delta_acc, DELTA_MG)
        first = self._next_sample()
        while True:
            samples = self.acc_counts(range(first, first + FRAME_SAMPLES))
            content, held = compress(samples, max_bytes=room)
            last_s = self.sample_time_s(first + held - 1)
            yield last_s + self._delay_s()
            frame = pmd_frame(ACC, self.device_ns(last_s), frame_type, content)
            if self._send(DATA, frame):
                self.sent_acc.extend(range(first, first + held))
            first += held

    def _intervals(self) -> Steps:
        yield asyncio.get_running_loop().time() + PPI_START_S
        while True:
            first = self._next_second()
            yield self.second_time_s(first + PPI_EVERY_S - 1) + self._delay_s()
            seconds = range(first, first + PPI_EVERY_S)
            beats = []
            for second in seconds:
                bpm = self.body.bpm_at(second)
                if bpm and self.body.worn_at(second):
                    beats.append((bpm, round(60_000 / bpm), PPI_ERROR_MS, CONTACT_FLAGS))
            at_ns = self.device_ns(self.second_time_s(seconds[-1]))
            if beats and self._send(DATA, ppi_frame(at_ns, beats)):
                self.sent_ppi.extend(seconds)

    def _tell_heart_rate(self, second: int) -> None:
        if not self._sdk_mode:
            super()._tell_heart_rate(second)

    def _measurement(self, second: int) -> bytes:
        worn = self.body.worn_at(second)
        return heart_rate_measurement(self.body.bpm_at(second), contact=worn)
