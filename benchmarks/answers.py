"""What the morning answers buy: simulated people with habits, before and after they answer.

``python -m benchmarks.answers --people 10 --nights 100 --jobs 2 --cache DIR``

Each person's nights are measured once. Some of them are answered, in the way a wearer would: yes or
no to what was shown, and most of the cramps that were missed. The others, of the same person, are
judged with what was learnt. Nights are drawn one by one, so any of them may be the answered ones:
the answered stretch is moved through the nights in steps, and all is counted together. All 95 %
intervals are by people, drawn anew with all of their nights.
"""

from __future__ import annotations

import argparse
import math
import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.habits import draw_somebody, night_of
from benchmarks.people_drawn import draw_people, ratio_interval
from crampwatch.known_nights import truths_of
from detector.answered import asked_about
from detector.classifier import Model, load_model, read_model
from detector.features import FEATURE_UNITS
from detector.night import Standing
from detector.personal import ASKED, UNASKED, Answer, Personal, fit_personal
from ingest.errors import CrampwatchError
from models.study.found import INTERVAL, interval_of, shares_read_anew, times_drawn
from models.study.table import PART_OF_CRAMP, SILENT, Table, concatenate, measure_night
from simulator.night import simulate

ANSWERED = (0, 3, 7, 30, 90)
"""Nights after which the curve is read."""
SHARES = {"none": 0.0, "half": 0.5, "nine in ten": 0.9}
"""Of the mornings that are answered."""
AFTER = 30
"""Nights after which all but the curve is read."""
REMEMBERED = 0.8
"""Share of the cramps that nobody asked about which the wearer adds; assumed."""
STRETCHES = 5
"""Places of the answered stretch among the nights of one person."""
LEARNS_EVERY = 7
"""Nights from one fit to the next while answers come: what is asked depends on it."""
RATES = (0.05, 0.1, 0.2)
"""False alarms a night at which what is found is compared, whatever the standing says."""
TOGETHER = 10
"""Nights that are measured and kept together."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The nights of one person, judged by the plain model.

    Parameters
    ----------
    answers
        Of every awakening, as if the wearer knew it.
    """

    table: Table
    answers: Sequence[Answer]

    @property
    def habit(self) -> str:
        return self.table.nights[0].source


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one stretch of answers did to the other nights of one person, at `likely`."""

    nights: float
    cramps: int
    found: tuple[int, int]
    false: tuple[int, int]
    shown: tuple[int, int]
    """What was no cramp and is shown, likely or possible, before and after."""
    hidden: tuple[int, int]
    """What is shown no more as a rejected kind: no cramps, and cramps."""
    scores: tuple[tuple[bool, float, float], ...]
    """Of each awakening: whether it was a cramp, and its probability before and after."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--nights", type=int, default=100, help="of each")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--model", type=Path, help="another than the shipped one")
    parser.add_argument("--cache", type=Path, help="folder that keeps what was measured")
    given = parser.parse_args()
    try:
        # At once, not after hours in which the nights are measured.
        model = read_model(given.model) if given.model else load_model()
        if given.cache:
            given.cache.mkdir(parents=True, exist_ok=True)
    except CrampwatchError as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"the folder {given.cache} cannot be made: {error.strerror or error}")
    work = partial(_person, nights=given.nights, seed=given.seed, cache=given.cache)
    with ProcessPoolExecutor(given.jobs, get_context("spawn")) as pool:
        tables = list(pool.map(work, range(given.people)))
        people = [_known(table, model) for table in tables]
        _show(people, list(pool.map(partial(_outcomes, model_file=given.model), people)))


def _person(number: int, *, nights: int, seed: int, cache: Path | None) -> Table:
    somebody = draw_somebody(number, seed)
    tables = []
    for first in range(0, nights, TOGETHER):
        kept = cache and cache / f"{somebody.name}-{first // TOGETHER:02d}.pkl"
        if kept and kept.exists():
            # Written below by this command itself.
            tables.append(pickle.loads(kept.read_bytes()))
            continue
        measured = []
        for night in range(first, min(first + TOGETHER, nights)):
            settings, night_seed = night_of(somebody, night, seed)
            made = simulate(settings, night_seed)
            measured.append(
                measure_night(
                    made.info,
                    made.samples,
                    truths_of(made.info, made.events),
                    source=somebody.habit,
                    family=somebody.family,
                    person=somebody.name,
                )
            )
        tables.append(concatenate(measured))
        if kept:
            kept.write_bytes(pickle.dumps(tables[-1]))
    return concatenate(tables)


