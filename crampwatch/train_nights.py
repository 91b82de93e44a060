"""``crampwatch train --nights`` and ``--simulate``: train the model that judges awakenings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.output import say
from crampwatch.progress import show_count, show_step
from crampwatch.train import make_folder, write_model_and_figures
from crampwatch.train_tables import figures
from crampwatch.training_nights import (
    RecordedNight,
    SimulatedNight,
    measured,
    nights_in,
    nights_to_simulate,
)
from ingest.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from detector.classifier import Model
    from models.study.table import Table

__all__ = ["train_nights"]

NOTHING = (
    "There is no cramp to learn from. Give nights with an events.csv that has some, or --simulate."
)


def train_nights(
    folders: Sequence[Path],
    simulated: int,
    out: Path,
    seed: int,
    *,
    backgrounds: Path | None,
    jobs: int,
    keep: Path | None = None,
    version: str | None = None,
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
    keep
        File for what was measured, to be read by `models.study.kept.read_table`.
    version
        What to call the model by; `models.training.cramps.OWN` where none is given.

    Raises
    ------
    InputError
        Where a night cannot be read, there is no cramp in any, or a file cannot be written. All
        that cannot be read are named first.
    """
    nights: list[RecordedNight | SimulatedNight] = [
        *nights_in(folders),
        *nights_to_simulate(simulated, seed, backgrounds),
    ]
    if not nights:
        raise InputError(NOTHING)
    make_folder(out)
    from models.study.kept import ensure_writable, write_table
    from models.study.table import concatenate

    if keep is not None:
        ensure_writable(keep)
    tables = []
    show_step(f"measuring {len(nights)} nights")
    for number, night in enumerate(measured(nights, jobs), start=1):
        show_count(number, len(nights), "nights measured")
        tables.append(night)
    if not any(night.cramp.any() for night in tables):
        raise InputError(NOTHING)
    table = concatenate(tables)
    if keep is not None:
        write_table(table, keep)
    train_on(table, out, seed, version=version)


def train_on(table: Table, out: Path, seed: int, *, version: str | None = None) -> None:
    """Read the model on each source left out, train it on all, and write it and its figures."""
    from models.training.cramps import (
        OWN,
        log_odds_at_home,
        log_odds_unseen,
        settings,
        train,
        write_model,
    )

    show_step("training on all of them")
    model = train(table, seed=seed, version=version or OWN)
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
        f"cramps; scikit-learn {version_of('scikit-learn')}, numpy {version_of('numpy')}. "
        "SIMULATION where the source is a family of the simulator. Each source is judged by a "
        "model trained on the others; false alarms are counted on its nights without cramps.",
        "",
        f"{settings()}. Nights, and of them without cramps: {_of_each_source(table)}.",
        "",
        *figures(table, model, unseen, at_home, seed),
    ]
    show_step(None)
    name = f"{model.version.name}-{model.version.version}.npz"
    write_model_and_figures(out, name, artefact, lines)
    _draw(out / f"{model.version.name}-{model.version.version}.svg", table, probability, model)
    for line in lines:
        say(line)


def _of_each_source(table: Table) -> str:
    parts = {source: table.of_source(source)[0] for source in table.sources}
    return "; ".join(
        f"{source} {len(part.nights)}, {part.clean.sum()}" for source, part in parts.items()
    )


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
