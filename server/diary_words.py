"""The plain words of the diary. They name what is told and never what to do about it."""

from __future__ import annotations

from datetime import date

from server.diary_kinds import Factor, Habit, Medicine, MedicineClass, StandingFactor, Symptom
from server.language import N_, _, ngettext
from server.words import day_and_year

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
    Habit.CALF_STRETCHES: N_("Calf stretches"),
    Habit.FLUIDS: N_("Drank as planned"),
    Habit.WARM_FOOT_BATH: N_("Warm foot bath"),
    Habit.HEAVY_BLANKET: N_("Heavy blanket"),
    Habit.EXERCISE: N_("Exercise"),
}

SYMPTOMS = {
    Symptom.SWELLING: N_("Swelling"),
    Symptom.TIRED: N_("Very tired"),
    Symptom.NAUSEA: N_("Nausea"),
    Symptom.URINE_CHANGED: N_("Urine changed"),
    Symptom.URINE_FOAMY: N_("Urine foamy"),
    Symptom.NIGHT_URINATION: N_("Up to urinate"),
    Symptom.HIGH_BLOOD_PRESSURE: N_("Blood pressure high"),
}

NUMBERS = {
    "weight_gain_kg": N_("Weight gained since the last dialysis, in kg"),
    "times_up": N_("Times up to urinate last night"),
    "systolic_mmhg": N_("Blood pressure, upper number"),
    "diastolic_mmhg": N_("Blood pressure, lower number"),
}
"""What may be told as a number, by the name it is kept under."""

FACTORS = {
    Factor.ELECTROLYTES: N_("Blood salts (electrolytes) known to be low"),
    Factor.DEHYDRATION: N_("Lost much water (heat, fever, diarrhoea)"),
    Factor.SITTING_OR_STANDING: N_("Long sitting or standing"),
    Factor.EXERTION: N_("Hard work or sport"),
    Factor.SLEEPING_POSITION: N_("A cramped way of lying in bed"),
    Factor.NERVES_OR_VEINS: N_("Nerves or veins"),
    Factor.PREGNANCY: N_("Pregnancy"),
    Factor.AGE_AND_MUSCLE_LOSS: N_("Age, less muscle than before"),
    Factor.KIDNEY_OR_LIVER: N_("Kidneys or liver not well"),
}

CLASSES = {
    MedicineClass.LONG_ACTING_BETA_AGONIST: N_("Inhaler, long-acting (salmeterol, formoterol)"),
    MedicineClass.SHORT_ACTING_BETA_AGONIST: N_("Inhaler for attacks (salbutamol)"),
    MedicineClass.POTASSIUM_SPARING_DIURETIC: N_("Water tablet (spironolactone, amiloride)"),
    MedicineClass.THIAZIDE_LIKE_DIURETIC: N_("Water tablet (indapamide, chlortalidone)"),
    MedicineClass.LOOP_DIURETIC: N_("Water tablet (furosemide, torasemide)"),
    MedicineClass.STATIN: N_("Cholesterol tablet (simvastatin, atorvastatin)"),
    MedicineClass.INTRAVENOUS_IRON: N_("Iron into a vein"),
    MedicineClass.OESTROGEN: N_("Oestrogen"),
    MedicineClass.RALOXIFENE: N_("Raloxifene"),
    MedicineClass.NAPROXEN: N_("Naproxen"),
    MedicineClass.TERIPARATIDE: N_("Teriparatide"),
    MedicineClass.NIFEDIPINE: N_("Nifedipine"),
    MedicineClass.STEROID: N_("Cortisone (steroids)"),
    MedicineClass.OTHER: N_("Another kind"),
}
"""Kinds of medicines, by names that stand on the packet."""

OTHERS_READ = N_("You may read this diary. Only its owner writes in it.")


def name_of(told: StandingFactor | Medicine) -> str:
    """Name what holds for some time."""
    if isinstance(told, StandingFactor):
        return _(FACTORS[told.factor])
    of_class = None if told.of_class is None else _(CLASSES[told.of_class])
    return ": ".join(each for each in (told.name, of_class) if each)


def span(since: date | None, until: date | None) -> str:
    """Write from when to when something holds."""
    told = (
        None if since is None else _("since %(day)s", day=day_and_year(since)),
        None if until is None else _("until %(day)s", day=day_and_year(until)),
    )
    return ", ".join(each for each in told if each) or _("no dates told")


def unreadable(number: int) -> str | None:
    """Write that there is something of this day which is of no kind known here; None of nothing."""
    if not number:
        return None
    return ngettext(
        "%(num)s more entry of this day was written by another program and cannot be shown here.",
        "%(num)s more entries of this day were written by another program and cannot be shown "
        "here.",
        number,
    )
