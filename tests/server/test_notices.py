from __future__ import annotations

from zoneinfo import ZoneInfo

from ingest.collector.faults import OpenFault
from ingest.samples import NS_PER_S, FaultKind
from server.notices import AGAIN_NS, LASTING_NS, NightNotices, sentence
from server.settings import Settings

START_NS = 1_795_300_000 * NS_PER_S
OFF = OpenFault(FaultKind.OFF_WRIST, "PineTime", START_NS)
BY_DEFAULT = Settings.model_fields["night_notices"].default
LOST = OpenFault(FaultKind.LINK_LOST, "PineTime", START_NS)


def test_a_fault_is_told_once_when_it_has_lasted() -> None:
    notices = NightNotices(BY_DEFAULT)
    assert notices.due([OFF], START_NS + LASTING_NS - 1) == []
    assert notices.due([OFF], START_NS + LASTING_NS) == [OFF]
    assert notices.due([OFF], START_NS + 2 * LASTING_NS) == []
    assert notices.due([OFF], START_NS + 10 * AGAIN_NS) == []


def test_nobody_is_woken_again_within_the_hour() -> None:
    notices = NightNotices(BY_DEFAULT)
    told_ns = START_NS + LASTING_NS
    assert notices.due([OFF], told_ns) == [OFF]
    second = OpenFault(OFF.kind, OFF.source, told_ns + 60 * NS_PER_S)
    assert notices.due([second], told_ns + AGAIN_NS - 1) == []
    assert notices.due([second], told_ns + AGAIN_NS) == [second]


def test_two_kinds_and_two_wearables_are_told_apart() -> None:
    other = OpenFault(FaultKind.LINK_LOST, "Polar Sense", START_NS)
    assert NightNotices(BY_DEFAULT).due([OFF, LOST, other], START_NS + LASTING_NS) == [
        OFF,
        LOST,
        other,
    ]


def test_what_the_owner_did_not_choose_is_not_told() -> None:
    low = OpenFault(FaultKind.BATTERY_LOW, "PineTime", START_NS)
    late_ns = START_NS + 2 * LASTING_NS
    assert NightNotices(BY_DEFAULT).due([low], late_ns) == []
    assert NightNotices({FaultKind.BATTERY_LOW}).due([low, OFF], late_ns) == [low]
    assert NightNotices(()).due([low, OFF, LOST], late_ns) == []


def test_a_notice_says_what_since_when_and_what_to_do() -> None:
    told = sentence(LOST, ZoneInfo("Europe/Berlin"))
    assert told.startswith("Wearable not connected (PineTime) since ")
    assert told.endswith("let no phone connect to it at night.")
