from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import forget, load_paired, remember, save_paired
from ingest.devices.conversation import StreamKind
from ingest.errors import SettingsError
from ingest.sensor import Placement

WATCH = PairedDevice("C0:00:00:00:00:01", "InfiniTime", "infinitime")
STRAP = PairedDevice("C0:00:00:00:00:02", "Strap", "heart_rate", frozenset({StreamKind.HEART_RATE}))
CALF = PairedDevice(
    "C0:00:00:00:00:03",
    "Polar Sense",
    "polar",
    frozenset({StreamKind.ACCELERATION}),
    Placement.CALF,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "wearables.toml"


def test_nothing_is_paired_at_first(path: Path) -> None:
    assert load_paired(path) == []


def test_what_is_saved_is_loaded(path: Path) -> None:
    save_paired(path, [WATCH, STRAP, CALF])
    assert load_paired(path) == [WATCH, STRAP, CALF]


def test_the_file_can_be_read_by_a_person(path: Path) -> None:
    save_paired(path, [CALF])
    text = path.read_text()
    assert text.startswith("# The wearables that `crampwatch pair` made known.")
    assert 'name = "Polar Sense"' in text
    assert 'placement = "calf"' in text


def test_pairing_again_replaces(path: Path) -> None:
    remember(path, WATCH)
    remember(path, PairedDevice(WATCH.address.lower(), "Watch", "infinitime"))
    assert [each.name for each in load_paired(path)] == ["Watch"]


def test_the_heart_rate_comes_from_the_wearable_paired_last(path: Path) -> None:
    remember(path, WATCH)
    remember(path, STRAP)
    watch, strap = load_paired(path)
    assert watch.takes == {StreamKind.ACCELERATION}
    assert strap == STRAP
    remember(path, CALF)
    assert load_paired(path)[1] == STRAP


def test_a_wearable_that_is_left_with_nothing_to_bring_is_forgotten(path: Path) -> None:
    newer = replace(STRAP, address="C0:00:00:00:00:08", name="Newer strap")
    assert remember(path, WATCH) == []
    assert remember(path, STRAP) == []
    assert [each.name for each in remember(path, newer)] == ["Strap"]
    assert [each.name for each in load_paired(path)] == ["InfiniTime", "Newer strap"]


@pytest.mark.parametrize("which", ["strap", "Strap", "c0:00:00:00:00:02"])
def test_forgetting_goes_by_name_or_address(path: Path, which: str) -> None:
    save_paired(path, [WATCH, STRAP])
    assert forget(path, which) == STRAP
    assert load_paired(path) == [WATCH]


def test_forgetting_the_unknown_names_what_is_known(path: Path) -> None:
    save_paired(path, [WATCH])
    with pytest.raises(SettingsError, match=r"No wearable 'Strap'.*InfiniTime \(C0:"):
        forget(path, "Strap")


def test_of_two_of_a_name_none_is_guessed(path: Path) -> None:
    twin = PairedDevice("C0:00:00:00:00:09", "InfiniTime", "infinitime")
    save_paired(path, [WATCH, twin])
    with pytest.raises(
        SettingsError, match=r"2 wearables .*:01\), InfiniTime \(C0:00:00:00:00:09\)"
    ):
        forget(path, "InfiniTime")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[wearable]", "is not TOML"),
        ("colour = 1", "nothing else"),
        ("wearable = 3", "nothing else"),
        ('[[wearable]]\nname = "x"\nkind = "polar"', "wearable 1 has no address"),
        ('[[wearable]]\naddress = 5\nname = "x"\nkind = "polar"', "has no address in quotes"),
        ('[[wearable]]\naddress = "a"\nname = "x"\nkind = "fitbit"', "wearable 1: 'fitbit' is"),
        (
            '[[wearable]]\naddress = "a"\nname = "x"\nkind = "polar"\nplacement = "head"',
            "'head'; it can be wrist",
        ),
        (
            '[[wearable]]\naddress = "a"\nname = "x"\nkind = "polar"\ntakes = ["steps"]',
            "something other than",
        ),
        (
            '[[wearable]]\naddress = "a"\nname = "x"\nkind = "polar"\ntakes = [["heart_rate"]]',
            "something other than",
        ),
        (
            '[[wearable]]\naddress = "a"\nname = "x"\nkind = "polar"\nplacement = ["wrist"]',
            "['wrist']; it can be wrist",
        ),
        ('[[wearable]]\naddress = "a"\nname = "x"\nkind = "polar"\nzone = 1', "'zone'"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_file_changed_by_hand_is_told_with_the_place(path: Path, text: str, said: str) -> None:
    path.parent.mkdir()
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=re.escape(said)):
        load_paired(path)
