"""Makes the pinned corpus: awakenings of simulated nights that no shipped model was trained on.

``python -m tests.models.pin_corpus`` writes it anew, after the features have changed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crampwatch.known_nights import truths_of
from models.study.table import KnownCramp, KnownNight, Table, concatenate, measure_night
from simulator.corpus import night_settings
from simulator.night import simulate

CORPUS = Path(__file__).parent / "pinned_corpus.npz"
FAMILIES = ("kinematic", "phenomenological")
"""Those that need no real nights."""
NIGHTS = 12
"""With cramps, and as many without, of each family."""
SEED = 90210
"""Of no other use."""


def make() -> Table:
    """Simulate the nights and measure them."""
    tables = []
    for place, family in enumerate(FAMILIES):
        for number in range(NIGHTS):
            for cramps in (5, 0):
                settings, seed = night_settings(
                    number, SEED + 2 * place + bool(cramps), family=family, cramps=cramps
                )
                made = simulate(settings, seed)
                truths = truths_of(made.info, made.events)
                tables.append(
                    measure_night(
                        made.info, made.samples, truths, source=family, person=settings.name
                    )
                )
    return concatenate(tables)


def write(table: Table) -> None:
    """Write a table as plain arrays, features in single precision."""
    np.savez_compressed(
        CORPUS,
        rows=table.rows.astype(np.float32),
        rhythmic_s=table.rhythmic_s,
        cramp=table.cramp,
        kind=table.kind,
        onset_s=table.onset_s,
        end_s=table.end_s,
        night=table.night,
        source=np.array([night.source for night in table.nights]),
        person=np.array([night.person for night in table.nights]),
        device=np.array([night.device for night in table.nights]),
        worn_nights=table.worn_nights,
        cramps=np.array([" ".join(one.kind for one in night.cramps) for night in table.nights]),
    )


def read() -> Table:
    """Read the pinned corpus; when its cramps happened is not kept."""
    with np.load(CORPUS, allow_pickle=False) as arrays:
        return Table(
            rows=arrays["rows"].astype(np.float64),
            rhythmic_s=arrays["rhythmic_s"],
            cramp=arrays["cramp"],
            kind=arrays["kind"],
            onset_s=arrays["onset_s"],
            end_s=arrays["end_s"],
            night=arrays["night"],
            nights=tuple(
                KnownNight(
                    str(source),
                    str(source),
                    str(person),
                    f"night {number}",
                    str(device),
                    float(worn),
                    0.0,
                    tuple(KnownCramp(0.0, 0.0, kind) for kind in str(cramps).split()),
                )
                for number, (source, person, device, worn, cramps) in enumerate(
                    zip(
                        arrays["source"],
                        arrays["person"],
                        arrays["device"],
                        arrays["worn_nights"],
                        arrays["cramps"],
                        strict=True,
                    )
                )
            ),
        )


if __name__ == "__main__":
    write(make())
