"""What frequent cramps can mean: a page that the user opens, each statement with its source.

How urgent it is comes from the user's own answers alone, never from a night; they are not kept.
Whoever has not said that their kidneys are well gets no advice on drinking, minerals or quinine.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from server.language import N_

__all__ = [
    "ANSWERS",
    "GETTING_UP",
    "KIDNEYS",
    "LEVELS",
    "NO_REASSURANCE",
    "Kidneys",
    "Level",
    "Section",
    "Statement",
    "Urgency",
    "sections",
    "urgency",
]

HALLEGRAEFF_2017 = N_("Hallegraeff and others, BMC Family Practice 2017")
GARRISON_2012 = N_("Garrison and others 2012, sequence ratios")
ALLEN_2012 = N_("Allen and Kirby, American Family Physician 2012")
NHS_AND_THROMBOSIS = N_("NHS, Leg cramps; NHS, Deep vein thrombosis")
CDC_2021 = N_("CDC, Chronic Kidney Disease in the United States, 2021")
KIDNEY_FOUNDATION = N_("National Kidney Foundation, signs of kidney disease")
FALLS_LEAFLET = N_("Tees, Esk and Wear Valleys NHS, leaflet on falls")
PREVENTING_FALLS = N_("Mid and South Essex NHS, Preventing falls")
OWN_CHOICE = N_("choice of crampwatch")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and where it comes from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Section:
    """What is said of a kind of cramp, or of what is there besides."""

    name: str
    title: str
    statements: tuple[Statement, ...]


class Kidneys(StrEnum):
    """What the user says of the kidneys."""

    WELL = "well"
    ILL = "ill"
    UNKNOWN = "unknown"


KIDNEYS = {
    Kidneys.WELL: N_("A doctor has found them well"),
    Kidneys.ILL: N_("They are not well, or I am on dialysis"),
    Kidneys.UNKNOWN: N_("I do not know"),
}


class Level(IntEnum):
    """How soon somebody should see a doctor; the most urgent answer decides."""

    SELF_CARE = 0
    SOON = 1
    SAME_DAY = 2
    EMERGENCY = 3


@dataclass(frozen=True, slots=True)
class Urgency:
    """What a level asks for."""

    title: str
    text: str


LEVELS = {
    Level.EMERGENCY: Urgency(
        N_("Call an ambulance now"), N_("What you ticked cannot wait for a doctor.")
    ),
    Level.SAME_DAY: Urgency(
        N_("See a doctor today"), N_("What you ticked should be looked at today.")
    ),
    Level.SOON: Urgency(
        N_("See a doctor soon"),
        N_("Make an appointment for the next days, and take your numbers along."),
    ),
    Level.SELF_CARE: Urgency(
        N_("Nothing that you ticked is urgent"),
        N_(
            "Occasional cramps in somebody who is otherwise well are common. See a doctor when "
            "they come often or disturb your sleep."
        ),
    ),
}

NO_REASSURANCE = Statement(
    N_(
        "That nothing is ticked does not mean that nothing is wrong: of adults in the United "
        "States who have kidney disease about nine in ten do not know it."
    ),
    CDC_2021,
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that the user can tick, and how urgent it is."""

    name: str
    text: str
    level: Level


KIDNEY_SIGNS = frozenset({"palpitations", "marked_weakness"})
"""An emergency where the kidneys are not well, and taken for one as long as nobody knows."""

