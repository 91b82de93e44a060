from __future__ import annotations

import inspect
from datetime import date, datetime
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.night import Sleep, Span, Standing
from ingest.samples import FaultKind
from server import cue_words, words
from server.figures import NightFigures

BERLIN = ZoneInfo("Europe/Berlin")


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (89, "1 min"),
        (3569, "59 min"),
        (3599, "1 h"),
        (3600, "1 h"),
        (27_600, "7 h 40 min"),
        (27_629, "7 h 40 min"),
        (86_400, "24 h"),
    ],
)
def test_duration_of_a_night(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8, "8 s"), (60, "1 min"), (125, "2 min 5 s"), (599.4, "9 min 59 s"), (599.6, "10 min")],
)
def test_length_of_an_awakening(seconds: float, text: str) -> None:
    assert words.length(seconds) == text


@given(st.floats(0, 90_000), st.floats(0, 90_000))
def test_a_longer_time_is_never_told_as_a_shorter_one(one: float, other: float) -> None:
    def minutes(text: str) -> float:
        units = {"h": 60.0, "min": 1.0, "s": 1 / 60}
        parts = text.split()
        return sum(
            float(number) * units[unit]
            for number, unit in zip(parts[::2], parts[1::2], strict=True)
        )

    short, long = sorted((one, other))
    assert minutes(words.duration(short)) <= minutes(words.duration(long))
    assert minutes(words.length(short)) <= minutes(words.length(long))


def test_clock_names_the_zone_only_where_the_hour_comes_twice() -> None:
    assert words.clock(ns("2026-10-25T01:59:00+02:00"), BERLIN) == "01:59"
    assert words.clock(ns("2026-10-25T02:13:00+02:00"), BERLIN) == "02:13 CEST"
    assert words.clock(ns("2026-10-25T02:13:00+01:00"), BERLIN) == "02:13 CET"
    assert words.clock(ns("2026-10-25T03:00:00+01:00"), BERLIN) == "03:00"
    assert words.clock(ns("2026-03-29T03:13:00+02:00"), BERLIN) == "03:13"
    # Lord Howe goes back by half an hour and has no abbreviations.
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert words.clock(ns("2026-04-05T01:45:00+11:00"), lord_howe) == "01:45 +11"
    assert words.clock(ns("2026-04-05T01:45:00+10:30"), lord_howe) == "01:45 +1030"


@pytest.mark.parametrize(
    ("night", "name"),
    [
        (date(2026, 11, 21), "Sat 21 to Sun 22 Nov 2026"),
        (date(2026, 10, 31), "Sat 31 Oct to Sun 1 Nov 2026"),
        (date(2026, 12, 31), "Thu 31 Dec 2026 to Fri 1 Jan 2027"),
        (date(2028, 2, 29), "Tue 29 Feb to Wed 1 Mar 2028"),
    ],
)
def test_a_night_is_named_by_both_its_dates(night: date, name: str) -> None:
    assert words.night_name(night) == name


H = 3600.0


@pytest.mark.parametrize(
    ("night", "last_night", "text"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), "Last night (Fri 20 to Sat 21 Nov)"),
        (date(2026, 12, 31), date(2026, 12, 31), "Last night (Thu 31 Dec to Fri 1 Jan)"),
        (date(2026, 11, 20), date(2026, 11, 21), "Night of Fri 20 to Sat 21 Nov 2026"),
        (date(2026, 11, 20), None, "Night of Fri 20 to Sat 21 Nov 2026"),
    ],
)
def test_last_night_is_called_so(night: date, last_night: date | None, text: str) -> None:
    assert words.heading(night, last_night) == text


@pytest.mark.parametrize(
    ("likely", "possible", "searched_s", "text"),
    [
        (2, 0, 8 * H, "We noticed 2 awakenings that looked like cramps."),
        (1, 0, 8 * H, "We noticed 1 awakening that looked like a cramp."),
        (
            2,
            1,
            8 * H,
            "We noticed 2 awakenings that looked like cramps, and 1 more that may have been.",
        ),
        (0, 2, 8 * H, "We noticed 2 awakenings that may have been cramps."),
        (0, 1, 8 * H, "We noticed 1 awakening that may have been a cramp."),
        (0, 0, 27_600, "Nothing cramp-like was found in the 7 h 40 min searched."),
        (0, 0, 7200, "Nothing cramp-like was found in the 2 h searched."),
        (0, 0, 59, "Nothing can be said about cramps in this night."),
        (0, 0, 0, "Nothing can be said about cramps in this night."),
    ],
)
def test_nothing_is_only_said_of_what_was_searched(
    likely: int, possible: int, searched_s: float, text: str
) -> None:
    assert words.finding(likely, possible, searched_s) == text


