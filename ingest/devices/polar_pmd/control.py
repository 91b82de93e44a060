"""Polar's control point: commands as bytes, and what the device answers.

Calls go one after another; each is answered by one indication.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from struct import calcsize, iter_unpack, pack

from ingest.devices.packed import require_size
from ingest.devices.polar_pmd.frame import MeasurementType
from ingest.errors import DecodeError

__all__ = [
    "CONTROL",
    "Command",
    "Features",
    "Operation",
    "Response",
    "Settings",
    "Status",
    "StreamsStopped",
    "decode_command",
    "decode_features",
    "decode_indication",
    "decode_response",
    "decode_settings",
    "decode_stopped",
    "query_settings",
    "start",
    "stop",
]

CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
"""UUID of the characteristic that is read, written and indicated."""

FEATURES = 0x0F
"""First byte of what is read: the features follow."""
RESPONSE = 0xF0
"""First byte of an indication that answers a command."""
STOPPED = 0x01
"""First byte of an indication that the device has stopped streams by itself."""
NO_MORE = 0x00
"""Fifth byte of a response that nothing follows."""


class Operation(IntEnum):
    """What a command asks for."""

    GET_MEASUREMENT_SETTINGS = 1
    REQUEST_MEASUREMENT_START = 2
    STOP_MEASUREMENT = 3


class Status(IntEnum):
    """How a command went."""

    SUCCESS = 0
    INVALID_OP_CODE = 1
    INVALID_MEASUREMENT_TYPE = 2
    NOT_SUPPORTED = 3
    INVALID_LENGTH = 4
    INVALID_PARAMETER = 5
    ALREADY_IN_STATE = 6
    INVALID_RESOLUTION = 7
    INVALID_SAMPLE_RATE = 8
    INVALID_RANGE = 9
    INVALID_MTU = 10
    INVALID_NUMBER_OF_CHANNELS = 11
    INVALID_STATE = 12
    DEVICE_IN_CHARGER = 13
    DISK_FULL = 14


class _Setting(IntEnum):
    SAMPLE_RATE = 0
    RESOLUTION = 1
    RANGE = 2
    MILLI_RANGE = 3
    CHANNELS = 4
    FACTOR = 5


_SETTING_FORMATS = {
    _Setting.SAMPLE_RATE: "<H",
    _Setting.RESOLUTION: "<H",
    _Setting.RANGE: "<H",
    _Setting.MILLI_RANGE: "<I",
    _Setting.CHANNELS: "<B",
    _Setting.FACTOR: "<f",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a stream can be started with, or was.

    Parameters
    ----------
    sample_rate
        Hertz.
    resolution
        Bits.
    range_g
        Largest acceleration in g.
    range_milli
        Largest value in thousandths of the unit, where the device tells it so.
    channels
        Values in a sample.
    factor
        What to multiply compressed samples with; None where not told.
    """

    sample_rate: tuple[int, ...] = ()
    resolution: tuple[int, ...] = ()
    range_g: tuple[int, ...] = ()
    range_milli: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is written; None for the settings it does not make."""

    op: Operation
    type: MeasurementType
    sample_rate: int | None = None
    resolution: int | None = None
    range_g: int | None = None
    channels: int | None = None

    @property
    def response_ok(self) -> bytes:
        """The response of a device that did as told and has nothing to add."""
        return bytes([RESPONSE, self.op, self.type, Status.SUCCESS, NO_MORE])


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a command.

    Parameters
    ----------
    op, type
        What was asked, of which measurement; a plain number where it is not one known here.
    status
        How it went; a plain number likewise.
    more
        Whether another response goes on with ``params``.
    params
        For `decode_settings`.
    """

    op: Operation | int
    type: MeasurementType | int
    status: Status | int
    more: bool
    params: bytes

    @property
    def status_name(self) -> str:
        """The name of the status."""
        return self.status.name if isinstance(self.status, Status) else "UNKNOWN"


