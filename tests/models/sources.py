"""Sources of known nights, made of chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detector.features import FEATURE_UNITS
from models.study.table import PART_OF_CRAMP, KnownCramp, KnownNight, Table

COLUMNS = list(FEATURE_UNITS)
NIGHT_S = 28800.0


def a_source(name: str, *, nights: int = 24, seed: int = 0, told_by: str = "moving") -> Table:
    """Nights in which one feature tells most cramps: two in every other night, ten other things."""
    rng = np.random.default_rng(seed)
    known, rows, cramp, kind, onset_s, night = [], [], [], [], [], []
    for number in range(nights):
        kinds = ["rub", "silent"] if number % 2 else []
        labels = [*kinds, *rng.choice(["bathroom", "position_shift"], 10).tolist()]
        for place, label in enumerate(labels):
            row = rng.normal(0, 1, len(COLUMNS))
            row[COLUMNS.index(told_by)] += 4.0 * (label == "rub")
            rows.append(np.where(rng.random(len(row)) < 0.05, np.nan, row))
            cramp.append(label in ("rub", "silent"))
            kind.append(label)
            onset_s.append(1000.0 * (place + 1))
            night.append(number)
        known.append(
            KnownNight(
                name,
                name,
                f"p{number // 3}",
                f"n{number}",
                "watch",
                1.0,
                NIGHT_S,
                tuple(
                    KnownCramp(1000.0 * (place + 1), 1000.0 * (place + 1) + 60, each)
                    for place, each in enumerate(kinds)
                ),
            )
        )
    return Table(
        rows=np.array(rows),
        rhythmic_s=rng.uniform(0, 60, len(rows)),
        cramp=np.array(cramp),
        kind=np.array(kind),
        onset_s=np.array(onset_s),
        end_s=np.array(onset_s) + 60,
        night=np.array(night),
        nights=tuple(known),
    )


def within_cramps(table: Table) -> Table:
    """Make of everything harmless a part of a cramp."""
    return replace(table, kind=np.where(table.cramp, table.kind, PART_OF_CRAMP))
