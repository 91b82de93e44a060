from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest

from detector.answered import AnsweredNight
from detector.classifier import Model, load_model, log_odds_of, probability_of
from detector.features import FEATURE_UNITS
from detector.habits import HABITS
from detector.night import Awakening, Night
from detector.personal import ASKED, UNASKED, parse_personal
from ingest.samples import NS_PER_S
from server import wearers
from server.answers import Answer, add_missed, answer_episode
from server.kept_tables import Said
from server.learning import NEWEST_NIGHTS, answered_nights, learnt, learnt_by
from server.learning_words import changed
from server.store import Store
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

ON_BOTH = True

MODEL = load_model()
FIRST = date(2026, 10, 1)
GIVEN_NS = at(date(2026, 11, 21), "08:00")
CENTRE = {
    name: math.expm1(habit.centre) if habit.logarithmic else habit.centre
    for name, habit in HABITS.items()
}
KNOWN = {name: CENTRE.get(name, 0.0) for name in FEATURE_UNITS}
USUAL: dict[str, float | None] = {**KNOWN}
LONG = USUAL | {"moving": math.expm1(4.6 + 1.1)}


def measured(night: Night, features: dict[str, float | None] = USUAL) -> Night:
    """Give a night of which it is known what was measured on its awakenings."""
    told = tuple(replace(each, features=features) for each in night.awakenings)
    return replace(night, awakenings=told)


def say(store: Store, episode_id: str, said: Said, *, later_s: int = 0) -> None:
    given = store.write(
        lambda session: answer_episode(
            session,
            "me",
            episode_id,
            Answer(said),
            given_ns=GIVEN_NS + later_s * NS_PER_S,
            given_by="me",
        )
    )
    assert given is not None


def add(store: Store, time_ns: int) -> None:
    store.write(
        lambda session: add_missed(
            session, "me", time_ns, Answer(Said.YES), given_ns=GIVEN_NS, given_by="me"
        )
    )


def choose(store: Store, *, learns: bool = True) -> None:
    store.write(lambda session: wearers.choose_learning(session, "me", learns))


def nights_of(store: Store, model: Model = MODEL) -> tuple[AnsweredNight, ...]:
    with store.reading() as session:
        return answered_nights(session, "me", model)


def told(night: AnsweredNight) -> list[tuple[bool, float]]:
    return [(each.cramp, each.weight) for each in night.answers]


@pytest.fixture
def answered(store: Store, make_night: NightMaker) -> Store:
    """Ten nights, in each an awakening that was no cramp."""
    for number in range(10):
        night = make_night(FIRST + timedelta(days=number), id=f"rec-{number}")
        store.save(measured(night, LONG))
        say(store, night.episodes[0].id, Said.NO)
    return store


def test_nights_are_judged_as_for_everybody_until_it_is_chosen(answered: Store) -> None:
    for learns in (False, True, False):
        choose(answered, learns=learns)
        with answered.reading() as session:
            assert (learnt(session, "me", MODEL) is not None) is learns


def test_without_an_answer_there_is_nothing_to_learn_from(
    store: Store, make_night: NightMaker
) -> None:
    store.save(measured(make_night()))
    choose(store)
    with store.reading() as session:
        assert learnt(session, "me", MODEL) is None
        assert learnt(session, "nobody", MODEL) is None


def test_what_was_said_to_be_none_is_believed_less_until_that_is_taken_back(
    answered: Store,
) -> None:
    before = learnt_by(nights_of(answered), MODEL)
    assert before is not None
    assert (before.asked, before.cramps) == (10, 0)
    one = nights_of(answered)[0].answers[1]
    assert one.weight == ASKED
    assert before.probability(one) < one.probability / 2
    assert before.rejects(one.features)

    for number in range(10):
        say(answered, f"rec-{number}-1-likely-0", Said.TAKEN_BACK, later_s=60)
    assert nights_of(answered) == ()


def test_in_a_night_that_was_answered_what_nobody_asked_about_was_none(
    store: Store, make_night: NightMaker
) -> None:
    night = measured(make_night(episodes=1, possible=1))
    store.save(night)
    likely, possible = night.episodes
    say(store, likely.id, Said.NO)
    say(store, possible.id, Said.UNSURE)
    (one,) = nights_of(store)
    assert told(one) == [(False, UNASKED), (False, ASKED)]
    assert one.cramps == 0


def test_of_what_was_asked_and_not_answered_nothing_is_known(
    store: Store, make_night: NightMaker
) -> None:
    night = measured(make_night(episodes=1, possible=1))
    store.save(night)
    say(store, night.episodes[0].id, Said.NO)
    (below,) = log_odds_of(MODEL, [KNOWN])
    asking = replace(MODEL, possible_from=0.9 * probability_of(below))
    # Of the three, all alike, the two first are asked about.
    (one,) = nights_of(store, asking)
    assert told(one) == [(False, ASKED), (False, UNASKED)]


