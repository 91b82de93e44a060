"""What can happen in a night, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["LABELS", "Happening", "Kind", "Phenotype", "Scripted"]


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
    SCRATCH = "scratch"
    TAPS = "taps"

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
    Kind.SCRATCH: Kind.AROUSAL,
    Kind.TAPS: Kind.AROUSAL,
}
"""Kinds without a label of their own in the recording folder."""


class Phenotype(StrEnum):
    """What a person does about a cramp, as far as the wrist can tell."""

    SILENT = "silent"
    RUB = "rub"
    SIT = "sit"
    STAND = "stand"


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
        Movements of a run, each by seconds from the onset and its duration; taking the wearable
        off and putting it on again; else empty.
    watch_arm
        Whether the arm with the watch does the most of it; None leaves it to the family.
    pauses
        Stretches of holding still in it, each by seconds from the onset and its duration.
    pace
        How densely movements follow on each other in it; 1 is usual, 2 is twice as dense.
    settling_s
        For how long small movements, ever fewer, go on after its end; 0 leaves it to the family.
    """

    kind: Kind
    onset_s: float
    duration_s: float
    rise_bpm: float = 0.0
    lag_s: float = 0.0
    visible: bool = True
    phenotype: Phenotype | None = None
    parts: tuple[tuple[float, float], ...] = ()
    watch_arm: bool | None = None
    pauses: tuple[tuple[float, float], ...] = ()
    pace: float = 1.0
    settling_s: float = 0.0

    @property
    def end_s(self) -> float:
        """Second of the night at which it is over."""
        return self.onset_s + self.duration_s

    @property
    def each_part(self) -> tuple[Happening, ...]:
        """Its parts as happenings of their own, begun at once and without pauses or settling."""
        alone = replace(self, lag_s=0.0, parts=(), pauses=(), settling_s=0.0)
        return tuple(
            replace(alone, onset_s=self.onset_s + offset_s, duration_s=duration_s)
            for offset_s, duration_s in self.parts
        )


@dataclass(frozen=True, slots=True)
class Scripted:
    """A happening that has to take place; what is None is drawn."""

    kind: Kind
    onset_s: float
    duration_s: float | None = None
    phenotype: Phenotype | None = None
    rise_bpm: float | None = None
