from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from threading import Event
from typing import TYPE_CHECKING

import pytest

from ingest.samples import NS_PER_S, FaultKind
from server.alert_log import raise_alert
from server.alerting import take_step
from server.diary_kinds import Habit
from server.figures import SIMULATOR
from server.kept_tables import AlertStep
from server.live import Live
from server.notify.notifier import Notifier
from server.notify.ways import Ways
from server.settings import Settings, load_settings
from server.store import Store
from server.trial.plan import Plan
from server.trials import Trial, keep_trial, stop_trial
from server.wire import FaultReport, LiveReport
from tests.server.conftest import at
from tests.server.notify.conftest import Clock, Postbox

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
NUMBERS = {
    "first": "2026-11-15", "last": "2026-11-21", "recorded": 7, "confirmed": 4, "open": 0,
    "found_nights": 4, "usual": None,
}  # fmt: skip
READ = "The summary of last night is there to read. Open the page of crampwatch."


class Teller:
    """A notifier with everything around it, looked through and sent by hand."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self.box = Postbox()
        self.live = Live(clock, lambda: clock.now.timestamp())
        self.notifier = Notifier(store, self.live, settings, Ways([self.box]), Random(1))

    def run(self) -> list[str]:
        before = len(self.box.taken)
        self.notifier.look()
        self.notifier.send()
        return self.box.texts[before:]


def tell(store: Store, clock: Clock, **settings: object) -> Teller:
    return Teller(store, clock, load_settings(**settings))


def local(clock: Clock, when: str, night: date = NIGHT) -> None:
    clock.now = datetime.fromtimestamp(at(night, when) / NS_PER_S, UTC)


def test_the_morning_is_told_once_and_not_before_the_hour(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock)
    local(clock, "06:40")
    dated.save(make_night(NIGHT, hours=7.5), "anna")
    assert teller.run() == []
    local(clock, "06:59")
    assert teller.run() == []
    local(clock, "07:00")
    assert teller.run() == [READ]
    for _ in range(20):
        clock.forward(hours=1)
        assert teller.run() == []


@pytest.mark.parametrize(
    ("night", "utc"), [(date(2026, 10, 24), 6), (date(2026, 10, 23), 5), (date(2027, 3, 27), 5)]
)
def test_the_hour_is_the_wearers_whatever_the_clock_change(
    dated: Store, clock: Clock, make_night: NightMaker, night: date, utc: int
) -> None:
    teller = tell(dated, clock)
    clock.now = datetime(night.year, night.month, night.day, utc, tzinfo=UTC) + timedelta(days=1)
    clock.forward(seconds=-1)
    dated.save(make_night(night, hours=6), "anna")
    assert teller.run() == []
    clock.forward(seconds=1)
    assert teller.run() == [READ]


def test_after_a_flight_it_is_the_hour_where_the_newest_night_was(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock)
    dated.save(make_night(NIGHT, hours=6, timezone="America/Los_Angeles"), "anna")
    clock.now = datetime(2026, 11, 22, 14, 59, tzinfo=UTC)
    assert teller.run() == []
    clock.forward(minutes=1)
    assert teller.run() == [READ]


def test_who_still_sleeps_is_told_after_waking(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock)
    # The collector was restarted in the night: the first part is stored, the second goes on.
    dated.save(make_night(NIGHT, hours=3), "anna")
    second_ns = at(NIGHT, "03:00")
    local(clock, "08:30")
    teller.live.tell(LiveReport(second_ns, "Europe/Berlin"), "anna")
    assert teller.run() == []
    clock.forward(minutes=2)
    teller.live.over(second_ns, "anna")
    assert teller.run() == [READ]


def test_details_are_told_where_they_are_wanted(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock, notice_details=True)
    dated.save(make_night(NIGHT, episodes=2, possible=1), "anna")
    local(clock, "07:30")
    assert teller.run() == [
        "We noticed 2 awakenings that looked like cramps, and 1 more that may have been. "
        "Recorded 7 h 30 min, worn 7 h 30 min."
    ]


def test_nothing_is_told_of_a_simulation_nor_of_a_night_that_is_not_there(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock)
    night = make_night(NIGHT)
    dated.save(replace(night, info=replace(night.info, source=SIMULATOR)), "anna")
    dated.save(make_night(NIGHT - timedelta(days=1), id="the one before"), "anna")
    local(clock, "07:30")
    assert teller.run() == []


def alert(store: Store) -> int:
    return store.write(
        lambda session: (
            raise_alert(session, "anna", "persistent", NIGHT, NUMBERS, at_ns=store.now_ns()).id
        )
    )


def test_a_new_alert_is_told_once_by_day_and_says_no_count_unasked(
    dated: Store, clock: Clock
) -> None:
    teller = tell(dated, clock)
    local(clock, "06:00")
    alert(dated)
    assert teller.run() == []
    local(clock, "07:00")
    (told,) = teller.run()
    assert told == ("There is something new to read about the nights. Open the page of crampwatch.")
    clock.forward(hours=3)
    assert teller.run() == []


def test_an_alert_with_details_has_its_counts_and_no_disease(dated: Store, clock: Clock) -> None:
    teller = tell(dated, clock, notice_details=True)
    alert(dated)
    (told,) = teller.run()
    assert told == (
        "Three nights in seven, or more. In 7 recorded nights from Sun 15 Nov to Sat 21 Nov you "
        "told of 4 cramps, in 4 nights. The page of crampwatch has the rest, and says when to see "
        "a doctor."
    )


@pytest.mark.parametrize(("step", "told"), [(AlertStep.SEEN, 1), (AlertStep.ACKNOWLEDGED, 0)])
def test_an_alert_that_somebody_has_read_is_not_told(
    dated: Store, clock: Clock, step: AlertStep, told: int
) -> None:
    teller = tell(dated, clock)
    take_step(dated, "anna", alert(dated), step, "wearer")
    assert len(teller.run()) == told


def test_an_alert_of_last_week_is_no_news_to_a_channel_that_is_new(
    dated: Store, clock: Clock
) -> None:
    alert(dated)
    clock.forward(days=3)
    assert tell(dated, clock).run() == []


def faulty(kind: FaultKind, since: str) -> LiveReport:
    fault = FaultReport(kind, "PineTime", at(NIGHT, since))
    return LiveReport(at(NIGHT, "23:00"), "Europe/Berlin", faults=(fault,))


def test_a_fault_the_owner_chose_is_told_at_night_once_it_lasts(dated: Store, clock: Clock) -> None:
    teller = tell(dated, clock)
    report = faulty(FaultKind.OFF_WRIST, "03:00")
    told = []
    for minute in range(30):
        local(clock, f"03:{minute:02}")
        teller.live.tell(report, "anna")
        told += [(minute, each) for each in teller.run()]
    assert [minute for minute, _ in told] == [10]
    assert told[0][1].startswith("Not on a wrist (PineTime) since 03:00.")


def test_a_fault_that_was_not_chosen_wakes_nobody(dated: Store, clock: Clock) -> None:
    teller = tell(dated, clock, night_notices="battery_flat")
    local(clock, "04:00")
    teller.live.tell(faulty(FaultKind.OFF_WRIST, "03:00"), "anna")
    assert teller.run() == []
    teller.live.tell(faulty(FaultKind.BATTERY_FLAT, "03:30"), "anna")
    assert len(teller.run()) == 1


def test_a_fault_is_not_told_again_by_a_server_that_was_restarted(
    dated: Store, clock: Clock
) -> None:
    local(clock, "04:00")
    told = []
    for _ in range(2):
        teller = tell(dated, clock)
        teller.live.tell(faulty(FaultKind.OFF_WRIST, "03:00"), "anna")
        told += teller.run()
    assert len(told) == 1


def test_what_a_collector_said_before_it_fell_silent_is_not_told(
    dated: Store, clock: Clock
) -> None:
    teller = tell(dated, clock)
    local(clock, "03:05")
    teller.live.tell(faulty(FaultKind.OFF_WRIST, "03:00"), "anna")
    clock.forward(minutes=10)
    assert teller.run() == []


def test_of_several_wearers_each_notice_names_its_own(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock)
    dated.add_wearer("Ben", "Europe/Berlin")
    dated.save(make_night(NIGHT, id="of Ben"), "ben")
    local(clock, "07:00")
    assert teller.run() == [f"Ben: {READ}"]
    assert teller.box.taken[0].wearer == "ben"


def test_a_notice_that_waits_at_ten_in_the_evening_is_not_sent_at_night(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    teller = tell(dated, clock)
    local(clock, "21:59")
    alert(dated)
    teller.notifier.look()
    local(clock, "22:00")
    assert teller.run() == []
    clock.forward(hours=8, minutes=59)
    assert teller.run() == []
    clock.forward(minutes=1)
    assert len(teller.run()) == 1


def test_a_test_is_sent_at_any_hour_on_the_channel_that_is_asked_for(
    dated: Store, clock: Clock
) -> None:
    teller = tell(dated, clock)
    teller.box.names = ("post", "pigeon")
    local(clock, "03:00")
    assert teller.notifier.test("anna", "pigeon", None)
    assert not teller.notifier.test("anna", "telegraph", None)
    assert teller.run() == ["This is a test of crampwatch: notices arrive here."]
    assert teller.box.taken[0].channel == "pigeon"


def test_where_nothing_is_set_nothing_runs(dated: Store) -> None:
    notifier = Notifier(dated, Live(), load_settings(), Ways())
    notifier.start()
    assert notifier._threads == []
    notifier.stop()


def test_its_threads_send_and_end(dated: Store, make_night: NightMaker) -> None:
    class Waited(Postbox):
        def send(self, notice: object) -> None:
            super().send(notice)  # type: ignore[arg-type]
            sent.set()

    sent = Event()
    notifier = Notifier(dated, Live(), load_settings(), Ways([Waited()]))
    notifier.start()
    assert notifier.test("anna", "post", None)
    assert sent.wait(30)
    notifier.stop()
    assert not any(thread.is_alive() for thread, _ in notifier._threads)


def test_a_trial_tells_when_something_else_begins_and_when_it_is_over(
    dated: Store, clock: Clock
) -> None:
    local(clock, "12:00")
    first = NIGHT + timedelta(days=1)
    asked = Trial("t", Plan(Habit.HEAVY_BLANKET, first, 2, 2026), 1, "wearer")
    dated.write(lambda session: keep_trial(session, "anna", asked))
    teller = tell(dated, clock, notice_details=True)
    told: dict[date, list[str]] = {}
    for day in range(60):
        today = NIGHT + timedelta(days=day)
        # Nobody is told in the quiet hours, and nobody twice on a day.
        for hour in ("06:59", "07:00", "11:00"):
            local(clock, hour, today - timedelta(days=1))
            texts = teller.run()
            assert not texts or hour == "07:00"
            told.setdefault(today, []).extend(texts)
    names = {True: "with it", False: "without it"}
    assert {day: texts for day, texts in told.items() if texts} == {
        block.first: [
            f"Your trial, Heavy blanket: from tonight on {names[block.with_it]}, 14 nights."
        ]
        for block in asked.plan.blocks
    } | {
        asked.last + timedelta(days=1): [
            "Your trial, Heavy blanket, is over. Its page says what came of it."
        ]
    }


def test_a_trial_is_told_without_details_and_not_after_it_was_stopped(
    dated: Store, clock: Clock
) -> None:
    asked = Trial("t", Plan(Habit.HEAVY_BLANKET, NIGHT, 2, 2026), 1, "wearer")
    dated.write(lambda session: keep_trial(session, "anna", asked))
    teller = tell(dated, clock)
    local(clock, "09:00", NIGHT - timedelta(days=1))
    assert teller.run() == ["Something is new with your trial. Open the page of crampwatch."]
    dated.write(
        lambda session: stop_trial(
            session, "anna", "t", today=NIGHT + timedelta(days=3), at_ns=2, who="wearer"
        )
    )
    for day in range(60):
        local(clock, "09:00", NIGHT + timedelta(days=day))
        assert teller.run() == []