def test_a_cramp_that_was_added_is_learnt_from_where_there_was_an_awakening(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(episodes=0)
    quiet = night.awakenings[0]
    beside = Awakening(quiet.end_ns + 60 * NS_PER_S, quiet.end_ns + 90 * NS_PER_S, 0.01)
    store.save(measured(replace(night, awakenings=(quiet, beside))))
    add(store, quiet.start_ns + 30 * NS_PER_S)
    add(store, at(date(2026, 11, 21), "04:00"))
    (one,) = nights_of(store)
    # What followed within minutes may be of the same cramp.
    assert told(one) == [(True, ASKED)]
    assert one.cramps == 2


def test_the_plain_model_is_asked_anew_whatever_judged_the_night(
    store: Store, make_night: NightMaker
) -> None:
    store.save(measured(replace(make_night(), personal="1f00")))
    say(store, "rec-1-1-likely-0", Said.YES)
    (one,) = nights_of(store)
    assert {each.log_odds for each in one.answers} == set(log_odds_of(MODEL, [KNOWN]))


def test_of_two_recordings_of_a_night_the_one_worn_longer_is_learnt_from(
    store: Store, make_night: NightMaker
) -> None:
    store.save(measured(make_night(id="left", name="left", hours=5)))
    store.save(measured(make_night(id="right", name="right", hours=7), LONG))
    say(store, "left-1-likely-0", Said.NO)
    (one,) = nights_of(store)
    assert [each.features["moving"] for each in one.answers] == [LONG["moving"]] * 2


def test_what_the_model_asks_for_has_to_be_known(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(date(2026, 11, 20), id="before"))
    unknown = {name: value for name, value in USUAL.items() if name != "length"}
    store.save(measured(make_night(id="another"), unknown))
    say(store, "before-1-likely-0", Said.NO)
    say(store, "another-1-likely-0", Said.NO)
    assert nights_of(store) == ()


def test_what_could_not_be_measured_stays_unknown(store: Store, make_night: NightMaker) -> None:
    store.save(measured(make_night(), USUAL | {"heart_rate_rise": None}))
    say(store, "rec-1-1-likely-0", Said.NO)
    ((answer, _),) = (each.answers for each in nights_of(store))
    assert math.isnan(answer.features["heart_rate_rise"])


def test_unsure_alone_is_no_answer_to_learn_from(store: Store, make_night: NightMaker) -> None:
    store.save(measured(make_night()))
    say(store, "rec-1-1-likely-0", Said.UNSURE)
    assert nights_of(store) == ()


def test_a_simulated_night_teaches_nothing(
    store: Store, make_night: NightMaker, client: Client
) -> None:
    night = measured(make_night())
    info = replace(night.info, source="crampwatch simulator 1")
    store.save(replace(night, info=info))
    say(store, "rec-1-1-likely-0", Said.NO)
    assert nights_of(store) == ()
    assert "there are 0 answers to learn from" in client.get("/settings").text


def test_answers_that_cannot_be_learnt_from_are_not_counted(
    store: Store, make_night: NightMaker, client: Client
) -> None:
    store.save(make_night())
    say(store, "rec-1-1-likely-0", Said.NO)
    assert "there are 0 answers to learn from" in client.get("/settings").text
    store.save(measured(make_night()))
    assert "there is 1 answer to learn from" in client.get("/settings").text


def test_the_newest_nights_are_learnt_from(
    store: Store, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, features in enumerate((USUAL, LONG)):
        store.save(measured(make_night(FIRST + timedelta(days=number), id=f"{number}"), features))
        say(store, f"{number}-1-likely-0", Said.NO)
    assert len(nights_of(store)) == 2 <= NEWEST_NIGHTS
    monkeypatch.setattr("server.learning.NEWEST_NIGHTS", 1)
    (newest,) = nights_of(store)
    assert newest.answers[0].features["moving"] == LONG["moving"]


def test_what_the_answers_change_is_told_from_a_week_of_them_on(
    answered: Store, client: Client
) -> None:
    nights = nights_of(answered)
    too_few = "What they change can be told once there are 7 answered nights."
    assert changed(nights[:6], MODEL) == too_few
    told = changed(nights, MODEL)
    assert told.startswith("Of the cramps in these nights (0), 0 would have been called likely ")
    assert told in unescape(client.get("/settings/learning").text)
    assert told not in unescape(client.get("/settings").text)


def test_it_is_chosen_on_the_page_and_asked_for_over_the_api(
    answered: Store, client: Client
) -> None:
    page = client.get("/settings")
    assert 'value="no" checked' in page.text
    assert "So far there are 10 answers to learn from." in page.text
    refused = client.get("/api/v1/adjustment")
    assert refused.status_code == 404
    assert refused.json()["detail"] == "Nights are judged as for everybody."

    kept = client.post("/settings/learning", b"learns=yes")
    assert (kept.status_code, kept.headers["location"]) == (303, "/settings")
    client.post("/settings/learning", b"learns=perhaps")
    assert 'value="yes" checked' in client.get("/settings").text
    sent = client.get("/api/v1/adjustment")
    with answered.reading() as session:
        personal = learnt(session, "me", MODEL)
    assert personal is not None
    assert parse_personal(sent.content) == personal
    assert sent.json()["version"] == personal.version


def test_each_wearer_is_learnt_from_alone(answered: Store, client: Client) -> None:
    answered.write(lambda session: wearers.add(session, "Anna", "Europe/Berlin"))
    for whose in ("me", "anna"):
        client.post(f"/settings/learning?wearer={whose}", b"learns=yes")
    assert client.get("/api/v1/adjustment?wearer=anna").status_code == 404
    assert client.get("/api/v1/adjustment?wearer=me").json()["asked"] == 10
    assert "there are 0 answers to learn from" in client.get("/settings?wearer=anna").text
