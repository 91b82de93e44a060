"""The recipe for ``sample_recordings/``: the simulated nights that travel with the project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from pathlib import Path

import numpy as np

from ingest.samples import FaultKind
from simulator.device import DeviceFault
from simulator.happening import Kind, Phenotype, Scripted
from simulator.night import NightSettings, simulate, write
from simulator.person import Rates, draw_person

__all__ = ["NIGHTS", "make"]

ORDINARY = Rates(arousals_h=18.0, position_shifts_h=1.6, large_movements_h=1.2, twitches_h=3.0)
"""A sleeper in middle age without anything special."""

WEARER = draw_person(np.random.default_rng(1))
"""One person sleeps all of them."""

NIGHTS: Mapping[str, tuple[NightSettings, int]] = {
    "two-cramps": (
        NightSettings(
            date=date(2026, 10, 23),
            start=time(22, 40),
            hours=7.5,
            device="bangle",
            person=WEARER,
            rates=ORDINARY,
            script=(
                Scripted(Kind.CRAMP, 9480.0, 140.0, Phenotype.RUB, rise_bpm=19.0),
                Scripted(Kind.BATHROOM, 14400.0, 230.0),
                Scripted(Kind.CRAMP, 20700.0, 185.0, Phenotype.STAND, rise_bpm=28.0),
            ),
            cramps=0,
            name="two-cramps",
        ),
        23,
    ),
    "clean": (
        # The clocks go back an hour in this night.
        NightSettings(
            date=date(2026, 10, 24),
            start=time(22, 50),
            hours=8.25,
            device="pinetime",
            person=WEARER,
            rates=ORDINARY,
            script=(Scripted(Kind.BATHROOM, 17100.0, 190.0),),
            cramps=0,
            name="clean",
        ),
        24,
    ),
    "faults": (
        NightSettings(
            date=date(2026, 10, 26),
            start=time(22, 30),
            hours=7.5,
            device="bangle",
            person=WEARER,
            rates=ORDINARY,
            script=(Scripted(Kind.CRAMP, 20100.0, 120.0, Phenotype.SIT, rise_bpm=20.0),),
            cramps=0,
            faults=(
                DeviceFault(6000.0, 4500.0, FaultKind.OFF_WRIST),
                DeviceFault(12600.0, 1200.0, FaultKind.GAP),
                DeviceFault(15000.0, 3600.0, FaultKind.NO_HEART_RATE),
            ),
            name="faults",
        ),
        26,
    ),
}
"""Settings and seed of each night, by the name of its folder."""


def make(out: Path) -> tuple[Path, ...]:
    """Write the sample nights into a folder, each as a recording folder with its truth.

    Raises
    ------
    RecordingError
        Where a night is there already or cannot be written.
    """
    folders = []
    for name, (settings, seed) in NIGHTS.items():
        write(simulate(settings, seed), out / name)
        folders.append(out / name)
    return tuple(folders)
