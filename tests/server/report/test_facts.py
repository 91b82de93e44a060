from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.night import Standing
from ingest.errors import InputError
from server.kept_tables import Said
from server.report.counts import (
    answered,
    blocks,
    by_hour,
    count,
    expected,
    halves,
    nights_a_week,
)
from server.report.facts import MOST_NIGHTS, Report, period

TODAY = date(2026, 11, 22)


def test_a_report_is_of_the_last_twelve_weeks_unless_somebody_says_otherwise() -> None:
    assert period(None, None, TODAY) == (date(2026, 8, 30), date(2026, 11, 21))
    assert period(None, date(2026, 1, 31), TODAY)[0] == date(2025, 11, 9)
    assert period(TODAY, TODAY, TODAY) == (TODAY, TODAY)


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "2026-11-02 is after 2026-11-01"),
        (None, date(2026, 11, 23), "still to come"),
        (TODAY - MOST_NIGHTS * timedelta(days=1), TODAY, "more than 366 nights"),
    ],
)
def test_a_period_that_cannot_be_is_refused(first: date | None, last: date, why: str) -> None:
    with pytest.raises(InputError, match=why):
        period(first, last, TODAY)


def test_what_was_told_counts_and_what_was_not_told_is_kept_apart(
    fortnight: Callable[[], Report],
) -> None:
    report = fortnight()
    whole = count(report, report.first, report.last)
    assert (whole.nights, whole.recorded, whole.valid) == (14, 6, 5)
    assert (whole.told, whole.added, whole.rejected) == (3, 1, 1)
    assert (whole.likely, whole.possible) == (3, 1)
    # The night of two and a half hours has a likely one, and is not valid.
    assert (whole.cramp_nights, whole.others) == (5, 1)
    assert report.usual is None


def test_blocks_have_every_night_once_and_add_up(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    for length in (3, 5, 7, 28):
        found = blocks(report, length)
        assert sum(each.nights for each in found) == 14
        assert all(each.nights == length for each in found[1:])
        assert found[-1].last == report.last
        assert sum(each.told for each in found) == 3
        assert sum(each.cramp_nights for each in found) == 5
    assert [each.nights for each in halves(report)] == [7, 7]


def test_what_compares_with_the_usual_is_what_the_alerts_count(
    fortnight: Callable[[], Report],
) -> None:
    report = fortnight()
    whole = count(report, report.first, report.last)
    # Told 3; possible 0.41, unsure 0.78 and likely 0.78. The short night counts nothing.
    assert expected(report, whole) == pytest.approx(3 + 0.41 + 0.78 + 0.78)


def test_answers_and_hours(fortnight: Callable[[], Report]) -> None:
    report = fortnight()
    likely = answered(report.awakenings, Standing.LIKELY)
    assert likely == {Said.YES: 1, Said.NO: 1, Said.UNSURE: 1, None: 2}
    assert answered(report.awakenings, Standing.POSSIBLE) == {Said.YES: 1, None: 1}
    assert by_hour(report.awakenings) == {1: 5, 2: 1, 4: 1}


@settings(max_examples=40)
@given(st.integers(0, 366), st.integers(1, 366))
def test_the_interval_holds_the_rate_and_stays_within_a_week(found: int, valid: int) -> None:
    found = min(found, valid)
    rate, least, most = nights_a_week(found, valid)
    assert 0 <= least <= rate <= most <= 7
    assert rate == pytest.approx(7 * found / valid)


def test_the_interval_is_that_of_jeffreys() -> None:
    # The quantiles 0.05 and 0.95 of Beta(10.5, 20.5) are 0.2071 and 0.4823.
    rate, least, most = nights_a_week(10, 30)
    assert (rate, least, most) == pytest.approx((7 / 3, 1.4496, 3.3764), abs=2e-3)
