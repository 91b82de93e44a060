"""``crampwatch train --nights`` and ``--simulate``: train the model that judges awakenings."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.known_nights import person_of, truths_of
from crampwatch.output import say
from crampwatch.progress import show_count, show_step
from crampwatch.train import make_folder, write_model_and_figures
from ingest.discover import find_recordings
from ingest.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from detector.classifier import Model
    from models.study.table import Table

__all__ = ["train_nights"]

WITH_REAL_MOVEMENT = {"recombination"}
"""Families whose background is real movement, of which nobody wrote down what it was."""

CRAMPS_A_NIGHT = 5
"""Cramps in each simulated night that has any: far more than a night has, to learn from few nights;
what the rate is of, the calibration sets right."""

NOTHING = (
    "There is no cramp to learn from. Give nights with an events.csv that has some, or --simulate."
)


@dataclass(frozen=True, slots=True)
class _Simulated:
    """A night to be simulated."""

    family: str
    life: str
    number: int
    seed: int
    cramps: int
    backgrounds: Path | None


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A night to be read."""

    source: str
    path: Path


def train_nights(
    folders: Sequence[Path],
    simulated: int,
    out: Path,
    seed: int,
    *,
    backgrounds: Path | None,
    jobs: int,
) -> None:
    """Measure the nights, read the model on each source left out, train on all and write both.

    Parameters
    ----------
    folders
        Each a source of its own.
    simulated
        Nights with cramps, and as many without, of each life in each family of the simulator.
    jobs
        Processes that measure nights.

    Raises
    ------
    InputError
        Where a night cannot be read, or there is no cramp in any.
    """
    nights: list[_Recorded | _Simulated] = [
        *_recorded(folders),
        *_to_simulate(simulated, seed, backgrounds),
    ]
    make_folder(out)
    from models.study.table import concatenate

    tables = []
    show_step(f"measuring {len(nights)} nights")
    for number, measured in enumerate(_measured(nights, jobs), start=1):
        show_count(number, len(nights), "nights measured")
        tables.append(measured)
    if not any(measured.cramp.any() for measured in tables):
        raise InputError(NOTHING)
    train_on(concatenate(tables), out, seed)


def train_on(table: Table, out: Path, seed: int) -> None:
    """Read the model on each source left out, train it on all, and write it and its figures."""
    from models.training.cramps import log_odds_at_home, log_odds_unseen, train, write_model

    show_step("training on all of them")
    model = train(table, seed=seed)
    show_step("judging each source by a model of the others")
    unseen = log_odds_unseen(table, seed=seed)
    show_step("judging the people of each source by a model of others of it")
    at_home = log_odds_at_home(table, seed=seed)
    probability = model.calibrated.probability(unseen)
    show_step("drawing people anew for the intervals")
    with io.BytesIO() as file:
        write_model(model, file)
        artefact = file.getvalue()
    lines = [
        f"## `{model.version.name} {model.version.version}`, seed {seed}",
        "",
        f"{len(table.nights)} nights, {len(table)} awakenings, {int(table.cramp.sum())} of them "
        f"cramps; scikit-learn {version('scikit-learn')}, numpy {version('numpy')}. SIMULATION "
        "where the source is a family of the simulator. Each source is judged by a model trained "
        "on the others; false alarms are counted on its nights without cramps.",
        "",
        *_by_source(table, unseen, at_home, seed),
        "",
        *_apart(table, unseen, seed),
        "",
        *_at_the_standings(table, probability, model, seed),
        "",
        *_by_cause(table, probability, model, seed),
        "",
        *_errors(table, unseen, seed),
        "",
        *_by_group(table, unseen, seed),
        "",
        f"Shipped: `likely` from {model.likely_from:.3f}, `possible` from "
        f"{model.possible_from:.3f}; slope {model.calibrated.slope:.3f}, intercept "
        f"{model.calibrated.intercept:.3f}.",
    ]
    show_step(None)
    name = f"{model.version.name}-{model.version.version}.npz"
    write_model_and_figures(out, name, artefact, lines)
    _draw(out / f"{model.version.name}-{model.version.version}.svg", table, probability, model)
    for line in lines:
        say(line)


def _draw(path: Path, table: Table, probability: npt.NDArray[np.float64], model: Model) -> None:
    from models.study.diagram import reliability_diagram
    from models.study.reliability import reliability

    held = reliability(
        table,
        probability,
        stated=model.calibrated.cramps_per_awakening,
        cramps_a_week=model.calibrated.cramps_a_week,
    )
    title = f"{model.version.name} {model.version.version} on sources left out"
    path.write_text(reliability_diagram(held, title=title), encoding="utf-8")


