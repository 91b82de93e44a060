from __future__ import annotations

from pathlib import Path

from tests.crampwatch.killed_collector import Night


def test_a_collector_killed_in_the_middle_goes_on_in_the_same_night(tmp_path: Path) -> None:
    night = Night(tmp_path, "collect", "raw")
    night.kill_one(after_frames=5)
    # More than may be lost, so that losing it all would be noticed.
    assert night.received > 2.0 * 52
    night.kill_one(after_frames=1, after_s=0.2)
    night.end()
    for kill in night.kills:
        assert kill.movement_s <= 2.0
        assert kill.heart_s <= 2.0
    assert night.largest_error_s < 0.5
