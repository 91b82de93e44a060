from __future__ import annotations

from pathlib import Path

from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import load_paired, save_paired
from ingest.devices.conversation import StreamKind
from tests.crampwatch.conftest import Command


def test_the_list_gives_the_address_whole_in_a_narrow_terminal(
    crampwatch: Command, tmp_path: Path
) -> None:
    watch = frozenset({StreamKind.ACCELERATION})
    paired = [
        PairedDevice("C0:00:00:00:00:02", "InfiniTime", "infinitime", watch),
        PairedDevice("C0:00:00:00:00:04", "Polar Sense A1B2C3D4 [/]", "polar"),
    ]
    save_paired(tmp_path / "store" / "wearables.toml", paired)
    outcome = crampwatch("devices")
    assert (outcome.status, outcome.err) == (0, "")
    assert max(map(len, outcome.out.splitlines()[:-1])) <= 80
    assert all(device.address in outcome.out for device in paired)
    assert "[/]" in outcome.out


def test_a_wearable_is_forgotten_by_the_beginning_of_its_name_where_that_is_one(
    crampwatch: Command, tmp_path: Path
) -> None:
    file = tmp_path / "store" / "wearables.toml"
    watch = frozenset({StreamKind.ACCELERATION})
    twins = [
        PairedDevice(f"C0:00:00:00:00:0{number}", f"Polar Sense {number}", "polar", watch)
        for number in (1, 2)
    ]
    save_paired(file, twins)
    outcome = crampwatch("forget", "polar sense")
    assert outcome.status == 2
    assert "2 wearables are called polar sense. Give the address: Polar Sense 1 (C0:" in outcome.err
    assert load_paired(file) == twins
    save_paired(file, twins[1:])
    assert crampwatch("forget", "polar").out.startswith("Polar Sense 2 is forgotten.")
    assert load_paired(file) == []