@dataclass(frozen=True, slots=True)
class StreamsStopped:
    """The device has stopped streams by itself."""

    types: tuple[MeasurementType | int, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """What the device can measure and do, as far as it is known here."""

    types: tuple[MeasurementType, ...]


def query_settings(measurement: MeasurementType) -> bytes:
    """Give the command that asks what a stream can be started with."""
    return bytes([Operation.GET_MEASUREMENT_SETTINGS, measurement])


def start(
    measurement: MeasurementType,
    *,
    sample_rate: int | None = None,
    resolution: int | None = None,
    range_g: int | None = None,
    channels: int | None = None,
) -> bytes:
    """Give the command that starts a stream, with those settings that it has.

    Parameters
    ----------
    measurement
        What to stream.
    sample_rate
        Hertz.
    resolution
        Bits.
    range_g
        Largest acceleration in g.
    channels
        Values in a sample.
    """
    chosen = {
        _Setting.SAMPLE_RATE: sample_rate,
        _Setting.RESOLUTION: resolution,
        _Setting.RANGE: range_g,
        _Setting.CHANNELS: channels,
    }
    command = bytes([Operation.REQUEST_MEASUREMENT_START, measurement])
    for setting, value in chosen.items():
        if value is not None:
            command += bytes([setting, 1]) + pack(_SETTING_FORMATS[setting], value)
    return command


def stop(measurement: MeasurementType) -> bytes:
    """Give the command that stops a stream."""
    return bytes([Operation.STOP_MEASUREMENT, measurement])


def decode_command(data: bytes) -> Command:
    """Decode a command as `query_settings`, `start` and `stop` give it.

    Raises
    ------
    DecodeError
        If it is not one of these.
    """
    frame = "Polar command"
    require_size(frame, data, 2, len(data))
    if data[0] not in set(Operation) or data[1] not in set(MeasurementType):
        raise DecodeError(frame, "is of an unknown operation or measurement", data)
    op = Operation(data[0])
    if op is not Operation.REQUEST_MEASUREMENT_START:
        require_size(frame, data, 2)
    chosen: dict[_Setting, int] = {}
    for setting, values in _settings(frame, data, 2):
        if len(values) != 1 or setting in (_Setting.MILLI_RANGE, _Setting.FACTOR):
            raise DecodeError(frame, "does not choose one value of each setting", data)
        chosen[setting] = int(values[0])
    return Command(
        op=op,
        type=MeasurementType(data[1]),
        sample_rate=chosen.get(_Setting.SAMPLE_RATE),
        resolution=chosen.get(_Setting.RESOLUTION),
        range_g=chosen.get(_Setting.RANGE),
        channels=chosen.get(_Setting.CHANNELS),
    )


def decode_indication(data: bytes) -> Response | StreamsStopped:
    """Decode whatever the control point indicates.

    Raises
    ------
    DecodeError
        If it is neither a response nor a message that streams have stopped.
    """
    return decode_stopped(data) if data[:1] == bytes([STOPPED]) else decode_response(data)


def decode_response(data: bytes) -> Response:
    """Decode the answer to a command.

    Raises
    ------
    DecodeError
        If it is too short, or not a response.
    """
    frame = "Polar response"
    require_size(frame, data, 4, len(data))
    if data[0] != RESPONSE:
        raise DecodeError(frame, f"begins with {data[0]:02x}, not f0", data)
    op, measurement, status = data[1:4]
    return Response(
        op=Operation(op) if op in set(Operation) else op,
        type=_known_measurement(measurement),
        status=Status(status) if status in set(Status) else status,
        more=data[4:5] not in (b"", bytes([NO_MORE])),
        params=bytes(data[5:]),
    )


def decode_stopped(data: bytes) -> StreamsStopped:
    """Decode the message that the device has stopped streams by itself.

    Raises
    ------
    DecodeError
        If it names no stream, or is another message.
    """
    frame = "Polar message of stopped streams"
    require_size(frame, data, 2, len(data))
    if data[0] != STOPPED:
        raise DecodeError(frame, f"begins with {data[0]:02x}, not 01", data)
    return StreamsStopped(tuple(_known_measurement(number) for number in data[1:]))


def decode_settings(data: bytes) -> Settings:
    """Decode the settings in the ``params`` of a response, or in a whole response.

    Raises
    ------
    DecodeError
        If they do not end where they should, or hold a setting not known.
    """
    frame = "Polar settings"
    found: dict[_Setting, tuple[int, ...]] = {}
    factor = None
    # No setting has the number of a response.
    first = 5 if data[:1] == bytes([RESPONSE]) else 0
    require_size(frame, data, first, len(data))
    for setting, values in _settings(frame, data, first):
        if setting is _Setting.FACTOR:
            if len(values) != 1 or not math.isfinite(values[0]) or values[0] <= 0:
                raise DecodeError(frame, "hold a factor that is not a number above 0", data)
            factor = float(values[0])
        else:
            found[setting] = tuple(int(value) for value in values)
    return Settings(
        sample_rate=found.get(_Setting.SAMPLE_RATE, ()),
        resolution=found.get(_Setting.RESOLUTION, ()),
        range_g=found.get(_Setting.RANGE, ()),
        range_milli=found.get(_Setting.MILLI_RANGE, ()),
        channels=found.get(_Setting.CHANNELS, ()),
        factor=factor,
    )


def decode_features(data: bytes) -> Features:
    """Decode what is read from the control point.

    Raises
    ------
    DecodeError
        If it is too short, or begins with something else.
    """
    frame = "Polar features"
    require_size(frame, data, 3, len(data))
    if data[0] != FEATURES:
        raise DecodeError(frame, f"begin with {data[0]:02x}, not 0f", data)
    bits = int.from_bytes(data[1:3], "little")
    return Features(tuple(kind for kind in MeasurementType if bits >> kind & 1))


def _known_measurement(number: int) -> MeasurementType | int:
    return MeasurementType(number) if number in set(MeasurementType) else number


def _settings(
    frame: str, data: bytes, at: int
) -> Iterator[tuple[_Setting, tuple[int | float, ...]]]:
    while at < len(data):
        require_size(frame, data, at + 2, len(data))
        number, count = data[at], data[at + 1]
        if number not in set(_Setting):
            raise DecodeError(frame, f"hold the unknown setting {number}", data)
        form = _SETTING_FORMATS[_Setting(number)]
        end = at + 2 + count * calcsize(form)
        require_size(frame, data, end, len(data))
        yield _Setting(number), tuple(value for (value,) in iter_unpack(form, data[at + 2 : end]))
        at = end
