"""Which posture the wrist tells of, by what somebody really did: of simulated awakenings.

``python -m benchmarks.postures --people 10``

Stretches with less than twenty seconds of movement are left out: nobody gets up and down in them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from crampwatch.known_nights import truths_of
from detector.features import FEATURE_UNITS
from detector.posture import Posture, posture_of
from models.study.table import Table, measure_night
from simulator.corpus import NIGHTS_A_PERSON, night_settings
from simulator.families import FAMILIES
from simulator.night import simulate

KINDS = (
    "rub",
    "sit",
    "stand",
    "bathroom",
    "drink",
    "lying_awake",
    "phone",
    "scratch",
    "large_movement",
    "position_shift",
)
"""Cramps by what is done about them; then what else people do, in the simulator's words."""
MOVING_S = 20.0
CRAMPS = 4
"""Cramps in each night."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, action="append")
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backgrounds", type=Path)
    chosen = parser.parse_args()
    for family in chosen.family or FAMILIES:
        named = Counter(
            pair
            for person in range(chosen.people)
            for pair in _named(_measured(family, person, chosen.seed, chosen.backgrounds))
        )
        print(f"\n| {family} | of | {' | '.join(Posture)} | not told |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for kind in KINDS:
            counts = [named[kind, posture] for posture in (*Posture, None)]
            if of := sum(counts):
                shares = " | ".join(f"{count / of:.2f}" for count in counts)
                print(f"| {kind.replace('_', ' ')} | {of} | {shares} |")


def _measured(family: str, person: int, seed: int, backgrounds: Path | None) -> Table:
    settings, night_seed = night_settings(
        person * NIGHTS_A_PERSON,
        seed,
        family=family,
        life="hard",
        cramps=CRAMPS,
        backgrounds=backgrounds,
    )
    made = simulate(settings, night_seed)
    truths = truths_of(made.info, made.events)
    return measure_night(made.info, made.samples, truths, source=family, person=settings.name)


def _named(table: Table) -> list[tuple[str, Posture | None]]:
    pairs = []
    for kind, row in zip(table.kind.tolist(), table.rows.tolist(), strict=True):
        features = dict(zip(FEATURE_UNITS, row, strict=True))
        if features["moving"] >= MOVING_S:
            pairs.append((kind, posture_of(features)))
    return pairs


if __name__ == "__main__":
    main()
