from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from detector.night import Awakening, Night
from ingest.samples import NS_PER_S
from server import summary
from server.bathroom import MOST_OFFERED
from server.report.facts import read_report
from server.report.parts import Text
from server.report.sheets import sheets
from server.store import Store
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

ON_BOTH = True

NIGHT = date(2026, 11, 21)

Kinds = dict[str, float]
WALKED: Kinds = {"large_movement": 0.6, "bathroom": 0.3}
LIKE_ONE: Kinds = {"bathroom": 0.7, "large_movement": 0.2}
TURNED: Kinds = {"position_shift": 0.6, "bathroom": 0.3}


def awakening(clock: str, kinds: Kinds, *, got_up: bool = False) -> Awakening:
    start_ns = at(NIGHT, clock)
    return Awakening(start_ns, start_ns + 180 * NS_PER_S, 0.1, got_up, kinds)


@pytest.fixture
def night_with(make_night: NightMaker) -> Callable[..., Night]:
    """A night from 23:15 to 06:20 with a likely episode at 01:13 and these awakenings."""

    def make(*awakenings: Awakening) -> Night:
        night = make_night(NIGHT)
        both = sorted((*night.awakenings, *awakenings), key=lambda each: each.start_ns)
        return replace(night, awakenings=tuple(both))

    return make


def offered(store: Store) -> list[tuple[str, bool | None]]:
    found = summary.morning(store, "me", NIGHT)
    assert found is not None
    return [(f"{each.awakening.start:%H:%M}", each.was_one) for each in found.trips]


def test_steps_or_the_look_of_it_are_what_a_trip_is_offered_by(
    store: Store, night_with: Callable[..., Night]
) -> None:
    store.save(
        night_with(
            awakening("02:00", TURNED),
            awakening("03:00", WALKED, got_up=True),
            awakening("04:00", LIKE_ONE),
            awakening("05:00", {}),
        )
    )
    assert offered(store) == [("03:00", None), ("04:00", None)]


def test_whoever_gets_up_for_good_is_not_asked(
    store: Store, night_with: Callable[..., Night]
) -> None:
    store.save(night_with(awakening("06:18", LIKE_ONE), awakening("06:22", LIKE_ONE)))
    assert offered(store) == []


def test_a_few_are_offered_and_those_that_looked_most_like_one(
    store: Store, client: Client, night_with: Callable[..., Night]
) -> None:
    hours = ("02:00", "03:00", "04:00", "05:00")
    looks = zip(hours, (0.5, 0.8, 0.7, 0.6), strict=True)
    store.save(night_with(*(awakening(clock, {"bathroom": like}) for clock, like in looks)))
    assert offered(store) == [("03:00", None), ("04:00", None), ("05:00", None)]
    assert MOST_OFFERED == 3
    for clock, said in (("04:00", b"said=yes"), ("05:00", b"said=no")):
        path = f"/nights/{NIGHT}/trips/{at(NIGHT, clock)}"
        told = client.post(path, said)
        assert told.headers["location"] == f"/nights/{NIGHT}#at-{at(NIGHT, clock)}"
    assert offered(store) == [("03:00", None), ("04:00", True), ("05:00", False)]
    page = " ".join(client.get("/").text.split())
    assert "03:00: Was it the bathroom?" in page
    assert "04:00: A trip to the bathroom." in page
    assert "05:00: Not a trip to the bathroom." in page
    assert (
        client.post(f"/nights/{NIGHT}/trips/{at(NIGHT, '02:00')}", b"said=yes").status_code == 404
    )


def test_the_report_counts_what_was_offered_and_what_came_of_it(
    store: Store, client: Client, night_with: Callable[..., Night]
) -> None:
    found = (awakening("02:00", LIKE_ONE), awakening("03:00", WALKED, got_up=True))
    store.save(night_with(*found, awakening("04:00", LIKE_ONE), awakening("05:00", TURNED)))
    client.post(f"/nights/{NIGHT}/trips/{at(NIGHT, '02:00')}", b"said=yes")
    client.post(f"/nights/{NIGHT}/trips/{at(NIGHT, '03:00')}", b"said=no")
    with store.reading() as session:
        report = read_report(store, session, "me", NIGHT, NIGHT, NIGHT)
    texts = [part.text for part in sheets(report)[1] if isinstance(part, Text)]
    assert (
        "Trips to the bathroom at night: 3 offered, 1 confirmed, 1 told to be none, "
        "1 not answered." in texts
    )


def test_the_api_tells_what_every_awakening_looked_like(
    store: Store, client: Client, night_with: Callable[..., Night]
) -> None:
    store.save(night_with(awakening("03:00", WALKED, got_up=True)))
    told = client.get(f"/api/v1/nights/{NIGHT}").json()["awakenings"][-1]
    assert (told["got_up"], told["others"]) == (True, WALKED)
