"""What an entry of the diary may hold, by its kind: both who writes and who reads asks here.

An entry of a kind that is not here is kept as it is; one of a kind that is, is held to its shape.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from ingest.errors import InputError

__all__ = [
    "BathroomTrip",
    "Dialysis",
    "DiaryKind",
    "Factor",
    "Habit",
    "Habits",
    "Medicine",
    "MedicineClass",
    "Payload",
    "StandingFactor",
    "Symptom",
    "Symptoms",
    "as_json",
    "kind_of",
    "payload_of",
    "require_shape",
]

MAX_WEIGHT_GAIN_KG = 20.0
"""Kilograms between two dialysis sessions: several times what is ever seen, so that only slips of
the finger are refused."""
MAX_PRESSURE_MMHG = 300
"""Blood pressure in millimetres of mercury, the highest that a cuff shows."""
MAX_TIMES_UP = 30
"""Times up in a night: more than anybody tells."""
MAX_NAME_CHARS = 80
"""Longest name of a medicine, in characters: a line of a label."""


class DiaryKind(StrEnum):
    """What an entry is about."""

    FACTOR = "factor"
    MEDICINE = "medicine"
    HABITS = "habits"
    SYMPTOMS = "symptoms"
    DIALYSIS = "dialysis"
    BATHROOM = "bathroom"


class Factor(StrEnum):
    """Nine of the ten factors that the source articles name; the tenth is `Medicine`."""

    ELECTROLYTES = "electrolytes_known_low"
    DEHYDRATION = "dehydration"
    SITTING_OR_STANDING = "long_sitting_or_standing"
    EXERTION = "exertion"
    SLEEPING_POSITION = "sleeping_position"
    NERVES_OR_VEINS = "nerves_or_veins"
    PREGNANCY = "pregnancy"
    AGE_AND_MUSCLE_LOSS = "age_and_muscle_loss"
    KIDNEY_OR_LIVER = "kidney_or_liver_disease"


class MedicineClass(StrEnum):
    """The classes that the reference of this project links with cramps, and any other."""

    LONG_ACTING_BETA_AGONIST = "long_acting_beta_agonist"
    SHORT_ACTING_BETA_AGONIST = "short_acting_beta_agonist"
    POTASSIUM_SPARING_DIURETIC = "potassium_sparing_diuretic"
    THIAZIDE_LIKE_DIURETIC = "thiazide_like_diuretic"
    LOOP_DIURETIC = "loop_diuretic"
    STATIN = "statin"
    INTRAVENOUS_IRON = "intravenous_iron"
    OESTROGEN = "oestrogen"
    RALOXIFENE = "raloxifene"
    NAPROXEN = "naproxen"
    TERIPARATIDE = "teriparatide"
    NIFEDIPINE = "nifedipine"
    STEROID = "steroid"
    OTHER = "other"


class Habit(StrEnum):
    """What is done on a day."""

    CALF_STRETCHES = "calf_stretches"
    FLUIDS = "fluids"
    WARM_FOOT_BATH = "warm_foot_bath"
    HEAVY_BLANKET = "heavy_blanket"
    EXERCISE = "exercise"


class Symptom(StrEnum):
    """What is noticed on a day."""

    SWELLING = "swelling"
    URINE_CHANGED = "urine_changed"
    URINE_FOAMY = "urine_foamy"
    TIRED = "tired"
    NAUSEA = "nausea"
    HIGH_BLOOD_PRESSURE = "high_blood_pressure"
    NIGHT_URINATION = "night_urination"


STRICT = ConfigDict(extra="forbid", strict=True)

Pressure = Annotated[int, Field(ge=1, le=MAX_PRESSURE_MMHG)]


@dataclass(frozen=True, config=STRICT)
class StandingFactor:
    """A factor that holds for some time.

    Parameters
    ----------
    since, until
        First and last day; None where that is not known, or it still holds.
    """

    factor: Factor
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _require_order(self.since, self.until)
        return self


@dataclass(frozen=True, config=STRICT)
class Medicine:
    """A medicine, by its name or its class or both, started and stopped."""

    name: Annotated[str, Field(max_length=MAX_NAME_CHARS)] = ""
    of_class: MedicineClass | None = None
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _told(self) -> Self:
        if not self.name and self.of_class is None:
            raise ValueError("a medicine has a name or a class")
        _require_order(self.since, self.until)
        return self


@dataclass(frozen=True, config=STRICT)
class Habits:
    """What was done on a day; none of them is told as well, and is not the same as no entry."""

    done: tuple[Habit, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Symptoms:
    """What was noticed on a day; none of them is told as well.

    Parameters
    ----------
    systolic_mmhg, diastolic_mmhg
        Blood pressure, where it was measured.
    times_up
        How often somebody got up in the night before to pass water.
    """

    felt: tuple[Symptom, ...] = ()
    systolic_mmhg: Pressure | None = None
    diastolic_mmhg: Pressure | None = None
    times_up: Annotated[int, Field(ge=0, le=MAX_TIMES_UP)] | None = None


@dataclass(frozen=True, config=STRICT)
class Dialysis:
    """A session, and how many kilograms were gained since the one before."""

    weight_gain_kg: Annotated[float, Field(ge=0, le=MAX_WEIGHT_GAIN_KG)] | None = None


@dataclass(frozen=True, config=STRICT)
class BathroomTrip:
    """The wearer's word on an awakening, by its onset in UTC nanoseconds."""

    onset_ns: int
    said: Literal["yes", "no"]


