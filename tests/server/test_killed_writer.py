from __future__ import annotations

from random import Random

from server.store import Store
from tests.server.killed_writer import kill_one, missing_and_torn

ON_BOTH = True


def test_nothing_acknowledged_is_missing_after_a_kill_and_nothing_is_half_written(
    store: Store, url: str
) -> None:
    store.add_wearer("Me", "Europe/Berlin")
    store.close()
    chance = Random(5)
    acknowledged: set[str] = set()
    for number in range(2):
        acknowledged |= kill_one(url, number, chance)
    assert len(acknowledged) > 50
    assert missing_and_torn(url, acknowledged) == (0, 0)
