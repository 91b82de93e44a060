from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from simulator.night import NightSettings, SimulatedNight, simulate
from simulator.person import Rates
from simulator.plan import Kind, Phenotype, Scripted
from tests.simulator.stand_in import make_stand_in

Stage = Callable[..., SimulatedNight]

ONSET_S = 2200.0


@pytest.fixture
def stage() -> Stage:
    """An hour and a quarter with nothing but one scripted happening at ONSET_S."""

    def simulate_one(
        kind: Kind,
        duration_s: float = 120.0,
        *,
        phenotype: Phenotype | None = None,
        rise_bpm: float | None = None,
        seed: int = 1,
        device: str = "apple",
    ) -> SimulatedNight:
        settings = NightSettings(
            date=date(2026, 3, 1),
            hours=1.25,
            device=device,
            rates=Rates(),
            script=(Scripted(kind, ONSET_S, duration_s, phenotype, rise_bpm),),
            cramps=0,
        )
        return simulate(settings, seed)

    return simulate_one


Cut = Callable[[SimulatedNight, float, float], npt.NDArray[np.float64]]


@pytest.fixture
def cut() -> Cut:
    """Acceleration between two seconds of the night, in g."""

    def between(night: SimulatedNight, start_s: float, end_s: float) -> npt.NDArray[np.float64]:
        times_s = (night.acceleration.times_ns - night.info.start_ns) / 1e9
        inside = (times_s >= start_s) & (times_s < end_s)
        return night.acceleration.xyz_g[inside].astype(np.float64)

    return between


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like that of the real nights, made up."""
    return make_stand_in(tmp_path_factory.mktemp("real"))