ANSWERS = (
    Sign("chest_pain", N_("Chest pain"), Level.EMERGENCY),
    Sign("breathless", N_("Sudden breathlessness"), Level.EMERGENCY),
    Sign("collapse", N_("Collapse"), Level.EMERGENCY),
    Sign("palpitations", N_("Palpitations"), Level.SAME_DAY),
    Sign("marked_weakness", N_("Marked weakness"), Level.SAME_DAY),
    Sign("swollen_leg", N_("One leg swollen, warm and red"), Level.SAME_DAY),
    Sign("long_cramp", N_("A cramp over ten minutes that does not ease"), Level.SAME_DAY),
    Sign("dark_urine", N_("Dark urine and muscle pain while taking a statin"), Level.SAME_DAY),
    Sign("little_urine", N_("Little or no urine"), Level.SAME_DAY),
    Sign("fall", N_("An injury from a fall"), Level.SAME_DAY),
    Sign("sleep", N_("Disturbed sleep"), Level.SOON),
    Sign("frequent", N_("Cramps that come often"), Level.SOON),
    Sign("numbness", N_("Numbness or weakness"), Level.SOON),
    Sign("urine", N_("Foamy urine, or urine that changed"), Level.SOON),
    Sign("tired", N_("Unusual tiredness, or nausea"), Level.SOON),
    Sign("ankles", N_("Swollen ankles"), Level.SOON),
    Sign("pressure", N_("High blood pressure"), Level.SOON),
)
"""In the order of their urgency."""

GETTING_UP = Section(
    "getting-up",
    N_("Getting up after a cramp"),
    (
        Statement(N_("Sit on the edge of the bed for a minute."), FALLS_LEAFLET),
        Statement(N_("Put the light on before you stand."), PREVENTING_FALLS),
        Statement(
            N_("Hold on to something while you stand up and for the first steps."),
            PREVENTING_FALLS,
        ),
    ),
)

