"""Simulates many nights of different people with different devices, as recording folders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np

from ingest.errors import SettingsError
from simulator.device import DEVICES
from simulator.families import life_of
from simulator.night import NightSettings, refuse_cramps, simulate, write
from simulator.person import draw_person

__all__ = ["night_settings", "simulate_corpus"]

NIGHTS_A_PERSON = 3
"""Nights of one person: few, so that a small corpus holds several people and devices."""

FIRST_EVENING = date(2026, 1, 5)
"""Evening of the first night; each further night is a day later, so that no two share a date."""

HOURS = (6.5, 8.75)
"""Lengths of the nights, in hours, where none is given."""

TIMEZONE = "Europe/Berlin"
"""Zone of the simulated people."""


def simulate_corpus(
    out: Path,
    nights: int,
    seed: int,
    *,
    device: str | None = None,
    hours: float | None = None,
    cramps: int | None = None,
    family: str = "kinematic",
    life: str = "plain",
    backgrounds: Path | None = None,
) -> Iterator[Path]:
    """Write simulated nights, a folder each, named by person and night: ``p002n05``.

    The nights of one person share body, habits and device. A night depends on the seed and its
    number only: asking for more nights adds to them and changes none.

    Parameters
    ----------
    out
        Folder to write into; made where it is missing.
    nights, seed
        How many, and where chance begins.
    device
        A name in `simulator.device.DEVICES` for all; None draws one a person.
    hours
        Length of every night; None draws it.
    cramps
        Exact number of cramps a night, 0 for clean nights and three an hour at the most; None draws
        it, most nights have none.
    family, life
        Names in `simulator.families.FAMILIES` and `simulator.life.LIVES`.
    backgrounds
        Folder of real nights for the family that is made of them; None takes the environment's.

    Yields
    ------
    Path
        Each folder when it has been written.

    Raises
    ------
    SettingsError
        Where an argument cannot be honoured; nothing has been written then.
    RecordingError
        Where a folder is there already or cannot be written.
    """
    if nights < 1:
        raise SettingsError(f"{nights} nights cannot be simulated; choose 1 or more")
    if seed < 0:
        raise SettingsError(f"the seed {seed} cannot be used; choose 0 or more")
    if hours is None:
        # The shortest night that may be drawn, before any is written.
        refuse_cramps(cramps, HOURS[0])
    for number in range(nights):
        settings, night_seed = night_settings(
            number,
            seed,
            device=device,
            hours=hours,
            cramps=cramps,
            family=family,
            life=life,
            backgrounds=backgrounds,
        )
        folder = out / settings.name
        write(simulate(settings, night_seed), folder)
        yield folder


def night_settings(
    number: int,
    seed: int,
    *,
    device: str | None = None,
    hours: float | None = None,
    cramps: int | None = None,
    family: str = "kinematic",
    life: str = "plain",
    backgrounds: Path | None = None,
) -> tuple[NightSettings, int]:
    """Draw the settings of one night of a corpus, and its seed.

    Parameters
    ----------
    number
        Of the night, from 0.
    seed, device, hours, cramps, family, life, backgrounds
        As in `simulate_corpus`.

    Raises
    ------
    SettingsError
        Where there is no such life.
    """
    person_number, night_number = divmod(number, NIGHTS_A_PERSON)
    of_person = np.random.default_rng([seed, 0, person_number])
    person, rates = draw_person(of_person), life_of(family, life).draw_rates(of_person)
    drawn_device = str(of_person.choice(list(DEVICES)))
    of_night = np.random.default_rng([seed, 1, number])
    drawn_hours = round(float(of_night.uniform(*HOURS)), 2)
    minutes = int(of_night.integers(0, 120))
    settings = NightSettings(
        date=FIRST_EVENING + timedelta(days=number),
        start=time(22 + minutes // 60, minutes % 60),
        hours=drawn_hours if hours is None else hours,
        timezone=TIMEZONE,
        device=drawn_device if device is None else device,
        person=person,
        rates=rates,
        family=family,
        life=life,
        backgrounds=backgrounds,
        cramps=cramps,
        name=f"p{person_number + 1:03d}n{night_number + 1:02d}",
    )
    return settings, int(of_night.integers(2**32))