def test_hours_come_first_and_say_when_it_was_not_worn() -> None:
    assert words.hours(27_600, 27_120) == "Recorded 7 h 40 min, worn 7 h 32 min"
    assert words.hours(27_600, 0) == "Recorded 7 h 40 min, not worn"
    assert words.hours(27_600, 0.4) == "Recorded 7 h 40 min, not worn"


def test_of_what_was_not_recorded_nobody_says_whether_it_was_worn() -> None:
    assert words.hours(0.4, 0) == "Nothing usable recorded"


@pytest.mark.parametrize(
    ("searched_s", "worn_s", "recorded_s", "text"),
    [
        (4 * H, 8 * H, 8 * H, None),
        (2 * H, 8 * H, 8 * H, "Only 2 h could be searched; the rest is unknown."),
        (
            0,
            8 * H,
            8 * H,
            "Nothing is known of this night: only sleep can be searched, and none was found.",
        ),
        (
            0,
            0.4,
            8 * H,
            "Nothing is known of this night: the wearable was recording, but not on a wrist.",
        ),
        (
            0,
            0,
            0.4,
            "Nothing is known of this night: it was recorded badly, and nothing can be used.",
        ),
    ],
)
def test_a_night_hardly_searched_is_said_so(
    searched_s: float, worn_s: float, recorded_s: float, text: str | None
) -> None:
    assert words.scarce(searched_s, worn_s, recorded_s) == text


def night_of(recorded_s: float, worn_s: float, searched_s: float, *found: int) -> NightFigures:
    likely, possible = found or (0, 0)
    return NightFigures(date(2026, 11, 21), recorded_s, worn_s, searched_s, likely, possible)


@pytest.mark.parametrize("seconds", [0.0, 0.4, 59.4, 61, 4 * H - 1, 4 * H, 8 * H])
def test_the_strip_the_finding_and_the_warning_never_contradict_each_other(seconds: float) -> None:
    told = words.strip_night(night_of(8 * H, 8 * H, seconds))
    finding = words.finding(0, 0, seconds)
    warning = words.scarce(seconds, 8 * H, 8 * H) or ""
    assert ("nothing can be said" in told) is (finding.startswith("Nothing can be said"))
    assert ("nothing can be said" in told) is (warning.startswith("Nothing is known"))
    assert ("which is little" in told) is (warning.startswith("Only"))
    assert "0 s" not in told + finding + warning


def test_sleep_is_told_between_two_times_and_as_what_was_searched() -> None:
    sleep = Sleep(ns("2026-11-21T23:05:00+01:00"), ns("2026-11-22T06:31:00+01:00"), 24_600.0)
    assert words.slept([sleep], BERLIN) == (
        "Asleep for about 6 h 50 min between 23:05 and 06:31; only that was searched."
    )
    nap = Sleep(ns("2026-11-22T08:00:00+01:00"), ns("2026-11-22T09:10:00+01:00"), 3600.0)
    assert words.slept([sleep, nap], BERLIN) == (
        "Asleep for about 7 h 50 min in 2 sleeps (23:05–06:31, 08:00–09:10); "
        "only that was searched."
    )
    assert words.slept([], BERLIN) == "No sleep was found in what was recorded."


@pytest.mark.parametrize(
    ("nights", "text"),
    [
        ([(8 * H, 8 * H, 7 * H, 3, 5), (8 * H, 8 * H, 7 * H, 1, 2), (0, 0, 0, 0, 0)],
         "2 of 3 nights recorded: 4 awakenings looked like cramps, 7 more may have been."),
        ([(8 * H, 8 * H, 7 * H, 1, 0)],
         "1 of 1 nights recorded: 1 awakening looked like a cramp."),
        ([(8 * H, 8 * H, 7 * H, 0, 1)],
         "1 of 1 nights recorded: 1 awakening may have been a cramp."),
        ([(8 * H, 8 * H, 7 * H, 0, 0), (8 * H, 0, 0, 0, 0)],
         "2 of 2 nights recorded: nothing cramp-like was found in the 7 h searched."),
        ([(8 * H, 0, 0, 0, 0), (0, 0, 0, 0, 0)], "1 of 2 nights recorded."),
    ],
)  # fmt: skip
def test_the_month_in_one_line(
    nights: list[tuple[float, float, float, int, int]], text: str
) -> None:
    assert words.month([night_of(*night) for night in nights]) == text


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.784, "Likely, 78 %"), (0.999, "Likely, 99 %"), (1.0, "Likely, 99 %"), (0.0, "Likely, 1 %")],
)
def test_certainty_is_never_claimed(probability: float, text: str) -> None:
    assert words.certainty(Standing.LIKELY, probability) == text


