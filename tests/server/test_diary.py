from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from ingest.errors import InputError
from server import diary_words
from server.diary import DiaryEntry, entries, put_entry
from server.diary_kinds import (
    Dialysis,
    DiaryKind,
    Factor,
    Habit,
    Habits,
    Medicine,
    MedicineClass,
    Payload,
    StandingFactor,
    Symptom,
    Symptoms,
    as_json,
    kind_of,
    payload_of,
)
from server.store import Store
from tests.server.test_pages import WORDS_TO_AVOID, plain

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)
TODAY = date(2026, 11, 22)


@pytest.fixture
def night(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(NIGHT, episodes=2))


def kept(store: Store, kind: str | None = None) -> list[tuple[str, date, dict[str, Any]]]:
    with store.reading() as session:
        found = entries(session, "me", kind=kind)
        return [(each.kind, each.day, dict(each.payload)) for each in found]


def send(client: Client, path: str, **fields: Any) -> httpx.Response:
    return client.post(path, urlencode(fields, doseq=True).encode())


def checked(page: httpx.Response) -> list[str]:
    return re.findall(r'value="([^"]*)" checked', page.text)


PAYLOADS: list[tuple[Payload, dict[str, Any]]] = [
    (Habits((Habit.FLUIDS, Habit.EXERCISE)), {"done": ["fluids", "exercise"]}),
    (Habits(), {}),
    (
        Symptoms((Symptom.URINE_FOAMY,), systolic_mmhg=150, diastolic_mmhg=90),
        {"felt": ["urine_foamy"], "systolic_mmhg": 150, "diastolic_mmhg": 90},
    ),
    (Symptoms(times_up=0), {"times_up": 0}),
    (Dialysis(2.5), {"weight_gain_kg": 2.5}),
    (
        Medicine(of_class=MedicineClass.STATIN, since=date(2026, 3, 1)),
        {"of_class": "statin", "since": "2026-03-01"},
    ),
    (
        StandingFactor(Factor.PREGNANCY, date(2026, 1, 1), date(2026, 9, 1)),
        {"factor": "pregnancy", "since": "2026-01-01", "until": "2026-09-01"},
    ),
]


@pytest.mark.parametrize(("payload", "written"), PAYLOADS)
def test_what_is_written_is_read_again(payload: Payload, written: dict[str, Any]) -> None:
    assert as_json(payload) == written
    assert payload_of(kind_of(payload), written) == payload


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [
        ("drink", {}, "no kind 'drink'"),
        ("habits", {"done": ["running"]}, "'done' '0'"),
        ("habits", {"did": []}, "'did'"),
        ("symptoms", {"systolic_mmhg": "150"}, "'systolic_mmhg'"),
        ("symptoms", {"systolic_mmhg": 301}, "less than or equal to 300"),
        ("dialysis", {"weight_gain_kg": -1}, "greater than or equal to 0"),
        ("medicine", {"since": "2026-01-01"}, "a medicine has a name or a class"),
        ("factor", {"factor": "age_and_muscle_loss", "since": "yesterday"}, "'since'"),
        (
            "factor",
            {"factor": "dehydration", "since": "2026-02-02", "until": "2026-02-01"},
            "it ends before it begins",
        ),
        ("bathroom", {"onset_ns": 1, "said": "maybe"}, "'said'"),
    ],
)
def test_what_is_of_another_shape_is_refused(kind: str, payload: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=re.escape(why)):
        payload_of(kind, payload)


@pytest.mark.usefixtures("night")
def test_the_store_holds_known_kinds_to_their_shape_and_keeps_others(store: Store) -> None:
    def put(kind: str, payload: dict[str, Any]) -> None:
        store.write(
            lambda session: put_entry(
                session, "me", DiaryEntry(kind, TODAY, kind, payload, 1, "test")
            )
        )

    with pytest.raises(InputError, match="'weight_gain_kg'"):
        put("dialysis", {"weight_gain_kg": "much"})
    put("drink", {"ml": 300})
    assert kept(store) == [("drink", TODAY, {"ml": 300})]


