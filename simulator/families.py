"""The families of simulated nights, which differ in how they are made.

What is learnt on one family may be a trace of how it is made. What holds on a family that was
never learnt from may hold on a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ingest.errors import SettingsError
from simulator.body import Family
from simulator.habits import vary
from simulator.kinematic import keep_at_it, kinematic
from simulator.life import LIVES, Life
from simulator.phenomenological import phenomenological
from simulator.recombination import Recombination, fit_to_background
from simulator.states import go_about
from simulator.submovements import submovements

__all__ = ["FAMILIES", "VARIATIONS", "family_named", "life_of"]

FAMILIES: Mapping[str, Family] = {
    "kinematic": kinematic,
    "phenomenological": phenomenological,
    "recombination": Recombination(),
    "submovements": submovements,
}
"""By name; the first is the default. One needs real nights, which do not come with this."""

VARIATIONS: Mapping[str, Callable[[Life], Life]] = {
    "kinematic": keep_at_it,
    "phenomenological": vary,
    "recombination": fit_to_background,
    "submovements": go_about,
}
"""What a family makes of a life: a shared plan would be a shared trace. Without one it is kept."""


def family_named(name: str, backgrounds: Path | None = None) -> Family:
    """Return a family, with the folder of the real nights that it may be made of.

    Raises
    ------
    SettingsError
        Where none is called that.
    """
    if name not in FAMILIES:
        raise SettingsError(
            f"no family of simulated nights is called {name!r}; choose {', '.join(FAMILIES)}"
        )
    if name == "recombination":
        return Recombination(backgrounds)
    return FAMILIES[name]


def life_of(family: str, name: str) -> Life:
    """Return how the nights of a family go in a life.

    Raises
    ------
    SettingsError
        Where no life is called that.
    """
    if name not in LIVES:
        raise SettingsError(f"no life is called {name!r}; choose {', '.join(LIVES)}")
    life = LIVES[name]
    return VARIATIONS[family](life) if family in VARIATIONS else life
