"""What a wearable makes of the body: its rate, range, noise, clock, and how it can fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter
from scipy.spatial.transform import Rotation

from ingest.samples import FaultKind
from simulator.heart import GRID_S, Heart, beats
from simulator.movement import Vector

__all__ = [
    "DEVICES",
    "Device",
    "DeviceFault",
    "HeartSensor",
    "read_acceleration",
    "read_heart_rate",
    "read_rr_intervals",
    "recorded",
    "tick",
]

CLOCK_DRIFT_PPM = 30.0
"""Standard deviation of a wearable's clock, in parts per million: up to some seconds a day."""
GAIN_ERROR = 0.015
"""Standard deviation of an axis' gain: consumer accelerometers are a few percent off."""
OFFSET_ERROR_G = 0.02
"""Standard deviation of an axis' zero, in g: data sheets allow some tens of mg."""
STRAP_SLIP_RAD = 0.15
"""How askew it is worn, in radians."""

TIME_STEP_S = 0.001
"""Steps of the times a host writes down, in seconds."""

MOVING_G = 0.08
"""Standard deviation within a second from which an optical sensor loses its footing, in g."""


BEAT_ERROR_MS = 3.0
"""Standard deviation of a beat's time from an optical sensor at rest, in milliseconds."""


@dataclass(frozen=True, slots=True)
class HeartSensor:
    """How a wearable reads the heart.

    Parameters
    ----------
    every_s
        Seconds between readings; each is off by up to a fifth of it.
    on_change
        True where a reading is only sent when it differs from the last.
    averaging_s
        Time constant with which the sensor follows the heart.
    error_bpm
        Standard deviation of a reading at rest.
    moving_error_bpm
        The same while the wrist moves.
    moving_loss
        Share of readings lost, sent as 0, while the wrist moves.
    intervals
        Whether single beats are sent too.
    """

    every_s: float
    on_change: bool
    averaging_s: float
    error_bpm: float
    moving_error_bpm: float
    moving_loss: float
    intervals: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of wearable.

    Parameters
    ----------
    description
        As a recording's ``device``.
    rate_hz
        Rate it claims; the true one is off by up to ``rate_error``.
    range_g
        Beyond it readings are cut off.
    noise_mg
        White noise of one sample, standard deviation.
    step_mg
        Steps of its readings: decimal, so that files stay small.
    jitter_s
        Standard deviation of a sample's time.
    batch
        Samples that arrive together; their jitter is one.
    """

    description: str
    rate_hz: float
    rate_error: float
    range_g: float
    noise_mg: float
    step_mg: int
    jitter_s: float
    batch: int
    heart: HeartSensor | None


DEVICES: Mapping[str, Device] = {
    "pinetime": Device(
        "simulated, like a PineTime with InfiniTime: 10 Hz, 4 mg steps, +-2 g",
        rate_hz=10.0,
        rate_error=0.01,
        range_g=2.0,
        noise_mg=1.5,
        step_mg=4,
        jitter_s=0.006,
        batch=1,
        heart=HeartSensor(1.0, True, 8.0, 0.3, 8.0, 0.5),
    ),
    "bangle": Device(
        "simulated, like a Bangle.js 2 with the OpenSeizureDetector widget: 25 Hz, 4 mg steps",
        rate_hz=25.0,
        rate_error=0.004,
        range_g=8.0,
        noise_mg=1.5,
        step_mg=4,
        jitter_s=0.002,
        batch=3,
        heart=HeartSensor(3.0, False, 6.0, 1.0, 10.0, 0.45),
    ),
    "apple": Device(
        "simulated, like an Apple Watch: 50 Hz, 2 mg steps, heart rate about every 5 s",
        rate_hz=50.0,
        rate_error=0.003,
        range_g=16.0,
        noise_mg=1.6,
        step_mg=2,
        jitter_s=0.0005,
        batch=1,
        heart=HeartSensor(5.0, False, 5.0, 0.7, 5.0, 0.25),
    ),
    "polar": Device(
        "simulated, like a Polar 360: 52 Hz, 2 mg steps, heart rate and beats",
        rate_hz=52.0,
        rate_error=0.01,
        range_g=8.0,
        noise_mg=1.8,
        step_mg=2,
        jitter_s=0.0,
        batch=36,
        heart=HeartSensor(1.0, False, 4.0, 0.6, 5.0, 0.15, intervals=True),
    ),
    "wasts": Device(
        "simulated, like an Arduino Nano 33 BLE Sense (LSM9DS1): 5 Hz, 10 mg steps, no heart rate",
        rate_hz=5.05,
        rate_error=0.005,
        range_g=4.0,
        noise_mg=1.0,
        step_mg=10,
        jitter_s=0.0,
        batch=1,
        heart=None,
    ),
    "logger": Device(
        "simulated, like a research logger: 100 Hz, 4 mg steps, no heart rate",
        rate_hz=100.0,
        rate_error=0.001,
        range_g=8.0,
        noise_mg=2.8,
        step_mg=4,
        jitter_s=0.0,
        batch=1,
        heart=None,
    ),
}
"""Wearables by name. Rates and ranges by the project's notes on wearables; the noise of the Apple
Watch is measured on a real excerpt, that of the Arduino on the still seconds of the real 5 Hz
nights, that of the others is their sensors' class."""


@dataclass(frozen=True, slots=True, order=True)
class DeviceFault:
    """Something that goes wrong with the wearable, in seconds of the night."""

    start_s: float
    duration_s: float
    kind: FaultKind

    @property
    def end_s(self) -> float:
        """Second of the night at which it is over."""
        return self.start_s + self.duration_s


