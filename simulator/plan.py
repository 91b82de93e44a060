"""What happens in a night: when, for how long, and what the heart makes of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ingest.errors import SettingsError
from simulator.person import Person, Rates

__all__ = ["Happening", "Kind", "Phenotype", "Scripted", "draw_cramp_count", "plan_night"]


class Kind(StrEnum):
    """What can happen."""

    CRAMP = "cramp"
    BATHROOM = "bathroom"
    LARGE_MOVEMENT = "large_movement"
    POSITION_SHIFT = "position_shift"
    LIMB_MOVEMENTS = "limb_movements"
    PHONE = "phone"
    AROUSAL = "arousal"
    OFF_WRIST = "off_wrist"
    INFANT = "infant"
    DRINK = "drink"
    FALLING_ASLEEP = "falling_asleep"
    LYING_AWAKE = "lying_awake"
    FINAL_WAKING = "final_waking"
    APNOEA = "apnoea"

    @property
    def label(self) -> Kind:
        """The nearest of the recording folder's labels."""
        return LABELS.get(self, self)


LABELS: Mapping[Kind, Kind] = {
    Kind.INFANT: Kind.BATHROOM,
    Kind.DRINK: Kind.BATHROOM,
    Kind.FALLING_ASLEEP: Kind.AROUSAL,
    Kind.LYING_AWAKE: Kind.AROUSAL,
    Kind.FINAL_WAKING: Kind.AROUSAL,
    Kind.APNOEA: Kind.AROUSAL,
}
"""Kinds without a label of their own in the recording folder."""


class Phenotype(StrEnum):
    """What a person does about a cramp, as far as the wrist can tell."""

    SILENT = "silent"
    RUB = "rub"
    SIT = "sit"
    STAND = "stand"


PHENOTYPE_SHARES: Mapping[Phenotype, float] = {
    Phenotype.SILENT: 0.20,
    Phenotype.RUB: 0.30,
    Phenotype.SIT: 0.25,
    Phenotype.STAND: 0.25,
}
"""Assumed shares: none are published."""

SHIFT_BEFORE_CRAMP = 0.3
"""Assumed share of cramps that follow a change of position."""

CLUSTER_BRANCHING = 0.2
"""Further cramps each cramp brings on; an induced cramp lowers the threshold (Miller 2017)."""
CLUSTER_DELAY_S = 3600.0
"""Mean seconds until such a further cramp: the threshold stays low for an hour at least."""

LIMB_APART_S, LIMB_LENGTH_S = (10.0, 90.0), (0.5, 10.0)
"""Periodic limb movements: seconds from one to the next and length of each (WASM 2016)."""
APNOEA_APART_S, APNOEA_LENGTH_S = (60.0, 90.0), (3.0, 12.0)
"""The same for the arousals that end an apnoea: heart-rate cycles of 60-90 s."""

VISIBLE_AROUSALS = 0.1
"""Share of arousals that move the wrist: leaves 7 to 14 movements an hour, as in real nights."""
VISIBLE_RUNS = 0.5
"""Share of runs of leg movements or apnoeas that the wrist takes part in; assumed."""

MARGIN_S = 15.0
"""Quiet seconds kept between two happenings, so that each can be told in the truth."""
SETTLING_MARGIN_S = 60.0
"""The same after all but an arousal: settling goes on after the end."""

ATTEMPTS = 60
"""Places tried for a drawn happening before the night counts as full."""


@dataclass(frozen=True, slots=True)
class _Length:
    """Log-normal duration in seconds, cut to a range."""

    median_s: float
    sigma: float
    low_s: float
    high_s: float

    def draw(self, rng: np.random.Generator) -> float:
        while True:
            drawn = float(rng.lognormal(math.log(self.median_s), self.sigma))
            if self.low_s <= drawn <= self.high_s:
                return round(drawn, 1)


