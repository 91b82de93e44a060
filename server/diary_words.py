"""The plain words of the diary. They name what is told and never what to do about it."""

from __future__ import annotations

from datetime import date

from server.diary_kinds import Factor, Habit, Medicine, MedicineClass, StandingFactor, Symptom
from server.words import day

__all__ = [
    "CLASSES",
    "FACTORS",
    "HABITS",
    "NUMBERS",
    "OTHERS_READ",
    "SYMPTOMS",
    "name_of",
    "span",
    "unreadable",
]

HABITS = {
    Habit.CALF_STRETCHES: "Calf stretches",
    Habit.FLUIDS: "Drank as planned",
    Habit.WARM_FOOT_BATH: "Warm foot bath",
    Habit.HEAVY_BLANKET: "Heavy blanket",
    Habit.EXERCISE: "Exercise",
}

SYMPTOMS = {
    Symptom.SWELLING: "Swelling",
    Symptom.TIRED: "Very tired",
    Symptom.NAUSEA: "Nausea",
    Symptom.URINE_CHANGED: "Urine changed",
    Symptom.URINE_FOAMY: "Urine foamy",
    Symptom.NIGHT_URINATION: "Up to urinate",
    Symptom.HIGH_BLOOD_PRESSURE: "Blood pressure high",
}

NUMBERS = {
    "weight_gain_kg": "Weight gained since the last dialysis, in kg",
    "times_up": "Times up to urinate last night",
    "systolic_mmhg": "Blood pressure, upper number",
    "diastolic_mmhg": "Blood pressure, lower number",
}
"""What may be told as a number, by the name it is kept under."""

FACTORS = {
    Factor.ELECTROLYTES: "Blood salts (electrolytes) known to be low",
    Factor.DEHYDRATION: "Lost much water (heat, fever, diarrhoea)",
    Factor.SITTING_OR_STANDING: "Long sitting or standing",
    Factor.EXERTION: "Hard work or sport",
    Factor.SLEEPING_POSITION: "A cramped way of lying in bed",
    Factor.NERVES_OR_VEINS: "Nerves or veins",
    Factor.PREGNANCY: "Pregnancy",
    Factor.AGE_AND_MUSCLE_LOSS: "Age, less muscle than before",
    Factor.KIDNEY_OR_LIVER: "Kidneys or liver not well",
}

CLASSES = {
    MedicineClass.LONG_ACTING_BETA_AGONIST: "Inhaler, long-acting (salmeterol, formoterol)",
    MedicineClass.SHORT_ACTING_BETA_AGONIST: "Inhaler for attacks (salbutamol)",
    MedicineClass.POTASSIUM_SPARING_DIURETIC: "Water tablet (spironolactone, amiloride)",
    MedicineClass.THIAZIDE_LIKE_DIURETIC: "Water tablet (indapamide, chlortalidone)",
    MedicineClass.LOOP_DIURETIC: "Water tablet (furosemide, torasemide)",
    MedicineClass.STATIN: "Cholesterol tablet (simvastatin, atorvastatin)",
    MedicineClass.INTRAVENOUS_IRON: "Iron into a vein",
    MedicineClass.OESTROGEN: "Oestrogen",
    MedicineClass.RALOXIFENE: "Raloxifene",
    MedicineClass.NAPROXEN: "Naproxen",
    MedicineClass.TERIPARATIDE: "Teriparatide",
    MedicineClass.NIFEDIPINE: "Nifedipine",
    MedicineClass.STEROID: "Cortisone (steroids)",
    MedicineClass.OTHER: "Another kind",
}
"""Kinds of medicines, by names that stand on the packet."""

OTHERS_READ = "You may read this diary. Only its owner writes in it."


def name_of(told: StandingFactor | Medicine) -> str:
    """Name what holds for some time."""
    if isinstance(told, StandingFactor):
        return FACTORS[told.factor]
    of_class = None if told.of_class is None else CLASSES[told.of_class]
    return ": ".join(each for each in (told.name, of_class) if each)


def span(since: date | None, until: date | None) -> str:
    """Write from when to when something holds."""
    told = (
        None if since is None else f"since {_dated(since)}",
        None if until is None else f"until {_dated(until)}",
    )
    return ", ".join(each for each in told if each) or "no dates told"


def unreadable(number: int) -> str | None:
    """Write that there is something of this day which is of no kind known here; None of nothing."""
    if not number:
        return None
    of = "entry of this day was" if number == 1 else "entries of this day were"
    return f"{number} more {of} written by another program and cannot be shown here."


def _dated(when: date) -> str:
    return f"{day(when)} {when.year}"
