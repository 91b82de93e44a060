"""What each feature is worth on families it was not trained on, and on other people at home.

``python -m benchmarks.features --measured FILE --jobs 2``

FILE is what ``crampwatch train --keep-measured FILE`` kept of its nights. Each feature is left out
in turn, as ``crampwatch train`` leaves out groups of them, and what is found then is compared with
what is found with all of them: on the same nights, with the same seed, with the same people drawn
anew. How much trainings differ by nothing but their seed stands below the features.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from crampwatch import exits
from crampwatch.output import complain
from crampwatch.progress import show_count, show_step
from detector.features import FEATURE_UNITS
from ingest.errors import CrampwatchError, InputError
from models.study.baselines import without
from models.study.found import RATES
from models.study.kept import read_table
from models.study.table import Table
from models.study.worth import Shares, Worth, shares_found
from models.training.cramps import log_odds_at_home, log_odds_unseen

OTHER_SEEDS = 3
"""Trainings with all features and another seed: one of them may be like the first by luck."""
BY_CHANCE = 40
"""Of so many differences that are none, one has its whole 95 % interval below 0."""


@dataclass(frozen=True, slots=True)
class Training:
    """A training to be compared with the one with all features.

    Parameters
    ----------
    name
        Of the row.
    left_out
        Features that it goes without.
    """

    name: str
    left_out: tuple[str, ...]
    seed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measured", type=Path, required=True, help="nights that were kept")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--feature", action="append", choices=[*FEATURE_UNITS], help="judge this one (repeatable)"
    )
    chosen = parser.parse_args()
    try:
        table = read_table(chosen.measured)
        lines = judged(table, chosen.feature or [*FEATURE_UNITS], chosen.seed, jobs=chosen.jobs)
    except CrampwatchError as error:
        complain(error)
        sys.exit(exits.BAD_INPUT)
    for line in lines:
        print(line)


def judged(table: Table, features: Sequence[str], seed: int, *, jobs: int = 1) -> list[str]:
    """Judge features one by one and lay out what each is worth, the most abroad first.

    Raises
    ------
    InputError
        Where there is one family only, or too few cramps or people.
    """
    if len({night.family for night in table.nights}) < 2:
        raise InputError(
            "All nights are of one family, so that none can be left out. Measure nights of others "
            "as well: crampwatch train --simulate, or --nights with several folders."
        )
    everything = Training("all", (), seed)
    others = [
        *(Training(f"`{name}`", (name,), seed) for name in features),
        *(Training(f"another seed, {seed + 1 + n}", (), seed + 1 + n) for n in range(OTHER_SEEDS)),
    ]
    found = _found_of_each(table, [everything, *others], seed, jobs)
    show_step("training with all features")
    abroad, at_home = next(found)
    rows = []
    for number, (training, (their_abroad, their_home)) in enumerate(
        zip(others, found, strict=True), start=2
    ):
        worth = Worth(abroad.over(their_abroad), at_home.over(their_home))
        rows.append((training, worth))
        show_step(None)
        print(_row(training, worth), file=sys.stderr, flush=True)
        show_count(number, 1 + len(others), "trainings")
    show_step(None)
    of_features, of_seeds = rows[: len(features)], rows[len(features) :]
    of_features.sort(key=lambda row: -row[1].abroad[-1].mean)
    return [
        *_head(table, len(features), seed, abroad, at_home),
        *(_row(*row) for row in (*of_features, *of_seeds)),
    ]


def _found_of_each(
    table: Table, trainings: Sequence[Training], seed: int, jobs: int
) -> Iterator[tuple[Shares, Shares]]:
    """Train and read each in its turn, in so many processes."""
    one = partial(_found, table, seed)
    if jobs == 1:
        yield from map(one, trainings)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(one, trainings)


def _found(table: Table, draws: int, training: Training) -> tuple[Shares, Shares]:
    """Say what is found abroad and at home; ``draws`` is the seed that people are drawn by."""
    left = without(table, training.left_out)
    abroad, at_home = (
        shares_found(table, log_odds(left, seed=training.seed), seed=draws)
        for log_odds in (log_odds_unseen, log_odds_at_home)
    )
    return abroad, at_home


def _head(table: Table, features: int, seed: int, abroad: Shares, at_home: Shares) -> Iterator[str]:
    people = {(night.source, night.person) for night in table.nights}
    rates = ", ".join(f"{rate:g}" for rate in RATES)
    yield (
        f"SIMULATION where the source is a family of the simulator. {len(table.nights)} nights of "
        f"{len(people)} people, {len(table)} awakenings, {table.visible.sum()} visible cramps; "
        f"seed {seed}."
    )
    yield ""
    yield (
        f"Visible cramps found at {rates} false alarms a clean night, mean over the sources: "
        f"{_shares(abroad)} abroad, by models that have not seen the family, and "
        f"{_shares(at_home)} at home, by models of the family that have not seen the person."
    )
    yield ""
    yield (
        "Of each feature: what is found with all of them less what is found without it, and the "
        "95 % interval of that, the same people drawn anew for both. What follows is read from the "
        "mean of the three rates: a feature hurts where its interval lies below 0, and helps where "
        f"it lies above. Of {features} features that are worth nothing, {features / BY_CHANCE:.1f} "
        "would hurt abroad by chance and as many help there: about "
        f"{2 * features / BY_CHANCE:.0f} would stand out. The intervals know nothing of the chance "
        "in a training; what that makes, the rows of another seed show."
    )
    yield ""
    columns = [
        f"{where}, {what}"
        for where in ("abroad", "at home")
        for what in ("mean", *(f"at {rate:g}" for rate in RATES))
    ]
    yield f"| feature | {' | '.join(columns)} | what follows |"
    yield "| --- |" + " --- |" * (len(columns) + 1)


def _shares(shares: Shares) -> str:
    return " / ".join(f"{share:.2f}" for share in shares.found)


def _row(training: Training, worth: Worth) -> str:
    cells = [
        str(difference)
        for *at_rates, mean in (worth.abroad, worth.at_home)
        for difference in (mean, *at_rates)
    ]
    # Another seed is no feature that could be dropped.
    follows = worth.follows if training.left_out else ""
    return f"| {training.name} | {' | '.join(cells)} | {follows} |"


if __name__ == "__main__":
    main()
