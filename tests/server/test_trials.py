from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from sqlalchemy.orm import Session

from ingest.errors import InputError, WearerError
from server import trial_words
from server.asked_nights import asked_nights
from server.association_words import interval, share
from server.associations.judged import Verdict
from server.associations.ratio import RateRatio, Side
from server.audit import audited
from server.diary import DiaryEntry, put_entry
from server.diary_kinds import Habit
from server.language import negotiated, speaking
from server.store import Store
from server.trial.plan import BLOCK_NIGHTS, Plan
from server.trials import (
    TRIED,
    Refusal,
    Trial,
    TrialState,
    begin_trial,
    foresee,
    keep_trial,
    open_trial,
    read_outcome,
    stop_trial,
    trial,
    trial_to_tell,
    trials,
    usual_before,
)
from tests.server.conftest import DATABASES
from tests.server.test_pages import WORDS_TO_AVOID, plain

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

TODAY = date(2026, 11, 22)
"""As the application of these tests has it."""

on_both = pytest.mark.parametrize("database", DATABASES, indirect=True)


def planned(first: date = TODAY, pairs: int = 2, name: str = "t", seed: int = 2026) -> Trial:
    return Trial(name, Plan(Habit.CALF_STRETCHES, first, pairs, seed), 1, "wearer")


@pytest.fixture
def slept(store: Store, make_night: NightMaker) -> Callable[[int], None]:
    """Nights up to last night: a cramp in every other."""

    def fill(nights: int) -> None:
        for ago in range(1, nights + 1):
            night = make_night(TODAY - timedelta(days=ago), id=f"r{ago}", episodes=ago % 2)
            store.save(night)

    return fill


def begin(store: Store, asked: Trial, today: date = TODAY) -> Trial:
    usual = foresee(store, "me", today)
    begun = store.write(lambda session: begin_trial(session, "me", asked, usual, today=today))
    if isinstance(begun, Refusal):
        raise InputError(trial_words.refused(begun, asked.plan))
    return begun


# Kept


@on_both
def test_a_trial_is_planned_once_and_is_the_same_ever_after(
    store: Store, slept: Callable[[int], None]
) -> None:
    slept(14)
    kept = begin(store, planned())
    # Whoever sends it twice draws no other order.
    assert begin(store, planned(seed=7)) == kept
    with store.reading() as session:
        assert trials(session, "me") == (kept,)
        assert trial(session, "me", "t") == kept
        assert trial(session, "nobody", "t") is None
        assert [(each.who, each.action, each.what) for each in audited(session)] == [
            ("wearer", "plan", "a trial")
        ]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (planned(TODAY - timedelta(days=1)), "A trial begins today or within 28 days"),
        (planned(TODAY + timedelta(days=29)), "A trial begins today or within 28 days"),
        (planned(pairs=5), "A trial has 2 to 4 pairs of blocks"),
        (
            Trial("t", Plan(Habit.FLUIDS, TODAY, 2, 1), 1, "me"),
            "Drank as planned' is nothing",
        ),
        (planned(), "it takes 14 counted nights of the last 84"),
    ],
)
def test_what_cannot_be_begun_is_refused(
    store: Store, slept: Callable[[int], None], asked: Trial, why: str
) -> None:
    slept(13)
    with pytest.raises(InputError, match=why):
        begin(store, asked)
    with store.reading() as session:
        assert trials(session, "me") == ()


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_is_told_in_german_as_well(refusal: Refusal) -> None:
    plan = planned().plan
    with speaking(negotiated("de")):
        german = trial_words.refused(refusal, plan)
    assert german != trial_words.refused(refusal, plan)


def test_one_trial_goes_on_at_a_time(store: Store, slept: Callable[[int], None]) -> None:
    slept(14)
    begin(store, planned(TODAY + timedelta(days=3)))
    with pytest.raises(InputError, match="one at a time"):
        begin(store, planned(name="other"))
    with pytest.raises(InputError, match="has this id already"):
        begin(store, planned(pairs=3))
    store.write(lambda s: stop_trial(s, "me", "t", today=TODAY, at_ns=2, who="carer"))
    begin(store, planned(name="other"))


def test_nobody_tries_anything_before_there_is_a_wearer(store: Store) -> None:
    with pytest.raises(WearerError):
        begin(store, planned())


