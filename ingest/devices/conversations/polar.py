"""Polar's sensors: acceleration by PMD, heart rate by the Heart Rate Service.

SDK mode is left alone, as it turns heart rate off; so are beat-to-beat intervals (PPI), as they
slow heart rate to one reading in 5 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from ingest.devices.conversation import (
    AccelerationFrame,
    Frame,
    RefusedError,
    Stream,
    StreamKind,
    Talk,
)
from ingest.devices.conversations.heart_rate import battery, heart_rate
from ingest.devices.polar_pmd.acceleration import MG_PER_G, decode_acc
from ingest.devices.polar_pmd.control import (
    CONTROL,
    Operation,
    Response,
    Settings,
    Status,
    decode_features,
    decode_indication,
    decode_settings,
    query_settings,
    start,
    stop,
)
from ingest.devices.polar_pmd.frame import DATA, UNIX_OFFSET_NS, MeasurementType, measurement_type
from ingest.errors import DecodeError

__all__ = ["converse"]

WANTED_HZ = 52
"""Samples a second: what the optical sensors offer, and far above the 3 Hz of a rubbing hand."""
WANTED_RANGE_G = 8
"""g: the range every one of them has; a hand that hits the bed stays within."""
WANTED_BITS = 16
"""Bits a value."""
ACC_SILENCE_S = 10.0
"""Seconds without a frame, where one is due every 1.2 to 1.9 s."""
ANSWER_S = 5.0
"""Seconds that the control point is waited for: it answers within one."""

ADVICE = {
    Status.INVALID_MTU: "The connection takes too small messages; connecting again.",
    Status.DEVICE_IN_CHARGER: "It is in its charger. Take it off, and put it on.",
    Status.INVALID_STATE: "It is busy. End the workout or recording on it, and close Polar's app.",
    Status.NOT_SUPPORTED: "It cannot stream acceleration. Pair it for heart rate alone.",
    Status.INVALID_SAMPLE_RATE: "It refuses its own rate. Leave SDK mode by restarting it.",
}
"""What helps, by what the device answers."""


async def converse(talk: Talk) -> Sequence[Stream]:
    """Subscribe to heart rate, and start acceleration where it is wanted and there.

    Raises
    ------
    RefusedError
        If it does not start.
    """
    streams = [*await heart_rate(talk), *await battery(talk)]
    if not talk.wants(StreamKind.ACCELERATION):
        return streams
    measurement = _Acceleration(talk)
    if not await _offers_acceleration(talk, measurement):
        talk.advise("It offers no acceleration. Pair another wearable for movement.")
        return streams
    await talk.subscribe(DATA, measurement.decode)
    rate_hz = await measurement.start()
    talk.at_end(measurement.stop)
    acceleration = Stream(
        StreamKind.ACCELERATION,
        rate_hz,
        ACC_SILENCE_S,
        vital=True,
        restart=measurement.restart,
    )
    return [acceleration, *streams]


async def _offers_acceleration(talk: Talk, measurement: _Acceleration) -> bool:
    if not (talk.has(CONTROL) and talk.has(DATA)):
        return False
    await _bonded_if_needed(talk, measurement)
    return MeasurementType.ACC in decode_features(await talk.read(CONTROL)).types


async def _bonded_if_needed(talk: Talk, measurement: _Acceleration) -> None:
    """Subscribe to the control point; an H10 lets only a paired host do that."""
    try:
        await talk.subscribe(CONTROL, measurement.indicated)
    except Exception as refused:
        # Each system has another error for it; where pairing is not the cause, it fails again.
        try:
            await talk.bond()
        except Exception:
            raise refused from None
        await talk.subscribe(CONTROL, measurement.indicated)


class _Acceleration:
    """The stream of acceleration of one connection: its control point and its frames."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._answers: asyncio.Queue[Response] = asyncio.Queue()
        self._factor: float | None = None
        self._rate_hz = float(WANTED_HZ)
        self._previous_ns: int | None = None

    async def start(self) -> float:
        """Start the stream with what the device offers nearest to what is wanted, and say its rate.

        Raises
        ------
        RefusedError
            If the device refuses.
        """
        offered = _settings(await self._ask(query_settings(MeasurementType.ACC)))
        rate_hz = _nearest(offered.sample_rate, WANTED_HZ)
        command = start(
            MeasurementType.ACC,
            sample_rate=rate_hz,
            resolution=_nearest(offered.resolution, WANTED_BITS),
            range_g=_nearest(offered.range_g, WANTED_RANGE_G),
            # The device says how many axes it has where it wants to be told.
            channels=_nearest(offered.channels, 3) if offered.channels else None,
        )
        answer = await self._ask(command)
        if answer.status is Status.ALREADY_IN_STATE:
            await self._ask(stop(MeasurementType.ACC))
            answer = await self._ask(command)
        _require_success(answer)
        self._factor = _settings(answer).factor
        self._rate_hz, self._previous_ns = float(rate_hz), None
        return self._rate_hz

    async def restart(self) -> None:
        """Start the stream again after the device has stopped it."""
        await self.start()

    async def stop(self) -> None:
        """Stop the stream, so that the device does not go on for nobody."""
        await self._ask(stop(MeasurementType.ACC))

    def decode(self, data: bytes) -> Sequence[Frame]:
        """Decode a frame of the data characteristic; of acceleration alone.

        Raises
        ------
        DecodeError
            If it is damaged.
        """
        if measurement_type(data) is not MeasurementType.ACC:
            return ()
        frame = decode_acc(
            data, factor=self._factor, rate_hz=self._rate_hz, previous_ns=self._previous_ns
        )
        if frame.sample_ts_ns is None:
            raise DecodeError("Polar ACC frame", "says nothing of when its samples were", data)
        self._previous_ns = frame.timestamp_ns
        xyz_g = (frame.mg.astype(np.float64) / MG_PER_G).astype(np.float32)
        return (AccelerationFrame(xyz_g, frame.sample_ts_ns + UNIX_OFFSET_NS),)

    def indicated(self, data: bytes) -> Sequence[Frame]:
        """Take what the control point says.

        Raises
        ------
        DecodeError
            If it is neither an answer nor a message that streams have stopped.
        """
        said = decode_indication(data)
        if isinstance(said, Response):
            self._answers.put_nowait(said)
        elif MeasurementType.ACC in said.types:
            self._talk.stopped(StreamKind.ACCELERATION)
        return ()

    async def _ask(self, command: bytes) -> Response:
        """Give a command and wait for its answer, whole; stray answers to others are passed over.

        Raises
        ------
        TimeoutError
            If there is none.
        """
        with suppress(asyncio.QueueEmpty):
            while True:
                self._answers.get_nowait()
        await self._talk.write(CONTROL, command)
        params = b""
        async with asyncio.timeout(ANSWER_S):
            while True:
                answer = await self._answers.get()
                if (answer.op, answer.type) != (command[0], command[1]):
                    continue
                params += answer.params
                if not answer.more:
                    return Response(answer.op, answer.type, answer.status, False, params)


def _settings(answer: Response) -> Settings:
    if answer.op == Operation.GET_MEASUREMENT_SETTINGS:
        _require_success(answer)
    try:
        return decode_settings(answer.params)
    except DecodeError as error:
        # An answer may end with a setting of newer firmware; what is wanted is the default then.
        raise RefusedError(f"It answers what cannot be read ({error}). Update it.") from error


def _require_success(answer: Response) -> None:
    if answer.status is Status.SUCCESS:
        return
    known = ADVICE.get(answer.status) if isinstance(answer.status, Status) else None
    advice = known or "Restart it, and try again."
    raise RefusedError(f"It refuses to stream acceleration ({answer.status_name}). {advice}")


def _nearest(offered: Sequence[int], wanted: int) -> int:
    return min(offered, key=lambda value: abs(value - wanted), default=wanted)
