from __future__ import annotations

import inspect
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.night import Cue, Sleep, Span, Standing
from ingest.samples import FaultKind
from server import words

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
    ("likely", "possible", "recorded_s", "worn_s", "text"),
    [
        (2, 0, 8 * H, 8 * H, "We noticed 2 awakenings that looked like cramps."),
        (1, 0, 8 * H, 8 * H, "We noticed 1 awakening that looked like a cramp."),
        (
            2,
            1,
            8 * H,
            8 * H,
            "We noticed 2 awakenings that looked like cramps, and 1 more that may have been.",
        ),
        (0, 2, 8 * H, 8 * H, "We noticed 2 awakenings that may have been cramps."),
        (0, 1, 8 * H, 8 * H, "We noticed 1 awakening that may have been a cramp."),
        (0, 0, 27_600, 27_600, "Nothing cramp-like was found in the 7 h 40 min recorded."),
        (0, 0, 27_600, 7200, "Nothing cramp-like was found in the 2 h recorded on the wrist."),
        (0, 0, 27_600, 0, "Nothing can be said about cramps in this night."),
    ],
)
def test_nothing_is_only_said_of_hours_that_were_seen(
    likely: int, possible: int, recorded_s: float, worn_s: float, text: str
) -> None:
    assert words.finding(likely, possible, recorded_s, worn_s) == text


def test_hours_come_first_and_say_when_it_was_not_worn() -> None:
    assert words.hours(27_600, 27_120) == "Recorded 7 h 40 min, worn 7 h 32 min"
    assert words.hours(27_600, 0) == "Recorded 7 h 40 min, not worn"
    assert words.hours_caveat(0).startswith("Nothing is known of this night")
    assert words.hours_caveat(2 * H) == (
        "Only 2 h of this night could be looked at, so most of it is unknown."
    )


def test_sleep_is_told_between_two_times() -> None:
    sleep = Sleep(ns("2026-11-21T23:05:00+01:00"), ns("2026-11-22T06:31:00+01:00"), 24_600.0)
    assert words.slept(sleep, BERLIN) == "Asleep for about 6 h 50 min between 23:05 and 06:31."
    assert words.slept(None, BERLIN) == "No sleep was found in what was recorded."


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
    told = words.fault(FaultKind.GAP, spans("02:10-02:35"), 8 * H, BERLIN)
    assert told == "No data for 25 min (02:10–02:35)."
    several = spans("01:00-01:10", "02:00-02:10", "03:00-03:10", "04:00-04:10")
    told = words.fault(FaultKind.OFF_WRIST, several, 8 * H, BERLIN)
    assert told == "Not on a wrist for 40 min together, 4 times, first at 01:00."
    told = words.fault(FaultKind.NO_HEART_RATE, spans("00:00-08:00"), 8 * H, BERLIN)
    assert told == "No heart rate in all of the 8 h recorded."


def test_every_kind_of_fault_has_its_advice() -> None:
    assert words.FAULTS.keys() == set(FaultKind)
    assert all(told.advice.endswith(".") for told in words.FAULTS.values())


def test_a_night_of_the_strip_is_told_whole() -> None:
    night = date(2026, 11, 21)
    assert words.strip_night(night, 0, 0, 0, 0) == "Sat 21 Nov: not recorded"
    assert words.strip_night(night, 8 * H, 3 * H, 0, 0) == (
        "Sat 21 Nov: none found. Recorded 8 h, worn 3 h"
    )
    assert words.strip_night(night, 8 * H, 8 * H, 2, 1) == (
        "Sat 21 Nov: 2 likely and 1 possible. Recorded 8 h, worn 8 h"
    )


def test_cues_are_told_in_words_the_weightiest_first() -> None:
    evidence = {
        "long_walk": Cue(31.0, "s", -0.3),
        "heart_rose": Cue(14.2, "bpm", 1.5),
        "off_wrist": Cue(0.0, "1", 0.04),
        "a_new_cue": Cue(None, "g/s", 0.0),
    }
    assert [name for name, _ in words.telling_cues(evidence)] == ["heart_rose", "long_walk"]
    assert words.idle_cues(evidence) == ["wearable taken off around then", "a new cue"]
    assert words.leaning(evidence["heart_rose"]) == "for it, +1.5"
    assert words.leaning(evidence["long_walk"]) == "against it, −0.3"
    told = [words.cue_value(cue) for cue in evidence.values()]
    assert told == ["31 s", "+14 beats a minute", "0", "not measured"]
    assert words.cue_value(Cue(64.4, "deg", 0.1)) == "64°"
    assert words.cue_value(Cue(2.345, "g/s", 0.1)) == "2.3 g/s"


def test_every_cue_of_the_shipped_model_has_plain_words() -> None:
    from detector.classifier import load_model

    assert {cue.name for cue in load_model().cues} <= words.CUES.keys()


def test_everything_public_is_listed() -> None:
    public = {
        name
        for name, value in vars(words).items()
        if not name.startswith("_") and inspect.getmodule(value) is words
    }
    assert public <= set(words.__all__)
