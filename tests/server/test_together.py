from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from server import association_words
from server.association_words import compared, finding, interval, name
from server.associations.exposure import Subject
from server.associations.judged import Judgement, Verdict, judge
from server.associations.ratio import Pair, RateRatio, Side
from server.associations.table import Association, Associations
from server.diary import DiaryEntry, put_entry
from server.diary_kinds import Factor, Habit
from server.interval_plot import TICKS, interval_plot
from server.store import Store
from tests.server.test_pages import WORDS_TO_AVOID, plain

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)


def judged(with_it: Side, without: Side, compared_at_once: int = 1) -> Judgement:
    return judge([Pair(with_it, without)], compared_at_once)


def association(subject: Subject, about: str, verdict: Verdict) -> Association:
    return Association(subject, about, Judgement(Side(20, 5.0), Side(20, 9.0), None, verdict))


# Words


@pytest.mark.parametrize(
    ("told", "named", "said"),
    [
        ((Subject.HABIT, Habit.CALF_STRETCHES, Verdict.FEWER),
         "Calf stretches", "Fewer cramp nights on nights with it."),
        ((Subject.DIALYSIS, "", Verdict.MORE),
         "The night after dialysis", "More cramp nights on these nights."),
        ((Subject.FACTOR, Factor.PREGNANCY, Verdict.ALIKE),
         "Pregnancy", "About as many cramp nights while it held."),
        ((Subject.MEDICINE_STARTED, "loop_diuretic", Verdict.MORE),
         "Water tablet (furosemide, torasemide) since it was started", "More cramp nights since."),
        ((Subject.MEDICINE_STOPPED, "Mine", Verdict.TOO_EARLY),
         "Mine since it was stopped", "Too early to tell."),
    ],
)  # fmt: skip
def test_it_is_said_how_often_and_never_why(
    told: tuple[Subject, str, Verdict], named: str, said: str
) -> None:
    found = association(*told)
    assert (name(found), finding(found)) == (named, said)


def test_everything_that_can_be_compared_has_words_that_promise_nothing() -> None:
    texts = [
        text
        for subject in Subject
        for text in (
            *association_words.SIDES[subject],
            *(finding(association(subject, "fluids", verdict)) for verdict in Verdict),
        )
    ]
    texts += [
        association_words.NOTHING_TOLD,
        association_words.NOT_WHY,
        association_words.MEDICINES,
        association_words.HOW_COUNTED,
    ]
    for word in [*WORDS_TO_AVOID, "because", "causes", "caused", "helps", "works"]:
        assert not re.search(rf"\b{word}", " ".join(texts), re.IGNORECASE), word


@pytest.mark.parametrize(
    ("judgement", "missing"),
    [
        (judged(Side(13, 5.0), Side(40, 9.0)), "It takes 14 counted nights on either side."),
        (judged(Side(20, 2.5), Side(40, 3.0)), "It takes 6 cramp nights on both sides together."),
        (judged(Side(20, 8.0), Side(20, 9.0)), "The nights so far fit fewer as well as more."),
        (judged(Side(31, 13.9), Side(74, 16.4), 7),
         "Compared alone, these would be more. "
         "Among so many things compared at once that can be chance."),
        (judged(Side(40, 5.0), Side(40, 13.0), 7),
         "Compared alone, these would be fewer. "
         "Among so many things compared at once that can be chance."),
    ],
)  # fmt: skip
def test_where_it_is_too_early_it_is_said_what_is_missing(
    judgement: Judgement, missing: str
) -> None:
    told = association_words.counted(Association(Subject.HABIT, "fluids", judgement))
    assert told.endswith(missing)
    assert told.startswith("With it: ")


def test_where_something_can_be_said_nothing_is_missing() -> None:
    found = Association(Subject.HABIT, "fluids", judged(Side(40, 4.25), Side(40, 20.0)))
    assert association_words.counted(found) == (
        "With it: 4.2 of 40 nights. Without it: 20 of 40 nights."
    )


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, "not known"),
        (RateRatio(0.561, 0.312, 0.974), "0.56 (0.31 to 0.97)"),
        (RateRatio(1.24, 0.99, 1.53), "1.2 (0.99 to 1.5)"),
        (RateRatio(22.0, 2.26, math.inf), "22.0 (2.3 and more)"),
    ],
)
def test_a_ratio_is_written_with_its_interval(ratio: RateRatio | None, text: str) -> None:
    assert interval(ratio) == text


def test_that_many_are_compared_at_once_is_said() -> None:
    first = NIGHT - timedelta(days=364)
    whole = Associations(first, NIGHT, 61, 1, ())
    assert compared(whole) == "61 counted nights of the year up to Sat 21 Nov 2026."
    several = Associations(first, NIGHT, 61, 4, ())
    assert "4 things are compared at once, and of so many some differ by chance" in compared(
        several
    )


