from __future__ import annotations

import pytest

from ingest.devices.heart_rate_service import HEART_RATE_SERVICE
from ingest.devices.infinitime import MOTION_SERVICE
from ingest.devices.open_seizure_detector import SERVICE as OSD_SERVICE
from ingest.devices.polar_pmd.frame import SERVICE as PMD_SERVICE
from ingest.devices.wearables import WEARABLES, find_wearable, recognise
from ingest.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "services", "kind"),
    [
        ("Polar Sense A1B2C3D4", [HEART_RATE_SERVICE], "polar"),
        (
            "Polar H10 12345678",
            [HEART_RATE_SERVICE, "0000feee-0000-1000-8000-00805f9b34fb"],
            "polar",
        ),
        (None, [PMD_SERVICE.upper()], "polar"),
        ("InfiniTime", [HEART_RATE_SERVICE], "infinitime"),
        (None, [MOTION_SERVICE], "infinitime"),
        ("Bangle.js a1b2", [], "open_seizure_detector"),
        ("PineTimeSD", [OSD_SERVICE, HEART_RATE_SERVICE], "open_seizure_detector"),
        ("HRM Strap", [HEART_RATE_SERVICE], "heart_rate"),
        ("", [HEART_RATE_SERVICE], "heart_rate"),
        ("A polar bear", [], None),
        (None, [], None),
    ],
)
def test_a_wearable_is_told_by_what_it_advertises(
    name: str | None, services: list[str], kind: str | None
) -> None:
    assert recognise(name, services) == kind


def test_a_kind_that_is_not_there_is_refused_with_those_that_are() -> None:
    assert find_wearable("polar") is WEARABLES["polar"]
    with pytest.raises(SettingsError, match="'fitbit' is not a kind of wearable"):
        find_wearable("fitbit")


@pytest.mark.parametrize("kind", WEARABLES)
def test_every_wearable_says_what_helps_for_each_stream_it_may_not_bring(kind: str) -> None:
    wearable = WEARABLES[kind]
    assert wearable.advice.keys() == wearable.brings
    assert all(each.endswith(".") for each in wearable.advice.values())
    assert all(uuid == uuid.lower() for uuid in wearable.services)