def tick(rng: np.random.Generator, device: Device, *, span_s: float) -> tuple[Vector, Vector]:
    """Draw when samples are taken.

    Returns
    -------
    times_s : shape (n,)
        When each is really taken.
    written_s : shape (n,)
        When the recording says it was: by a clock that drifts, in whole milliseconds, rising.
    """
    rate_hz = device.rate_hz * (1.0 + rng.uniform(-device.rate_error, device.rate_error))
    times_s = np.arange(0.0, span_s, 1.0 / rate_hz)
    batches = len(times_s) // device.batch + 1
    jitter_s = np.repeat(rng.normal(0.0, device.jitter_s, batches), device.batch)[: len(times_s)]
    # Less than half a sample apart, or one would overtake the next.
    jitter_s = np.clip(jitter_s, -0.4 / rate_hz, 0.4 / rate_hz)
    drift = 1.0 + rng.normal(0.0, CLOCK_DRIFT_PPM) * 1e-6
    return times_s, _written((times_s + 0.4 / rate_hz + jitter_s) * drift)


def read_acceleration(rng: np.random.Generator, device: Device, force_g: Vector) -> Vector:
    """Make readings of what acts on the wrist.

    Parameters
    ----------
    force_g : shape (n, 3)
        In the wrist's frame.

    Returns
    -------
    shape (n, 3)
        In g, askew, with gain and offset errors, noise, range and steps of the device.
    """
    mount = Rotation.from_rotvec(rng.normal(0.0, STRAP_SLIP_RAD, 3)).as_matrix()
    gain = 1.0 + rng.normal(0.0, GAIN_ERROR, 3)
    offset_g = rng.normal(0.0, OFFSET_ERROR_G, 3)
    read = force_g @ mount.T * gain + offset_g
    read += rng.normal(0.0, device.noise_mg / 1000.0, read.shape)
    steps = np.round(np.clip(read, -device.range_g, device.range_g) * 1000.0 / device.step_mg)
    return np.asarray(steps * device.step_mg / 1000.0)


def read_heart_rate(
    rng: np.random.Generator,
    sensor: HeartSensor,
    heart: Heart,
    times_s: Vector,
    force_g: Vector,
    *,
    faults: Sequence[DeviceFault],
) -> tuple[Vector, Vector]:
    """Make optical readings of the heart.

    Parameters
    ----------
    times_s, force_g
        What acts on the wrist, for a moving wrist hides its pulse.
    faults
        While one lasts every reading is 0; those in a gap are for the caller to drop.

    Returns
    -------
    times_s, bpm : shape (n,)
        Whole beats per minute; 0 is no reading.
    """
    span_s = float(times_s[-1])
    count = int(span_s / sensor.every_s)
    at_s = _written((np.arange(count) + 0.5 + rng.uniform(-0.2, 0.2, count)) * sensor.every_s)

    grid_s = np.arange(len(heart.bpm)) * GRID_S
    memory = float(np.exp(-GRID_S / sensor.averaging_s))
    followed = _smooth(heart.bpm, memory)
    moving = np.interp(at_s, *_moving(times_s, force_g)) > 0.5
    error = np.where(moving, sensor.moving_error_bpm, sensor.error_bpm)
    bpm = np.round(np.interp(at_s, grid_s, followed) + rng.normal(size=count) * error)
    bpm[moving & (rng.random(count) < sensor.moving_loss)] = 0.0
    bpm[_within(at_s, faults)] = 0.0
    bpm = np.clip(bpm, 0.0, 240.0)
    if sensor.on_change:
        sent = np.diff(bpm, prepend=-1.0) != 0.0
        at_s, bpm = at_s[sent], bpm[sent]
    return at_s, bpm


def read_rr_intervals(
    rng: np.random.Generator, heart: Heart, *, faults: Sequence[DeviceFault]
) -> tuple[Vector, Vector]:
    """Make readings of single beats: times in seconds and intervals in steps of 1/1024 s."""
    at_s, beat_ms = beats(heart)
    kept = ~_within(at_s, faults)
    steps = np.round((beat_ms[kept] + rng.normal(0.0, BEAT_ERROR_MS, kept.sum())) * 1.024)
    return _written(at_s[kept]), np.asarray(np.round(steps / 1.024, 1))


def recorded(times_s: Vector, faults: Sequence[DeviceFault]) -> npt.NDArray[np.bool_]:
    """Tell which times lie outside every gap."""
    gaps = [fault for fault in faults if fault.kind is FaultKind.GAP]
    return ~_within(times_s, gaps)


def _written(times_s: Vector) -> Vector:
    return np.asarray(np.round(times_s / TIME_STEP_S) * TIME_STEP_S, dtype=np.float64)


def _within(times_s: Vector, faults: Sequence[DeviceFault]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(times_s), dtype=np.bool_)
    for fault in faults:
        inside |= (times_s >= fault.start_s) & (times_s < fault.end_s)
    return inside


def _smooth(values: Vector, memory: float) -> Vector:
    smoothed, _ = lfilter([1.0 - memory], [1.0, -memory], values, zi=[memory * values[0]])
    return np.asarray(smoothed)


def _moving(times_s: Vector, force_g: Vector) -> tuple[Vector, Vector]:
    """Middle of every second, and 1 where the wrist moves in it."""
    seconds = times_s.astype(np.int64)
    counts = np.maximum(np.bincount(seconds), 1)
    strength = np.linalg.norm(force_g, axis=1)
    mean = np.bincount(seconds, strength) / counts
    spread = np.sqrt(np.maximum(np.bincount(seconds, strength**2) / counts - mean**2, 0.0))
    middle_s = np.arange(0.5, len(counts))
    return middle_s, (spread > MOVING_G).astype(np.float64)