def test_nights_that_are_compared_alone_are_named_and_so_is_what_they_lack() -> None:
    fortnight = Associations(NIGHT - timedelta(days=13), NIGHT, 12, 0, ())
    assert compared(fortnight) == (
        "Compared by 12 counted nights from Sun 8 Nov 2026 to Sat 21 Nov 2026, and by no others. "
        "It is too early to tell where either side has fewer than 14."
    )


# The drawing


def test_an_interval_is_drawn_around_no_difference() -> None:
    assert TICKS == {"half": "33.33%", "equal": "50.00%", "double": "66.67%"}
    plot = interval_plot(RateRatio(0.5, 0.25, 1.0))
    assert (plot.least, plot.median, plot.most) == ("16.67%", "33.33%", "50.00%")
    assert (plot.beyond_left, plot.beyond_right) == (False, False)


def test_what_goes_beyond_the_drawing_is_an_arrow() -> None:
    plot = interval_plot(RateRatio(22.0, 2.0, math.inf))
    assert (plot.least, plot.median, plot.most) == ("66.67%", None, "100.00%")
    assert (plot.beyond_left, plot.beyond_right) == (False, True)


# The page and the API


@pytest.fixture
def told(store: Store, make_night: NightMaker) -> Callable[[], None]:
    """Eight weeks: stretching every other day, with a third of the cramp nights of the others."""

    def fill() -> None:
        for ago in range(56):
            cramp = ago % 6 == 0 or ago % 2 == 1
            night = NIGHT - timedelta(days=ago)
            store.save(make_night(night, id=f"rec-{ago}", episodes=int(cramp)))

        def keep(session: Session) -> None:
            for ago in range(56):
                day = NIGHT - timedelta(days=ago)
                done = ["calf_stretches"] if ago % 2 == 0 else []
                habits = DiaryEntry(f"h{ago}", day, "habits", {"done": done}, 1, "wearer")
                put_entry(session, "me", habits)
            entry = DiaryEntry("m", NIGHT, "medicine", {"name": "A", "since": str(NIGHT)}, 1, "w")
            put_entry(session, "me", entry)
            put_entry(session, "me", DiaryEntry("x", NIGHT, "habits", {"done": []}, 0, "w"))

        store.write(keep)

    return fill


def test_every_number_of_the_page_is_the_apis(client: Client, told: Callable[[], None]) -> None:
    told()
    page, found = client.get("/together"), client.get("/api/v1/associations").json()
    assert (found["first"], found["last"], found["valid"]) == ("2025-11-22", "2026-11-21", 56)
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", page.text)
    ]
    assert len(rows) == 2

    def written(side: dict[str, float]) -> str:
        return association_words.share(Side(int(side["valid"]), side["cramp_nights"]))

    for row, item in zip(rows, found["items"], strict=True):
        ratio = item["rate_ratio"]
        most = math.inf if ratio["most"] is None else ratio["most"]
        assert row == [
            item["name"],
            written(item["with_it"]),
            written(item["without"]),
            interval(RateRatio(ratio["ratio"], ratio["least"], most)),
        ]
    assert [each["finding"] for each in found["items"]] == re.findall(
        r'<p class="finding">(.*?)</p>', page.text
    )
    assert found["items"][0] | {"rate_ratio": None} == {
        "subject": "habit",
        "about": "calf_stretches",
        "name": "Calf stretches",
        "with_it": {"valid": 28, "cramp_nights": pytest.approx(7.8)},
        "without": {"valid": 28, "cramp_nights": pytest.approx(21.84)},
        "rate_ratio": None,
        "verdict": "fewer",
        "finding": "Fewer cramp nights on nights with it.",
    }


def test_the_page_uses_none_of_the_words_to_avoid(client: Client, told: Callable[[], None]) -> None:
    told()
    text = plain(client.get("/together"))
    assert "Do not start or stop a medicine by this: ask who prescribed it." in text
    for word in [*WORDS_TO_AVOID, "because"]:
        assert not re.search(rf"\b{word}", text, re.IGNORECASE), word


def test_an_earlier_year_is_asked_for_by_its_last_night(
    client: Client, told: Callable[[], None]
) -> None:
    told()
    found = client.get("/api/v1/associations?until=2026-10-31").json()
    assert (found["last"], found["valid"]) == ("2026-10-31", 35)
    assert [each["about"] for each in found["items"]] == ["calf_stretches"]
    assert client.get("/api/v1/associations?untill=2026-10-31").status_code == 422


def test_where_the_diary_tells_nothing_it_is_said_what_it_takes(
    client: Client, month: Callable[[], None]
) -> None:
    assert "The diary tells of nothing yet" in plain(client.get("/together"))
    month()
    assert "The diary tells of nothing yet" in plain(client.get("/together"))
    assert client.get("/api/v1/associations").json()["items"] == []


@pytest.mark.parametrize("page", ["/diary", "/calendar"])
def test_the_diary_and_the_calendar_lead_to_it(client: Client, page: str) -> None:
    assert 'href="/together?wearer=me"' in client.get(f"{page}?wearer=me").text
