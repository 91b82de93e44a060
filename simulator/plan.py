"""What happens in a night: when, for how long, and what the heart makes of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ingest.errors import SettingsError
from simulator.happening import Happening, Kind, Phenotype, Scripted
from simulator.life import PLAIN, Length, Life, Manner
from simulator.person import Person, Rates

__all__ = [
    "MIN_OFF_WRIST_S",
    "Happening",
    "Kind",
    "Phenotype",
    "Scripted",
    "draw_cramp_count",
    "most_cramps",
    "plan_night",
]

CLUSTER_BRANCHING = 0.2
"""Further cramps each cramp brings on; an induced cramp lowers the threshold (Miller 2017)."""
CLUSTER_DELAY_S = 3600.0
"""Mean seconds until such a further cramp: the threshold stays low for an hour at least."""

RUNS: Mapping[Kind, tuple[tuple[float, float], tuple[float, float]]] = {
    Kind.LIMB_MOVEMENTS: ((10.0, 90.0), (0.5, 10.0)),
    Kind.APNOEA: ((60.0, 90.0), (3.0, 12.0)),
}
"""Runs of movements: seconds from one to the next, and length of each. Of periodic limb movements
(WASM 2016), and of the arousals that end an apnoea: heart-rate cycles of 60-90 s."""

VISIBLE_RUNS = 0.5
"""Share of runs of leg movements or apnoeas that the wrist takes part in; assumed."""

MARGIN_S = 15.0
"""Quiet seconds kept between two happenings, so that each can be told in the truth."""
SETTLING_MARGIN_S = 60.0
"""The same after all but an arousal: settling goes on after the end."""

HANDLING = Length(20.0, 0.6, 6.0, 90.0)
"""Seconds at the strap, to take the wearable off and to put it on; assumed."""
MIN_OFF_WRIST_S = 60.0
"""Shortest time off the wrist, in seconds: taking it off and putting it on need room."""
HANDLING_SHARE = 0.25
"""What either takes at the most of the time from the first to the last."""

CRAMPS_AN_HOUR = 3
"""Most cramps that a night is asked to hold, for each hour of it: with the quiet around them they
fill a fifth of it, so that nearly every one finds a place among the attempts below."""
ATTEMPTS = 60
"""Places tried for a drawn happening before the night counts as full."""

GONE_ABOUT = frozenset(
    {
        Kind.CRAMP,
        Kind.BATHROOM,
        Kind.INFANT,
        Kind.DRINK,
        Kind.PHONE,
        Kind.LYING_AWAKE,
        Kind.SCRATCH,
        Kind.LARGE_MOVEMENT,
        Kind.POSITION_SHIFT,
    }
)
"""What is gone about in a manner of its own: with this arm or the other, with pauses."""
SETTLING_SHARE = 2.0
"""Longest settling, as a multiple of what was gone about: who turns over in ten seconds is asleep
again in twenty."""
CRAMP_LAG_S = 2.5
"""Mean seconds from the onset of a cramp to the first movement."""
MAX_LAG_S = 8.0
"""Longest from an onset to the first movement, in seconds: who feels a cramp moves by then."""

STANDING_RISE_BPM = (10.0, 20.0)
"""What getting up adds to the rise of a cramp, in bpm."""


def draw_cramp_count(rng: np.random.Generator, mean: float) -> int:
    """Draw the cramps of a night: each brings on others, so that they come in clusters."""
    count = generation = int(rng.poisson(mean * (1.0 - CLUSTER_BRANCHING)))
    while generation:
        generation = int(rng.poisson(CLUSTER_BRANCHING * generation))
        count += generation
    return count


def most_cramps(hours: float) -> int:
    """Say how many cramps a night of this length can be asked to hold."""
    return math.floor(CRAMPS_AN_HOUR * hours)


def plan_night(
    rng: np.random.Generator,
    person: Person,
    rates: Rates,
    *,
    span_s: float,
    life: Life = PLAIN,
    script: Sequence[Scripted] = (),
    cramps: int | None = None,
    unseen: Iterable[tuple[float, float]] = (),
    off_wrist: Iterable[tuple[float, float]] = (),
) -> tuple[Happening, ...]:
    """Draw a night.

    Parameters
    ----------
    rng
        Source of all chance.
    person, rates
        Who sleeps and how often things happen.
    span_s
        Length of the recording in seconds.
    life
        How long things take, and what the heart makes of them.
    script
        What has to happen, placed first and as given.
    cramps
        Exact number of cramps beside the script; None draws it from ``rates``.
    unseen, off_wrist
        Spans (onset, duration) that nothing is drawn into, so that the truth is what a recording
        can show; the latter are happenings themselves.

    Returns
    -------
    tuple of Happening
        By onset; no two overlap.

    Raises
    ------
    SettingsError
        Where the script does not fit into the night.
    """
    asleep_s = float(min(rng.uniform(600.0, 1800.0), span_s / 4.0))
    awake_s = span_s - float(min(rng.uniform(240.0, 900.0), span_s / 8.0))
    night = _Night(rng, person, life, (asleep_s, awake_s))
    night.put(night.draw(Kind.FALLING_ASLEEP, 0.0, asleep_s - MARGIN_S))
    night.put(night.draw(Kind.FINAL_WAKING, awake_s, span_s - awake_s))
    for onset_s, duration_s in off_wrist:
        night.put(night.draw(Kind.OFF_WRIST, onset_s, duration_s))
    night.closed += [(onset_s, onset_s + duration_s) for onset_s, duration_s in unseen]
    for item in sorted(script, key=lambda item: item.onset_s):
        night.put(night.draw_scripted(item))

    # Long, so before all else has taken its room. How many, on a stream of its own: nights without
    # any are as they would be if nobody ever took a wearable off.
    for _ in range(int(rng.spawn(1)[0].poisson(rates.off_wrist_night))):
        night.add(Kind.OFF_WRIST)
    hours = (awake_s - asleep_s) / 3600.0
    if cramps is None:
        cramps = draw_cramp_count(rng, rates.cramps_night)
    previous_s: float | None = None
    for _ in range(cramps):
        previous_s = night.add_cramp(previous_s)
    for kind, mean in (
        (Kind.INFANT, rates.infant_night),
        (Kind.APNOEA, rates.apnoea_spells_night),
        (Kind.LYING_AWAKE, rates.awake_spells_night),
        (Kind.BATHROOM, rates.bathroom_night),
        (Kind.PHONE, rates.phone_night),
        (Kind.DRINK, rates.drink_night),
        (Kind.LIMB_MOVEMENTS, rates.limb_movement_runs_night),
        (Kind.LARGE_MOVEMENT, rates.large_movements_h * hours),
        (Kind.POSITION_SHIFT, rates.position_shifts_h * hours),
        (Kind.AROUSAL, rates.arousals_h * hours),
        (Kind.SCRATCH, rates.scratch_night),
    ):
        for _ in range(int(rng.poisson(mean))):
            night.add(kind)
    return tuple(sorted(night.happenings, key=lambda happening: happening.onset_s))


class _Night:
    """What has been placed so far."""

    def __init__(
        self, rng: np.random.Generator, person: Person, life: Life, sleep: tuple[float, float]
    ):
        self.rng = rng
        self.person = person
        self.life = life
        self.sleep = sleep
        self.happenings: list[Happening] = []
        self.closed: list[tuple[float, float]] = []

    def free(self, start_s: float, end_s: float) -> bool:
        return all(end_s <= start or start_s >= end for start, end in self.closed)

    def put(self, happening: Happening) -> None:
        """Place what has its place already."""
        if not self.free(happening.onset_s, happening.end_s):
            raise SettingsError(
                f"a {happening.kind} from {happening.onset_s:.0f} s to {happening.end_s:.0f} s "
                "overlaps something else in the night; script it at another time"
            )
        margin_s = MARGIN_S if happening.kind is Kind.AROUSAL else SETTLING_MARGIN_S
        self.happenings.append(happening)
        self.closed.append((happening.onset_s - MARGIN_S, happening.end_s + margin_s))

    def add(self, kind: Kind, near_s: float | None = None) -> Happening | None:
        """Find a place for one more; None where the night is full."""
        duration_s = self.life.lengths[kind].draw(self.rng)
        drawn = self.draw(kind, 0.0, duration_s)
        for _ in range(ATTEMPTS):
            onset_s = float(self.rng.uniform(*self.sleep))
            if near_s is not None and self.rng.random() < CLUSTER_BRANCHING:
                onset_s = near_s + float(self.rng.exponential(CLUSTER_DELAY_S))
            happening = replace(drawn, onset_s=round(onset_s, 1))
            inside = happening.end_s + SETTLING_MARGIN_S < self.sleep[1]
            if inside and self.free(happening.onset_s - MARGIN_S, happening.end_s + MARGIN_S):
                self.put(happening)
                return happening
        return None

    def add_cramp(self, previous_s: float | None) -> float | None:
        cramp = self.add(Kind.CRAMP, previous_s)
        if cramp is None:
            return previous_s
        if self.rng.random() < self.life.shift_before_cramp:
            self.shift_before(cramp)
        return cramp.onset_s

    def shift_before(self, cramp: Happening) -> None:
        duration_s = self.life.lengths[Kind.POSITION_SHIFT].draw(self.rng)
        onset_s = round(cramp.onset_s - duration_s - float(self.rng.uniform(MARGIN_S, 90.0)), 1)
        if onset_s > self.sleep[0] and self.free(onset_s, onset_s + duration_s):
            self.put(self.draw(Kind.POSITION_SHIFT, onset_s, duration_s))

    def draw_scripted(self, item: Scripted) -> Happening:
        lengths, awake_s = self.life.lengths, self.sleep[1]
        if item.kind not in lengths:
            raise SettingsError(f"{item.kind} cannot be scripted; choose {', '.join(lengths)}")
        duration_s = item.duration_s
        if duration_s is None:
            duration_s = lengths[item.kind].draw(self.rng)
        if item.kind is Kind.OFF_WRIST and duration_s < MIN_OFF_WRIST_S:
            raise SettingsError(
                f"a wearable cannot be off the wrist for {duration_s:g} s; "
                f"choose {MIN_OFF_WRIST_S:g} s or more"
            )
        happening = self.draw(item.kind, item.onset_s, duration_s, item.phenotype)
        if happening.onset_s < 0.0 or happening.end_s > awake_s:
            raise SettingsError(
                f"a {item.kind} from {happening.onset_s:.0f} s to {happening.end_s:.0f} s does not "
                f"lie in the night, which ends with the final waking at {awake_s:.0f} s"
            )
        return happening if item.rise_bpm is None else replace(happening, rise_bpm=item.rise_bpm)

    def draw(
        self, kind: Kind, onset_s: float, duration_s: float, phenotype: Phenotype | None = None
    ) -> Happening:
        onset_s, duration_s = round(onset_s, 1), round(duration_s, 1)
        rise_bpm = self.draw_rise(kind)
        if kind is Kind.CRAMP:
            drawn = self.draw_cramp(Happening(kind, onset_s, duration_s, rise_bpm), phenotype)
        elif kind is Kind.OFF_WRIST:
            parts = _handlings(self.rng, duration_s)
            drawn = Happening(kind, onset_s, duration_s, rise_bpm, parts=parts)
        elif kind in RUNS:
            parts = _run(self.rng, duration_s, *RUNS[kind])
            duration_s = round(parts[-1][0] + parts[-1][1], 1)
            visible = bool(self.rng.random() < VISIBLE_RUNS)
            drawn = Happening(kind, onset_s, duration_s, rise_bpm, visible=visible, parts=parts)
        else:
            visible = kind is not Kind.AROUSAL or bool(
                self.rng.random() < self.life.visible_arousals
            )
            if kind is Kind.AROUSAL and visible:
                # One that moves the arm rouses the heart as a change of position does.
                rise_bpm = self.draw_rise(Kind.POSITION_SHIFT)
            drawn = Happening(kind, onset_s, duration_s, rise_bpm, visible=visible)
        if self.life.manner is None or kind not in GONE_ABOUT:
            return drawn
        return _in_manner(self.rng, self.life.manner, drawn)

    def draw_rise(self, kind: Kind) -> float:
        return self.life.rises[kind].draw(self.rng) * self.person.reactivity

    def draw_cramp(self, cramp: Happening, phenotype: Phenotype | None) -> Happening:
        """Say what is done about a cramp, unless that is given, and what it changes."""
        rng, rise_bpm = self.rng, cramp.rise_bpm
        shares = list(self.life.phenotypes.values())
        drawn = Phenotype(str(rng.choice([str(name) for name in self.life.phenotypes], p=shares)))
        phenotype = phenotype or drawn
        if phenotype is Phenotype.STAND:
            rise_bpm += float(rng.uniform(*STANDING_RISE_BPM))
        if rng.random() < self.person.no_rise_share:
            rise_bpm = float(rng.uniform(0.0, 2.0))
        return replace(
            cramp,
            rise_bpm=rise_bpm,
            lag_s=_lag_s(rng, CRAMP_LAG_S, cramp.duration_s),
            visible=phenotype is not Phenotype.SILENT,
            phenotype=phenotype,
        )


def _lag_s(rng: np.random.Generator, mean_s: float, duration_s: float) -> float:
    return float(min(rng.exponential(mean_s), MAX_LAG_S, duration_s / 4.0))


def _handlings(rng: np.random.Generator, duration_s: float) -> tuple[tuple[float, float], ...]:
    """When the wearable is taken off and when it is put on again."""
    off_s, on_s = (round(min(HANDLING.draw(rng), HANDLING_SHARE * duration_s), 1) for _ in range(2))
    return (0.0, off_s), (round(duration_s - on_s, 1), on_s)


def _in_manner(rng: np.random.Generator, manner: Manner, happening: Happening) -> Happening:
    """Say which arm, when it holds still in between, and how it settles."""
    pauses: list[tuple[float, float]] = []
    hold_on = manner.pain if happening.kind is Kind.CRAMP else 1.0
    at_s = hold_on * manner.every_s.draw(rng)
    while at_s < happening.duration_s:
        pause_s = min(manner.pause_s.draw(rng), happening.duration_s - at_s)
        pauses.append((round(at_s, 1), round(pause_s, 1)))
        at_s += pause_s + hold_on * manner.every_s.draw(rng)
    return replace(
        happening,
        lag_s=_lag_s(rng, manner.lag_s, happening.duration_s),
        watch_arm=bool(rng.random() < manner.watch_arm),
        pauses=tuple(pauses),
        pace=manner.pace.draw(rng),
        settling_s=min(manner.settling_s.draw(rng), SETTLING_SHARE * happening.duration_s),
    )


def _run(
    rng: np.random.Generator,
    duration_s: float,
    apart_s: tuple[float, float],
    length_s: tuple[float, float],
) -> tuple[tuple[float, float], ...]:
    """Movements of a run, four at the least, nearly evenly apart."""
    usual_s = apart_s[0] + rng.uniform(0.1, 0.6) * (apart_s[1] - apart_s[0])
    parts: list[tuple[float, float]] = []
    at_s = 0.0
    while len(parts) < 4 or at_s < duration_s - length_s[1]:
        length = float(np.clip(rng.lognormal(math.log(2.0), 0.6), *length_s))
        parts.append((round(at_s, 1), round(length, 1)))
        at_s += float(np.clip(rng.normal(usual_s, usual_s / 4.0), *apart_s))
    return tuple(parts)
