from __future__ import annotations

import inspect
import re
from datetime import timedelta

import pytest

from server import alert_words
from server.alert_plot import AlertPlot, alert_plot
from server.alerts.judge import UsualWeek
from server.alerts.nightly import Answer, WearerNight
from server.alerts.shown import AlertNumbers, numbers
from server.alerts.watch import Layer
from server.pages import templates
from tests.server.alerts.made import FIRST, FULL_S, asked, nights_of
from tests.server.test_pages import WORDS_TO_AVOID

LAST = FIRST + timedelta(days=69)
USUAL = UsualWeek(1.1, 0, 3)


def week(*cramps: int | None, unanswered: int = 0, rejected: int = 0) -> list[WearerNight]:
    nights = nights_of(cramps, LAST - timedelta(days=len(cramps) - 1))
    extra = (*asked(*[None] * unanswered), *asked(*[Answer.NO] * rejected))
    newest = WearerNight(LAST, FULL_S, (*nights[-1].episodes, *extra))
    return [*nights[:-1], newest]


def told(layer: Layer, *nights: int | None, unanswered: int = 0) -> tuple[str, ...]:
    made = week(*nights, unanswered=unanswered)
    return alert_words.sentences(numbers(layer, LAST, made, USUAL))


def test_sudden_tells_the_counts_and_the_usual() -> None:
    sentences = told(Layer.SUDDEN, 2, 0, None, 1, 0, 2, 1)
    assert sentences[:3] == (
        "In 6 recorded nights from Thu 5 Mar to Wed 11 Mar you told of 6 cramps, in 4 nights.",
        "That is more than your usual, 0 to 3 cramps a week.",
        "Of 1 other night less than 4 h was recorded; it is not counted.",
    )
    assert sentences[-1] == alert_words.DOCTOR
    assert len(sentences) == 4


def test_what_is_not_answered_is_told_apart_and_asked_for() -> None:
    counted, _, asked_for, _ = told(Layer.SUDDEN, 0, 0, 0, 0, 0, 0, 1, unanswered=2)
    assert counted == (
        "In 7 recorded nights from Thu 5 Mar to Wed 11 Mar you told of 1 cramp, and we noticed "
        "2 awakenings that may have been cramps, in 1 night."
    )
    assert asked_for == "Your answers make the count right: was it a cramp?"


def test_a_rejected_awakening_is_not_told() -> None:
    found = numbers(Layer.SUDDEN, LAST, week(0, 0, 0, 0, 0, 0, 0, rejected=3), USUAL)
    assert (found.confirmed, found.open, found.found_nights) == (0, 0, 0)


def test_persistent_looks_at_two_weeks_and_says_whose_choice_it_is() -> None:
    sentences = told(Layer.PERSISTENT, *[1] * 14)
    assert sentences[0] == (
        "In 14 recorded nights from Thu 26 Feb to Wed 11 Mar you told of 14 cramps, in 14 nights."
    )
    assert sentences[1] == "That is as many as three nights in seven, or more."
    assert alert_words.WHOSE_CHOICE in sentences


def test_creeping_looks_back_to_where_it_began() -> None:
    since = LAST - timedelta(days=30)
    found = numbers(Layer.CREEPING, LAST, week(*[0, 1] * 20), USUAL, since)
    assert (found.first, found.nights, found.recorded, found.confirmed) == (since, 31, 31, 16)


@pytest.mark.parametrize(
    ("usual", "text"),
    [
        (UsualWeek(1.1, 0, 3), "0 to 3 cramps a week"),
        (UsualWeek(0.2, 0, 1), "0 to 1 cramp a week"),
        (UsualWeek(1.0, 1, 1), "about 1 cramp a week"),
    ],
)
def test_the_usual_is_told_as_a_span(usual: UsualWeek, text: str) -> None:
    assert alert_words.usual_week(usual) == text


def test_every_layer_has_its_words() -> None:
    assert alert_words.TITLES.keys() == set(Layer)


