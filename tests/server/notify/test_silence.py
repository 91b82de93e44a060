from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ingest.samples import NS_PER_S, FaultKind
from server import going_on
from server.live import FORGOTTEN_AFTER_S, Live, Tonight
from server.notices import LASTING_NS
from server.notify.kinds import HOUR_NS
from server.notify.silence import STILL_UP_NS, is_over, silence
from server.store import Store
from server.wire import LiveReport
from tests.server.conftest import at
from tests.server.notify.conftest import Clock
from tests.server.notify.test_notifier import Teller, local, tell

NIGHT = date(2026, 11, 21)
REPORT = LiveReport(at(NIGHT, "23:00"), "Europe/Berlin")
HEARD = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HEARD_NS = at(NIGHT, "03:00")
LASTING_S = LASTING_NS / NS_PER_S
SILENT = (
    "Collector not heard of since 03:00. See whether its computer runs and reaches this one; what "
    "it recorded is kept there."
)
AGAIN = "The collector is heard of again; it had not been since 03:00."


# The state


def tonight(unheard_s: float = 0.0, *, silent: bool = True) -> Tonight:
    return Tonight(REPORT, HEARD, silent, unheard_s)


@pytest.mark.parametrize(("unheard_s", "told"), [(LASTING_S - 1, False), (LASTING_S, True)])
def test_a_silence_is_a_fault_once_it_lasts(unheard_s: float, told: bool) -> None:
    found = silence(tonight(unheard_s))
    assert (found is not None) == told
    if found is not None:
        assert (found.kind, found.source, found.start_ns) == (
            FaultKind.COLLECTOR_SILENT,
            "",
            HEARD_NS,
        )


@pytest.mark.parametrize("now", [None, tonight(silent=False)])
def test_a_silence_is_over_when_a_word_comes_or_the_night_itself(now: Tonight | None) -> None:
    assert is_over(HEARD_NS, now, HEARD_NS + HOUR_NS, resting=False)
    assert not is_over(HEARD_NS, tonight(700.0), HEARD_NS + HOUR_NS, resting=False)


def test_at_night_only_who_is_still_up_hears_that_it_is_over() -> None:
    heard = tonight(silent=False)
    assert is_over(HEARD_NS, heard, HEARD_NS + STILL_UP_NS - 1, resting=True)
    assert not is_over(HEARD_NS, heard, HEARD_NS + STILL_UP_NS, resting=True)
    assert is_over(HEARD_NS, heard, HEARD_NS + STILL_UP_NS, resting=False)


def test_half_a_day_later_nobody_need_hear_that_it_is_over() -> None:
    forgotten_ns = HEARD_NS + round(FORGOTTEN_AFTER_S) * NS_PER_S
    assert is_over(HEARD_NS, None, forgotten_ns - 1, resting=False)
    assert not is_over(HEARD_NS, None, forgotten_ns, resting=False)


# A night of it

CHOSEN = "collector_silent"


def spent(teller: Teller, clock: Clock, minutes: int, *, heard: bool) -> list[tuple[str, str]]:
    """Let minutes go by, and give what was told in each by the wearer's clock."""
    told = []
    for _ in range(minutes):
        clock.forward(minutes=1)
        if heard:
            teller.live.tell(REPORT, "anna")
        told += [(f"{clock.now + timedelta(hours=1):%H:%M}", each) for each in teller.run()]
    return told


def test_a_collector_that_falls_silent_is_told_once_and_so_is_its_return(
    dated: Store, clock: Clock
) -> None:
    teller = tell(dated, clock, night_notices=CHOSEN)
    local(clock, "02:50")
    assert spent(teller, clock, 10, heard=True) == []
    assert spent(teller, clock, 35, heard=False) == [("03:10", SILENT)]
    assert spent(teller, clock, 35, heard=True) == [("03:36", AGAIN)]


def test_nobody_is_woken_to_hear_that_all_is_well(dated: Store, clock: Clock) -> None:
    teller = tell(dated, clock, night_notices=CHOSEN)
    local(clock, "02:59")
    spent(teller, clock, 1, heard=True)
    assert len(spent(teller, clock, 65, heard=False)) == 1
    assert spent(teller, clock, 170, heard=True) == []
    teller.live.over(REPORT.started_ns, "anna")
    assert spent(teller, clock, 10, heard=False) == [("07:00", AGAIN)]


def test_a_silence_that_was_not_chosen_is_not_told_nor_its_end(dated: Store, clock: Clock) -> None:
    teller = tell(dated, clock)
    local(clock, "02:59")
    spent(teller, clock, 1, heard=True)
    assert spent(teller, clock, 30, heard=False) == []
    assert spent(teller, clock, 10, heard=True) == []


