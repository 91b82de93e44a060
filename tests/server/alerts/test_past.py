from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.alerts.judge import events_of, go_on, judge
from server.alerts.life import AlertEvent, EventKind, alerts
from server.alerts.nightly import Answer, WearerNight, counts
from server.alerts.past import SPACING_NIGHTS, Past
from server.alerts.rules import RULES
from server.alerts.watch import Watch
from tests.server.alerts.made import FIRST, FULL_S, WEARER, asked, drawn, morning, nights_of

LIFE = [*drawn(0.7, 90, 5), *drawn(6, 30, 6), *drawn(0.4, 60, 7)]


@pytest.fixture(scope="module")
def life() -> tuple[list[WearerNight], list[AlertEvent], Past]:
    """Half a year with a bad time in it, judged night by night, each time from the last one on."""
    nights = nights_of(LIFE)
    kept: list[AlertEvent] = []
    past = None
    for end in range(1, len(nights) + 1):
        judged = go_on(past, nights[:end], alerts(kept), WEARER)
        assert judged is not None
        judgement, past = judged
        kept += events_of(judgement, WEARER, morning(judgement.night))
    assert past is not None
    assert {event.kind for event in kept} == {EventKind.RAISED, EventKind.CLEARED}
    return nights, kept, past


def looked_through(past: Past) -> dict[str, bytes]:
    """Everything that a watch has come to, to the bit."""
    watch = past.watch
    arrays = {name: value for name, value in vars(watch).items() if isinstance(value, np.ndarray)}
    of_usual = {name: getattr(watch._usual, name) for name in watch._usual.__slots__}
    of_scale = {name: getattr(watch.scale, name) for name in watch.scale.__slots__}
    assert len(arrays) > 15
    found = {**arrays, **of_usual, **of_scale}
    return {name: np.ascontiguousarray(value).tobytes() for name, value in found.items()}


def assert_same(past: Past, nights: list[WearerNight], kept: list[AlertEvent]) -> tuple[Past, int]:
    """Judge from a past and from the start, and hold one against the other."""
    told = alerts(kept)
    gone_on, anew = go_on(past, nights, told, WEARER), go_on(None, nights, told, WEARER)
    assert gone_on is not None
    assert anew is not None
    assert gone_on[0] == anew[0]
    assert looked_through(gone_on[1]) == looked_through(anew[1])
    assert gone_on[1].states.keys() == anew[1].states.keys()
    dates, counted = counts(nights)
    own = [each for each in told.values() if each.id.wearer == WEARER]
    return gone_on[1], past.same_before(dates, counted, own, RULES)


night_numbers = st.integers(0, len(LIFE) - 1)
changes = st.one_of(
    st.tuples(st.just("other"), night_numbers, st.integers(0, 3)),
    st.tuples(st.just("unanswered"), night_numbers, st.integers(1, 3)),
    st.tuples(st.just("not recorded"), night_numbers, st.none()),
    st.tuples(st.just("later"), st.integers(1, 40), st.integers(0, 3)),
    st.tuples(st.just("earlier"), st.integers(1, 40), st.integers(0, 3)),
    st.tuples(st.just("raised"), st.none(), st.none()),
    st.tuples(st.just("not raised"), st.integers(0, 3), st.none()),
)


def changed(
    change: str,
    where: int | None,
    cramps: int | None,
    nights: list[WearerNight],
    kept: list[AlertEvent],
) -> tuple[list[WearerNight], list[AlertEvent]]:
    by_date = {each.night: each for each in nights}
    if change == "raised":
        judgement = judge(nights, alerts(kept), WEARER)
        assert judgement is not None
        return nights, [*kept, *events_of(judgement, WEARER, morning(judgement.night))]
    assert where is not None
    if change == "not raised":
        return nights, kept[: max(1, len(kept) - where)]
    night = {
        "later": nights[-1].night + timedelta(days=where),
        "earlier": nights[0].night - timedelta(days=where),
    }.get(change, FIRST + timedelta(days=where))
    if cramps is None:
        if len(by_date) > 1:
            by_date.pop(night, None)
    else:
        said = None if change == "unanswered" else Answer.YES
        by_date[night] = WearerNight(night, FULL_S, asked(*[said] * cramps))
    return [by_date[each] for each in sorted(by_date)], kept


@settings(max_examples=15, deadline=None)
@given(st.lists(changes, min_size=1, max_size=3))
def test_to_go_on_is_to_the_bit_as_to_judge_from_the_start(
    life: tuple[list[WearerNight], list[AlertEvent], Past],
    steps: list[tuple[str, int | None, int | None]],
) -> None:
    nights, kept, past = life
    for change, where, cramps in steps:
        nights, kept = changed(change, where, cramps, nights, kept)
        past, _ = assert_same(past, nights, kept)


def test_an_answer_of_last_night_goes_through_the_last_weeks_alone(
    life: tuple[list[WearerNight], list[AlertEvent], Past], monkeypatch: pytest.MonkeyPatch
) -> None:
    nights, kept, past = life
    answered = [*nights[:-1], replace(nights[-1], missed=2)]
    _, begun = assert_same(past, answered, kept)
    assert begun == (len(nights) - 1) // SPACING_NIGHTS * SPACING_NIGHTS
    taken: list[int] = []
    take_in = Watch.take_in

    def noted(watch: Watch, night: int) -> None:
        taken.append(night)
        take_in(watch, night)

    monkeypatch.setattr(Watch, "take_in", noted)
    go_on(past, answered, alerts(kept), WEARER)
    assert taken == list(range(begun, len(nights)))


@pytest.mark.parametrize(("changed_at", "expected"), [(0, 0), (27, 0), (28, 28), (100, 84)])
def test_what_was_changed_long_ago_is_judged_anew_from_there(
    life: tuple[list[WearerNight], list[AlertEvent], Past], changed_at: int, expected: int
) -> None:
    nights, kept, past = life
    other = [*nights]
    other[changed_at] = replace(other[changed_at], missed=other[changed_at].missed + 1)
    _, begun = assert_same(past, other, kept)
    assert begun == expected


def test_an_alert_that_was_not_there_is_heeded_from_its_night_on(
    life: tuple[list[WearerNight], list[AlertEvent], Past],
) -> None:
    nights, kept, past = life
    raised = next(event for event in kept if event.kind is EventKind.RAISED)
    without = [event for event in kept if event.alert != raised.alert]
    _, begun = assert_same(past, nights, without)
    day = (raised.alert.night - nights[0].night).days
    assert begun == (day // SPACING_NIGHTS) * SPACING_NIGHTS


def test_other_rules_begin_with_the_first_night(
    life: tuple[list[WearerNight], list[AlertEvent], Past],
) -> None:
    nights, kept, past = life
    rules = replace(RULES, held_back_nights=60)
    gone_on = go_on(past, nights, alerts(kept), WEARER, rules=rules)
    assert gone_on is not None
    assert gone_on[0] == judge(nights, alerts(kept), WEARER, rules=rules)


def test_a_night_before_all_others_begins_with_the_first_night(
    life: tuple[list[WearerNight], list[AlertEvent], Past],
) -> None:
    nights, kept, past = life
    before = nights_of([1], first=date(2025, 12, 24))
    assert assert_same(past, [*before, *nights], kept)[1] == 0
