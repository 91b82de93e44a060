from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crampwatch.replay import Kept
from crampwatch.summary import print_summary
from detector.night import Night, Standing
from ingest.samples import Mark
from server import alert_log
from server.alert_log import StoredAlert
from server.alert_words import in_short
from server.alerting import judge_nights, numbers_of, standing, take_step, usual_now
from server.alerts.judge import judge
from server.alerts.nightly import Answer as Word
from server.alerts.nightly import AskedEpisode, WearerNight
from server.answers import Answer, add_missed, answer_episode
from server.asked_nights import asked_nights
from server.kept_tables import AlertStep, Said
from server.settings import Settings
from server.store import Store
from server.tables import Hemisphere
from server.wearers import choose_season
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

FIRST = date(2026, 6, 1)
ONCE_A_WEEK = (0, 0, 1, 0, 0, 0, 0)
FOUR_A_WEEK = (1, 0, 1, 1, 0, 1, 0)
QUIET, OFTEN = ONCE_A_WEEK * 10, FOUR_A_WEEK * 3
LIFE = QUIET + OFTEN


def night_after(nights: int) -> date:
    return FIRST + timedelta(days=nights)


@pytest.fixture
def live(store: Store, make_night: NightMaker) -> Callable[..., list[StoredAlert]]:
    """Save nights one after the other, judged from one on, and give the alerts raised then."""

    def lived(
        cramps: Sequence[int],
        *,
        since: int = 0,
        judged_from: int = 0,
        wearer: str | None = None,
        name: str = "rec",
    ) -> list[StoredAlert]:
        raised = []
        for place, number in enumerate(cramps, start=since):
            store.save(night_of(make_night, place, number, name), wearer)
            found = judge_nights(store, wearer) if place >= judged_from else None
            raised += [] if found is None else [found]
        return raised

    return lived


@pytest.fixture
def risen(live: Callable[..., list[StoredAlert]]) -> Callable[..., StoredAlert]:
    """Save the whole life, judge it as of its end, and give the alert."""

    def rise(**whose: str) -> StoredAlert:
        (alert,) = live(LIFE, judged_from=len(LIFE) - 1, **whose)
        return alert

    return rise


def night_of(make_night: NightMaker, place: int, cramps: int, name: str = "rec") -> Night:
    night = make_night(night_after(place), id=f"{name}-{place}", episodes=cramps)
    certain = tuple(replace(each, probability=1.0) for each in night.episodes)
    return replace(night, episodes=certain)


def expected_night(cramps: Sequence[int]) -> date:
    """Find the first night for which the statistics alone, without a store, raise an alert."""
    nights = [
        WearerNight(
            night_after(place),
            6 * 3600.0,
            tuple(AskedEpisode(1.0, Standing.LIKELY, None) for _ in range(number)),
        )
        for place, number in enumerate(cramps)
    ]
    for upto in range(len(QUIET), len(nights) + 1):
        found = judge(nights[:upto], {}, "me")
        if found is not None and found.layer is not None:
            return found.night
    raise AssertionError("nothing is raised")


def kept(store: Store, wearer: str = "me") -> tuple[StoredAlert, ...]:
    with store.reading() as session:
        return alert_log.alerts(session, wearer)


def test_from_one_to_four_a_week_raises_one_alert_on_the_expected_day_and_no_other_for_14(
    store: Store, live: Callable[..., list[StoredAlert]]
) -> None:
    (alert,) = live(LIFE, judged_from=len(QUIET))
    night = expected_night(LIFE)
    assert alert.night == night
    assert night_after(len(QUIET)) <= night <= night_after(len(QUIET) + 13)
    assert kept(store) == (alert,)
    assert alert.layer in ("sudden", "creeping")
    told = numbers_of(alert)
    assert told.last == night
    assert told.usual is not None
    assert 0.5 < told.usual.mean < 2
    assert told.open == told.found_nights
    assert alert.events[0].who == "crampwatch"
    assert alert.events[0].night == night