def _known(table: Table, model: Model) -> Known:
    probability = model.calibrated.probability(model.cramp.log_odds(table.rows))
    names = list(FEATURE_UNITS)
    return Known(
        table,
        [
            Answer(
                {name: v for name, v in zip(names, row, strict=True) if not math.isnan(v)},
                math.log(p / (1 - p)),
                cramp,
            )
            for row, p, cramp in zip(
                table.rows.tolist(), probability.tolist(), table.cramp.tolist(), strict=True
            )
        ],
    )


def _outcomes(known: Known, *, model_file: Path | None) -> dict[tuple[int, str], list[Outcome]]:
    """By nights gone by and how many mornings are answered."""
    model = read_model(model_file) if model_file else load_model()
    cases = [(nights, "all") for nights in ANSWERED] + [(AFTER, share) for share in SHARES]
    return {case: list(_stretches(known, model, *case)) for case in cases}


def _stretches(known: Known, model: Model, nights: int, share: str) -> Iterator[Outcome]:
    count = len(known.table.nights)
    # At least a tenth is left to be judged.
    nights = min(nights, count - count // 10)
    for stretch in range(STRETCHES):
        first = stretch * count // STRETCHES
        order = [(first + number) % count for number in range(nights)]
        rng = np.random.default_rng([first, count])
        mornings = [night for night in order if rng.random() < SHARES.get(share, 1.0)]
        personal = _learnt(known, model, mornings, rng)
        yield _outcome(known, model, personal, sorted(set(range(count)) - set(order)))


def _learnt(
    known: Known, model: Model, mornings: Sequence[int], rng: np.random.Generator
) -> Personal:
    """Answer one morning after the other; what is asked is what was learnt by then."""
    said: list[Answer] = []
    personal = fit_personal(said, model.version)
    for number, night in enumerate(mornings):
        if number and number % LEARNS_EVERY == 0:
            personal = fit_personal(said, model.version)
        rows = np.flatnonzero(known.table.night == night).tolist()
        shown = asked_about(model, [personal.probability(known.answers[row]) for row in rows])
        for row, asked in zip(rows, shown, strict=True):
            if known.table.kind[row] == PART_OF_CRAMP:
                continue
            truth = known.answers[row]
            cramp = truth.cramp and (asked or rng.random() < REMEMBERED)
            weight = ASKED if cramp or asked else UNASKED
            said.append(replace(truth, cramp=cramp, weight=weight))
    return fit_personal(said, model.version)


def _outcome(known: Known, model: Model, personal: Personal, nights: Sequence[int]) -> Outcome:
    table = known.table
    rows = np.flatnonzero(np.isin(table.night, nights))
    seen = table.cramp & (table.kind != SILENT)
    rows = rows[seen[rows] | table.harmless[rows]]
    cramp = seen[rows]
    before = np.array([known.answers[row].probability for row in rows])
    after = np.array([personal.probability(known.answers[row]) for row in rows])
    open_handed = replace(personal, rejected=())
    hidden = np.array(
        [
            personal.rejects(known.answers[row].features)
            and model.standing(open_handed.probability(known.answers[row])) is not None
            for row in rows
        ],
        np.bool_,
    )
    likely = [
        np.array([model.standing(each) is Standing.LIKELY for each in judged], np.bool_)
        for judged in (before.tolist(), after.tolist())
    ]
    return Outcome(
        nights=float(table.worn_nights[nights].sum()),
        cramps=int(table.visible[nights].sum()),
        found=_both(each[cramp].sum() for each in likely),
        false=_both(each[~cramp].sum() for each in likely),
        shown=_both(
            _shown(model, judged[~cramp].tolist(), table.night[rows[~cramp]])
            for judged in (before, after)
        ),
        hidden=(int(hidden[~cramp].sum()), int(hidden[cramp].sum())),
        scores=tuple(zip(cramp.tolist(), before.tolist(), after.tolist(), strict=True)),
    )


def _shown(model: Model, probabilities: Sequence[float], nights: npt.NDArray[np.intp]) -> np.int64:
    by_night = defaultdict(list)
    for probability, night in zip(probabilities, nights.tolist(), strict=True):
        by_night[night].append(probability)
    return np.int64(sum(sum(asked_about(model, each)) for each in by_night.values()))


def _both(counts: Iterator[np.int64]) -> tuple[int, int]:
    before, after = map(int, counts)
    return before, after


def _show(
    people: Sequence[Known], outcomes: Sequence[Mapping[tuple[int, str], list[Outcome]]]
) -> None:
    nights = sum(len(known.table.nights) for known in people)
    cramps = sum(int(known.table.visible.sum()) for known in people)
    print(
        f"SIMULATION. {len(people)} people, {nights} nights, {cramps} cramps that a wrist can "
        "see. All at `likely`, on nights that were not answered.\n"
    )
    head = "found of the cramps | of the misses gone | false alarms a night | of them gone |"
    print(f"| answered nights | {head}\n| --- | --- | --- | --- | --- |")
    for count in ANSWERED:
        print(f"| {count} | {_row([each[count, 'all'] for each in outcomes])}")
    print(f"\n| mornings answered, of {AFTER} | {head}\n| --- | --- | --- | --- | --- |")
    for share in SHARES:
        print(f"| {share} | {_row([each[AFTER, share] for each in outcomes])}")
    print(f"\n| habit, {AFTER} answered nights | {head}\n| --- | --- | --- | --- | --- |")
    by_habit = defaultdict(list)
    for known, each in zip(people, outcomes, strict=True):
        by_habit[known.habit].append(each[AFTER, "all"])
    for habit, theirs in by_habit.items():
        print(f"| {habit} | {_row(theirs)}")
    print(
        "\n| answered nights | "
        + " | ".join(
            f"found at {rate:g} false alarms a night | gained by answers" for rate in RATES
        )
        + " |\n| --- |"
        + " --- | --- |" * len(RATES)
    )
    for count in ANSWERED:
        told = [each[count, "all"] for each in outcomes]
        print(f"| {count} | " + " | ".join(found_at(told, rate) for rate in RATES) + " |")
    print(
        "\n| answered nights | no cramps shown, a night | taken back, a night | cramps taken back |"
    )
    print("| --- | --- | --- | --- |")
    for count in ANSWERED:
        stretches = [outcome for each in outcomes for outcome in each[count, "all"]]
        shown = np.sum([each.shown for each in stretches], axis=0)
        hidden = np.sum([each.hidden for each in stretches], axis=0)
        gone_by = sum(each.nights for each in stretches)
        lost = np.array(
            [
                [sum(one.hidden[1] for one in each[count, "all"]) for each in outcomes],
                [sum(one.cramps for one in each[count, "all"]) for each in outcomes],
            ]
        )
        low, high = ratio_interval(*lost)
        print(
            f"| {count} | {shown[0] / gone_by:.2f} to {shown[1] / gone_by:.2f} "
            f"| {hidden[0] / gone_by:.3f} "
            f"| {lost[0].sum() / lost[1].sum():.3f} ({low:.3f} to {high:.3f}) of all |"
        )


def _row(people: Sequence[Sequence[Outcome]]) -> str:
    # Of each person: nights, cramps, found before and after, false before and after.
    sums = np.array(
        [
            np.sum([(one.nights, one.cramps, *one.found, *one.false) for one in theirs], axis=0)
            for theirs in people
        ]
    )
    drawn = draw_people(len(sums))
    total, again = sums.sum(axis=0), sums[drawn].sum(axis=1)
    return (
        f"{total[2] / total[1]:.2f} to {total[3] / total[1]:.2f} | "
        f"{_interval(_misses_gone(total), _misses_gone(again.T))} | "
        f"{total[4] / total[0]:.3f} to {total[5] / total[0]:.3f} | "
        f"{_interval(_false_gone(total), _false_gone(again.T))} |"
    )


def _misses_gone(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((sums[3] - sums[2]) / np.maximum(sums[1] - sums[2], 1))


def _false_gone(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((sums[4] - sums[5]) / np.maximum(sums[4], 1))


def _interval(value: npt.NDArray[np.float64], again: npt.NDArray[np.float64]) -> str:
    low, high = np.percentile(again, INTERVAL)
    return f"{float(value):.2f} ({low:.2f} to {high:.2f})"


def found_at(people: Sequence[Sequence[Outcome]], rate: float) -> str:
    """Say what is found where one threshold for everybody allows so many false alarms.

    And what the answers add to it, on the same nights. The threshold is read again on those who are
    drawn: who has many false alarms raises it for all.
    """
    nights, cramps = np.array(
        [
            [sum(one.nights for one in theirs), sum(one.cramps for one in theirs)]
            for theirs in people
        ]
    ).T
    scores = np.array(
        [
            (number, *score)
            for number, theirs in enumerate(people)
            for outcome in theirs
            for score in outcome.scores
        ]
    )
    before, after = (
        shares_read_anew(
            score,
            scores[:, 0].astype(np.intp),
            scores[:, 1] == 0.0,
            scores[:, 1] == 1.0,
            (rate,),
            times_drawn(draw_people(len(people))),
            worn_nights=nights,
            happened=cramps,
        )[0]
        for score in (scores[:, 2], scores[:, 3])
    )
    gained = after - before
    low, high = interval_of(after[0], after[1:])
    least, most = interval_of(gained[0], gained[1:], least=-1.0)
    return (
        f"{after[0]:.2f} ({low:.2f} to {high:.2f}) | {gained[0]:+.2f} ({least:+.2f} to {most:+.2f})"
    )


if __name__ == "__main__":
    main()