_KINDS = (
    Section(
        "night-cramp",
        N_("In bed, in the calf or foot"),
        (
            Statement(
                N_(
                    "A night cramp is an intense pain of seconds to ten minutes, in the calf or "
                    "foot and seldom in the thigh. Soreness, broken sleep and distress go with it."
                ),
                HALLEGRAEFF_2017,
            ),
            Statement(
                N_(
                    "They are common: of adults in the United States about one in four had mild "
                    "ones in the past month, and 6 %% moderate to severe ones."
                ),
                N_("Grandner and Winkelman 2017"),
            ),
            Statement(
                N_("Of people over 60 who have cramps, 40 %% have three or more a week."),
                N_("NICE Clinical Knowledge Summary 2012"),
            ),
            Statement(
                N_("They come about twice as often in mid-summer as in winter."),
                N_("Garrison and others, CMAJ 2015"),
            ),
            Statement(
                N_(
                    "There is no agreed number from which they are frequent. Three nights in seven "
                    "is the number that crampwatch calls attention to."
                ),
                OWN_CHOICE,
            ),
        ),
    ),
    Section(
        "dialysis",
        N_("During dialysis, or between sessions"),
        (
            Statement(
                N_("Between a third and six in seven of people on dialysis have cramps during it."),
                N_(
                    "Muscle Cramps in Hemodialysis Patients, Jundishapur Scientific Medical Journal"
                ),
            ),
            Statement(
                N_("They come more with a weight gain of 3.5 kg or more between sessions."),
                N_("Akkabut and others, Ramathibodi Medical Journal 2021"),
            ),
            Statement(
                N_("Tell your unit: dry weight and dialysate can be looked at."),
                N_("EDTNA/ERCA, summary on cramps in haemodialysis"),
            ),
        ),
    ),
    Section(
        "medicines",
        N_("Since a medicine was begun"),
        (
            Statement(
                N_(
                    "Linked with cramps, by how many times as often they came after the medicine "
                    "as before it: inhaled long-acting beta-agonists (2.4), potassium-sparing "
                    "diuretics (2.1), thiazide-like diuretics (1.5), statins (1.2). For loop "
                    "diuretics (1.2) it may be chance."
                ),
                GARRISON_2012,
            ),
            Statement(
                N_(
                    "Others that are linked with cramps: iron into a vein, oestrogens, raloxifene, "
                    "naproxen, teriparatide."
                ),
                ALLEN_2012,
            ),
            Statement(
                N_("Also named: nifedipine, salbutamol."),
                N_("RxList, Muscle Cramps, 2016"),
            ),
            Statement(
                N_("Also named: steroids, lithium."),
                N_("Monderer and others, Current Neurology and Neuroscience Reports 2010"),
            ),
            Statement(
                N_("Do not stop a medicine by yourself: ask whoever prescribed it."),
                N_("Healthily, What causes leg cramps?, 2019"),
            ),
        ),
    ),
    Section(
        "one-leg",
        N_("With one leg swollen, warm and red, or a pain that does not ease"),
        (
            Statement(
                N_(
                    "This should be looked at on the same day, and so should a cramp of over "
                    "ten minutes that does not ease."
                ),
                NHS_AND_THROMBOSIS,
            ),
        ),
    ),
    Section(
        "nerves",
        N_("With numbness or weakness"),
        (
            Statement(
                N_("Frequent cramps can be linked with nerves. A doctor should look at this soon."),
                N_("NHS, Leg cramps; Merck Manual, causes of muscle cramps"),
            ),
        ),
    ),
    Section(
        "kidneys",
        N_("With foamy or changed urine, tiredness, nausea, swollen ankles or high blood pressure"),
        (
            Statement(
                N_(
                    "Frequent cramps can be linked with kidney disease. A doctor should look at "
                    "this soon."
                ),
                KIDNEY_FOUNDATION,
            ),
            NO_REASSURANCE,
        ),
    ),
    Section(
        "linked",
        N_("What else frequent cramps can be linked with"),
        (
            Statement(
                N_(
                    "Kidney disease, electrolytes, dialysis, diabetes, the thyroid, nerves, veins, "
                    "medicines, pregnancy and age. Which of them it is, if any, no wearable can "
                    "tell."
                ),
                N_("Allen and Kirby 2012; NHS, Leg cramps; BMJ Best Practice, Muscle cramps"),
            ),
        ),
    ),
    Section(
        "tests",
        N_("Tests that a doctor may choose"),
        (
            Statement(
                N_("Mostly none is needed to recognise a night cramp."),
                ALLEN_2012,
            ),
            Statement(
                N_(
                    "In the blood: potassium, calcium, magnesium, phosphate, sodium, creatinine "
                    "and eGFR, glucose or HbA1c, TSH, liver values, CK, ferritin. In the urine: "
                    "albumin."
                ),
                N_(
                    "BMJ Best Practice, Muscle cramps; NHS Bristol Remedy, Muscle cramps; Family "
                    "Physicians Inquiries Network; CDC 2021"
                ),
            ),
        ),
    ),
    Section(
        "stretching",
        N_("Stretching"),
        (
            Statement(
                N_(
                    "Stretching every night for six weeks: 1.2 cramps fewer a night, "
                    "in a trial in which all 80 people knew whether they stretched."
                ),
                N_("Hallegraeff and others 2012"),
            ),
            Statement(
                N_("Advice to stretch: no difference, in a trial of 191 people."),
                N_("Coppin and others 2005"),
            ),
            Statement(
                N_("There is not enough evidence to say that it helps."),
                N_("American Academy of Neurology"),
            ),
            Statement(
                N_(
                    "Without any treatment cramps became fewer by about 28 %% in four weeks, so "
                    "fewer of them prove nothing yet."
                ),
                N_("the placebo arms of trials"),
            ),
        ),
    ),
    GETTING_UP,
)

_KIDNEYS_WELL = Section(
    "drinks",
    N_("Drinking, minerals and quinine"),
    (
        Statement(
            N_(
                "People try drinking more, food rich in potassium, salt substitutes, magnesium, "
                "quinine or tonic water. We have no study at hand by which they help, and advise "
                "none of them. Ask a doctor or pharmacist before you try one."
            ),
            OWN_CHOICE,
        ),
    ),
)


def sections(kidneys: Kidneys) -> tuple[Section, ...]:
    """Give what the page says: of drinks and minerals only to whoever says the kidneys are well."""
    return (*_KINDS, _KIDNEYS_WELL) if kidneys is Kidneys.WELL else _KINDS


def urgency(ticked: Collection[str], kidneys: Kidneys) -> Level:
    """Give how soon somebody should see a doctor.

    Whoever says that the kidneys are not well should see one soon whatever else there is.
    """
    if kidneys is not Kidneys.WELL and KIDNEY_SIGNS & set(ticked):
        return Level.EMERGENCY
    least = Level.SOON if kidneys is Kidneys.ILL else Level.SELF_CARE
    return max((least, *(each.level for each in ANSWERS if each.name in ticked)))
