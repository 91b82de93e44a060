"""What is lost where a wearable samples slowly, or does not read the heart: the same nights again.

``python -m benchmarks.slow_samples --nights 24 --backgrounds DIR --measured FILE``

Simulated nights of every family and life are judged as a wearable of 25 to 100 Hz has recorded
them, with their acceleration averaged to 10 samples a second, and without their heart rate. With
the nights of a training, kept by ``crampwatch train --keep-measured FILE``, each night is judged
first by what is learnt from the three other families; then by the shipped model, which has learnt
from all four. Nobody who sleeps here may be among those who were learnt from.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.people_drawn import ratio_interval
from crampwatch.known_nights import truths_of
from crampwatch.training_nights import WITH_REAL_MOVEMENT, simulated_person
from detector.classifier import CrampScore, Model, load_model, read_model
from ingest.errors import CrampwatchError, InputError
from ingest.samples import NS_PER_S, Acceleration, Samples
from models.study.found import RATES, false_alarms_of
from models.study.kept import read_table
from models.study.table import SILENT, Table, concatenate, measure_night
from models.study.worth import shares_found
from models.training.cramps import scores_of_others
from simulator.corpus import NIGHTS_A_PERSON, night_settings
from simulator.device import DEVICES
from simulator.families import FAMILIES
from simulator.life import LIVES
from simulator.night import NightSettings, simulate
from simulator.real_nights import find_real_nights

__all__ = [
    "Judge",
    "Night",
    "Readings",
    "averaged",
    "by_others",
    "by_shipped",
    "read_thrice",
    "refuse_known",
    "report",
]

SLOW_HZ = 10
"""Samples a second of the slower reading, in Hz: those of a PineTime."""
WEARABLES = "bangle", "apple", "polar", "logger"
"""Wearables in turn, by person: all that are faster than that. The last reads no heart rate."""
CRAMPS = 5
"""Cramps in every other night, as in those that the model was trained on; the others are clean."""
LEARNT_WITH = 31
"""Seed of what is learnt from the other families, and of the nights of the shipped model."""
DRAWN_WITH = 1
"""Seed by which people are drawn anew for the intervals."""
KINDS = [(family, life) for family in FAMILIES for life in LIVES]

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """The same nights, measured three times."""

    own: Table
    slow: Table
    heartless: Table


@dataclass(frozen=True, slots=True)
class Judge:
    """Who judges the nights.

    Parameters
    ----------
    name
        What was learnt from, in words.
    score
        Of each awakening; the higher, the more like a cramp.
    standings
        Lowest score of each standing; none where a score has no calibration.
    """

    name: str
    score: Callable[[Table], Doubles]
    standings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Night:
    """A night to be simulated."""

    family: str
    life: str
    person: str
    settings: NightSettings
    seed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=24, help="with cramps, of each kind")
    parser.add_argument("--seed", type=int, default=4001)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--measured",
        type=Path,
        metavar="FILE",
        help="nights of a training, kept by crampwatch train --keep-measured: judge each night by "
        "what is learnt from the families that are not its own",
    )
    parser.add_argument("--model", type=Path, help="another than the shipped one")
    parser.add_argument("--backgrounds", type=Path)
    chosen = parser.parse_args()
    if chosen.seed == LEARNT_WITH and not chosen.model:
        parser.error("the shipped model has learnt from the people of this --seed: choose another")
    nights = list(_nights(chosen.nights, chosen.seed, chosen.backgrounds))
    judges = []
    try:
        if chosen.measured:
            learnt = read_table(chosen.measured)
            refuse_known(learnt, [night.person for night in nights])
            judges.append(by_others(scores_of_others(learnt, seed=LEARNT_WITH)))
        judges.append(by_shipped(read_model(chosen.model) if chosen.model else load_model()))
        # At once, not after minutes in which nights of the other families are made.
        find_real_nights(chosen.backgrounds)
    except CrampwatchError as error:
        parser.error(str(error))
    with ProcessPoolExecutor(chosen.jobs, get_context("spawn")) as pool:
        tables = zip(*pool.map(read_thrice, nights), strict=True)
    readings = Readings(*map(concatenate, tables))
    for judge in judges:
        for line in report(readings, judge):
            print(line)


def _nights(count: int, seed: int, backgrounds: Path | None) -> Iterator[Night]:
    for number in range(count):
        for kind, (family, life) in enumerate(KINDS):
            for clean in (False, True):
                # No two kinds of nights share a person, nor do clean nights and those with cramps.
                own_seed = seed * 2 * len(KINDS) + 2 * kind + clean
                settings, night_seed = night_settings(
                    number,
                    own_seed,
                    device=WEARABLES[number // NIGHTS_A_PERSON % len(WEARABLES)],
                    cramps=0 if clean else CRAMPS,
                    family=family,
                    life=life,
                    backgrounds=backgrounds,
                )
                person = simulated_person(own_seed, settings.name)
                yield Night(family, life, person, settings, night_seed)


def refuse_known(learnt: Table, people: Sequence[str]) -> None:
    """Refuse to learn from people who are to be judged, and from fewer than all families.

    Raises
    ------
    InputError
        Which says what to do.
    """
    missing = set(FAMILIES) - {night.family for night in learnt.nights}
    if missing:
        raise InputError(
            f"There is no {' and no '.join(sorted(missing))} night among those of the training. "
            "Measure nights of every family: crampwatch train --simulate 50 --keep-measured FILE."
        )
    shared = {night.person for night in learnt.nights} & set(people)
    if shared:
        raise InputError(
            f"{len(shared)} of the people to be judged were learnt from: the nights of the "
            "training were simulated with this seed. Choose another with --seed."
        )


def read_thrice(night: Night) -> tuple[Table, Table, Table]:
    """Simulate a night and measure it as recorded, with slow samples and without the heart."""
    made = simulate(night.settings, night.seed)
    heart = [each for each in made.samples if not isinstance(each, Acceleration)]

    def measure(samples: list[Samples]) -> Table:
        return measure_night(
            made.info,
            samples,
            truths_of(made.info, made.events),
            source=f"{night.family}, {night.life} life",
            family=night.family,
            labelled=night.family not in WITH_REAL_MOVEMENT,
            person=night.person,
        )

    return (
        measure([made.acceleration, *heart]),
        measure([averaged(made.acceleration, SLOW_HZ), *heart]),
        measure([made.acceleration]),
    )


def averaged(acceleration: Acceleration, hz: int) -> Acceleration:
    """Average acceleration to so many samples a second; what a gap leaves empty stays a gap."""
    step_ns = NS_PER_S // hz
    cells = (acceleration.times_ns - acceleration.times_ns[0]) // step_ns
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    counts = np.diff(first, append=len(cells))
    sums = np.add.reduceat(acceleration.xyz_g.astype(np.float64), first)
    return Acceleration(
        acceleration.times_ns[0] + cells[first] * step_ns + step_ns // 2,
        (sums / counts[:, None]).astype(np.float32),
    )


def by_others(scores: Mapping[str, CrampScore]) -> Judge:
    """Judge each night by what was learnt from the families that are not its own."""

    def score(table: Table) -> Doubles:
        of_night = np.array([night.family for night in table.nights])
        log_odds = np.zeros(len(table))
        for family in np.unique(of_night):
            theirs, rows = table.of_nights(of_night == family)
            log_odds[rows] = scores[family].log_odds(theirs.rows)
        return log_odds

    return Judge("a model of the three other families", score, {})


def by_shipped(model: Model) -> Judge:
    """Judge by one model, which has learnt from all families."""
    return Judge(
        f"{model.version.name} {model.version.version}, which has learnt from all four families",
        lambda table: model.calibrated.probability(model.cramp.log_odds(table.rows)),
        {"likely": model.likely_from, "possible": model.possible_from},
    )


def report(readings: Readings, judge: Judge) -> list[str]:
    """Lay out what is found at the own rate, at the slower one and without the heart.

    At a rate of false alarms, each source counts alike, and the thresholds are read anew on the
    people of each draw that the intervals are made of; those of the standings stay as they are.
    """
    with_heart = {each.description for each in DEVICES.values() if each.heart is not None}
    read_heart = np.array([night.device in with_heart for night in readings.own.nights])
    return [
        *_table(readings.own, readings.slow, judge, f"at {SLOW_HZ} Hz"),
        *_table(
            readings.own.of_nights(read_heart)[0],
            readings.heartless.of_nights(read_heart)[0],
            judge,
            "without heart rate",
        ),
    ]


def _table(own: Table, other: Table, judge: Judge, how: str) -> Iterator[str]:
    devices = len({night.device for night in own.nights})
    people = len({night.person for night in own.nights})
    yield (
        f"SIMULATION. {len(own.nights)} nights of {people} people with {devices} devices, "
        f"{own.visible.sum()} visible cramps, judged by {judge.name}."
    )
    yield ""
    yield f"| false alarms a clean night | found as recorded | {how} | difference |"
    yield "| --- | --- | --- | --- |"
    scores = [judge.score(table) for table in (own, other)]
    both = list(zip((own, other), scores, strict=True))
    whole, lossy = (shares_found(*each, seed=DRAWN_WITH) for each in both)
    differences = lossy.over(whole)[: len(RATES)]
    for rate, *shares, difference in zip(RATES, whole.found, lossy.found, differences, strict=True):
        yield f"| {rate:g} | {shares[0]:.2f} | {shares[1]:.2f} | {difference} |"
    yield ""
    if not judge.standings:
        return
    yield (
        f"| standing | found as recorded | {how} | difference | "
        f"false alarms a clean night as recorded | {how} |"
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, least in judge.standings.items():
        hits = (_hits_from(table, score >= least) for table, score in both)
        rates = (f"{_false_alarms_from(table, score >= least):.2f}" for table, score in both)
        yield f"| from `{name}` on | {_compared(own, *hits)} | {' | '.join(rates)} |"
    yield ""


def _hits_from(table: Table, above: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    seen = above & table.cramp & (table.kind != SILENT)
    return np.bincount(table.night[seen], minlength=len(table.nights))


def _false_alarms_from(table: Table, above: npt.NDArray[np.bool_]) -> float:
    harmless, nights = false_alarms_of(table)
    return float((above & harmless).sum() / table.worn_nights[nights].sum())


def _compared(
    table: Table, own_hits: npt.NDArray[np.intp], other_hits: npt.NDArray[np.intp]
) -> str:
    """Say both shares of all nights together, and the difference with its interval by people."""
    person = np.unique([night.person for night in table.nights], return_inverse=True)[1]
    of = np.bincount(person, table.visible)
    own, other = (np.bincount(person, each) for each in (own_hits, other_hits))
    low, high = ratio_interval(other - own, of)
    shares = own.sum() / of.sum(), other.sum() / of.sum()
    return (
        f"{shares[0]:.2f} | {shares[1]:.2f} | "
        f"{shares[1] - shares[0]:+.3f} ({low:+.3f} to {high:+.3f})"
    )


if __name__ == "__main__":
    main()
