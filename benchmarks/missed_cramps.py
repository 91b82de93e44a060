"""Why simulated cramps that a wrist can see have no awakening of their own, by cause.

``python -m benchmarks.missed_cramps --people 20``

No model can find what is not put before it. Each person has two nights of five cramps, one in
either life.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crampwatch.known_nights import truths_of
from detector.detector import Detector
from detector.evaluate import Truth, match_onsets
from detector.night import Night
from models.study.table import SILENT
from simulator.corpus import NIGHTS_A_PERSON, night_settings
from simulator.families import FAMILIES
from simulator.life import LIVES
from simulator.night import simulate

CRAMPS = 5
"""Cramps in each night."""
HAS_ONE = "has an awakening of its own"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, action="append")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backgrounds", type=Path)
    chosen = parser.parse_args()
    families = chosen.family or list(FAMILIES)
    causes = {
        family: Counter(_causes(family, chosen.people, chosen.seed, chosen.backgrounds))
        for family in families
    }
    print(f"| visible cramps | {' | '.join(families)} |")
    print("| --- |" + " ---: |" * len(families))
    for cause, _ in sum(causes.values(), Counter[str]()).most_common():
        print(f"| {cause} | {' | '.join(str(causes[family][cause]) for family in families)} |")


def _causes(family: str, people: int, seed: int, backgrounds: Path | None) -> Iterator[str]:
    for person in range(people):
        for number, life in enumerate(LIVES):
            settings, night_seed = night_settings(
                NIGHTS_A_PERSON * person + number,
                seed,
                family=family,
                life=life,
                cramps=CRAMPS,
                backgrounds=backgrounds,
            )
            simulated = simulate(settings, night_seed)
            detector = Detector(simulated.info)
            for samples in simulated.samples:
                detector.feed(samples)
            night = detector.finish()
            truths = truths_of(simulated.info, simulated.events)
            cramps = [each for each in truths if each.cramp and each.kind != SILENT]
            pairs = match_onsets(
                [each.start_ns for each in night.awakenings], [each.onset_ns for each in cramps]
            )
            own = {cramp for _, cramp in pairs}
            yield from (
                HAS_ONE if number in own else _why_not(night, cramp)
                for number, cramp in enumerate(cramps)
            )


def _why_not(night: Night, cramp: Truth) -> str:
    if not any(
        worn.start_ns <= cramp.onset_ns and cramp.end_ns <= worn.end_ns for worn in night.worn
    ):
        return "not wholly recorded on the wrist"
    if any(
        each.start_ns < cramp.end_ns and each.end_ns > cramp.onset_ns for each in night.awakenings
    ):
        return "runs on from an awakening that began over two minutes off, or shares one"
    for sleep in night.sleeps:
        if sleep.onset_ns <= cramp.onset_ns and cramp.end_ns <= sleep.wake_ns:
            return "within a sleep, too short or across its edge"
    if not night.sleeps:
        return "no sleep was found"
    if cramp.onset_ns < night.sleeps[0].onset_ns:
        return "before the first sleep"
    if cramp.end_ns > night.sleeps[-1].wake_ns:
        return "at the end of the last sleep or after it"
    return "between two sleeps"


if __name__ == "__main__":
    main()
