"""How often and how densely sleepers move, and how often their hearts rise: real and simulated.

``python -m benchmarks.like_real --backgrounds DIR``

Nobody reported a cramp in the real nights, so what moves in them is harmless. Simulated people who
move more often, or more thinly, than real ones make a detector's task another than it is; so do
hearts that lie still. The first table has clean simulated nights at 5 Hz against the real wrists,
the second clean simulated hearts against the real ones, with intervals by people.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import heart_rises
from crampwatch.known_nights import person_of, truths_of
from detector.evaluate import NIGHT_H
from detector.features import FEATURE_UNITS
from ingest.discover import find_recordings
from models.study.table import Table, concatenate, measure_night
from simulator.corpus import NIGHTS_A_PERSON, night_settings
from simulator.families import FAMILIES
from simulator.night import simulate

__all__ = ["row"]

DEVICE = "wasts"
"""As the wearable of the real nights: 5 Hz, without heart rate."""
MOVING_S = (20.0, 40.0, 80.0)
"""Seconds of movement in an awakening from which it is counted."""
LONG_S = 40.0
"""The same for what is said of how dense it is."""
ASLEEP_S = 1500.0
"""Seconds after lying down from which awakenings are counted: settling is another matter."""
QUARTILES = (25, 50, 75)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backgrounds", type=Path, required=True)
    parser.add_argument("--nights", type=int, default=16, help="of each family")
    parser.add_argument("--life", default="hard")
    parser.add_argument("--seed", type=int, default=77)
    chosen = parser.parse_args()
    print(
        f"| nights | hours | awakenings an hour with {MOVING_S[0]:g} s of movement "
        + "".join(f"| with {least:g} s " for least in MOVING_S[1:])
        + f"| of those with {LONG_S:g} s: share of it moving | longest stretch in s |"
    )
    print("| --- |" + " --- |" * (3 + len(MOVING_S)))
    print(row("real", concatenate(list(_real(chosen.backgrounds)))), flush=True)
    for family in FAMILIES:
        nights = _simulated(family, chosen.nights, chosen.life, chosen.seed, chosen.backgrounds)
        print(row(family, concatenate(list(nights))), flush=True)
    print("\n" + "\n".join(heart_rises.HEAD))
    for name, hearts in (
        ("real, with movement known by steps", heart_rises.stepping(chosen.backgrounds)),
        ("real, with movement known by activity counts", heart_rises.counted(chosen.backgrounds)),
        *(
            (
                family,
                heart_rises.simulated(
                    family, chosen.nights, chosen.life, chosen.seed, chosen.backgrounds
                ),
            )
            for family in FAMILIES
        ),
    ):
        print(heart_rises.heart_row(name, list(hearts)), flush=True)


def _real(backgrounds: Path) -> Iterator[Table]:
    for found in find_recordings(backgrounds / "wrist_5hz"):
        recording = found.open()
        truths = truths_of(recording.info, recording.events)
        person = person_of(found.path)
        yield measure_night(
            recording.info, recording.samples(), truths, source="real", person=person
        )


def _simulated(
    family: str, nights: int, life: str, seed: int, backgrounds: Path
) -> Iterator[Table]:
    for number in range(nights):
        settings, night_seed = night_settings(
            number * NIGHTS_A_PERSON,
            seed,
            device=DEVICE,
            cramps=0,
            family=family,
            life=life,
            backgrounds=backgrounds,
        )
        made = simulate(settings, night_seed)
        truths = truths_of(made.info, made.events)
        yield measure_night(made.info, made.samples, truths, source=family, person=settings.name)


def row(name: str, table: Table) -> str:
    """Lay out one row: counts an hour, and the middle and the middle half of what is long."""
    moving_s, share, stretch_s, since_s = (
        table.rows[:, list(FEATURE_UNITS).index(feature)]
        for feature in ("moving", "moving_share", "longest_burst", "since_onset")
    )
    asleep = since_s > ASLEEP_S
    hours = float(table.worn_nights.sum()) * NIGHT_H
    counts = [f"{(asleep & (moving_s >= least)).sum() / hours:.2f}" for least in MOVING_S]
    long = asleep & (moving_s >= LONG_S)
    told = []
    for values, digits in ((share[long], 2), (stretch_s[long], 0)):
        if not len(values):
            told.append("")
            continue
        low, middle, high = np.percentile(values, QUARTILES)
        told.append(f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})")
    return f"| {name} | {hours:.0f} | {' | '.join(counts)} | {' | '.join(told)} |"


if __name__ == "__main__":
    main()
