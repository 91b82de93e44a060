from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from simulator.real_nights import read_real_nights
from simulator.resynthesis import measure_texture, resynthesise

Floats = npt.NDArray[np.float64]


def made(stand_in: Path, track_g: Floats, rate_hz: float, seed: int = 1) -> Floats:
    times_s = np.arange(0.0, len(track_g) / 5.0 - 1.0, 1.0 / rate_hz)
    return resynthesise(
        np.random.default_rng(seed),
        measure_texture(read_real_nights(stand_in)),
        track_g,
        times_s,
        respiration_hz=0.25,
        breathing_g=0.002,
    )


def seconds(force_g: Floats, rate_hz: int) -> Floats:
    """Standard deviation within each second, all axes together."""
    whole = force_g[: len(force_g) // rate_hz * rate_hz].reshape(-1, rate_hz, 3)
    return np.asarray(np.sqrt(whole.var(axis=1).sum(axis=1)))


@pytest.fixture
def rest_and_movement() -> Floats:
    """100 s of rest, 20 s of movement at 0.1 g, 100 s of rest in another pose."""
    rng = np.random.default_rng(3)
    track_g = np.repeat([[0.0, 0.0, 1.0], [0.0, 0.6, 0.8]], [500, 600], axis=0)
    track_g[500:600] += rng.normal(0.0, 0.1, (100, 3))
    return track_g


def test_a_decimated_excerpt_gets_its_spectrum_back(stand_in: Path) -> None:
    excerpt_g = read_real_nights(stand_in).excerpt_g
    again_g = made(stand_in, excerpt_g[:3000:10], 50.0)
    taper = np.hanning(256)[:, None]
    powers = [
        np.mean(
            [
                (np.abs(np.fft.rfft((part - part.mean(0)) * taper, axis=0)) ** 2).sum(1)
                for part in np.split(force_g[:2816], 11)
            ],
            axis=0,
        )
        for force_g in (excerpt_g, again_g)
    ]
    hz = np.fft.rfftfreq(256, 0.02)
    for low, high in ((0.5, 1.0), (1.0, 2.5), (2.5, 5.0), (5.0, 10.0)):
        band = (hz >= low) & (hz < high)
        decibel = 10.0 * np.log10(powers[1][band].sum() / powers[0][band].sum())
        assert abs(decibel) < 2.5, (low, high)


def test_movement_is_as_strong_as_it_was_and_rest_stays_quiet(
    stand_in: Path, rest_and_movement: Floats
) -> None:
    spread = seconds(made(stand_in, rest_and_movement, 50.0), 50)
    assert np.median(spread[102:118]) == pytest.approx(0.1 * np.sqrt(3.0), rel=0.3)
    assert spread[5:98].max() < 0.02
    assert spread[123:].max() < 0.02


def test_the_pose_is_that_of_the_track(stand_in: Path, rest_and_movement: Floats) -> None:
    force_g = made(stand_in, rest_and_movement, 50.0)
    assert force_g[500:4500].mean(axis=0) == pytest.approx([0.0, 0.0, 1.0], abs=0.003)
    assert force_g[6500:].mean(axis=0) == pytest.approx([0.0, 0.6, 0.8], abs=0.003)


def test_every_device_feels_the_same(stand_in: Path, rest_and_movement: Floats) -> None:
    fine, coarse = (made(stand_in, rest_and_movement, hz) for hz in (100.0, 10.0))
    assert fine[::10][: len(coarse)] == pytest.approx(coarse, abs=1e-9)


def test_a_watch_that_is_not_worn_does_not_breathe(stand_in: Path) -> None:
    track_g = np.tile([0.0, 0.0, 1.0], (1000, 1))
    force_g = resynthesise(
        np.random.default_rng(1),
        measure_texture(read_real_nights(stand_in)),
        track_g,
        np.arange(0.0, 199.0, 0.1),
        respiration_hz=0.25,
        breathing_g=0.002,
        still=[(50.0, 100.0)],
    )
    assert np.ptp(force_g[500:1000], axis=0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert np.ptp(force_g[:500], axis=0).max() > 0.001
