"""The nights that a training measures: recorded ones, and ones to be simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.known_nights import person_of, truths_of
from ingest.discover import find_recordings

if TYPE_CHECKING:
    from models.study.table import Table

__all__ = [
    "WITH_REAL_MOVEMENT",
    "RecordedNight",
    "SimulatedNight",
    "measured",
    "nights_in",
    "nights_to_simulate",
    "simulated_person",
]

WITH_REAL_MOVEMENT = {"recombination"}
"""Families whose background is real movement, of which nobody wrote down what it was."""

CRAMPS_A_NIGHT = 5
"""Cramps in each simulated night that has any: far more than a night has, to learn from few nights;
what the rate is of, the calibration sets right."""


@dataclass(frozen=True, slots=True)
class SimulatedNight:
    """A night to be simulated."""

    family: str
    life: str
    number: int
    seed: int
    cramps: int
    backgrounds: Path | None


@dataclass(frozen=True, slots=True)
class RecordedNight:
    """A night to be read."""

    source: str
    path: Path


def nights_in(folders: Sequence[Path]) -> Iterator[RecordedNight]:
    """Find the nights of some folders, each a source of its own."""
    for folder in folders:
        for found in find_recordings(folder):
            yield RecordedNight(folder.name, found.path)


def nights_to_simulate(
    nights: int, seed: int, backgrounds: Path | None
) -> Iterator[SimulatedNight]:
    """Say which nights are to be simulated.

    Parameters
    ----------
    nights
        With cramps, and as many without, of each life in each family of the simulator.
    backgrounds
        Folder of real nights for the family that is made of them; None takes the environment's.
    """
    if not nights:
        return
    from simulator.families import FAMILIES
    from simulator.life import LIVES

    kinds = [(family, life) for family in FAMILIES for life in LIVES]
    for number in range(nights):
        for place, (family, life) in enumerate(kinds):
            # No two kinds of nights share a person, and nights with cramps none with clean ones.
            of_kind = seed * 2 * len(kinds) + 2 * place
            yield SimulatedNight(family, life, number, of_kind, CRAMPS_A_NIGHT, backgrounds)
            yield SimulatedNight(family, life, number, of_kind + 1, 0, backgrounds)


def measured(nights: Sequence[RecordedNight | SimulatedNight], jobs: int) -> Iterator[Table]:
    """Measure nights in their order, in so many processes."""
    if jobs == 1:
        yield from map(_measure, nights)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(_measure, nights)


def _measure(night: RecordedNight | SimulatedNight) -> Table:
    """Measure one night; in a process of its own where there are several."""
    from models.study.table import measure_night

    if isinstance(night, RecordedNight):
        [found] = find_recordings(night.path)
        recording = found.open()
        return measure_night(
            recording.info,
            recording.samples(),
            truths_of(recording.info, recording.events),
            source=night.source,
            person=person_of(night.path),
        )
    from simulator.corpus import night_settings
    from simulator.night import simulate

    settings, seed = night_settings(
        night.number,
        night.seed,
        family=night.family,
        cramps=night.cramps,
        life=night.life,
        backgrounds=night.backgrounds,
    )
    made = simulate(settings, seed)
    return measure_night(
        made.info,
        made.samples,
        truths_of(made.info, made.events),
        source=f"{night.family}, {night.life} life",
        family=night.family,
        labelled=night.family not in WITH_REAL_MOVEMENT,
        person=simulated_person(night.seed, settings.name),
    )


def simulated_person(seed: int, night: str) -> str:
    """Name who sleeps in a simulated night, told apart from whoever another seed draws."""
    return f"{seed} {night}"[: -len("n01")]
