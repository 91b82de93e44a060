from __future__ import annotations

from ingest.collector.watchdog import Watchdog
from ingest.devices.conversation import Stream, StreamKind
from ingest.samples import NS_PER_S

ACC = Stream(StreamKind.ACCELERATION, 52, 10, vital=True)
HEART = Stream(StreamKind.HEART_RATE, 1, 60)


def at(seconds: float) -> int:
    return round((1000 + seconds) * NS_PER_S)


def test_a_stream_is_overdue_after_its_silence_and_not_before() -> None:
    watchdog = Watchdog([ACC, HEART], at(0))
    assert watchdog.deadline_ns == at(10)
    assert watchdog.overdue(at(9.999)) is None
    assert watchdog.overdue(at(10)) is ACC
    assert not watchdog.heard(StreamKind.ACCELERATION, at(10))
    assert watchdog.overdue(at(19)) is None


def test_a_vital_stream_comes_first() -> None:
    watchdog = Watchdog([HEART, ACC], at(0))
    watchdog.heard(StreamKind.ACCELERATION, at(55))
    assert watchdog.overdue(at(64)) is HEART
    assert watchdog.overdue(at(70)) is ACC


def test_what_stays_silent_is_asked_ever_more_seldom_until_it_speaks() -> None:
    watchdog = Watchdog([HEART], at(0))
    now_s, waits = 0.0, []
    for _ in range(6):
        waits.append((watchdog.deadline_ns - at(now_s)) / NS_PER_S)
        now_s += waits[-1]
        watchdog.stays_silent(StreamKind.HEART_RATE, at(now_s))
    assert waits == [60, 120, 240, 480, 600, 600]
    assert watchdog.silent == {StreamKind.HEART_RATE}
    assert watchdog.heard_ns(StreamKind.HEART_RATE) == at(0)
    assert watchdog.heard(StreamKind.HEART_RATE, at(now_s))
    assert watchdog.silent == set()
    assert watchdog.deadline_ns == at(now_s + 60)


def test_an_answer_gives_a_stream_its_time_anew() -> None:
    watchdog = Watchdog([ACC], at(0))
    watchdog.grant(StreamKind.ACCELERATION, at(10))
    assert watchdog.deadline_ns == at(20)
    assert not watchdog.heard(StreamKind.BATTERY, at(10))