Payload: TypeAlias = StandingFactor | Medicine | Habits | Symptoms | Dialysis | BathroomTrip

_SHAPES: dict[str, type[Payload]] = {
    DiaryKind.FACTOR: StandingFactor,
    DiaryKind.MEDICINE: Medicine,
    DiaryKind.HABITS: Habits,
    DiaryKind.SYMPTOMS: Symptoms,
    DiaryKind.DIALYSIS: Dialysis,
    DiaryKind.BATHROOM: BathroomTrip,
}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(of) for kind, of in _SHAPES.items()}


def kind_of(payload: Payload) -> DiaryKind:
    """Name the kind of an entry by what is in it."""
    return next(DiaryKind(kind) for kind, of in _SHAPES.items() if isinstance(payload, of))


def payload_of(kind: str, payload: Mapping[str, Any]) -> Payload:
    """Read what is in an entry.

    Raises
    ------
    InputError
        The kind is none of `DiaryKind`, or what is in it is not of its shape.
    """
    if kind not in _ADAPTERS:
        known = ", ".join(DiaryKind)
        raise InputError(f"The diary knows no kind '{kind}'. It knows {known}.")
    try:
        read: Payload = _ADAPTERS[kind].validate_json(json.dumps(dict(payload)))
    except ValidationError as error:
        raise InputError(_told(kind, error)) from error
    return read


def require_shape(kind: str, payload: Mapping[str, Any]) -> None:
    """Hold an entry to the shape of its kind, where that is one of `DiaryKind`.

    Raises
    ------
    InputError
        It has another shape.
    """
    if kind in _ADAPTERS:
        payload_of(kind, payload)


def as_json(payload: Payload) -> dict[str, Any]:
    """Give what is in an entry as it is kept; what was not told is left out."""
    written: dict[str, Any] = _ADAPTERS[kind_of(payload)].dump_python(
        payload, mode="json", exclude_defaults=True
    )
    return written


def _require_order(since: date | None, until: date | None) -> None:
    if since is not None and until is not None and until < since:
        raise ValueError("it ends before it begins")


def _told(kind: str, error: ValidationError) -> str:
    first = error.errors()[0]
    of = "".join(f" '{each}'" for each in first["loc"])
    why = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"The diary cannot keep this as '{kind}'{of}: {why[0].lower()}{why[1:]}. Correct it."
