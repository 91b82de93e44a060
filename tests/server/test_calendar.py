from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from detector.night import Standing
from ingest.samples import NS_PER_S
from server import over_time
from server.alert_log import raise_alert
from server.alerts.judge import UsualWeek
from server.alerts.nightly import Answer as Word
from server.alerts.nightly import AskedEpisode, WearerNight
from server.answers import Answer, add_missed, answer_episode
from server.bar_plot import Bar, bar_plot, tenth
from server.compared import Verdict, compare, count_period
from server.kept_tables import Said
from server.over_time import by_season, calendar_month, month_counts, months_around, usual_week
from server.over_time_words import compared, night_name, period, usual
from server.store import Store
from tests.server.conftest import NOW, at
from tests.server.test_pages import WORDS_TO_AVOID, plain

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)
FIRST = date(2026, 6, 1)
NUMBERS = {
    "first": "2026-11-15",
    "last": "2026-11-21",
    "recorded": 7,
    "confirmed": 4,
    "open": 0,
    "found_nights": 4,
    "usual": None,
}


def nights(pattern: str, first: date = FIRST) -> tuple[WearerNight, ...]:
    """Make a night of each character: x a cramp, . none, - not recorded, ? a half one."""
    cramp = {"x": (AskedEpisode(0.4, Standing.POSSIBLE, Word.YES),), ".": (), "-": ()}
    cramp["?"] = (AskedEpisode(0.5, Standing.LIKELY),)
    return tuple(
        WearerNight(first + timedelta(days=number), 0.0 if each == "-" else 25_000.0, cramp[each])
        for number, each in enumerate(pattern)
    )


# Two periods


def test_a_period_counts_valid_nights_alone_and_says_how_sure_that_is() -> None:
    told = count_period(nights("x.-?" * 5), FIRST, FIRST + timedelta(days=19))
    assert (told.valid, told.cramp_nights, told.cramps, told.nights) == (15, 7.5, 7.5, 20)
    assert told.a_week == 3.5
    # The score interval of one half of 15 is one half, give or take this.
    half = 1.645 * math.sqrt((0.25 + 1.645**2 / 60) / 15) / (1 + 1.645**2 / 15)
    assert (told.least, told.most) == pytest.approx((7 * (0.5 - half), 7 * (0.5 + half)))
    assert period(told) == (
        "Mon 1 Jun 2026 to Sat 20 Jun 2026, 15 counted nights of 20: 7.5 cramp nights, 7.5 cramps. "
        "That is 3.5 cramp nights a week (with nine chances in ten between 2.1 and 4.9)."
    )


def test_of_no_counted_night_nothing_is_said() -> None:
    told = count_period(nights("---"), FIRST, FIRST + timedelta(days=2))
    assert math.isnan(told.a_week)
    assert period(told).endswith("0 counted nights of 3: nothing can be said.")


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("......." * 4, "x......" * 1, Verdict.TOO_EARLY),
        ("x......" * 4, "x......" * 4, Verdict.NO_TELLING),
        ("x......" * 4, "x.x...." * 4, Verdict.NO_TELLING),
        ("x......" * 8, "xx.x.x." * 8, Verdict.MORE),
        ("xx.x.x." * 8, "x......" * 8, Verdict.FEWER),
    ],
)
def test_more_or_fewer_is_said_only_where_it_is_likely(
    before: str, after: str, verdict: Verdict
) -> None:
    one, other = (
        count_period(nights(each), FIRST, FIRST + timedelta(days=len(each) - 1))
        for each in (before, after)
    )
    found = compare(one, other)
    assert found.verdict is verdict
    assert "because" not in compared(found)


# Counts


def test_months_count_valid_nights_within_their_dates() -> None:
    made = nights("x." * 40)
    first, second = FIRST, FIRST + timedelta(days=79)
    counts = month_counts(made, first, second)
    assert [(each.first, each.valid, each.cramps) for each in counts] == [
        (date(2026, 6, 1), 30, 15.0),
        (date(2026, 7, 1), 31, 16.0),
        (date(2026, 8, 1), 19, 9.0),
    ]
    assert month_counts((), first, first)[0].valid == 0


def test_a_season_is_the_same_month_of_every_year() -> None:
    made = [*nights("xx." * 10, date(2025, 6, 1)), *nights("x." * 20, date(2026, 6, 1))]
    season = by_season(month_counts(made, date(2025, 6, 1), date(2026, 7, 10)))
    assert [each.first.month for each in season] == list(range(1, 13))
    assert [(each.valid, each.cramps) for each in season if each.valid] == [(60, 35.0), (10, 5.0)]
    assert (season[5].valid, season[6].cramp_nights) == (60, 5.0)