@pytest.mark.usefixtures("night")
def test_a_day_is_told_changed_and_taken_out(client: Client, store: Store) -> None:
    page = client.get("/diary")
    assert "Diary of today, Sun 22 Nov" in plain(page)
    assert "Kept." not in plain(page)
    path = f"/diary/days/{TODAY}"
    answer = send(
        client, path, tick=["fluids", "tired", "dialysis"], weight_gain_kg="2,5", times_up="2"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert kept(store) == [
        ("dialysis", TODAY, {"weight_gain_kg": 2.5}),
        ("habits", TODAY, {"done": ["fluids"]}),
        ("symptoms", TODAY, {"felt": ["tired"], "times_up": 2}),
    ]
    page = client.get("/diary")
    assert checked(page) == ["fluids", "tired", "dialysis"]
    assert 'value="2.5"' in page.text
    assert "Kept." in plain(page)
    send(client, path, tick="exercise")
    assert checked(client.get("/diary")) == ["exercise"]
    assert kept(store, "dialysis") == []
    send(client, path)
    # That none of it was so is told as well.
    assert kept(store) == [("habits", TODAY, {}), ("symptoms", TODAY, {})]
    assert "Kept." in plain(client.get("/diary"))
    send(client, path, do="remove")
    assert kept(store) == []
    assert "Kept." not in plain(client.get("/diary"))


@pytest.mark.usefixtures("night")
def test_a_number_that_is_none_is_refused_and_what_was_ticked_stays(
    client: Client, store: Store
) -> None:
    page = send(client, f"/diary/days/{TODAY}", tick="nausea", systolic_mmhg="high")
    assert page.status_code == 422
    assert "Blood pressure, upper number: write a number, not 'high'." in plain(page)
    assert checked(page) == ["nausea"]
    page = send(client, f"/diary/days/{TODAY}", tick="nausea", times_up="2.5")
    assert page.status_code == 422
    assert "'times_up'" in plain(page)
    page = send(client, "/diary/days/2026-11-25", tick="nausea")
    assert (page.status_code, "still to come" in plain(page)) == (422, True)
    assert kept(store) == []


@pytest.mark.usefixtures("night")
def test_a_trip_to_the_bathroom_is_offered_and_not_asserted(client: Client, store: Store) -> None:
    page = client.get(f"/diary/days/{TODAY}")
    assert "02:13: It looks as if you got up. To the bathroom?" in plain(page)
    assert "01:13" not in plain(page)
    assert checked(page) == []
    send(client, f"/diary/days/{TODAY}", tick="fluids")
    assert kept(store, "bathroom") == []
    (name,) = set(re.findall(r'name="(trip-[^"]*)"', page.text))
    send(client, f"/diary/days/{TODAY}", **{name: "yes"})
    ((_, day, payload),) = kept(store, "bathroom")
    assert (day, payload["said"]) == (NIGHT, "yes")
    assert "A trip to the bathroom." in plain(client.get(f"/diary/days/{TODAY}"))
    assert "A trip to the bathroom." not in plain(client.get(f"/diary/days/{NIGHT}"))


@pytest.mark.usefixtures("night")
def test_what_holds_for_longer_is_told_changed_and_taken_out(client: Client, store: Store) -> None:
    assert "Nothing is told here yet." in plain(client.get("/diary/standing"))
    path = "/diary/standing/0a1b"
    for _ in range(2):
        answer = send(client, path, kind="medicine", name="Furo <b>40", of_class="loop_diuretic")
        assert (answer.status_code, answer.headers["location"]) == (303, "/diary/standing")
    send(client, "/diary/standing/0a1c", kind="factor", factor="exertion", since="2026-05-01")
    assert kept(store) == [
        ("factor", date(2026, 5, 1), {"factor": "exertion", "since": "2026-05-01"}),
        ("medicine", TODAY, {"name": "Furo <b>40", "of_class": "loop_diuretic"}),
    ]
    told = plain(client.get("/diary/standing"))
    assert "Hard work or sport , since Fri 1 May 2026" in told
    assert "Furo <b>40: Water tablet (furosemide, torasemide) , no dates told" in told
    send(client, path, kind="medicine", name="Furo", until="2026-11-01")
    assert "Furo , until Sun 1 Nov 2026" in plain(client.get("/diary/standing"))
    for _ in range(2):
        assert send(client, path, do="remove").status_code == 303
    assert [kind for kind, _, _ in kept(store)] == ["factor"]


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": "medicine"}, "Give the medicine a name, or choose what kind it is."),
        ({"kind": "factor"}, "Choose one of the list"),
        ({"kind": "habits"}, "Choose what it is about"),
        (
            {"kind": "medicine", "name": "Iron", "since": "2026-02-02", "until": "2026-02-01"},
            "It ends before it begins.",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_stays_filled_in(
    client: Client, store: Store, fields: dict[str, str], why: str
) -> None:
    page = send(client, "/diary/standing/0a1b", **fields)
    assert (page.status_code, why in plain(page)) == (422, True)
    assert kept(store) == []
    for name in ("name", "since", "until"):
        assert f'name="{name}"' in page.text
        assert fields.get(name, "") in page.text


def test_nobody_has_no_diary(client: Client) -> None:
    assert client.get("/diary").status_code == 200
    answer = send(client, f"/diary/days/{TODAY}", tick="fluids")
    assert answer.status_code == 404
    assert "nobody can keep a diary" in plain(answer)


@pytest.mark.usefixtures("night")
def test_what_another_program_wrote_is_counted(client: Client, store: Store) -> None:
    drink = DiaryEntry("drink-1", TODAY, "drink", {"ml": 300}, 1, "test")
    store.write(lambda session: put_entry(session, "me", drink))
    assert "1 more entry of this day was written by another program" in plain(client.get("/diary"))
    send(client, f"/diary/days/{TODAY}", do="remove")
    assert [kind for kind, _, _ in kept(store)] == ["drink"]


def test_each_kind_and_word_has_a_name_that_promises_nothing() -> None:
    assert set(diary_words.HABITS) == set(Habit)
    assert set(diary_words.SYMPTOMS) == set(Symptom)
    assert set(diary_words.FACTORS) == set(Factor)
    assert set(diary_words.CLASSES) == set(MedicineClass)
    assert len({*Habit, *Symptom, "dialysis"}) == len(Habit) + len(Symptom) + 1
    assert len(DiaryKind) == 6


@pytest.mark.usefixtures("night")
def test_the_diary_uses_none_of_the_words_to_avoid(client: Client) -> None:
    send(client, f"/diary/days/{TODAY}", tick=["fluids", "dialysis"])
    for page in ("/diary", "/diary/standing"):
        told = plain(client.get(page))
        for word in WORDS_TO_AVOID:
            assert not re.search(rf"\b{word}", told, re.IGNORECASE), word
