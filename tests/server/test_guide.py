from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from server.guide import ANSWERS, GETTING_UP, LEVELS, Kidneys, Level, sections, urgency
from server.kept_tables import AnswerRow, DiaryRow
from server.language import _
from server.store import Store
from tests.server.test_pages import Text

if TYPE_CHECKING:
    from tests.server.conftest import Client

ADVICE = (
    "potassium",
    "salt",
    "magnesium",
    "drink",
    "fluid",
    "quinine",
    "tonic",
    "mineral",
    "banana",
)
"""What whoever has not said that the kidneys are well gets no advice on."""

NO_ADVICE = ("potassium-sparing diuretics",)
"""A class of medicines, linked with cramps."""

WORDS_TO_AVOID = (
    "diagnos",
    "detects",
    "risk",
    "medical grade",
    "medical-grade",
    "low potassium",
    "stop your statin",
    "safe",
    "no cramps",
    "because of",
)


def seen(html: str) -> str:
    reader = Text()
    reader.feed(html)
    return " ".join(" ".join(reader.seen).replace("\N{NO-BREAK SPACE}", " ").split())


def without_tests(html: str) -> str:
    """Leave out the tests that a doctor may choose, which name what is measured."""
    page, found = re.subn(r'<section id="tests">.*?</section>', "", html, flags=re.DOTALL)
    assert found == 1
    text = seen(page).lower()
    for each in NO_ADVICE:
        assert each in text
        text = text.replace(each, "")
    return text


def test_every_statement_has_its_source(client: Client) -> None:
    page = client.get("/guide").text
    for section in sections(Kidneys.UNKNOWN):
        for statement in section.statements:
            assert statement.source
            assert f"{_(statement.text)} ({statement.source})" in seen(page)
    assert page.count("<cite") == sum(len(each.statements) for each in sections(Kidneys.UNKNOWN))


@pytest.mark.parametrize(
    "body", ["", "kidneys=ill", "kidneys=unknown", "kidneys=fine", "sign=urine"]
)
def test_without_the_word_that_the_kidneys_are_well_there_is_no_such_advice(
    client: Client, body: str
) -> None:
    for page in (client.get("/guide").text, client.post("/guide", body.encode()).text):
        text = without_tests(page)
        assert [each for each in ADVICE if each in text] == []


def test_with_it_there_is_a_section_that_advises_none_of_them(client: Client) -> None:
    text = without_tests(client.post("/guide", b"kidneys=well").text)
    assert "drinking, minerals and quinine" in text
    assert "advise none of them" in text


@pytest.mark.parametrize(
    ("ticked", "kidneys", "level"),
    [
        ((), Kidneys.WELL, Level.SELF_CARE),
        ((), Kidneys.UNKNOWN, Level.SELF_CARE),
        ((), Kidneys.ILL, Level.SOON),
        (("sleep",), Kidneys.WELL, Level.SOON),
        (("sleep", "little_urine"), Kidneys.WELL, Level.SAME_DAY),
        (("fall", "chest_pain"), Kidneys.WELL, Level.EMERGENCY),
        (("palpitations",), Kidneys.WELL, Level.SAME_DAY),
        (("palpitations",), Kidneys.UNKNOWN, Level.EMERGENCY),
        (("marked_weakness",), Kidneys.ILL, Level.EMERGENCY),
        (("no such sign",), Kidneys.WELL, Level.SELF_CARE),
    ],
)
def test_the_most_urgent_answer_decides(
    ticked: tuple[str, ...], kidneys: Kidneys, level: Level
) -> None:
    assert urgency(ticked, kidneys) is level


def test_every_sign_is_at_least_as_urgent_as_it_says() -> None:
    for sign in ANSWERS:
        for kidneys in Kidneys:
            assert urgency({sign.name}, kidneys) >= sign.level


def test_the_answer_is_shown_with_what_was_ticked_and_nothing_is_kept(
    client: Client, store: Store
) -> None:
    answer = client.post("/guide", b"sign=swollen_leg&sign=sleep&kidneys=unknown")
    assert answer.status_code == 200
    assert LEVELS[Level.SAME_DAY].title in answer.text
    assert re.findall(r'value="(\w+)" checked', answer.text) == ["swollen_leg", "sleep", "unknown"]
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    with store.reading() as session:
        assert session.query(AnswerRow).count() == session.query(DiaryRow).count() == 0


def test_nothing_urgent_is_no_reassurance(client: Client) -> None:
    text = seen(client.post("/guide", b"kidneys=well").text)
    assert LEVELS[Level.SELF_CARE].title in text
    assert text.count("does not mean that nothing is wrong") == 2
    urgent = seen(client.post("/guide", b"sign=collapse").text)
    assert "Call an ambulance now" in urgent
    assert urgent.count("does not mean that nothing is wrong") == 1


def test_the_guide_promises_nothing(client: Client) -> None:
    for body in (b"kidneys=well", b"kidneys=ill&sign=chest_pain"):
        text = seen(client.post("/guide", body).text).lower()
        assert [each for each in WORDS_TO_AVOID if each in text] == []
    assert GETTING_UP.statements[0].text.startswith("Sit on the edge")
