"""How many rows of three taps are found, and how many are found where nobody tapped.

``python -m benchmarks.tap_rates --nights 60`` simulates nights of which half have cramps and none
has taps, each body recorded by one device of 25 Hz and more in turn; and people who tap, recorded
by all of them. ``--life hard`` gives the nights without taps the life of more, and of hands at the
strap. ``--real FILE`` adds a raw excerpt (``t x y z``, in g) in which nobody tapped. What is found
is told with its 95 % interval, people drawn anew; false marks with the upper end of the exact one.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.people_drawn import ratio_interval
from detector.evaluate import NIGHT_H, upper_rate
from detector.taps import TapFinder
from ingest.samples import NS_PER_S, Acceleration
from simulator.choreography import choreograph
from simulator.device import DEVICES, Device, read_acceleration, tick
from simulator.life import LIVES, Life
from simulator.movement import Motion, specific_force
from simulator.person import Rates, draw_person
from simulator.plan import Kind, Scripted, plan_night

__all__ = ["found_table"]

Doubles = npt.NDArray[np.float64]

RATES = ("bangle", "apple", "polar", "logger")
"""Devices of 25, 50, 52 and 100 Hz."""
AVERAGING = "bangle"
"""Read in a second way too: the slower the samples, the more it matters how they are taken."""
STRENGTHS_G = ((1.0, 2.0), (2.0, 4.0), (4.0, 8.0))
EVERY_S = 90.0
"""Seconds from one row of taps to the next."""
TAIL = 0.025
"""Chance beyond one end of a 95 % interval."""
APERTURES = 6
"""Instants that a sensor which averages over its sample does so from."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=60)
    parser.add_argument("--people", type=int, default=24, help="who tap, 0 for none")
    parser.add_argument("--rows", type=int, default=20, help="rows of taps a person")
    parser.add_argument("--life", default="plain", choices=LIVES, help="of nights without taps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=Path, action="append", default=[])
    chosen = parser.parse_args()
    if chosen.people:
        _sensitivity(chosen.people, chosen.rows, chosen.seed)
    for path in chosen.real:
        _real(path)
    _false_marks(chosen.nights, LIVES[chosen.life], chosen.seed)


def _sensitivity(people: int, rows: int, seed: int) -> None:
    found: dict[str, list[int]] = defaultdict(list)
    span_s = 2200.0 + EVERY_S * rows + 1200.0
    for number in range(people):
        rng = np.random.default_rng([seed, 0, number])
        person = draw_person(rng)
        low_g, high_g = STRENGTHS_G[number % len(STRENGTHS_G)]
        person = replace(person, tap_g=float(np.exp(rng.uniform(np.log(low_g), np.log(high_g)))))
        script = [Scripted(Kind.TAPS, 2200.0 + EVERY_S * row) for row in range(rows)]
        plan = plan_night(rng, person, Rates(), span_s=span_s, script=script, cramps=0)
        motion = choreograph(rng, person, plan, span_s=span_s, twitches_h=2.0)
        for name in RATES:
            for averaged in (False, True) if name == AVERAGING else (False,):
                read = _recorded(rng, DEVICES[name], motion, span_s, averaged=averaged)
                marks_s = np.array([mark.time_ns / NS_PER_S for mark in TapFinder().feed(read)])
                found[f"{name}, averaging" if averaged else name].append(
                    sum(
                        bool(((marks_s > each.onset_s) & (marks_s < each.end_s + 3.0)).any())
                        for each in plan
                        if each.kind is Kind.TAPS
                    )
                )
    for line in found_table(found, rows):
        print(line, flush=True)


def found_table(found: Mapping[str, Sequence[int]], rows: int) -> Iterator[str]:
    """Lay out how many rows of taps were found, of so many of each person.

    Parameters
    ----------
    found
        By how they were recorded: of each person, whose strengths are `STRENGTHS_G` in turn.
    """
    people = max(map(len, found.values()))
    yield f"found of three taps, {people} people, by the usual peak of the person's taps"
    yield (
        "| samples | found, 95 % by people | "
        + " | ".join(f"{low_g:g}-{high_g:g} g" for low_g, high_g in STRENGTHS_G)
        + " |"
    )
    yield "| --- | --- |" + " --- |" * len(STRENGTHS_G)
    for name in (*RATES, f"{AVERAGING}, averaging"):
        of_each = np.array(found[name])
        parts = [of_each[place :: len(STRENGTHS_G)] for place in range(len(STRENGTHS_G))]
        rate_hz = DEVICES[name.split(",")[0]].rate_hz
        told = " | ".join(_found(part, rows) for part in (of_each, *parts))
        yield f"| {rate_hz:g} Hz ({name}) | {told} |"


def _found(of_each: npt.NDArray[np.int64], rows: int) -> str:
    found, tapped = int(of_each.sum()), rows * len(of_each)
    if not tapped:
        return ""
    share = f"{found} of {tapped}, {found / tapped:.3f}"
    if len(of_each) < 2:
        return share
    if found == tapped:
        # Whoever is drawn, all is found: the exact interval, each row as one of its own.
        low, high = TAIL ** (1.0 / tapped), 1.0
    else:
        low, high = ratio_interval(of_each, np.full(len(of_each), rows))
    return f"{share} ({low:.3f} to {high:.3f})"


def _false_marks(nights: int, life: Life, seed: int) -> None:
    marks: Counter[str] = Counter()
    worn_h = dict.fromkeys(RATES, 0.0)
    span_s = NIGHT_H * 3600.0
    for number in range(nights):
        rng = np.random.default_rng([seed, 1, number])
        person, rates = draw_person(rng), life.draw_rates(rng)
        cramps = int(rng.integers(1, 4)) if number % 2 else 0
        plan = plan_night(rng, person, rates, span_s=span_s, life=life, cramps=cramps)
        motion = choreograph(rng, person, plan, span_s=span_s, twitches_h=rates.twitches_h)
        name = RATES[number // 2 % len(RATES)]
        found = TapFinder().feed(_recorded(rng, DEVICES[name], motion, span_s))
        marks[name] += len(found)
        worn_h[name] += NIGHT_H
        for mark in found:
            at_s = mark.time_ns / NS_PER_S
            near = [each.kind.value for each in plan if each.onset_s - 60 < at_s < each.end_s + 60]
            print(f"  false mark: night {number}, {name}, {at_s:.0f} s, near {near}", flush=True)
        if (number + 1) % 10 == 0 or number + 1 == nights:
            print(f"after {number + 1} nights without taps:", flush=True)
            for each in RATES:
                _tell(f"{DEVICES[each].rate_hz:g} Hz ({each})", marks[each], worn_h[each])
            _tell("all", marks.total(), sum(worn_h.values()))


def _real(path: Path) -> None:
    table = np.loadtxt(path)
    table = table[np.argsort(table[:, 0], kind="stable")]
    table = table[np.diff(table[:, 0], prepend=-np.inf) > 0]
    times_ns = np.rint((table[:, 0] - table[0, 0]) * NS_PER_S).astype(np.int64)
    found = TapFinder().feed(Acceleration(times_ns, table[:, 1:].astype(np.float32)))
    _tell(path.name, len(found), float(times_ns[-1]) / NS_PER_S / 3600.0)


def _recorded(
    rng: np.random.Generator,
    device: Device,
    motion: Motion,
    span_s: float,
    *,
    averaged: bool = False,
) -> Acceleration:
    """Read a motion at single instants, as thrifty sensors do, or averaged over a sample."""
    times_s, written_s = tick(rng, device, span_s=span_s)
    if averaged:
        offsets_s = (np.arange(APERTURES) + 0.5) / APERTURES / device.rate_hz
        fine_s = (times_s[:, None] + offsets_s - offsets_s[-1]).ravel().clip(0.0)
        force_g = specific_force(motion, fine_s).reshape(len(times_s), APERTURES, 3).mean(axis=1)
    else:
        force_g = specific_force(motion, times_s)
    xyz_g = read_acceleration(rng, device, force_g)
    return Acceleration(np.rint(written_s * NS_PER_S).astype(np.int64), xyz_g.astype(np.float32))


def _tell(what: str, marks: int, hours: float) -> None:
    nights = hours / NIGHT_H
    rate = marks / nights if nights else float("nan")
    upper = upper_rate(marks, nights)
    print(f"  {what}: {marks} in {nights:.2f} nights, {rate:.3f} a night, 95 % below {upper:.3f}")


if __name__ == "__main__":
    main()
