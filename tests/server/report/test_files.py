from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy.orm import Session

from server.alerts.shown import AlertNumbers
from server.alerts.watch import Layer
from server.answers import Answer, GivenAnswer
from server.associations.exposure import Subject
from server.associations.judged import judge
from server.associations.ratio import Pair, Side
from server.associations.table import Association
from server.diary_kinds import Habit, MedicineClass
from server.kept_tables import Said
from server.language import negotiated, speaking
from server.report.diary_lines import MOST_ROWS, ROW_CHARS, diary_lines
from server.report.facts import Report
from server.report.fhir import report_fhir
from server.report.limits import limits
from server.report.parts import Chart, Lines, Table
from server.report.pdf import report_pdf
from server.report.second_page import BESIDE_A_TRIAL
from server.report.sheets import sheets
from server.report.tables_csv import awakenings_csv, nights_csv, together_csv
from server.report_files import report_html
from server.store import Store
from server.trial.outcome import Outcome
from server.trial.plan import Plan
from server.trials import Trial, keep_trial
from tests.server.report.conftest import read

WORDS_TO_AVOID = (
    "diagnos",
    "detects",
    "disease",
    "risk",
    "medical grade",
    "medical-grade",
    "potassium",
    "statin",
    "safe",
    "no cramps",
    "you should",
    "recommend",
)

CARD = Path(__file__).parents[3] / "models" / "CARD.md"


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    texts = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    document.close()
    return texts


def plain(html: str) -> str:
    text = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\N{NO-BREAK SPACE}", " ").split())


def texts_of(report: Report) -> list[str]:
    found = []
    for part in (part for sheet in sheets(report) for part in sheet):
        match part:
            case Table(head, rows):
                found += [*head, *(cell for row in rows for cell in row)]
            case Lines(lines):
                found += lines
            case Chart(_, _, text):
                found.append(text)
            case _:
                found.append(part.text)
    return [each.replace("\N{NO-BREAK SPACE}", " ") for each in found]