def test_words_to_avoid_are_in_no_alert() -> None:
    every = [
        sentence
        for layer in Layer
        for unanswered in (0, 1, 2)
        for cramps in ([0] * 14, [1, None] * 7, [3] * 14)
        for sentence in told(layer, *cramps[:-1], 1, unanswered=unanswered)
    ]
    every += [*alert_words.TITLES.values(), alert_words.WHOSE_CHOICE]
    for text in every:
        for word in [*WORDS_TO_AVOID, "kidney", "alarm", "score"]:
            assert not re.search(rf"\b{word}", text, re.IGNORECASE), (word, text)


def test_every_word_that_is_public_is_listed() -> None:
    public = {
        name
        for name, value in vars(alert_words).items()
        if not name.startswith("_") and inspect.getmodule(value) is alert_words
    }
    assert public <= set(alert_words.__all__)


def per_cent(place: str) -> float:
    return float(place.removesuffix("%"))


@pytest.fixture
def plot() -> AlertPlot:
    months = [0, 0, 1, 0, 0, 0, 0] * 6 + [0, None, None, 1, 1, 0, 2, 1, 0, 1, 2, 0, 1, 1]
    first = LAST - timedelta(days=len(months) - 1)
    maybe = WearerNight(first + timedelta(days=1), FULL_S, asked(None))
    return alert_plot([*nights_of(months, first)[2:], maybe], LAST, UsualWeek(1.0, 0, 3))


def test_eight_weeks_are_drawn_to_scale(plot: AlertPlot) -> None:
    assert [week.number for week in plot.weeks] == ["1.3", *["1"] * 5, "4", "6"]
    tallest, first = plot.weeks[-1], plot.weeks[1]
    assert per_cent(tallest.height) == pytest.approx(6 * per_cent(first.height), abs=0.05)
    assert per_cent(tallest.y) + per_cent(tallest.height) == pytest.approx(100, abs=0.02)
    assert plot.band_y is not None
    assert per_cent(plot.band_y) == pytest.approx(100 - 3 * per_cent(first.height), abs=0.05)


def test_what_is_not_recorded_is_hatched_and_not_none(plot: AlertPlot) -> None:
    kinds = [night.kind for night in plot.nights]
    assert len(kinds) == 56
    assert kinds[:3] == ["missing", "maybe", "found"]
    assert kinds[43:45] == ["missing", "missing"]
    assert "Week from Thu 26 Feb: 4 in 5 recorded nights." in plot.text
    assert plot.text.endswith("Usual: 0 to 3 a week.")


def test_a_week_that_is_not_recorded_has_no_number() -> None:
    nights = nights_of([1] * 7, LAST - timedelta(days=6))
    plot = alert_plot(nights, LAST, None)
    assert [week.number for week in plot.weeks] == [""] * 7 + ["7"]
    assert plot.weeks[0].what == "Week from Thu 15 Jan: not recorded"
    assert plot.band_y is None


def test_the_drawing_says_itself_to_those_who_do_not_see_it(plot: AlertPlot) -> None:
    drawn = str(templates.get_template("alert_plot.html").module.alert_plot_of(plot, "a"))  # type: ignore[attr-defined]
    assert f'<desc id="a-text">{plot.text}</desc>' in drawn
    assert drawn.count('fill="url(#a-hatch)"') == 3 + 1
    assert drawn.count('class="bar-week"') == 8
    assert drawn.count('class="band"') == 1


def test_numbers_of_one_night_are_of_one_night() -> None:
    found = AlertNumbers(Layer.SUDDEN, LAST, LAST, 1, 1, 0, 1, None)
    assert alert_words.compared(found) is None
    assert alert_words.not_recorded(found) is None
    assert alert_words.counted(found) == (
        "In 1 recorded night from Wed 11 Mar to Wed 11 Mar you told of 1 cramp, in 1 night."
    )
