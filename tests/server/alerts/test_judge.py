from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import InputError
from server.alerts.judge import events_of, judge
from server.alerts.life import (
    Alert,
    AlertEvent,
    AlertId,
    EventKind,
    alerts,
    may_raise,
    with_event,
)
from server.alerts.nightly import Answer, WearerNight, counts
from server.alerts.rules import RULES
from server.alerts.season import Season
from server.alerts.watch import Layer, watch_alone
from tests.server.alerts.made import (
    FIRST,
    FULL_S,
    WEARER,
    asked,
    drawn,
    lived,
    morning,
    nights_of,
)

QUIET = [0, 0, 0, 1, 0, 0, 0] * 12
BAD = [2, 1, 2, 2, 1, 2, 2]


@pytest.fixture(scope="module")
def story() -> tuple[list[WearerNight], list[AlertEvent]]:
    """Twelve quiet weeks and a bad one, judged night by night."""
    nights = nights_of([*QUIET, *BAD])
    kept, _, _ = lived(nights, since=70)
    return nights, kept


def raised_in(kept: list[AlertEvent]) -> list[AlertId]:
    return [event.alert for event in kept if event.kind is EventKind.RAISED]


def event(
    kind: EventKind, hours: float = 0, who: str = "", night: date = FIRST, wearer: str = WEARER
) -> AlertEvent:
    at = datetime(2026, 1, 2, 7, tzinfo=UTC) + timedelta(hours=hours)
    return AlertEvent(AlertId(wearer, Layer.SUDDEN, FIRST), kind, at, who, night)


def test_a_bad_week_is_raised_once(story: tuple[list[WearerNight], list[AlertEvent]]) -> None:
    _, kept = story
    (alert,) = raised_in(kept)
    assert alert.layer in (Layer.SUDDEN, Layer.CREEPING)
    assert 0 <= (alert.night - FIRST).days - len(QUIET) < len(BAD)


def test_night_by_night_is_as_the_simulation_goes_through_them(
    story: tuple[list[WearerNight], list[AlertEvent]],
) -> None:
    nights, kept = story
    dates, counted = counts(nights)
    raised, _ = watch_alone(counted)
    found = [(dates[place], Layer(int(raised[place, 0]))) for place in np.flatnonzero(raised[:, 0])]
    assert found == [(alert.night, alert.layer) for alert in raised_in(kept)]


def test_a_replay_of_every_night_raises_nothing_again(
    story: tuple[list[WearerNight], list[AlertEvent]],
) -> None:
    nights, kept = story
    again, _, _ = lived(nights, kept, since=70)
    assert raised_in(again) == raised_in(kept)


@settings(max_examples=8)
@given(st.randoms(use_true_random=False), st.integers(80, 91), st.sampled_from(list(Answer)))
def test_neither_another_order_nor_another_judgement_of_old_nights_raises_again(
    story: tuple[list[WearerNight], list[AlertEvent]],
    order: random.Random,
    end: int,
    answer: Answer,
) -> None:
    nights, kept = story
    before = len(raised_in(kept))
    known = [
        replace(each, episodes=(*each.episodes, *asked(answer, answer, probability=0.9)))
        for each in nights[:end]
    ]
    order.shuffle(known)
    order.shuffle(kept)
    judgement = judge(known, alerts(kept), WEARER)
    assert judgement is not None
    after = [*kept, *events_of(judgement, WEARER, morning(judgement.night))]
    (first,) = raised_in(kept)
    if judgement.night < first.night + timedelta(days=RULES.rest_nights):
        assert len(raised_in(after)) == before


@settings(max_examples=10)
@given(st.integers(1, 60), st.integers(0, 2**31))
def test_missing_nights_never_raise(missing: int, seed: int) -> None:
    nights = nights_of(drawn(2.0, 60, seed))
    until = FIRST + timedelta(days=59 + missing)
    told = [*nights, WearerNight(until, 3 * 3600, asked(*[None] * 9, probability=0.9), missed=9)]
    before = judge(nights, {}, WEARER)
    after = judge(told, {}, WEARER)
    assert before is not None
    assert after is not None
    if before.layer is None:
        assert after.layer is None


def test_an_alert_is_only_of_its_wearer(
    story: tuple[list[WearerNight], list[AlertEvent]],
) -> None:
    nights, kept = story
    (alert,) = raised_in(kept)
    upto = [each for each in nights if each.night <= alert.night]
    mine, others = (judge(upto, alerts(kept), who) for who in (WEARER, "somebody else"))
    assert mine is not None
    assert others is not None
    assert mine.layer is None
    assert others.layer is alert.layer


def test_it_clears_by_itself_when_all_is_as_usual_again() -> None:
    kept, found, judged = lived(
        nights_of([*QUIET, *BAD, *QUIET[:70]]), since=len(QUIET) + 4, every=3
    )
    (alert,) = found.values()
    assert alert.state is EventKind.CLEARED
    assert alert.events[-1].who == ""
    assert alert.cleared_in is not None
    assert 28 <= (alert.cleared_in - alert.id.night).days <= 63
    assert [each.kind for each in alert.events] == [EventKind.RAISED, EventKind.CLEARED]
    assert judged[-1].usual is not None
    # The bad week has passed, and is part of what is usual now: 24 cramps in 15 weeks.
    assert judged[-1].usual.mean == pytest.approx(24 / 15, abs=0.2)
    assert len(raised_in(kept)) == 1


