from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.radio import system_radio
from ingest.collector.bluez import AdapterReset
from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import save_paired
from tests.crampwatch.conftest import Command


def test_the_adapter_is_reset_only_where_the_owner_wants_it() -> None:
    assert system_radio().recover is None
    assert isinstance(system_radio(recovery=True).recover, AdapterReset)


@pytest.mark.parametrize("command", [("night",), ("collect", "http://127.0.0.1:9")])
def test_where_the_system_has_no_way_to_reset_it_the_night_says_so(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "store" / "wearables.toml"
    save_paired(path, [PairedDevice("A0:9E:1A:00:00:01", "Polar Sense", "polar")])
    monkeypatch.setattr("crampwatch.radio.adapter_recovery", lambda: None)
    monkeypatch.setenv("CRAMPWATCH_ADAPTER_RECOVERY", "on")
    outcome = crampwatch(*command)
    assert outcome.status == 2
    assert "CRAMPWATCH_ADAPTER_RECOVERY works on Linux only. Set it to off." in outcome.err