def test_replaying_everything_again_raises_nothing(
    store: Store, live: Callable[..., list[StoredAlert]], risen: Callable[..., StoredAlert]
) -> None:
    risen()
    before = kept(store)
    assert live(LIFE, judged_from=len(LIFE) - 8) == []
    assert kept(store) == before


def test_a_new_judgement_of_the_old_nights_raises_nothing(
    store: Store, risen: Callable[..., StoredAlert], make_night: NightMaker
) -> None:
    risen()
    before = kept(store)
    for place in range(len(LIFE)):
        night = make_night(night_after(place), id=f"rec-{place}", episodes=3)
        store.save(night)
    assert judge_nights(store, None) is None
    assert kept(store) == before


def test_nights_stored_long_ago_are_judged_as_of_the_newest_alone(
    store: Store, make_night: NightMaker
) -> None:
    for place, number in enumerate(LIFE):
        store.save(night_of(make_night, place, number))
    alert = judge_nights(store, None)
    assert alert is not None
    assert alert.night == night_after(len(LIFE) - 1)
    assert judge_nights(store, None) is None


def test_what_is_usual_goes_with_the_season_where_that_was_chosen(
    store: Store, live: Callable[..., list[StoredAlert]]
) -> None:
    # From June to the middle of October.
    live(ONCE_A_WEEK * 20, judged_from=140)
    means: dict[Hemisphere | None, float] = {}
    for season in (None, Hemisphere.NORTH, Hemisphere.SOUTH, None):
        store.write(lambda session, season=season: choose_season(session, "me", season))  # type: ignore[misc]
        _, usual = usual_now(store, "me")
        assert usual is not None
        assert means.setdefault(season, usual.mean) == usual.mean
    assert means[Hemisphere.NORTH] < 0.9 * means[None]
    assert means[Hemisphere.SOUTH] > 1.1 * means[None]


def test_answers_that_say_no_keep_an_alert_from_being_raised(
    store: Store, make_night: NightMaker
) -> None:
    for place, number in enumerate(LIFE):
        night = night_of(make_night, place, number)
        store.save(night)
        for each in night.episodes:
            said = Said.NO if place >= len(QUIET) else Said.YES
            answered(store, each.id, said)
    assert judge_nights(store, None) is None


def answered(store: Store, episode_id: str, said: Said) -> None:
    store.write(
        lambda session: answer_episode(
            session, "me", episode_id, Answer(said), given_ns=1, given_by="me"
        )
    )


def test_an_alert_is_cleared_when_it_is_over_and_says_in_which_night(
    store: Store, live: Callable[..., list[StoredAlert]], risen: Callable[..., StoredAlert]
) -> None:
    alert = risen()
    live((0,) * 60, since=len(LIFE), judged_from=len(LIFE) + 59)
    (over,) = kept(store)
    assert over.state is AlertStep.CLEARED
    assert not over.stands
    assert (over.id, over.events[0]) == (alert.id, alert.events[0])
    assert over.events[-1].night > alert.night + timedelta(days=14)
    assert over.events[-1].who == "crampwatch"
    with store.reading() as session:
        assert standing(session, "me") == ()


