"""What is lost where a wearable samples slowly: the same nights at their own rate and at 10 Hz.

``python -m benchmarks.slow_samples --nights 24 --backgrounds DIR``

Simulated nights of every family and life are judged twice, as a wearable of 25 to 100 Hz has
recorded them and with their acceleration averaged to 10 samples a second. The heart rate stays.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crampwatch.known_nights import truths_of
from crampwatch.training_nights import WITH_REAL_MOVEMENT
from detector.classifier import Model, load_model, read_model
from ingest.samples import NS_PER_S, Acceleration
from models.study.found import INTERVAL, RATES, RESAMPLES, threshold_at
from models.study.table import SILENT, Table, concatenate, measure_night
from simulator.corpus import NIGHTS_A_PERSON, night_settings
from simulator.families import FAMILIES
from simulator.life import LIVES
from simulator.night import simulate

__all__ = ["averaged"]

SLOW_HZ = 10
"""Samples a second of the slower reading, in Hz: those of a PineTime."""
DEVICES = "bangle", "apple", "polar", "logger"
"""Wearables in turn, by person: all that are faster than that."""
CRAMPS = 5
"""Cramps in every other night, as in those that the model was trained on; the others are clean."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=24, help="with cramps, of each kind")
    parser.add_argument("--seed", type=int, default=4001)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--model", type=Path, help="another than the shipped one")
    parser.add_argument("--backgrounds", type=Path)
    chosen = parser.parse_args()
    kinds = [(family, life) for family in FAMILIES for life in LIVES]
    one = partial(_read_twice, seed=chosen.seed, backgrounds=chosen.backgrounds)
    places = range(len(kinds) * 2 * chosen.nights)
    with ProcessPoolExecutor(chosen.jobs, get_context("spawn")) as pool:
        both = list(pool.map(one, places))
    model = read_model(chosen.model) if chosen.model else load_model()
    own, slow = (concatenate(tables) for tables in zip(*both, strict=True))
    for line in report(own, slow, model):
        print(line)


def _read_twice(place: int, *, seed: int, backgrounds: Path | None) -> tuple[Table, Table]:
    kinds = [(family, life) for family in FAMILIES for life in LIVES]
    number, kind = divmod(place, len(kinds))
    number, clean = divmod(number, 2)
    family, life = kinds[kind]
    # No two kinds of nights share a person, nor do clean nights and those with cramps.
    own_seed = seed * 2 * len(kinds) + 2 * kind + clean
    settings, night_seed = night_settings(
        number,
        own_seed,
        device=DEVICES[number // NIGHTS_A_PERSON % len(DEVICES)],
        cramps=0 if clean else CRAMPS,
        family=family,
        life=life,
        backgrounds=backgrounds,
    )
    made = simulate(settings, night_seed)
    others = [each for each in made.samples if not isinstance(each, Acceleration)]
    own, slow = (
        measure_night(
            made.info,
            [acceleration, *others],
            truths_of(made.info, made.events),
            source=f"{family}, {life} life",
            family=family,
            labelled=family not in WITH_REAL_MOVEMENT,
            person=f"{own_seed} {number // NIGHTS_A_PERSON}",
        )
        for acceleration in (made.acceleration, averaged(made.acceleration, SLOW_HZ))
    )
    return own, slow


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


def report(own: Table, slow: Table, model: Model) -> list[str]:
    """Lay out what is found in the same nights at both rates, and the difference."""
    devices = len({night.device for night in own.nights})
    lines = [
        f"SIMULATION. {len(own.nights)} nights with {devices} devices, "
        f"{own.visible.sum()} visible cramps, judged by {model.version.name} "
        f"{model.version.version}.",
        "",
        f"| false alarms a clean night | found at the own rate | at {SLOW_HZ} Hz | difference |",
        "| --- | --- | --- | --- |",
    ]
    for rate in RATES:
        hits = [_hits(table, model, rate) for table in (own, slow)]
        lines.append(f"| {rate:g} | {_compared(own, hits)} |")
    for name, least in (("likely", model.likely_from), ("possible", model.possible_from)):
        hits = [_hits_from(table, _score(table, model) >= least) for table in (own, slow)]
        lines.append(f"| as `{name}` | {_compared(own, hits)} |")
    return lines


def _score(table: Table, model: Model) -> npt.NDArray[np.float64]:
    return model.calibrated.probability(model.cramp.log_odds(table.rows))


def _hits(table: Table, model: Model, rate: float) -> npt.NDArray[np.intp]:
    """Cramps found in each night where each source has so many false alarms a clean night."""
    score = _score(table, model)
    above = np.zeros(len(table), np.bool_)
    for source in table.sources:
        theirs, rows = table.of_source(source)
        above[rows] = score[rows] >= threshold_at(theirs, score[rows], rate)
    return _hits_from(table, above)


def _hits_from(table: Table, above: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    seen = above & table.cramp & (table.kind != SILENT)
    return np.bincount(table.night[seen], minlength=len(table.nights))


def _compared(table: Table, hits: Sequence[npt.NDArray[np.intp]]) -> str:
    """Say both shares, and the difference with its 95 % interval, people drawn anew."""
    person = np.unique([night.person for night in table.nights], return_inverse=True)[1]
    of = np.bincount(person, table.visible)
    own, slow = (np.bincount(person, each) for each in hits)
    drawn = np.random.default_rng(1).integers(0, len(of), (RESAMPLES, len(of)))
    again = (slow - own)[drawn].sum(axis=1) / np.maximum(of[drawn].sum(axis=1), 1)
    low, high = np.percentile(again, INTERVAL)
    shares = own.sum() / of.sum(), slow.sum() / of.sum()
    return (
        f"{shares[0]:.2f} | {shares[1]:.2f} | "
        f"{shares[1] - shares[0]:+.3f} ({low:+.3f} to {high:+.3f})"
    )


if __name__ == "__main__":
    main()