def test_the_months_beside_a_month() -> None:
    assert months_around(date(2026, 1, 1)) == (date(2025, 12, 1), date(2026, 2, 1))
    assert months_around(date(2026, 12, 1)) == (date(2026, 11, 1), date(2027, 1, 1))


def test_bars_are_as_high_as_what_they_say_and_what_is_not_known_is_none() -> None:
    plot = bar_plot(
        ("A", "B"),
        (Bar("one", 2.0, ("2",)), Bar("two", None, ("not known",)), Bar("three", 4.0, ("4",))),
        UsualWeek(1.0, 1, 3),
    )
    heights = [float(each.height[:-1]) for each in plot.bars]
    assert heights[2] == pytest.approx(2 * heights[0], abs=0.02)
    assert heights[2] == pytest.approx(100 / 1.2, abs=0.02)
    assert (plot.bars[1].height, plot.bars[1].bar.height) == ("0.00%", None)
    assert [each.number for each in plot.bars] == ["2", "", "4"]
    assert plot.band_height == plot.bars[0].height
    assert [tenth(each) for each in (3.0, 3.02, 3.4)] == ["3", "3", "3.4"]
    assert bar_plot(("A",), ()).bars == ()


def test_where_numbers_would_touch_the_highest_bar_has_its_own() -> None:
    def numbers(*heights: float) -> list[str]:
        plot = bar_plot(("A", "B"), [Bar("", each, (tenth(each),)) for each in heights])
        return [each.number for each in plot.bars]

    assert numbers(*[1.0] * 12, 2.0) == ["1"] * 12 + ["2"]
    assert numbers(*[0.9] * 12, 6.2) == [""] * 12 + ["6.2"]
    assert numbers(*[0.0] * 22, 0.7, 15.5) == [""] * 23 + ["15.5"]


# The page


@pytest.fixture
def answered_month(store: Store, month: Callable[[], None]) -> None:
    month()

    def say(episode_id: str, said: Said) -> None:
        store.write(
            lambda session: answer_episode(
                session, "me", episode_id, Answer(said, pain=6), given_ns=1, given_by="test"
            )
        )

    # The only one of its night was none; one of three was one.
    say("rec-25-1-likely-0", Said.NO)
    say("rec-12-1-likely-1", Said.YES)
    missed_ns = at(NIGHT - timedelta(days=8), "03:30")
    store.write(
        lambda session: add_missed(
            session,
            "me",
            missed_ns,
            Answer(Said.YES),
            given_ns=int(NOW.timestamp()) * NS_PER_S,
            given_by="test",
        )
    )
    begun = NIGHT - timedelta(days=4)
    store.write(lambda session: raise_alert(session, "me", "sudden", begun, NUMBERS, at_ns=1))


@pytest.mark.usefixtures("answered_month")
def test_the_word_of_the_wearer_counts_before_the_detector(store: Store) -> None:
    with store.reading() as session:
        found = calendar_month(session, "me", date(2026, 11, 1), NIGHT)
        before = calendar_month(session, "me", date(2026, 10, 1), NIGHT)
    by_night = {each.figures.night: each for week in found.weeks for each in week if each}
    by_night |= {each.figures.night: each for week in before.weeks for each in week if each}
    assert len(by_night) == 31 + 21
    assert found.weeks[0][:6] == (None,) * 6

    def of(ago: int) -> tuple[str, int, str]:
        night = by_night[NIGHT - timedelta(days=ago)]
        return night.mark, night.number, night_name(night)

    assert of(0)[:2] == ("likely", 2)
    assert of(1)[:2] == ("not_recorded", 0)
    assert of(2)[:2] == ("none_found", 0)
    assert of(6)[:2] == ("partly", 0)
    assert of(7)[:2] == ("possible", 1)
    assert of(8)[:2] == ("likely", 1)
    assert of(8)[2].endswith(", 1 cramp by your word")
    assert of(12)[:2] == ("likely", 3)
    assert of(12)[2].endswith(", 1 cramp by your word")
    assert of(25)[:2] == ("none_found", 0)
    assert of(25)[2].endswith(", 1 awakening was no cramp by your word")
    assert of(1)[2] == "Fri 20 Nov: not recorded"
    stood = [night for night, each in by_night.items() if each.alert]
    assert sorted(stood) == [NIGHT - timedelta(days=ago) for ago in reversed(range(5))]


def cells(page: str, title: str) -> list[list[str]]:
    table = page.split(f">{title} as a table</summary>")[1].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