def test_the_pdf_is_german_where_german_is_spoken(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    with speaking(negotiated("de")):
        first, second = pages_of(report_pdf(report))
    assert "Nächte vom So. 8. November 2026 bis Sa. 21. November 2026, 14 Nächte." in first
    assert "5 von 5 gültigen Nächten, 7,0 pro Woche" in first
    assert "Seite 1 von 2" in first
    assert "3 bis 7, die Hälfte 5 oder mehr (angegeben bei 3 von 3)" in second
    assert "Medikament: Amlodipine <5 mg>, seit 3. Okt. 2026" in second
    assert "Wie gut Krämpfe gefunden werden, ist nur aus simulierten Nächten bekannt" in second
    assert "?" not in first + second


def test_the_pdf_has_two_pages_with_what_was_counted(fortnight: Callable[[], Report]) -> None:
    first, second = pages_of(report_pdf(fortnight()))
    assert "Nights of Sun 8 Nov 2026 to Sat 21 Nov 2026, 14 nights." in first
    assert "6 of 14 nights recorded, 5 of them valid (4 h or more searched" in first
    assert "3 cramps, 2 of them noticed by the device and 1 added" in first
    assert "5 of 5 valid nights, 7.0 a week" in first
    assert "8 Nov 2026 2 of 7 2 1 1 0 0" in first
    assert "15 Nov 2026 3 of 7 4 2 2 1 1" in first
    assert "Pain, 0 to 10 3 to 7, half of them 5 or more (told of 3 of 3)" in second
    assert "Likely 5 1 1 1 2" in second
    assert "Medicine: Amlodipine <5 mg>, since 3 Oct 2026" in second
    assert "Known: Nerves or veins" in second
    assert "Symptoms: 2 entries; Very tired 2, Urine foamy 1, systolic mmHg 142 to 150" in second
    assert "long ago" not in second
    assert "private" not in second
    assert "crampwatch 0.1.0. Model: transparent 1. Device: PineTime." in second
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in second


def test_the_page_to_print_says_what_the_pdf_says(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    page = report_html(report)
    told = plain(page)
    for text in texts_of(report):
        shown = text.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
        assert shown in told or f'aria-label="{shown}"' in page
    assert not re.findall(r'(?:href|src)="', page)


def tried(first: date) -> tuple[Trial, Outcome]:
    """Twelve weeks of a habit, and what came of it."""
    as_planned = judge([Pair(Side(13, 3.5), Side(14, 7.0))] * 3)
    as_done = judge([Pair(Side(12, 3.0), Side(11, 6.5))] * 3)
    plan = Plan(Habit.CALF_STRETCHES, first, 3, 6)
    return Trial("t", plan, 1, "wearer"), Outcome(84, 80, 71, as_planned, as_done)


def year_of_everything(report: Report) -> Report:
    """As much as a year can hold, told at length."""
    answer = GivenAnswer(
        Said.YES, pain=9, helped=", ".join(f"{word} was a long word" for word in "abcdefgh")
    )
    first = report.last - timedelta(days=365)
    awakenings = [
        replace(
            report.awakenings[0],
            night=first + timedelta(days=day),
            onset_ns=report.awakenings[0].onset_ns + hour * 3600 * 10**9,
            answer=answer if hour % 2 else None,
        )
        for day in range(366)
        for hour in range(8)
    ]
    night = report.nights[-1]
    diary = [
        replace(
            entry,
            id=f"{entry.id}-{number}",
            payload=dict(entry.payload) | {"name": f"{number} hydrochlorothiazide" * 9},
        )
        for entry in report.diary
        for number in range(50)
    ]
    return replace(
        report,
        name="W" * 60,
        first=first,
        nights=tuple(replace(night, night=first + timedelta(days=day)) for day in range(366)),
        awakenings=tuple(awakenings),
        alerts=((report.last, AlertNumbers(Layer.SUDDEN, first, report.last, 7, 4, 3, 4, None)),)
        * 26,
        timezones=("Europe/Berlin", "America/Argentina/ComodRivadavia", "Asia/Kolkata"),
        diary=tuple(diary),
        tried=(tried(report.last - timedelta(days=83)),) * 3,
        together=replace(
            report.together,
            judged=12,
            found=tuple(
                Association(
                    Subject.MEDICINE_STARTED,
                    f"{number} " + "hydrochlorothiazide " * 3,
                    judge([Pair(Side(84, 10.4), Side(84, 10 + 10.0 * number))], 12),
                )
                for number in range(12)
            ),
        ),
        simulated=True,
    )


def test_a_year_of_everything_is_on_two_pages_as_well(fortnight: Callable[[], Report]) -> None:
    report = year_of_everything(fortnight())
    first, second = pages_of(report_pdf(report))
    assert "some or all are simulated" in first
    assert "21 Nov 2025 2 of 2" in first
    assert "25 Oct 2026 28 of 28" in first
    assert first.count("Sat 21 Nov 2026: more than usual in a week; 4 of 7 valid nights") == 4
    assert "And 98 lines more in the diary." in second
    assert "Symptoms: 100 entries; Very tired 100" in second
    assert "Medicine: 0 hydrochlorothiazide0" in second
    assert "Known: Nerves or veins" in second
    assert second.count("since it was started") == BESIDE_A_TRIAL
    assert second.count("Fewer cramp nights since.") == BESIDE_A_TRIAL
    assert "And 11 more, of which nothing else is said" in second
    assert "Before it there were 2 trials more." in second
    assert limits()[-1] in second


def test_no_kind_of_the_diary_crowds_out_another(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    medicine = next(each for each in report.diary if each.kind == "medicine")
    long = [name * 60 for name in ("B", "C", "C")]
    others = [replace(medicine, id=name, payload={"name": name}) for name in long]
    dialysis = replace(medicine, id="d", kind="dialysis", payload={"weight_gain_kg": 2})

    def shown(rows: int) -> list[str]:
        diary = (*report.diary, *others, dialysis)
        return [line.split(":")[0] for line in diary_lines(diary, report.first, report.last, rows)]

    assert shown(2) == ["Symptoms", "Medicine", "And 4 lines more in the diary."]
    assert shown(4) == [
        *("Symptoms", "Medicine", "Dialysis", "Known"),
        "And 2 lines more in the diary.",
    ]
    assert shown(5) == ["Symptoms", "Medicine", "Dialysis", "Known", "Medicine", "Medicine"]


def test_the_medicine_that_was_changed_last_comes_first_and_short_ones_share_a_line(
    fortnight: Callable[[], Report],
) -> None:
    report = fortnight()
    medicine = next(each for each in report.diary if each.kind == "medicine")
    told = [
        ("Atorvastatin", {"since": "2026-01-26"}),
        ("Ramipril", {}),
        ("Furosemide", {"since": "2026-10-13"}),
        ("Amlodipine", {"since": "2020-01-01", "until": "2026-11-15"}),
    ]
    diary = [replace(medicine, id=name, payload={"name": name} | when) for name, when in told]
    assert diary_lines(diary, report.first, report.last) == (
        "Medicine: Amlodipine, since 1 Jan 2020, until 15 Nov 2026; Furosemide, since 13 Oct 2026",
        "Medicine: Atorvastatin, since 26 Jan 2026; Ramipril",
    )


def test_medicines_and_dialysis_are_compared_before_habits_and_leave_the_diary_its_rows(
    fortnight: Callable[[], Report],
) -> None:
    report = fortnight()
    judgement = judge([Pair(Side(84, 10.4), Side(84, 11.0))], 7)
    habits = [Association(Subject.HABIT, each.value, judgement) for each in Habit]
    found = (
        *habits,
        Association(Subject.DIALYSIS, "dialysis", judgement),
        Association(Subject.MEDICINE_STARTED, "Furosemide 40", judgement),
    )
    report = replace(report, together=replace(report.together, found=found))
    _, second = pages_of(report_pdf(report))
    assert re.findall(r"Furosemide 40 since|The night after dialysis|Calf stretches", second) == [
        *("Furosemide 40 since", "The night after dialysis", "Calf stretches")
    ]
    medicine = next(each for each in report.diary if each.kind == "medicine")
    many = [replace(medicine, id=name, payload={"name": name * 60}) for name in "ABCDEFG"]
    _, second = pages_of(report_pdf(replace(report, diary=(*report.diary, *many))))
    assert "more in the diary" in second
    assert "DDDD" not in second
    assert "CCCC" in second
    assert "Furosemide 40 since" in second


def test_a_long_line_is_cut_before_it_takes_the_row_of_another_kind(
    fortnight: Callable[[], Report],
) -> None:
    report = fortnight()
    medicine = next(each for each in report.diary if each.kind == "medicine")
    told: dict[str, Any] = {
        "name": "Hydrochlorothiazid Genericon 12,5 mg Tabletten",
        "of_class": MedicineClass.LONG_ACTING_BETA_AGONIST.value,
        "since": "2026-10-03",
    }
    diary = [each for each in report.diary if each.kind != "medicine"]
    diary.append(replace(medicine, payload=told))

    def shown(rows: int) -> tuple[str, ...]:
        with speaking(negotiated("de")):
            return diary_lines(diary, report.first, report.last, rows)

    symptoms, whole, known = shown(MOST_ROWS)
    assert whole.endswith("seit 3. Okt. 2026")
    assert len(whole) > ROW_CHARS
    assert shown(3) == (symptoms, whole, known)
    assert shown(2) == (symptoms, f"{whole[: ROW_CHARS - 1]}…", "Und 1 weitere Zeile im Tagebuch.")


def test_what_goes_with_what_is_told_alike_in_every_form(
    fortnight: Callable[[], Report],
) -> None:
    report = fortnight()
    factor, medicine = report.together.found
    assert (factor.about, medicine.about) == ("nerves_or_veins", "Amlodipine <5 mg>")
    ratio = Pair(Side(28, 9.0), Side(14, 9.5))
    told = replace(medicine, judgement=judge([ratio], 2))
    report = replace(report, together=replace(report.together, found=(factor, told)))
    _, second = pages_of(report_pdf(report))
    assert "Nerves or veins 4.6 of 5 0 of 0 not known" in second
    for cell in ("Amlodipine <5 mg> since", "9 of 28", "9.5 of 14", "0.47 (0.22 to"):
        assert cell in second
    assert "This says what went together, and never why" in second
    rows = list(csv.DictReader(StringIO(together_csv(report))))
    assert [rows[1][of] for of in ("rate_ratio", "least", "most", "verdict")] == [
        "0.474",
        "0.22",
        "1.015",
        "too_early",
    ]
    assert [rows[0][of] for of in ("valid_without", "rate_ratio", "most")] == ["0", "", ""]
    observed = valid(report_fhir(report))[-1]
    parts = {each["code"]["text"]: each["valueQuantity"]["value"] for each in observed["component"]}
    assert observed["valueString"] == "Too early to tell."
    assert parts["Rate ratio, 90 % interval"] == 0.474
    assert parts["With it, or since: expected cramp nights"] == 9


def test_what_came_of_a_trial_is_told_as_on_its_own_page(fortnight: Callable[[], Report]) -> None:
    report = replace(fortnight(), tried=(tried(date(2026, 8, 30)),))
    _, second = pages_of(report_pdf(report))
    assert "A trial: Calf stretches, Sun 30 Aug 2026 to Sat 21 Nov 2026" in second
    assert (
        "As it was planned: Fewer cramp nights with it. Cramp nights: with it 10.5 of 39 counted "
        "nights, without it 21 of 42." in second
    )
    assert "As it was done: Fewer cramp nights with it." in second


def test_a_report_has_the_trials_that_ended_in_it(
    store: Store, fortnight: Callable[[], Report]
) -> None:
    fortnight()

    def plan(session: Session) -> None:
        for name, first, stopped in (
            ("before", date(2026, 9, 1), date(2026, 10, 1)),
            ("into it", date(2026, 9, 20), None),
            ("within", date(2026, 11, 8), date(2026, 11, 15)),
            ("never begun", date(2026, 11, 16), date(2026, 11, 16)),
            ("goes on", date(2026, 11, 17), None),
        ):
            of = Plan(Habit.EXERCISE, first, 2, 6)
            keep_trial(session, "me", Trial(name, of, 1, "wearer", stopped))

    store.write(plan)
    assert [trial.id for trial, _ in read(store).tried] == ["within", "into it"]
    assert [trial.id for trial, _ in read(store, alone=True).tried] == ["within"]
    ((_, found),) = read(store, alone=True).tried
    assert found.nights == 7


def test_an_empty_period_is_told_as_unknown(store: Store) -> None:
    report = read(store)
    first, _ = pages_of(report_pdf(report))
    assert "0 of 14 nights recorded, 0 of them valid" in first
    assert "not known, none of 14 nights is valid" in first
    assert "15 Nov 2026 0 of 7 – – – – –" in first
    assert "2026-11-21,not_recorded,0,0,0,0,,,,\n" in nights_csv(report)
    assert report_html(report)
    valid(report_fhir(report))


def test_letters_that_the_font_lacks_do_without_their_accents(
    fortnight: Callable[[], Report],
) -> None:
    (first, _) = pages_of(report_pdf(replace(fortnight(), name="Jiří Łoś 漢 & <b>Müller</b>")))
    assert "Cramp-like awakenings of Jirí Łos ? & <b>Müller</b>" in first


def test_the_report_promises_nothing_and_names_no_illness(
    fortnight: Callable[[], Report],
) -> None:
    text = " ".join(texts_of(replace(fortnight(), diary=()))).lower()
    assert [each for each in WORDS_TO_AVOID if each in text] == []
    assert "counts to take to a doctor" in text


def test_how_well_cramps_are_found_is_what_the_model_card_says() -> None:
    card = CARD.read_text("utf-8")
    mean = re.search(r"\| \*\*mean\*\*" + 3 * r" \| (\S+) \(\S+\)", card)
    model = re.match(r"# Model card: `(.+)`", card)
    assert mean
    assert model
    shares = [f"{100 * float(each):.0f} %" for each in mean.groups()]
    found = f"the model {model[1]} found {shares[0]}, {shares[1]} and {shares[2]} of the cramps"
    assert found in " ".join(limits())


def valid(text: str) -> list[dict[str, Any]]:
    """Hold a bundle against the specification, and give its resources."""
    Bundle.model_validate_json(text)
    return [each["resource"] for each in json.loads(text)["entry"]]


def test_the_bundle_is_fhir_and_says_who_said_so(fortnight: Callable[[], Report]) -> None:
    resources = valid(report_fhir(fortnight()))
    kinds = Counter(each["resourceType"] for each in resources)
    assert kinds == {"Patient": 1, "Device": 1, "Observation": 1 + 14 + 8 + 2}
    told = [each for each in resources[2:] if each["code"]["text"].startswith("Cramp-like awak")]
    told.pop(0)
    assert Counter(each["status"] for each in told) == {
        "final": 3,
        "entered-in-error": 1,
        "preliminary": 4,
    }
    values = [each["valueCodeableConcept"] for each in told if each["status"] == "final"]
    assert ["coding" in each for each in values] == [False, False, True]
    assert values[-1]["coding"][0]["code"] == "449918009"
    newest = next(each for each in told if each.get("valueCodeableConcept") == values[-1])
    assert newest["effectivePeriod"]["start"] == "2026-11-22T01:13:00+01:00"
    parts = {each["code"]["text"]: each for each in newest["component"]}
    assert parts["Pain, 0 to 10"]["valueInteger"] == 7
    assert parts["Labelled by"]["valueString"] == "wearer"
    assert parts["Duration"]["valueQuantity"]["value"] == 125
    assert parts["Probability of a cramp"]["valueQuantity"]["value"] == 0.78


def test_what_is_no_fhir_would_be_seen(fortnight: Callable[[], Report]) -> None:
    text = report_fhir(fortnight()).replace("effectivePeriod", "effectiveTime")
    with pytest.raises(ValueError, match="effectiveTime"):
        valid(text)


def test_every_resource_has_an_address_of_its_own(fortnight: Callable[[], Report]) -> None:
    entries = json.loads(report_fhir(fortnight()))["entry"]
    assert len({each["fullUrl"] for each in entries}) == len(entries)


def test_simulated_nights_are_labelled_as_test_data(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    assert "HTEST" not in report_fhir(report)
    resources = valid(report_fhir(replace(report, simulated=True)))
    assert {each["meta"]["security"][0]["code"] for each in resources} == {"HTEST"}


def test_the_tables_hold_every_night_and_every_awakening(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    nights = list(csv.DictReader(StringIO(nights_csv(report))))
    assert [each["night"] for each in nights][::13] == ["2026-11-08", "2026-11-21"]
    assert Counter(each["state"] for each in nights)["not_recorded"] == 8
    assert [
        sum(int(each[of] or 0) for each in nights) for of in ("valid", "told", "told_to_be_none")
    ] == [
        5,
        3,
        1,
    ]
    awakenings = list(csv.DictReader(StringIO(awakenings_csv(report))))
    assert Counter(each["standing"] for each in awakenings) == {
        "likely": 5,
        "possible": 2,
        "added": 1,
    }
    first = next(each for each in awakenings if each["pain"] == "7")
    assert first["onset"] == "2026-11-22T01:13:00+01:00"
    # A spreadsheet would run what begins with an equals sign.
    assert first["helped"] == "'=stretching, rubbing"


@pytest.mark.parametrize("text", ["+1", "-2", "@sum", "\tx"])
def test_no_text_is_run_by_a_spreadsheet(fortnight: Callable[[], Report], text: str) -> None:
    report = fortnight()
    told = Answer(Said.YES, helped=text)
    given = GivenAnswer(told.said, helped=told.helped)
    written = awakenings_csv(
        replace(report, awakenings=(replace(report.awakenings[0], answer=given),))
    )
    assert f"'{text}" in written


def test_the_same_report_is_the_same_file(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    assert report_pdf(report) == report_pdf(report)
    assert report_fhir(report) == report_fhir(report)
    assert date(2026, 11, 22) == report.made
