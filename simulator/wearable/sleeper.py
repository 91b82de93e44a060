"""Puts a simulated wearable on a simulated sleeper: a whole night to be streamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ingest.errors import SettingsError
from simulator.wearable.body import Body
from simulator.wearable.infinitime import InfiniTimeWatch
from simulator.wearable.open_seizure_detector import BangleWatch
from simulator.wearable.polar import PolarSense
from simulator.wearable.wearable import Wearable

if TYPE_CHECKING:
    from simulator.night import NightSettings, SimulatedNight

__all__ = ["KINDS", "wear"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A wearable, and what `simulator.device` has for its sensor."""

    make: Callable[..., Wearable]
    device: str
    rate_hz: float


KINDS = {
    "polar": _Kind(PolarSense, "polar", 52.0),
    "infinitime": _Kind(InfiniTimeWatch, "pinetime", 10.0),
    "bangle": _Kind(BangleWatch, "bangle", 25.0),
}
"""The wearables that measure movement, by name."""


def wear(
    kind: str, settings: NightSettings, seed: int, **kwargs: Any
) -> tuple[Wearable, SimulatedNight]:
    """Simulate a night, and return the wearable that is worn in it and the night itself.

    The wearable streams the night from the moment it is placed in the air, so that the time of an
    event is its time since ``night.info.start_ns``. It is a simulation, not a person.

    Parameters
    ----------
    kind
        A name in `KINDS`.
    settings
        Of the night; its device is set by the kind.
    seed
        Of the night.
    kwargs
        For the wearable.

    Raises
    ------
    SettingsError
        Where there is no such kind, or a setting cannot be honoured.
    """
    # Only who sleeps needs the simulator of nights, and the 70 MB of libraries behind it.
    from simulator.night import simulate

    if kind not in KINDS:
        raise SettingsError(f"no simulated wearable is called {kind!r}; choose {', '.join(KINDS)}")
    chosen = KINDS[kind]
    night = simulate(replace(settings, device=chosen.device), seed)
    body = Body.recorded(night.acceleration, night.heart_rate, rate_hz=chosen.rate_hz)
    return chosen.make(body=body, **kwargs), night