LENGTHS: Mapping[Kind, _Length] = {
    Kind.CRAMP: _Length(100.0, 0.9, 10.0, 600.0),
    Kind.BATHROOM: _Length(200.0, 0.45, 80.0, 720.0),
    Kind.INFANT: _Length(420.0, 0.7, 90.0, 2400.0),
    Kind.DRINK: _Length(90.0, 0.6, 30.0, 400.0),
    Kind.PHONE: _Length(240.0, 0.8, 30.0, 1800.0),
    Kind.LYING_AWAKE: _Length(300.0, 0.9, 45.0, 2700.0),
    Kind.APNOEA: _Length(1200.0, 0.4, 600.0, 2400.0),
    Kind.LARGE_MOVEMENT: _Length(12.0, 0.7, 3.0, 45.0),
    Kind.POSITION_SHIFT: _Length(8.0, 0.5, 3.0, 30.0),
    Kind.AROUSAL: _Length(7.0, 0.5, 3.0, 15.0),
    Kind.LIMB_MOVEMENTS: _Length(240.0, 0.6, 60.0, 900.0),
}
"""Cramps by the project's assumptions (published: seconds to ten minutes); large movements 3-45 s
(IRLSSG); arousals 3-15 s by definition; what happens out of bed and awake by common experience."""


@dataclass(frozen=True, slots=True)
class _Rise:
    """Heart-rate rise in bpm: none in some, else normal, cut to 0-40."""

    answered: float
    mean_bpm: float
    sd_bpm: float

    def draw(self, rng: np.random.Generator) -> float:
        if rng.random() >= self.answered:
            return float(rng.uniform(0.0, 2.0))
        return float(np.clip(rng.normal(self.mean_bpm, self.sd_bpm), 0.0, 40.0))


RISES: Mapping[Kind, _Rise] = {
    Kind.CRAMP: _Rise(1.0, 15.0, 7.0),
    Kind.BATHROOM: _Rise(1.0, 22.0, 8.0),
    Kind.INFANT: _Rise(1.0, 19.0, 8.0),
    Kind.DRINK: _Rise(0.9, 13.0, 7.0),
    Kind.PHONE: _Rise(0.7, 7.0, 4.0),
    Kind.FALLING_ASLEEP: _Rise(1.0, 10.0, 4.0),
    Kind.LYING_AWAKE: _Rise(1.0, 9.0, 5.0),
    Kind.FINAL_WAKING: _Rise(1.0, 18.0, 6.0),
    Kind.APNOEA: _Rise(1.0, 8.0, 3.0),
    Kind.LARGE_MOVEMENT: _Rise(0.75, 20.0, 8.0),
    Kind.POSITION_SHIFT: _Rise(0.65, 18.0, 8.0),
    Kind.AROUSAL: _Rise(0.4, 14.0, 8.0),
    Kind.LIMB_MOVEMENTS: _Rise(0.8, 7.0, 3.0),
}
"""Cramps by the project's assumptions (nothing is published); the harmless ones so that together
they rise by over 10 bpm three to nine times an hour and that most large movements bring one, as
in the real nights of the project."""