def test_a_channel_that_heard_of_no_silence_hears_of_no_end(dated: Store, clock: Clock) -> None:
    teller = tell(dated, clock, night_notices=CHOSEN)
    local(clock, "02:59")
    spent(teller, clock, 1, heard=True)
    spent(teller, clock, 11, heard=False)
    teller.box.names = ("post", "new")
    spent(teller, clock, 3, heard=True)
    assert [each.channel for each in teller.box.taken] == ["post", "post"]


def test_a_collector_that_comes_and_goes_wakes_nobody_again_within_the_hour(
    dated: Store, clock: Clock
) -> None:
    teller = tell(dated, clock, night_notices=CHOSEN)
    local(clock, "02:59")
    told = []
    for _ in range(4):
        told += spent(teller, clock, 1, heard=True)
        told += spent(teller, clock, 14, heard=False)
    assert [when for when, each in told if each.startswith("Collector not")] == ["03:10"]


# A server that was away as well


def restarted(store: Store, clock: Clock) -> Teller:
    teller = tell(store, clock, night_notices=CHOSEN)
    going_on.expect(store, teller.live)
    return teller


def test_a_server_that_was_away_knows_which_night_went_on(dated: Store, clock: Clock) -> None:
    local(clock, "03:00")
    going_on.heard(dated, Live(clock), "anna", REPORT)
    local(clock, "03:40")
    teller = restarted(dated, clock)
    tonight = teller.live.tonight("anna")
    assert tonight is not None
    assert (tonight.silent, tonight.heard, tonight.report.started_ns) == (
        True,
        HEARD,
        REPORT.started_ns,
    )
    # Before, nobody could have been heard.
    assert spent(teller, clock, 9, heard=False) == []
    assert spent(teller, clock, 5, heard=False) == [("03:50", SILENT)]
    teller = restarted(dated, clock)
    assert spent(teller, clock, 20, heard=False) == []
    assert spent(teller, clock, 1, heard=True) == []
    local(clock, "07:00")
    assert spent(teller, clock, 1, heard=True) == []
    teller.live.over(REPORT.started_ns, "anna")
    assert spent(teller, clock, 1, heard=False) == [("07:02", AGAIN)]


def test_a_collector_that_speaks_to_the_new_server_was_never_silent(
    dated: Store, clock: Clock
) -> None:
    local(clock, "03:00")
    going_on.heard(dated, Live(clock), "anna", REPORT)
    local(clock, "03:40")
    teller = restarted(dated, clock)
    assert spent(teller, clock, 30, heard=True) == []
    tonight = teller.live.tonight("anna")
    assert tonight is not None
    assert not tonight.silent


def test_a_night_that_is_over_or_long_past_is_not_waited_for(dated: Store, clock: Clock) -> None:
    local(clock, "03:00")
    going_on.heard(dated, Live(clock), "anna", REPORT)
    clock.forward(seconds=FORGOTTEN_AFTER_S + 1)
    assert restarted(dated, clock).live.tonight("anna") is None
    local(clock, "03:00")
    live = Live(clock)
    going_on.over(dated, live, "anna", REPORT.started_ns)
    # A late word of it brings it back no more.
    going_on.heard(dated, live, "anna", REPORT)
    assert restarted(dated, clock).live.tonight("anna") is None


def test_a_night_that_arrives_while_a_word_of_it_is_kept_is_over(
    dated: Store, clock: Clock
) -> None:
    class Arriving(Live):
        def tell(self, report: LiveReport, wearer: str = "me") -> bool:
            told = super().tell(report, wearer)
            going_on.over(dated, self, wearer, report.started_ns)
            return told

    local(clock, "03:00")
    going_on.heard(dated, Arriving(clock), "anna", REPORT)
    assert restarted(dated, clock).live.tonight("anna") is None


def test_of_two_nights_that_began_at_once_only_the_one_that_is_over_ends(
    dated: Store, clock: Clock
) -> None:
    dated.add_wearer("Ben", "Europe/Berlin")
    local(clock, "03:00")
    live = Live(clock)
    for wearer in ("anna", "ben"):
        going_on.heard(dated, live, wearer, REPORT)
    going_on.over(dated, live, "anna", REPORT.started_ns)
    going_on.heard(dated, live, "ben", REPORT)
    for each in (live, restarted(dated, clock).live):
        assert each.tonight("anna") is None
        assert each.tonight("ben") is not None
