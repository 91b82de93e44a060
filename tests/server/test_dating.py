from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from detector.night import Sleep
from server import nights
from server.dating import Dating

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_NS = 3600 * 10**9
EVENING = int(datetime(2026, 11, 21, 20, tzinfo=BERLIN).timestamp()) * 10**9


def slept(*hours: tuple[int, int]) -> Dating:
    sleeps = (Sleep(EVENING + a * HOUR_NS, EVENING + b * HOUR_NS, 3600.0) for a, b in hours)
    return Dating(BERLIN, tuple(sleeps))


def cut(dating: Dating, start: int, end: int) -> list[tuple[date, int, int]]:
    """Hours since the evening; noon is hour 16."""
    return [
        (night, (a - EVENING) // HOUR_NS, (b - EVENING) // HOUR_NS)
        for night, a, b in dating.by_night(EVENING + start * HOUR_NS, EVENING + end * HOUR_NS)
    ]


FIRST, SECOND = date(2026, 11, 21), date(2026, 11, 22)


def test_a_sleep_by_night_leaves_the_cut_at_noon() -> None:
    assert cut(slept((3, 11)), 0, 20) == [(FIRST, 0, 16), (SECOND, 16, 20)]
    assert cut(slept(), 0, 20) == [(FIRST, 0, 16), (SECOND, 16, 20)]


def test_a_sleep_across_noon_takes_along_what_is_beside_it() -> None:
    assert cut(slept((12, 19)), 10, 21) == [(FIRST, 10, 21)]
    assert cut(slept((12, 19)), 10, 30) == [(FIRST, 10, 23), (SECOND, 23, 30)]
    assert cut(slept((17, 24)), 14, 30) == [(SECOND, 14, 30)]
    assert cut(slept((12, 19)), 14, 18) == [(FIRST, 14, 18)]
    assert cut(slept((12, 19)), 18, 19) == [(FIRST, 18, 19)]
    assert cut(slept((12, 19), (20, 22)), 10, 24) == [(FIRST, 10, 19), (SECOND, 19, 24)]


@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True).map(sorted),
    st.integers(0, 60),
    st.integers(0, 40),
)
def test_cut_spans_are_the_same_span_and_each_piece_is_of_its_night(
    edges: list[int], start: int, hours: int
) -> None:
    dating = slept(*zip(edges[::2], edges[1::2], strict=False))
    pieces = cut(dating, start, start + hours)
    assert sum(b - a for _, a, b in pieces) == hours
    assert all(one[2] == other[1] and one[0] < other[0] for one, other in pairwise(pieces))
    for night, a, b in pieces:
        for hour in range(a, b):
            assert dating.night_of(EVENING + hour * HOUR_NS) == night


def test_outside_of_sleep_noon_decides() -> None:
    assert slept((3, 11)).night_of(EVENING + 16 * HOUR_NS) == nights.night_of(
        EVENING + 16 * HOUR_NS, BERLIN
    )
