from __future__ import annotations

from pathlib import Path

from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import save_paired
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