def test_an_alert_cleared_on_the_morning_it_was_raised_is_over_and_a_later_one_can_come() -> None:
    night = FIRST + timedelta(days=len(QUIET) + 3)
    id_ = AlertId(WEARER, Layer.SUDDEN, night)
    cleared = [
        AlertEvent(id_, EventKind.RAISED, morning(night), "", night),
        AlertEvent(id_, EventKind.CLEARED, morning(night) + timedelta(hours=1), "me", night),
    ]
    nights = nights_of([*QUIET, *BAD, *BAD, *BAD])
    _, found, _ = lived(nights, cleared, since=len(QUIET) + 5)
    later = sorted(alert.night for alert in found if alert.night != night)
    assert later
    assert (later[0] - night).days == RULES.rest_nights


def test_the_season_is_part_of_the_usual() -> None:
    nights = nights_of(drawn(2.0, 120, 4), date(2026, 3, 20))
    plain, seasonal = (judge(nights, {}, WEARER, season=each) for each in (None, Season()))
    assert plain is not None
    assert seasonal is not None
    assert plain.usual is not None
    assert seasonal.usual is not None
    assert seasonal.usual.mean > 1.15 * plain.usual.mean


def test_there_is_no_usual_in_the_learning_time() -> None:
    assert judge([], {}, WEARER) is None
    early = judge(nights_of([1] * 5), {}, WEARER)
    assert early is not None
    assert (early.usual, early.layer) == (None, None)


def test_a_leap_day_does_not_change_what_is_raised() -> None:
    found = [
        lived(nights_of([*QUIET, *BAD], first), since=len(QUIET) + 1, every=2)[1]
        for first in (date(2027, 12, 9), date(2026, 12, 9), date(2026, 7, 30))
    ]
    assert [len(each) for each in found] == [1, 1, 1]
    # 2028 has a 29 February, and in October 2026 the clock goes back.
    after = [
        (alert.night - first).days
        for each, first in zip(
            found, (date(2027, 12, 9), date(2026, 12, 9), date(2026, 7, 30)), strict=True
        )
        for alert in each
    ]
    assert len(set(after)) == 1


# The life of an alert


def test_an_alert_goes_on_step_by_step_with_who_and_when() -> None:
    steps = [
        event(EventKind.RAISED),
        event(EventKind.SEEN, 1, "me"),
        event(EventKind.ACKNOWLEDGED, 2, "my daughter"),
        event(EventKind.CLEARED, 60, "me", FIRST + timedelta(days=2)),
    ]
    states = [alerts(steps[:end])[steps[0].alert].state for end in range(1, 5)]
    assert states == list(EventKind)
    whole = alerts(steps)[steps[0].alert]
    assert [each.who for each in whole.events] == ["", "me", "my daughter", "me"]
    assert whole.cleared_in == FIRST + timedelta(days=2)
    assert not whole.stands


@given(st.lists(st.tuples(st.sampled_from(list(EventKind)), st.integers(0, 9)), max_size=12))
def test_the_order_in_which_events_arrive_does_not_matter(
    told: list[tuple[EventKind, int]],
) -> None:
    events = [event(kind, hours, f"at {hours}") for kind, hours in told]
    assert alerts(events) == alerts(reversed(events)) == alerts([*events, *events])


@given(st.lists(st.sampled_from(list(EventKind)), max_size=12))
def test_a_state_never_goes_back(kinds: list[EventKind]) -> None:
    alert: Alert | None = None
    reached = -1
    for hours, kind in enumerate(kinds):
        alert = with_event(alert, event(kind, hours))
        if alert is not None:
            now = list(EventKind).index(alert.state)
            assert now >= reached
            reached = now


def test_what_was_never_raised_is_no_alert() -> None:
    assert alerts([event(EventKind.SEEN), event(EventKind.CLEARED, 1)]) == {}


def test_seen_after_it_was_cleared_changes_nothing() -> None:
    events = [event(EventKind.RAISED), event(EventKind.CLEARED, 1), event(EventKind.SEEN, 2)]
    (alert,) = alerts(events).values()
    assert alert.state is EventKind.CLEARED
    assert len(alert.events) == 2


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(InputError, match="has no offset from UTC"):
        AlertEvent(
            AlertId(WEARER, Layer.SUDDEN, FIRST),
            EventKind.RAISED,
            datetime(2026, 1, 2, 7),
            "",
            FIRST,
        )


@pytest.mark.parametrize(
    ("after", "allowed"), [(-20, False), (0, False), (13, False), (14, True), (15, True)]
)
def test_an_alert_rests_for_two_weeks_whatever_the_layer(after: int, allowed: bool) -> None:
    kept = alerts([event(EventKind.RAISED), event(EventKind.CLEARED, 1)])
    night = FIRST + timedelta(days=after)
    for layer in Layer:
        assert may_raise(AlertId(WEARER, layer, night), night, kept, 14) is allowed


def test_an_alert_is_raised_for_the_newest_night_only() -> None:
    alert = AlertId(WEARER, Layer.CREEPING, FIRST)
    assert may_raise(alert, FIRST, {}, 14)
    assert not may_raise(alert, FIRST + timedelta(days=1), {}, 14)


def test_an_answer_in_the_morning_can_raise_what_the_night_did_not() -> None:
    quiet = nights_of(QUIET)
    last = FIRST + timedelta(days=len(QUIET))
    week = [
        WearerNight(last + timedelta(days=day), FULL_S, asked(*[None] * 3, probability=0.2))
        for day in range(4)
    ]
    told = [replace(each, episodes=asked(*[Answer.YES] * 3)) for each in week]
    asked_, answered = (judge([*quiet, *each], {}, WEARER) for each in (week, told))
    assert asked_ is not None
    assert answered is not None
    assert asked_.layer is None
    assert answered.layer is Layer.SUDDEN