@pytest.mark.parametrize(
    ("rise", "sentence", "column"),
    [
        (14.4, "heart rate up by 14 beats a minute", "+14 a minute"),
        (0.4, "heart rate did not rise", "+0 a minute"),
        (-3.0, "heart rate did not rise", "-3 a minute"),
        (None, "heart rate not measured", "not measured"),
    ],
)
def test_heart_rate(rise: float | None, sentence: str, column: str) -> None:
    assert words.heart_rate(rise) == sentence
    assert words.heart_rate_short(rise) == column


def spans(*clocks: str) -> list[Span]:
    pairs = (each.split("-") for each in clocks)
    return [
        Span(ns(f"2026-11-22T{start}:00+01:00"), ns(f"2026-11-22T{end}:00+01:00"))
        for start, end in pairs
    ]


def test_faults_are_told_with_their_times_or_counted() -> None:
    told, advice = words.fault(FaultKind.GAP, spans("02:10-02:35"), 8 * H, 8 * H, BERLIN)
    assert told == "No data for 25 min (02:10–02:35)."
    assert "receiver" not in advice
    several = spans("01:00-01:10", "02:00-02:10", "03:00-03:10", "04:00-04:10")
    told, _ = words.fault(FaultKind.OFF_WRIST, several, 8 * H, 7 * H, BERLIN)
    assert told == "Not on a wrist for 40 min together, 4 times, first at 01:00."
    told, _ = words.fault(FaultKind.OFF_WRIST, spans("00:00-08:00"), 8 * H, 0, BERLIN)
    assert told == "Not on a wrist in all of the 8 h recorded."


def test_a_wearable_that_never_gave_heart_rate_is_not_told_to_sit_better() -> None:
    some, seat = words.fault(FaultKind.NO_HEART_RATE, spans("00:00-02:00"), 8 * H, 8 * H, BERLIN)
    assert some == "No heart rate for 2 h (00:00–02:00)."
    assert "dry skin" in seat
    all_of_it = spans("00:00-04:00", "04:30-07:30")
    told, advice = words.fault(FaultKind.NO_HEART_RATE, all_of_it, 8 * H, 7 * H + 30, BERLIN)
    assert told == "No heart rate in all of the 7 h worn."
    assert "dry skin" not in advice
    assert "if it cannot, nothing is wrong with it." in advice


def test_every_kind_of_fault_has_its_advice() -> None:
    assert words.FAULTS.keys() == set(FaultKind)
    assert all(told.advice.endswith(".") for told in words.FAULTS.values())


def test_a_night_of_the_strip_is_told_whole() -> None:
    assert words.strip_night(night_of(0, 0, 0)) == "Sat 21 Nov: not recorded"
    assert words.strip_night(night_of(8 * H, 0.4, 0.4)) == (
        "Sat 21 Nov: nothing can be said. Recorded 8 h, not worn"
    )
    assert words.strip_night(night_of(8 * H, 3 * H, 2 * H)) == (
        "Sat 21 Nov: none found in the 2 h searched, which is little. Recorded 8 h, worn 3 h"
    )
    assert words.strip_night(night_of(8 * H, 8 * H, 7 * H)) == (
        "Sat 21 Nov: none found in the 7 h searched. Recorded 8 h, worn 8 h"
    )
    assert words.strip_night(night_of(8 * H, 8 * H, 7 * H, 2, 1)) == (
        "Sat 21 Nov: 2 likely and 1 possible. Recorded 8 h, worn 8 h"
    )


@pytest.mark.parametrize("module", [words, cue_words])
def test_everything_public_is_listed(module: ModuleType) -> None:
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and inspect.getmodule(value) is module
    }
    assert public <= set(module.__all__)
