"""What is claimed in real nights of people whose movement the model has not learnt from.

``python -m benchmarks.real_nights --backgrounds DIR --simulate 25 --jobs 2``

Nobody reported a cramp in the real nights. The shipped model has learnt that none of their movement
is one, from a family of simulated nights that is made of it. So for each real person that family is
simulated without any of their nights, a model is trained as ``crampwatch train`` does, and judges
their real nights from thresholds of its own. What people do in the other families was chosen with
an eye on the same real nights.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crampwatch.training_nights import (
    WITH_REAL_MOVEMENT,
    measured,
    nights_to_simulate,
)
from detector.evaluate import upper_rate
from detector.night import Standing
from ingest.errors import CrampwatchError
from ingest.recording_folder import read
from models.study.table import Table, concatenate, measure_night
from models.training.cramps import train
from simulator.real_nights import find_real_nights

WRISTS = "wrist_5hz"
"""Folder of the real nights of wrists, by person and night: ``p1n2``."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulate", type=int, default=50, help="nights, as of crampwatch train")
    parser.add_argument("--backgrounds", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    chosen = parser.parse_args()
    try:
        nights = list(nights_to_simulate(chosen.simulate, chosen.seed, chosen.backgrounds))
    except CrampwatchError as error:
        parser.error(str(error))
    of_others = [night for night in nights if night.family in WITH_REAL_MOVEMENT]
    made_up = [night for night in nights if night.family not in WITH_REAL_MOVEMENT]
    tables = list(measured(made_up, chosen.jobs))
    claimed = dict.fromkeys(Standing, 0)
    worn_nights = 0.0
    print("| night | worn nights of 8 h | what is claimed: standing, probability, from the start |")
    print("| --- | --- | --- |")
    for person in sorted({wrist.person for wrist in find_real_nights(chosen.backgrounds).wrists}):
        with TemporaryDirectory() as folder:
            without(person, chosen.backgrounds, Path(folder))
            left = [replace(night, backgrounds=Path(folder)) for night in of_others]
            table = concatenate([*tables, *measured(left, chosen.jobs)])
        model = train(table, seed=chosen.seed)
        for path in sorted(chosen.backgrounds.glob(f"{WRISTS}/{person}n*")):
            night = _measure(path, person)
            worn = float(night.worn_nights.sum())
            worn_nights += worn
            told = []
            probabilities = model.calibrated.probability(model.cramp.log_odds(night.rows))
            for onset_s, probability in zip(night.onset_s, probabilities, strict=True):
                if (standing := model.standing(probability)) is not None:
                    claimed[standing] += 1
                    told.append(f"{standing} {probability:.2f} {_clock(onset_s)}")
            print(f"| {path.name} | {worn:.2f} | {', '.join(told) or 'nothing'} |", flush=True)
    print()
    likely = claimed[Standing.LIKELY]
    for name, count in ("likely", likely), ("with possible", likely + claimed[Standing.POSSIBLE]):
        rate, upper = count / worn_nights, upper_rate(count, worn_nights)
        print(f"{name}: {count} in {worn_nights:.2f} nights, {rate:.2f}, 95 % below {upper:.2f}")


def without(person: str, backgrounds: Path, folder: Path) -> None:
    """Lay out the real nights in a folder, but for those of one person's wrist."""
    for part in backgrounds.resolve().iterdir():
        if part.name != WRISTS:
            (folder / part.name).symlink_to(part)
    (folder / WRISTS).mkdir()
    for night in (backgrounds.resolve() / WRISTS).iterdir():
        if not night.name.startswith(f"{person}n"):
            (folder / WRISTS / night.name).symlink_to(night)


def _measure(folder: Path, person: str) -> Table:
    recording = read(folder)
    return measure_night(recording.info, recording.samples(), (), source="real", person=person)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60:02d} min"


if __name__ == "__main__":
    main()