def test_how_far_a_trial_is(store: Store, slept: Callable[[int], None]) -> None:
    slept(14)
    first = TODAY + timedelta(days=1)
    kept = begin(store, planned(first))
    last = first + timedelta(days=4 * BLOCK_NIGHTS - 1)
    states = [kept.state(day) for day in (TODAY, first, last, last + timedelta(days=1))]
    planned_, running, over = TrialState.PLANNED, TrialState.RUNNING, TrialState.OVER
    assert states == [planned_, running, running, over]
    with store.reading() as session:
        told = [
            trial_to_tell(session, "me", day) is not None
            for day in (TODAY, last, last + timedelta(days=7), last + timedelta(days=8))
        ]
        assert told == [True, True, True, False]
        assert open_trial(session, "me", last + timedelta(days=1)) is None


@on_both
def test_stopping_ends_it_with_last_night(store: Store, slept: Callable[[int], None]) -> None:
    slept(14)
    begin(store, planned())

    def stop(today: date) -> Trial:
        found = store.write(
            lambda session: stop_trial(session, "me", "t", today=today, at_ns=9, who="wearer")
        )
        assert found is not None
        return found

    later = TODAY + timedelta(days=20)
    stopped = stop(later)
    assert stopped.last == later - timedelta(days=1)
    assert stopped.block(later) is None
    # It is over: stopping it again changes nothing.
    assert stop(later + timedelta(days=5)) == stopped
    with store.reading() as session:
        assert trial_to_tell(session, "me", later) is None
        assert [each.action for each in audited(session)] == ["plan", "stop"]
        assert stop_trial(session, "me", "no", today=TODAY, at_ns=1, who="w") is None


def test_what_is_usual_is_of_the_twelve_weeks_before(
    store: Store, slept: Callable[[int], None]
) -> None:
    with store.reading() as session:
        assert usual_before(asked_nights(session, "me"), TODAY) is None
    slept(16)
    with store.reading() as session:
        usual = usual_before(asked_nights(session, "me"), TODAY)
        older = usual_before(asked_nights(session, "me"), TODAY + timedelta(days=70))
    assert usual is not None
    assert usual.cramp_nights == pytest.approx(0.39)
    assert usual.counted == 1.0
    assert older is not None
    assert older.counted == pytest.approx(14 / 84)


@pytest.fixture
def tried(store: Store, make_night: NightMaker) -> Trial:
    """Eight weeks that ended last night: cramps on nights without it alone, kept as planned."""
    kept = planned(TODAY - timedelta(days=4 * BLOCK_NIGHTS))

    def keep(session: Session) -> None:
        keep_trial(session, "me", kept)
        for block in kept.plan.blocks:
            for number in range(BLOCK_NIGHTS):
                day = block.first + timedelta(days=number)
                done = ["calf_stretches"] if block.with_it else []
                put_entry(
                    session, "me", DiaryEntry(f"h{day}", day, "habits", {"done": done}, 1, "")
                )

    for block in kept.plan.blocks:
        for number in range(BLOCK_NIGHTS):
            night = block.first + timedelta(days=number)
            store.save(make_night(night, id=f"r{night}", episodes=0 if block.with_it else 1))
    store.write(keep)
    return kept


@on_both
def test_what_came_of_it_is_judged_from_the_nights_and_the_diary(
    store: Store, tried: Trial
) -> None:
    with store.reading() as session:
        found = read_outcome(session, "me", asked_nights(session, "me"), tried, TODAY)
    assert (found.nights, found.told, found.as_planned_told) == (56, 56, 56)
    assert found.as_planned == found.as_done
    assert found.as_planned.verdict is Verdict.FEWER
    assert found.as_planned.with_it == Side(28, 0.0)


# The page and the API


def write(client: Client, path: str, **fields: object) -> Any:
    kind = "application/x-www-form-urlencoded"
    return client.post(path, urlencode(fields).encode(), **{"content-type": kind})


def test_what_it_could_show_is_on_the_page_before_it_is_begun(
    client: Client, slept: Callable[[int], None]
) -> None:
    assert "What a trial could show is not known yet" in plain(client.get("/trial"))
    unknown = client.get("/api/v1/trial-power").json()
    assert unknown == {"cramp_nights": None, "counted": None, "lengths": []}
    slept(16)
    page, found = client.get("/trial"), client.get("/api/v1/trial-power").json()
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", page.text)
    ]
    assert rows == [
        [
            str(each["weeks"]),
            trial_words.percent(each["halving"]),
            trial_words.percent(each["mistaken"]),
        ]
        for each in found["lengths"]
    ]
    assert [each["weeks"] for each in found["lengths"]] == [8, 12, 16]
    assert found["lengths"][0]["halving"] < found["lengths"][2]["halving"]