def test_two_wearers_have_alerts_of_their_own(
    store: Store, live: Callable[..., list[StoredAlert]], risen: Callable[..., StoredAlert]
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    annas = risen(wearer="anna", name="anna")
    assert live(ONCE_A_WEEK * 13, judged_from=90, wearer="ben", name="ben") == []
    assert kept(store, "anna") == (annas,)
    assert kept(store, "ben") == ()
    assert take_step(store, "ben", annas.id, AlertStep.ACKNOWLEDGED, "wearer") is None
    assert kept(store, "anna")[0].state is AlertStep.RAISED


def test_a_step_is_never_kept_before_the_one_it_came_after(
    store: Store, risen: Callable[..., StoredAlert]
) -> None:
    alert = risen()
    early = store.write(
        lambda session: alert_log.note_step(
            session, "me", alert.id, AlertStep.SEEN, at_ns=1, who="anna"
        )
    )
    assert early is not None
    assert early.events[-1].at_ns == alert.events[0].at_ns
    assert early.events[-1].night == night_after(len(LIFE) - 1)


# What a night counts


def the_nights(store: Store) -> tuple[WearerNight, ...]:
    with store.reading() as session:
        return asked_nights(session, "me")


def test_a_night_counts_what_was_searched_found_answered_missed_and_marked(
    store: Store, make_night: NightMaker
) -> None:
    night = replace(
        make_night(FIRST, episodes=2, possible=1),
        marks=(Mark(at(FIRST, "01:16"), "taps"), Mark(at(FIRST, "04:30"), "taps")),
    )
    store.save(night)
    answered(store, night.episodes[0].id, Said.NO)
    answered(store, night.episodes[1].id, Said.UNSURE)
    store.write(
        lambda session: add_missed(
            session, "me", at(FIRST, "05:00"), Answer(Said.YES),
            given_ns=at(FIRST, "08:00"), given_by="me",
        )
    )  # fmt: skip
    (counted,) = the_nights(store)
    assert counted.night == FIRST
    assert counted.searched_s == 7.5 * 3600 - 1500
    assert [each.answer for each in counted.episodes] == [Word.NO, Word.UNSURE, None]
    assert [each.probability for each in counted.episodes] == [0.78, 0.41, 0.78]
    assert (counted.missed, counted.marks) == (1, 1)


def test_what_two_wearables_saw_of_a_night_is_counted_once(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(FIRST, id="left", episodes=2))
    store.save(make_night(FIRST, id="right", episodes=2))
    (counted,) = the_nights(store)
    assert len(counted.episodes) == 2
    assert counted.searched_s == 7.5 * 3600 - 1500


def test_a_yes_to_what_another_judgement_no_longer_has_is_a_missed_cramp(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(FIRST, episodes=1)
    store.save(night)
    answered(store, night.episodes[0].id, Said.YES)
    store.save(replace(night, episodes=()))
    (counted,) = the_nights(store)
    assert (counted.episodes, counted.missed) == ((), 1)


def test_the_night_to_come_is_not_begun_by_the_end_of_the_one_before(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(FIRST, hours=20))
    assert [each.night for each in the_nights(store)] == [FIRST]


def test_a_newest_night_in_which_nothing_was_searched_is_one_that_is_not_known(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(FIRST))
    store.save(make_night(night_after(1), id="on the table", episodes=0, worn_hours=0))
    assert [each.searched_s for each in the_nights(store)] == [7.5 * 3600 - 1500, 0.0]


def test_an_empty_store_has_no_nights_and_no_alert(store: Store) -> None:
    assert the_nights(store) == ()
    assert judge_nights(store, None) is None


# The API and the page


def test_the_api_lists_alerts_and_takes_who_has_seen_them(
    store: Store, client: Client, risen: Callable[..., StoredAlert]
) -> None:
    alert = risen()
    (listed,) = client.get("/api/v1/alerts").json()["items"]
    assert (listed["id"], listed["state"], listed["layer"]) == (alert.id, "raised", alert.layer)
    assert listed["night"] == alert.night.isoformat()
    assert listed["title"].startswith("More than your usual")
    assert listed["sentences"][1].startswith("That is more than your usual, ")
    assert [each["step"] for each in listed["events"]] == ["raised"]
    assert client.get(f"/api/v1/alerts?until={FIRST}").json()["total"] == 0
    seen = client.post(f"/api/v1/alerts/{alert.id}/seen", b"")
    assert (seen.status_code, seen.json()["state"]) == (200, "seen")
    noted = client.post(f"/api/v1/alerts/{alert.id}/acknowledge", b"")
    assert noted.json()["state"] == "acknowledged"
    again = client.post(f"/api/v1/alerts/{alert.id}/acknowledge", b"").json()
    assert [(each["step"], each["who"]) for each in again["events"]] == [
        ("raised", "crampwatch"),
        ("seen", "wearer"),
        ("acknowledged", "wearer"),
    ]


@pytest.mark.parametrize("path", ["/api/v1/alerts/99/seen", "/api/v1/alerts/99/acknowledge"])
def test_an_alert_that_is_not_there_is_a_problem_with_details(client: Client, path: str) -> None:
    refused = client.post(path, b"")
    assert refused.status_code == 404
    assert refused.json()["detail"] == "No alert has the id 99."
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://127.0.0.1"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_only_our_own_page_may_acknowledge(
    store: Store,
    client: Client,
    risen: Callable[..., StoredAlert],
    headers: dict[str, str],
    status: int,
) -> None:
    alert = risen()
    answer = client.post(f"/alerts/{alert.id}/acknowledge", b"", **headers)
    assert answer.status_code == status
    state = AlertStep.RAISED if status == 403 else AlertStep.ACKNOWLEDGED
    assert kept(store)[0].state is state


def test_the_page_shows_an_alert_below_the_finding_until_it_is_acknowledged(
    store: Store, client: Client, risen: Callable[..., StoredAlert]
) -> None:
    assert "More than your usual" not in client.get("/").text
    alert = risen()
    page = client.get("/").text
    places = [page.index(part) for part in ('class="finding"', 'class="alert"', 'class="strip"')]
    assert places == sorted(places)
    assert "See a doctor soon, and take these numbers along" in page
    assert "form-action 'self'" in client.get("/").headers["content-security-policy"]
    (action,) = re.findall(r'<form method="post" action="(/alerts/[^"]*)">', page)
    assert "I have seen this" in page
    assert '<svg class="alert-plot"' in page
    answer = client.post(action, b"")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    after = client.get("/").text
    assert "I have seen this" not in after
    assert "You have seen this. It stays here until it is over." in after
    assert numbers_of(alert).layer.name.lower() == alert.layer


def test_another_wearers_page_shows_no_alert_and_cannot_acknowledge_it(
    store: Store,
    client: Client,
    live: Callable[..., list[StoredAlert]],
    risen: Callable[..., StoredAlert],
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    annas = risen(wearer="anna", name="anna")
    live((0, 1), wearer="ben", name="ben")
    page = client.get("/?wearer=anna").text
    assert f'action="/alerts/{annas.id}/acknowledge?wearer=anna"' in page
    assert "/alerts/" not in client.get("/?wearer=ben").text
    assert client.post(f"/alerts/{annas.id}/acknowledge?wearer=ben", b"").status_code == 404
    assert client.get("/api/v1/alerts?wearer=ben").json()["total"] == 0
    assert kept(store, "anna")[0].state is AlertStep.RAISED


def test_an_answer_over_the_api_judges_the_nights(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    for place, number in enumerate(LIFE):
        night = night_of(make_night, place, number)
        store.save(night)
    assert kept(store) == ()
    body = json.dumps({"said": "yes"}).encode()
    path = f"/api/v1/episodes/rec-{len(LIFE) - 2}-1-likely-0/answer"
    assert client.put(path, body).status_code == 200
    assert [each.night for each in kept(store)] == [night_after(len(LIFE) - 1)]


# The commands


def test_summary_says_in_a_sentence_that_an_alert_stands(
    settings: Settings, risen: Callable[..., StoredAlert], capsys: pytest.CaptureFixture[str]
) -> None:
    line = in_short(numbers_of(risen()))
    assert line.startswith("More than your usual for some time. In 21 recorded nights from ")
    print_summary(None, settings=settings)
    assert line in " ".join(capsys.readouterr().out.split())
    print_summary(FIRST, settings=settings)
    assert "More than your usual" not in capsys.readouterr().out


def test_a_replay_says_once_that_an_alert_was_raised(store: Store, make_night: NightMaker) -> None:
    replayed = Kept(store, None)
    for place, number in enumerate(LIFE):
        night = night_of(make_night, place, number)
        assert replayed.save(night, Path(night.info.name)) == "added"
    said = replayed.alert()
    assert said is not None
    assert said.startswith("More than your usual for some time. In 21 recorded nights from ")
    assert replayed.alert() is None