def _by_source(
    table: Table,
    unseen: npt.NDArray[np.float64],
    at_home: npt.NDArray[np.float64],
    seed: int,
) -> list[str]:
    from models.study.baselines import BASELINES
    from models.study.found import RATES, find_at
    from models.training.cramps import signature_alone

    rows = [
        "| source left out | score | visible cramps | "
        + " | ".join(f"found at {rate:g} a night" for rate in RATES)
        + " |",
        "| --- | --- | --- |" + " --- |" * len(RATES),
    ]
    for source in table.sources:
        theirs, at = table.of_source(source)
        scores = {
            "**model**": unseen[at],
            "model at home, on other people": at_home[at],
            "signature alone": signature_alone(theirs),
            **{name: rule(theirs) for name, rule in BASELINES.items()},
        }
        for name, score in scores.items():
            found = [find_at(theirs, score, rate, seed=seed) for rate in RATES]
            figures = " | ".join(_with_interval(e.share, e.low, e.high) for e in found)
            rows.append(f"| {source} | {name} | {theirs.visible.sum()} | {figures} |")
    return rows


def _apart(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out what is found of the cramps that are hard to see, by source and in the mean."""
    from models.study.apart import GROUPS, counted_at, mean_share
    from models.study.found import RATES

    parts = {source: table.of_source(source) for source in table.sources}
    at_rates = {
        source: [counted_at(theirs, unseen[at], rate, seed=seed) for rate in RATES]
        for source, (theirs, at) in parts.items()
    }
    at = " | ".join(f"found at {rate:g} a night" for rate in RATES)
    rows = [
        f"| visible cramps, mean over the sources left out | of | {at} |",
        "| --- | --- |" + " --- |" * len(RATES),
    ]
    for group in GROUPS:
        having = [source for source in parts if at_rates[source][0][group][1].any()]
        if not having:
            continue
        tables = [parts[source][0] for source in having]
        figures = []
        for place in range(len(RATES)):
            counts = [at_rates[source][place][group] for source in having]
            share, low, high = mean_share(tables, counts, seed=seed)
            figures.append(f"{share:.2f} ({low:.2f}-{high:.2f})")
        of = sum(int(at_rates[source][0][group][1].sum()) for source in having)
        rows.append(f"| {group} | {of} | {' | '.join(figures)} |")
    rows += [
        "",
        "Found at " + ", ".join(f"{rate:g}" for rate in RATES) + " a night, and of how many:",
        "",
        f"| source left out | {' | '.join(GROUPS)} |",
        "| --- |" + " --- |" * len(GROUPS),
    ]
    for source, counted in at_rates.items():
        cells = []
        for group in GROUPS:
            of = int(counted[0][group][1].sum())
            shares = [f"{at_rate[group][0].sum() / max(of, 1):.2f}" for at_rate in counted]
            cells.append(f"{', '.join(shares)} of {of}" if of else "none")
        rows.append(f"| {source} | {' | '.join(cells)} |")
    return rows


def _at_the_standings(
    table: Table, probability: npt.NDArray[np.float64], model: Model, seed: int
) -> list[str]:
    """Lay out what each standing would have claimed of the source left out."""
    from models.study.found import find_from
    from models.study.reliability import error_by_people

    rows = [
        "| source left out | standing | found | false alarms a night, 95 % below | calibration "
        "error, stated rate | own rate |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for source in table.sources:
        theirs, at = table.of_source(source)
        errors = [
            error_by_people(
                theirs,
                probability[at],
                stated=model.calibrated.cramps_per_awakening,
                cramps_a_week=a_week,
                seed=seed,
            )
            for a_week in (model.calibrated.cramps_a_week, None)
        ]
        calibration = " | ".join(_with_interval(*error, digits=3) for error in errors)
        for standing, least in _standings(model).items():
            found = find_from(theirs, probability[at], least, seed=seed)
            rows.append(
                f"| {source} | {standing} | {_with_interval(found.share, found.low, found.high)} "
                f"| {found.false_alarms_a_night:.2f}, {found.upper_a_night:.2f} | {calibration} |"
            )
    return rows


def _standings(model: Model) -> dict[str, float]:
    return {"`likely`": model.likely_from, "with `possible`": model.possible_from}


def _by_cause(
    table: Table, probability: npt.NDArray[np.float64], model: Model, seed: int
) -> list[str]:
    """Lay out which cramps are found, and what is taken for one, over all sources left out."""
    from models.study.breakdown import cramps_found, taken_for_cramps

    rows = []
    for title, count in (
        ("cramps found", cramps_found),
        ("awakenings taken for cramps", taken_for_cramps),
    ):
        at_each = [count(table, probability >= least) for least in _standings(model).values()]
        rows += [
            f"| {title} | of | {' | '.join(_standings(model))} |",
            "| --- | --- | --- | --- |",
        ]
        for group, counted in at_each[0].items():
            shares = [each[group].share(table, seed=seed) for each in at_each]
            figures = " | ".join(_with_interval(*share) for share in shares)
            rows.append(f"| {group} | {counted.tally.of} | {figures} |")
        rows.append("")
    return rows[:-1]


def _errors(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out what is missed and what is taken for a cramp at the lowest rate, by cause."""
    from models.study.breakdown import CAUSES, missed_by_cause
    from models.study.found import RATES, find_at

    missed: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for source in table.sources:
        theirs, at = table.of_source(source)
        found = find_at(theirs, unseen[at], RATES[0], seed=seed)
        missed += missed_by_cause(theirs, unseen[at] >= found.threshold)
        taken.update(found.false_alarms)
    visible = int(table.visible.sum())
    return [
        f"| missed at {RATES[0]:g} a night, by the first cause that holds | cramps | of all "
        "misses |",
        "| --- | --- | --- |",
        *(
            f"| {cause} | {missed[cause]} | {missed[cause] / max(missed.total(), 1):.2f} |"
            for cause in CAUSES
        ),
        f"| all, of {visible} | {missed.total()} | |",
        "",
        f"| false alarms at {RATES[0]:g} a night, by what they were | on clean nights | of all |",
        "| --- | --- | --- |",
        *(
            f"| {kind} | {count} | {count / taken.total():.2f} |"
            for kind, count in taken.most_common()
        ),
        f"| all | {taken.total()} | |",
    ]


def _by_group(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out what each group of features is worth on sources not trained on."""
    from detector.features import FEATURE_GROUPS
    from models.study.baselines import without
    from models.study.found import RATES, find_at
    from models.training.cramps import log_odds_unseen

    rows = [
        "| features, mean over the sources left out | "
        + " | ".join(f"found at {rate:g} a night" for rate in RATES)
        + " |",
        "| --- |" + " --- |" * len(RATES),
    ]
    scores = {"all": unseen}
    for name, features in FEATURE_GROUPS.items():
        show_step(f"training without {name}")
        scores[f"without {name}"] = log_odds_unseen(without(table, features), seed=seed)
    parts = [table.of_source(source) for source in table.sources]
    for name, score in scores.items():
        shares = [
            sum(find_at(theirs, score[at], rate, seed=seed).share for theirs, at in parts)
            / len(parts)
            for rate in RATES
        ]
        rows.append(f"| {name} | {' | '.join(f'{share:.2f}' for share in shares)} |")
    return rows


def _with_interval(share: float, low: float, high: float, digits: int = 2) -> str:
    ends = "of one person" if isnan(low) else f"{low:.{digits}f}-{high:.{digits}f}"
    return f"{share:.{digits}f} ({ends})"


def _recorded(folders: Sequence[Path]) -> Iterator[_Recorded]:
    for folder in folders:
        for found in find_recordings(folder):
            yield _Recorded(folder.name, found.path)


def _to_simulate(nights: int, seed: int, backgrounds: Path | None) -> Iterator[_Simulated]:
    if not nights:
        return
    from simulator.families import FAMILIES
    from simulator.life import LIVES

    kinds = [(family, life) for family in FAMILIES for life in LIVES]
    for number in range(nights):
        for place, (family, life) in enumerate(kinds):
            # No two kinds of nights share a person, and nights with cramps none with clean ones.
            of_kind = seed * 2 * len(kinds) + 2 * place
            yield _Simulated(family, life, number, of_kind, CRAMPS_A_NIGHT, backgrounds)
            yield _Simulated(family, life, number, of_kind + 1, 0, backgrounds)


def _measured(nights: Sequence[_Recorded | _Simulated], jobs: int) -> Iterator[Table]:
    if jobs == 1:
        yield from map(_measure, nights)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(_measure, nights)


def _measure(night: _Recorded | _Simulated) -> Table:
    """Measure one night; in a process of its own where there are several."""
    from models.study.table import measure_night

    if isinstance(night, _Recorded):
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
        person=f"{night.seed} {settings.name}"[: -len("n01")],
    )