STANDING_RISE_BPM = (10.0, 20.0)
"""What getting up adds to the rise of a cramp, in bpm."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the body does.

    Parameters
    ----------
    onset_s, duration_s
        When the body does it, in seconds of the night.
    rise_bpm
        Size of the heart's answer.
    lag_s
        From the onset to the first movement.
    visible
        Whether the wrist moves.
    phenotype
        Of a cramp.
    parts
        Movements of a run, each by seconds from the onset and its duration; else empty.
    """

    kind: Kind
    onset_s: float
    duration_s: float
    rise_bpm: float = 0.0
    lag_s: float = 0.0
    visible: bool = True
    phenotype: Phenotype | None = None
    parts: tuple[tuple[float, float], ...] = ()

    @property
    def end_s(self) -> float:
        """Second of the night at which it is over."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Scripted:
    """A happening that has to take place; what is None is drawn."""

    kind: Kind
    onset_s: float
    duration_s: float | None = None
    phenotype: Phenotype | None = None
    rise_bpm: float | None = None


def draw_cramp_count(rng: np.random.Generator, mean: float) -> int:
    """Draw the cramps of a night: each brings on others, so that they come in clusters."""
    count = generation = int(rng.poisson(mean * (1.0 - CLUSTER_BRANCHING)))
    while generation:
        generation = int(rng.poisson(CLUSTER_BRANCHING * generation))
        count += generation
    return count


def plan_night(
    rng: np.random.Generator,
    person: Person,
    rates: Rates,
    *,
    span_s: float,
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
    night = _Night(rng, person, (asleep_s, awake_s))
    night.put(_draw(rng, person, Kind.FALLING_ASLEEP, 0.0, asleep_s - MARGIN_S))
    night.put(_draw(rng, person, Kind.FINAL_WAKING, awake_s, span_s - awake_s))
    for onset_s, duration_s in off_wrist:
        night.put(Happening(Kind.OFF_WRIST, onset_s, duration_s))
    night.closed += [(onset_s, onset_s + duration_s) for onset_s, duration_s in unseen]
    for item in sorted(script, key=lambda item: item.onset_s):
        night.put(_scripted(rng, person, item, awake_s))

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
    ):
        for _ in range(int(rng.poisson(mean))):
            night.add(kind)
    return tuple(sorted(night.happenings, key=lambda happening: happening.onset_s))


class _Night:
    """What has been placed so far."""

    def __init__(self, rng: np.random.Generator, person: Person, sleep: tuple[float, float]):
        self.rng = rng
        self.person = person
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
        drawn = _draw(self.rng, self.person, kind, 0.0, LENGTHS[kind].draw(self.rng))
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
        if self.rng.random() < SHIFT_BEFORE_CRAMP:
            self.shift_before(cramp)
        return cramp.onset_s

    def shift_before(self, cramp: Happening) -> None:
        duration_s = LENGTHS[Kind.POSITION_SHIFT].draw(self.rng)
        onset_s = cramp.onset_s - duration_s - float(self.rng.uniform(MARGIN_S, 90.0))
        if onset_s > self.sleep[0] and self.free(onset_s, onset_s + duration_s):
            shift = _draw(self.rng, self.person, Kind.POSITION_SHIFT, onset_s, duration_s)
            self.put(shift)


def _scripted(
    rng: np.random.Generator, person: Person, item: Scripted, awake_s: float
) -> Happening:
    if item.kind not in LENGTHS:
        raise SettingsError(
            f"{item.kind} cannot be scripted; choose {', '.join(LENGTHS)}, "
            "and give time off the wrist as a fault"
        )
    duration_s = LENGTHS[item.kind].draw(rng) if item.duration_s is None else item.duration_s
    happening = _draw(rng, person, item.kind, item.onset_s, duration_s, item.phenotype)
    if happening.onset_s < 0.0 or happening.end_s > awake_s:
        raise SettingsError(
            f"a {item.kind} from {happening.onset_s:.0f} s to {happening.end_s:.0f} s does not "
            f"lie in the night, which ends with the final waking at {awake_s:.0f} s"
        )
    return happening if item.rise_bpm is None else replace(happening, rise_bpm=item.rise_bpm)


def _draw(
    rng: np.random.Generator,
    person: Person,
    kind: Kind,
    onset_s: float,
    duration_s: float,
    phenotype: Phenotype | None = None,
) -> Happening:
    onset_s, duration_s = round(onset_s, 1), round(duration_s, 1)
    rise_bpm = RISES[kind].draw(rng) * person.reactivity
    if kind is Kind.CRAMP:
        shares = list(PHENOTYPE_SHARES.values())
        drawn = Phenotype(str(rng.choice([str(name) for name in PHENOTYPE_SHARES], p=shares)))
        phenotype = phenotype or drawn
        if phenotype is Phenotype.STAND:
            rise_bpm += float(rng.uniform(*STANDING_RISE_BPM))
        if rng.random() < person.no_rise_share:
            rise_bpm = float(rng.uniform(0.0, 2.0))
        return Happening(
            kind,
            onset_s,
            duration_s,
            rise_bpm,
            lag_s=float(min(rng.exponential(2.5), 8.0, duration_s / 4.0)),
            visible=phenotype is not Phenotype.SILENT,
            phenotype=phenotype,
        )
    if kind is Kind.LIMB_MOVEMENTS:
        parts = _run(rng, duration_s, LIMB_APART_S, LIMB_LENGTH_S)
    elif kind is Kind.APNOEA:
        parts = _run(rng, duration_s, APNOEA_APART_S, APNOEA_LENGTH_S)
    else:
        visible = kind is not Kind.AROUSAL or bool(rng.random() < VISIBLE_AROUSALS)
        if kind is Kind.AROUSAL and visible:
            # One that moves the arm rouses the heart as a change of position does.
            rise_bpm = RISES[Kind.POSITION_SHIFT].draw(rng) * person.reactivity
        return Happening(kind, onset_s, duration_s, rise_bpm, visible=visible)
    duration_s = round(parts[-1][0] + parts[-1][1], 1)
    visible = bool(rng.random() < VISIBLE_RUNS)
    return Happening(kind, onset_s, duration_s, rise_bpm, visible=visible, parts=parts)


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
