from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import httpx
import pytest

from detector.night import Standing
from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server import question_words, words
from server.answer_routes import Form
from server.answers import Answer
from server.diary import entries
from server.kept_tables import Leg, Muscle, Role, Said
from server.store import Store
from server.tokens import issue_token
from tests.server.conftest import NOW, at, episode
from tests.server.test_pages import WORDS_TO_AVOID, plain

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)
LIKELY = "rec-1-1-likely-0"
GOT_UP = "rec-1-1-likely-1"
POSSIBLE = "rec-1-1-possible-0"

Sender = Callable[..., httpx.Response]


@pytest.fixture
def send(client: Client) -> Sender:
    """Send a form as a browser does, and give the page that it leads to."""

    def sender(path: str, **fields: Any) -> httpx.Response:
        body = urlencode(fields, doseq=True).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = client.post(path, body, **kind, **{"sec-fetch-site": "same-origin"})
        if answer.status_code != 303:
            return answer
        assert answer.headers["location"].startswith("/")
        return client.get(answer.headers["location"].split("#")[0])

    return sender


@pytest.fixture
def night(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(episodes=2, possible=1))


def told(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/answers").json()["items"]
    return found


@pytest.mark.usefixtures("night")
def test_an_answer_is_the_apis_and_leads_back_to_its_place(client: Client, send: Sender) -> None:
    body = urlencode({"said": "yes", "front": "1"}).encode()
    answer = client.post(f"/episodes/{LIKELY}/answer", body)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/#at-{at(NIGHT, '01:13')}")
    assert [each["said"] for each in told(client)] == ["yes"]
    page = send(f"/episodes/{POSSIBLE}/answer", said="unsure")
    assert "Night of" in plain(page) or "Last night" in plain(page)
    assert "Answer: it was a cramp." in plain(page)
    assert "Answer: not sure." in plain(page)
    assert plain(page).count("Was this a cramp?") == 1


@pytest.mark.usefixtures("night")
def test_more_is_asked_only_of_a_cramp(client: Client, send: Sender) -> None:
    def shown(page: httpx.Response) -> list[bool]:
        return [
            "hidden" not in each for each in re.findall(r'<details class="more"(.*?)>', page.text)
        ]

    assert shown(client.get("/")) == [False, False, False]
    assert shown(send(f"/episodes/{LIKELY}/answer", said="yes")) == [True, False, False]
    assert shown(send(f"/episodes/{LIKELY}/answer", said="no")) == [False, False, False]


@pytest.mark.usefixtures("night")
def test_every_number_of_an_answer_is_the_apis(client: Client, send: Sender) -> None:
    page = send(
        f"/episodes/{LIKELY}/answer",
        said="yes", leg="left", muscle="calf", pain="7", hurt_min="4,5",
        helped=["stretching", "walking"], something_else="cold floor",
    )  # fmt: skip
    (kept,) = told(client)
    assert (kept["pain"], kept["hurt_min"], kept["leg"], kept["muscle"]) == (7, 4.5, "left", "calf")
    assert kept["helped"] == "stretching, walking, cold floor"
    assert (
        f"{kept['leg'].capitalize()} {kept['muscle']}, pain {kept['pain']} of 10, "
        f"hurt for {words.length(60 * kept['hurt_min'])}, helped: {kept['helped']}."
    ) in plain(page)
    checked = re.findall(r'value="([^"]*)" checked', page.text)
    assert checked == ["left", "calf", "7", "stretching", "walking"]
    assert (
        'name="hurt_min" min="0" max="1440" step="any" inputmode="decimal" value="4.5"' in page.text
    )
    assert 'name="something_else" maxlength="120" value="cold floor"' in page.text


@pytest.mark.usefixtures("night")
def test_an_answer_is_changed_and_taken_back(client: Client, send: Sender) -> None:
    send(f"/episodes/{LIKELY}/answer", said="yes")
    page = send(f"/episodes/{LIKELY}/answer", said="no")
    assert "Answer: it was not a cramp." in plain(page)
    page = send(f"/episodes/{LIKELY}/answer", said="taken_back")
    assert "Answer:" not in plain(page)
    assert told(client) == []


@pytest.mark.usefixtures("night")
def test_what_a_phone_sends_late_gives_way_to_what_was_said_later(
    client: Client, send: Sender
) -> None:
    early_ms, late_ms = (int(NOW.timestamp() - ago) * 1000 for ago in (600, 300))
    send(f"/episodes/{LIKELY}/answer", said="no", given_ms=late_ms)
    send(f"/episodes/{LIKELY}/answer", said="yes", given_ms=early_ms)
    (kept,) = told(client)
    assert (kept["said"], kept["given"]) == ("no", "2026-11-22T07:55:00+01:00")
    # A phone whose clock is ahead does not win for ever.
    send(f"/episodes/{LIKELY}/answer", said="yes", given_ms=late_ms + 10**9)
    send(f"/episodes/{LIKELY}/answer", said="unsure")
    assert [each["said"] for each in told(client)] == ["unsure"]


@pytest.mark.usefixtures("night")
def test_the_api_takes_when_it_was_said(client: Client) -> None:
    for said, ago_s in (("no", 300), ("yes", 600)):
        given_ns = int(NOW.timestamp() - ago_s) * NS_PER_S
        body = f'{{"said": "{said}", "given_ns": {given_ns}}}'.encode()
        answer = client.put(f"/api/v1/episodes/{LIKELY}/answer", body)
        assert (answer.status_code, answer.json()["said"]) == (200, "no")


@pytest.mark.usefixtures("night")
def test_a_missed_cramp_is_added_told_more_of_and_taken_back(client: Client, send: Sender) -> None:
    page = send(f"/nights/{NIGHT}/missed", time="04:40", front="1")
    assert "04:40 Told by you You had a cramp at 04:40 that was not found." in plain(page)
    send(f"/nights/{NIGHT}/missed", time="04:40")
    (kept,) = told(client)
    assert (kept["onset"], kept["asked"]) == ("2026-11-22T04:40:00+01:00", False)
    page = send(f"/answers/{kept['id']}", said="yes", pain="3")
    assert "Pain 3 of 10." in plain(page)
    # The same again, from a phone that never heard it was taken.
    send(f"/nights/{NIGHT}/missed", time="04:40")
    assert [each["pain"] for each in told(client)] == [3]
    page = send(f"/answers/{kept['id']}", said="taken_back")
    assert "Told by you" not in plain(page)
    assert told(client) == []
    late_ms = int(NOW.timestamp() - 60) * 1000
    send(f"/nights/{NIGHT}/missed", time="04:40", given_ms=late_ms)
    assert told(client) == []


@pytest.mark.usefixtures("night")
def test_a_cramp_told_of_within_an_episode_is_the_answer_to_that(
    client: Client, send: Sender
) -> None:
    page = send(f"/nights/{NIGHT}/missed", time="01:14")
    assert "Told by you" not in plain(page)
    assert "01:13 Likely, 78 % Answer: it was a cramp." in plain(page)
    send(f"/episodes/{LIKELY}/answer", said="no")
    assert [each["said"] for each in told(client)] == ["no"]


@pytest.mark.usefixtures("night")
def test_a_time_outside_of_the_night_is_refused_kindly_on_the_same_page(
    client: Client, send: Sender
) -> None:
    page = send(f"/nights/{NIGHT}/missed", time="14:14")
    assert page.status_code == 422
    assert "Did you mean 02:14?" in plain(page)
    assert '<details class="missed" open>' in page.text
    assert 'name="time" value="14:14"' in page.text
    assert "Was this a cramp?" in plain(page)
    assert told(client) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Choose yes, no or not sure."),
        ({"said": "maybe"}, "'maybe' cannot be an answer here."),
        ({"said": "yes", "pain": "11"}, "Pain is told from 0 to 10."),
        ({"said": "yes", "pain": "much"}, "'much' cannot be an answer here."),
        ({"said": "yes", "leg": "tail"}, "'tail' cannot be an answer here."),
        ({"said": "yes", "hurt_min": "long"}, "as a number of minutes"),
        ({"said": "yes", "hurt_min": "inf"}, "a day at most"),
        ({"said": "yes", "hurt_min": "nan"}, "a day at most"),
        ({"said": "yes", "something_else": "x" * 201}, "200 characters"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_in_our_words(
    fields: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Form({name: [value] for name, value in fields.items()}).answer()


@pytest.mark.usefixtures("night")
def test_what_is_refused_is_said_on_the_page_of_the_night(client: Client, send: Sender) -> None:
    page = send(f"/episodes/{LIKELY}/answer", said="maybe")
    assert page.status_code == 422
    assert "'maybe' cannot be an answer here." in plain(page)
    assert "Was this a cramp?" in plain(page)
    many = {str(number): "x" for number in range(41)}
    assert "too many fields" in plain(send(f"/episodes/{LIKELY}/answer", **many))
    assert told(client) == []


@pytest.mark.parametrize("said", ["", "soon", "-5", "9" * 15, "²"])
def test_a_time_that_is_none_is_now(said: str) -> None:
    assert Form({"given_ms": [said]}).given_ns(77) == 77


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize(
    "path",
    [
        "/episodes/nobody/answer",
        "/nights/2026-11-21/trips/7",
        "/nights/2026-11-02/trips/7",
        "/nights/2026-11-02/missed",
        "/answers/9",
    ],
)
def test_what_is_not_there_cannot_be_answered(send: Sender, path: str) -> None:
    assert send(path, said="yes", time="02:00").status_code == 404


@pytest.mark.usefixtures("night")
def test_a_page_of_another_address_answers_nothing(client: Client) -> None:
    for site in ("cross-site", "same-site"):
        answer = client.post(f"/episodes/{LIKELY}/answer", b"said=yes", **{"sec-fetch-site": site})
        assert answer.status_code == 403
    assert told(client) == []


def test_nobody_answers_for_another_wearer(
    store: Store, client: Client, send: Sender, make_night: NightMaker
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    store.save(make_night(), "anna")
    page = send(f"/episodes/{LIKELY}/answer?wearer=anna", said="no")
    assert "Answer: it was not a cramp." in plain(page)
    assert '/answer?wearer=anna"' in page.text
    (kept,) = client.get("/api/v1/answers?wearer=anna").json()["items"]
    assert send(f"/episodes/{LIKELY}/answer?wearer=ben", said="yes").status_code == 404
    assert send(f"/answers/{kept['id']}?wearer=ben", said="taken_back").status_code == 404
    assert [each["said"] for each in client.get("/api/v1/answers?wearer=anna").json()["items"]] == [
        "no"
    ]


def test_two_of_many_possible_ones_are_asked_about_after_the_likely_ones(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    probabilities = {"01:47": 0.3, "02:47": 0.5, "03:47": 0.4, "04:47": 0.2}
    possible = [
        episode(NIGHT, clock, id=clock, standing=Standing.POSSIBLE, probability=probability)
        for clock, probability in probabilities.items()
    ]
    likely = episode(NIGHT, "05:13", id="likely")
    store.save(replace(make_night(), episodes=(*possible, likely), awakenings=()))
    page = client.get("/")
    shown = re.findall(r"<b>(\d\d:\d\d)</b>", page.text)
    assert shown == ["05:13", "02:47", "03:47", "01:47", "04:47"]
    asked = re.findall(r"/episodes/([^/]*)/answer", page.text)
    assert list(dict.fromkeys(map(unquote, asked))) == ["likely", "02:47", "03:47"]


@pytest.mark.usefixtures("night")
def test_who_may_look_but_not_answer_sees_the_answers_and_is_asked_nothing(
    store: Store, client: Client, send: Sender
) -> None:
    send(f"/episodes/{LIKELY}/answer", said="yes", pain="3")
    send(f"/nights/{NIGHT}/missed", time="04:40")
    now_ns = store.now_ns()
    _, secret = store.write(
        lambda session: issue_token(session, "Ben", Role.CARER, wearer="me", now_ns=now_ns)
    )
    page = client.get("/", authorization=f"Bearer {secret}")
    assert "Answer: it was a cramp. Pain 3 of 10." in plain(page)
    assert "04:40 Told by you" in plain(page)
    assert page.text.count("<form") == page.text.count('<form class="language"')
    assert "I had one that is not here" not in plain(page)
    assert client.get("/").text.count("<form") == 10


# Bathroom trips are offered, not asserted


@pytest.mark.usefixtures("night")
def test_a_trip_is_asked_after_the_answer_and_kept_in_the_diary(
    store: Store, client: Client, send: Sender
) -> None:
    assert "bathroom" not in plain(client.get("/")).lower()
    page = send(f"/episodes/{GOT_UP}/answer", said="no")
    assert "It looks as if you got up. To the bathroom?" in plain(page)
    page = send(f"/nights/{NIGHT}/trips/{at(NIGHT, '02:13')}", said="yes")
    assert "A trip to the bathroom." in plain(page)
    with store.reading() as session:
        (kept,) = entries(session, "me")
    assert (kept.kind, kept.day) == ("bathroom", NIGHT)
    assert kept.payload == {"onset_ns": at(NIGHT, "02:13"), "said": "yes"}
    earlier_ms = int(NOW.timestamp() - 60) * 1000
    send(f"/nights/{NIGHT}/trips/{at(NIGHT, '02:13')}", said="no", given_ms=earlier_ms)
    assert "A trip to the bathroom." in plain(client.get("/"))
    send(f"/nights/{NIGHT}/trips/{at(NIGHT, '02:13')}", said="no")
    assert "Not a trip to the bathroom." in plain(client.get("/"))


@pytest.mark.usefixtures("night")
def test_an_awakening_without_steps_offers_no_trip(send: Sender) -> None:
    assert "bathroom?" not in plain(send(f"/episodes/{LIKELY}/answer", said="no"))


# Words


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(Said.YES), None),
        (Answer(Said.YES, leg=Leg.RIGHT), "Right leg."),
        (Answer(Said.YES, leg=Leg.BOTH, muscle=Muscle.CALF), "Both calves."),
        (Answer(Said.YES, leg=Leg.BOTH), "Both legs."),
        (Answer(Said.YES, muscle=Muscle.FOOT, pain=0), "Foot, pain 0 of 10."),
        (Answer(Said.YES, muscle=Muscle.OTHER), "Not calf, foot or thigh."),
        (Answer(Said.YES, hurt_min=0.5), "Hurt for 30 s."),
        (Answer(Said.YES, helped="nothing"), "Helped: nothing."),
    ],
)
def test_what_was_said_of_a_cramp_is_a_sentence(answer: Answer, told: str | None) -> None:
    assert question_words.details(answer) == told


@pytest.mark.usefixtures("night")
def test_words_to_avoid_are_in_no_answered_page(client: Client, send: Sender) -> None:
    send(f"/episodes/{LIKELY}/answer", said="yes", leg="left", pain="3")
    send(f"/episodes/{GOT_UP}/answer", said="no")
    send(f"/nights/{NIGHT}/missed", time="04:40")
    pages = [client.get("/").text, send(f"/nights/{NIGHT}/missed", time="14:14").text]
    for text in pages:
        for word in WORDS_TO_AVOID:
            assert not re.search(rf"\b{word}", text, re.IGNORECASE), word