@pytest.mark.usefixtures("answered_month")
def test_every_number_of_the_page_is_the_apis(client: Client) -> None:
    page = client.get("/calendar")
    assert page.status_code == 200
    found = client.get("/api/v1/trends").json()
    weeks = cells(page.text, "Cramps a week")
    # Weeks before the first that is known are left out, as far as twelve are left.
    assert not any(each["recorded"] for each in found["weeks"][:-12])
    assert [row[1:] for row in weeks] == [
        [tenth(each["cramps"]) if each["valid"] else "not known", str(each["valid"])]
        for each in found["weeks"][-12:]
    ]
    # Two likely ones and a possible one, and one of each: 3 times 0.78 and twice 0.41.
    assert weeks[-1][1:] == ["3.2", "4"]
    hours = cells(page.text, "Cramps by the hour")
    assert len(hours) == 24
    assert hours[13][:2] == ["01:00", tenth(found["hours"][13]["cramps"])]
    assert hours[0][1:] == ["not known", "none"]
    assert client.get("/api/v1/trends/usual").json()["usual"] is None
    told = plain(page)
    assert "You told of 2 cramps." in told
    assert "More than your usual this week: since the night of Tue 17 Nov 2026" in told
    assert "12 weeks" not in told
    assert "Too early to tell: each period needs 14 counted nights." in told
    for word in WORDS_TO_AVOID:
        assert not re.search(rf"\b{word}", told, re.IGNORECASE), word


@pytest.mark.usefixtures("answered_month")
def test_months_back_and_periods_are_asked_for(client: Client) -> None:
    told = plain(client.get("/calendar?month=2026-10"))
    assert "October 2026" in told
    assert "‹ September 2026" in told
    assert "November 2026 ›" in told
    page = client.get("/calendar")
    assert "December 2026" not in plain(page)
    assert 'href="/nights/2026-11-21"' in page.text
    assert 'href="/nights/2026-11-20"' not in page.text
    asked = "first_from=2026-10-25&first_to=2026-11-10&second_from=2026-11-11&second_to=2026-11-21"
    told = plain(client.get(f"/calendar?{asked}"))
    assert "Sun 25 Oct 2026 to Tue 10 Nov 2026, 4 counted nights of 17" in told


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("month=2026-13", "'2026-13-01' is no date."),
        ("month=0001-01", "No night of 1 can be here."),
        ("first_from=2026-11-01", "Give both dates of both periods."),
        (
            "first_from=2026-11-02&first_to=2026-11-01&second_from=2026-11-02&second_to=2026-11-03",
            "A period ends before it begins.",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_said(client: Client, asked: str, why: str) -> None:
    answer = client.get(f"/calendar?{asked}")
    assert (answer.status_code, why in plain(answer)) == (422, True)


def test_seasons_are_drawn_once_there_is_more_than_a_year(
    client: Client, store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT, id="new"))
    assert "By season" not in plain(client.get("/calendar"))
    store.save(make_night(NIGHT - timedelta(days=365), id="old", episodes=2))
    page = client.get("/calendar")
    rows = cells(page.text, "Cramps by season")
    # Two counted nights of November: one with a likely one, one with two.
    assert rows[10] == ["November", "8.2", "2.3", "2"]
    assert [row[1] for row in rows if row[0] != "November"] == ["not known"] * 11


def test_nobodys_calendar_is_empty(client: Client) -> None:
    told = plain(client.get("/calendar"))
    assert "November 2026" in told
    assert "What is usual for you is not known yet" in told


def test_the_usual_is_judged_anew_only_where_something_is_new(
    store: Store, make_night: NightMaker
) -> None:
    def say(said: Said) -> None:
        episode_id = "rec-1-1-likely-0"
        store.write(
            lambda session: answer_episode(
                session, "me", episode_id, Answer(said), given_ns=2, given_by="test"
            )
        )

    store.save(make_night(NIGHT))
    with patch.object(
        over_time, "usual_now", return_value=(NIGHT, UsualWeek(1.25, 0, 3))
    ) as judged:
        for change in (
            lambda: None,
            lambda: say(Said.YES),
            lambda: store.save(make_night(NIGHT - timedelta(days=1), id="rec-2")),
        ):
            change()
            assert usual_week(store, "me") == UsualWeek(1.25, 0, 3)
            usual_week(store, "me")
        assert judged.call_count == 3
    assert usual(UsualWeek(1.25, 0, 3)) == (
        "Your usual is 1.2 a week; nine weeks in ten have 0 to 3."
    )