def test_a_trial_is_planned_shown_each_day_and_stopped(
    client: Client, slept: Callable[[int], None]
) -> None:
    slept(16)
    fields = {"habit": "warm_foot_bath", "pairs": 3, "first": TODAY}
    assert write(client, "/trial/mine", **fields).status_code == 303
    (kept,) = client.get("/api/v1/trials").json()["items"]
    assert (kept["id"], kept["habit"], kept["state"]) == ("mine", "warm_foot_bath", "running")
    first, second = kept["blocks"][:2]
    assert (first["first"], second["first"]) == ("2026-11-22", "2026-12-06")
    names = {True: "with it", False: "without it"}
    line = (
        f"Trial, Warm foot bath: tonight {names[first['with_it']]}, night 1 of 14. "
        f"From Sun 6 Dec on {names[second['with_it']]}."
    )
    for page in ("/", "/diary", "/trial"):
        assert line in plain(client.get(page)), page
    assert line not in plain(client.get("/diary/days/2026-11-21"))
    assert "Nights so far: 0," in plain(client.get("/trial"))
    assert (kept["as_planned"], kept["as_done"]) == (None, None)
    assert write(client, "/trial/mine/stop").status_code == 303
    told = plain(client.get("/trial"))
    assert "Warm foot bath, planned from Sun 22 Nov 2026 It never began." in told
    assert "Trial, Warm foot bath" not in plain(client.get("/"))


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("habit", "", "Choose what to try."),
        ("pairs", "9", "Choose how long to try it."),
        ("first", "tomorrow", "'tomorrow' is no date."),
        ("first", "2027-11-21", "A trial begins today or within 28 days"),
    ],
)
def test_what_cannot_be_planned_is_said_on_the_page(
    client: Client, slept: Callable[[int], None], field: str, value: str, why: str
) -> None:
    slept(14)
    fields = {"habit": "exercise", "pairs": "2", "first": str(TODAY)} | {field: value}
    page = write(client, "/trial/mine", **fields)
    assert (page.status_code, why in plain(page)) == (422, True)
    assert client.get("/api/v1/trials").json() == {"items": []}


def test_every_number_of_a_result_is_the_apis(client: Client, tried: Trial) -> None:
    page, kept = client.get("/trial"), client.get(f"/api/v1/trials/{tried.id}").json()
    assert kept == client.get("/api/v1/trials").json()["items"][0]
    told = plain(page)
    for result in (kept["as_planned"], kept["as_done"]):
        assert result["verdict"] == "fewer"
        assert result["finding"] in told
        with_it, without = (
            share(Side(result[side]["valid"], result[side]["cramp_nights"]))
            for side in ("with_it", "without")
        )
        assert f"Cramp nights: with it {with_it} counted nights, without it {without}." in told
        ratio = result["rate_ratio"]
        written = interval(RateRatio(ratio["ratio"], ratio["least"], ratio["most"]))
        assert f"Ratio {written}, compared within each pair of blocks." in told
    assert "The diary tells of 56 of 56 nights; 56 of them were as planned." in told
    assert "Trial, Calf stretches: it is over." in plain(client.get("/"))
    for word in [*WORDS_TO_AVOID, "because", "works", "proves"]:
        assert not re.search(rf"\b{word}", told, re.IGNORECASE), word


def test_the_api_plans_and_stops_a_trial(client: Client, slept: Callable[[int], None]) -> None:
    slept(16)
    message = json.dumps({"habit": "exercise", "first": "2026-11-23", "pairs": 2}).encode()
    made = client.put("/api/v1/trials/a", message)
    kept = made.json()
    assert made.status_code == 201
    assert (kept["state"], kept["last"], kept["nights"]) == ("planned", "2027-01-17", 0)
    again = client.put("/api/v1/trials/a", message)
    assert (again.status_code, again.json()) == (200, kept)
    assert "begins on Mon 23 Nov" in plain(client.get("/"))
    refused = client.put("/api/v1/trials/b", message)
    assert (refused.status_code, "one at a time" in refused.json()["detail"]) == (422, True)
    stopped = client.post("/api/v1/trials/a/stop", b"").json()
    assert (stopped["state"], stopped["stopped"]) == ("over", "2026-11-22")
    assert client.post("/api/v1/trials/a/stop", b"").json() == stopped
    for path in ("/api/v1/trials/none", "/api/v1/trials/none/stop"):
        ask = client.get(path) if path.endswith("none") else client.post(path, b"")
        assert ask.status_code == 404
    assert client.put("/api/v1/trials/c", message.replace(b'": 2', b'": 5')).status_code == 422


def test_what_may_be_tried_asks_nobody_to_drink_less() -> None:
    assert Habit.FLUIDS not in TRIED
    assert set(TRIED) == set(Habit) - {Habit.FLUIDS}
