"""The nights that a training measures: recorded ones, and ones to be simulated."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.known_nights import UNLABELLED, Unread, person_of, truths_of
from crampwatch.output import complain
from crampwatch.replay import judging
from ingest.discover import FoundRecording, find_recordings
from ingest.errors import InputError

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
    """Find the nights of some folders, each a source of its own.

    A night of which nobody wrote down what happened is left out, by name: taken for one without
    cramps it would teach that those in it are none.
    """
    for source, folder in zip(_sources(folders), folders, strict=True):
        for found in find_recordings(folder):
            if _nobody_knows(found):
                complain(f"{found.path}: {UNLABELLED}")
            else:
                yield RecordedNight(source, found.path)


def _sources(folders: Sequence[Path]) -> list[str]:
    """Name each folder by itself, and by the whole path where others are called alike."""
    names = [folder.resolve().name for folder in folders]
    return [
        name if names.count(name) == 1 else str(folder)
        for name, folder in zip(names, folders, strict=True)
    ]


def _nobody_knows(found: FoundRecording) -> bool:
    try:
        recording = found.open()
    except InputError:
        return False  # It is named with all others that cannot be read, when it is its turn.
    return not (recording.labelled or recording.events)


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

    Raises
    ------
    SettingsError
        Where there are none; at once, not after minutes in which the other families are made.
    """
    if not nights:
        return
    from simulator.families import FAMILIES
    from simulator.life import LIVES
    from simulator.real_nights import find_real_nights

    find_real_nights(backgrounds)

    kinds = [(family, life) for family in FAMILIES for life in LIVES]
    for number in range(nights):
        for place, (family, life) in enumerate(kinds):
            # No two kinds of nights share a person, and nights with cramps none with clean ones.
            of_kind = seed * 2 * len(kinds) + 2 * place
            yield SimulatedNight(family, life, number, of_kind, CRAMPS_A_NIGHT, backgrounds)
            yield SimulatedNight(family, life, number, of_kind + 1, 0, backgrounds)


def measured(nights: Sequence[RecordedNight | SimulatedNight], jobs: int) -> Iterator[Table]:
    """Measure nights in their order, in so many processes.

    Raises
    ------
    InputError
        Where recorded ones cannot be read: once all of them are named, and none is simulated yet.
    """
    unread = Unread()
    with closing(_each(nights, jobs)) as each:
        for night in nights:
            if isinstance(night, SimulatedNight):
                unread.refuse(len(nights))
            made = next(each)
            if isinstance(made, InputError):
                complain(made)
                unread.add()
            else:
                yield made
    unread.refuse(len(nights))


def _each(
    nights: Sequence[RecordedNight | SimulatedNight], jobs: int
) -> Generator[Table | InputError, None, None]:
    if jobs == 1:
        yield from map(_measure, nights)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(_measure, nights)


def _measure(night: RecordedNight | SimulatedNight) -> Table | InputError:
    """Measure one night; in a process of its own where there are several."""
    if isinstance(night, SimulatedNight):
        return _measure_simulated(night)
    try:
        return _measure_recorded(night)
    except InputError as error:
        return error


def _measure_recorded(night: RecordedNight) -> Table:
    from models.study.table import measure_night

    [found] = find_recordings(night.path)
    recording = found.open()
    with judging(night.path):
        return measure_night(
            recording.info,
            recording.samples(),
            truths_of(recording.info, recording.events),
            source=night.source,
            person=person_of(night.path),
        )


def _measure_simulated(night: SimulatedNight) -> Table:
    from models.study.table import measure_night
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
