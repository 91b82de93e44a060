from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from detector.document import iso_time, night_document
from detector.night import (
    Awakening,
    Cue,
    Episode,
    ModelVersion,
    Night,
    Sleep,
    Span,
    Standing,
    marked,
)
from ingest.samples import NS_PER_S, Fault, FaultKind, Mark, RecordingInfo

BERLIN = ZoneInfo("Europe/Berlin")
START_NS = int(datetime(2026, 10, 24, 23, 0, tzinfo=BERLIN).timestamp()) * NS_PER_S


def after(hours: float) -> int:
    return START_NS + round(hours * 3600 * NS_PER_S)


NIGHT = Night(
    id="a1",
    info=RecordingInfo("change", START_NS, "Europe/Berlin"),
    start_ns=START_NS,
    end_ns=after(8),
    recorded=(Span(START_NS, after(3)), Span(after(3.5), after(8))),
    worn=(Span(START_NS, after(3)), Span(after(4), after(8))),
    sleeps=(Sleep(after(0.25), after(7.5), 21600.0),),
    awakenings=(Awakening(after(3.75), after(3.8), 0.8),),
    episodes=(
        Episode(
            "e1",
            after(3.75),
            after(3.8),
            0.8,
            Standing.LIKELY,
            None,
            True,
            {"turn": Cue(None, "deg", 0.0), "moving": Cue(42.0, "s", 1.5)},
            {"bathroom": 0.15, "phone": 0.05},
        ),
    ),
    faults=(Fault(after(3), after(3.5), FaultKind.GAP),),
    model=ModelVersion("transparent", "1"),
    marks=(Mark(after(3.9), "three taps"), Mark(after(6), "again")),
)


def test_the_document_is_the_contract() -> None:
    assert json.loads(json.dumps(night_document(NIGHT), allow_nan=False)) == {
        "recording": "change",
        "start": "2026-10-24T23:00:00.000+02:00",
        "end": "2026-10-25T06:00:00.000+01:00",
        "timezone": "Europe/Berlin",
        "recorded_s": 27000.0,
        "worn_s": 25200.0,
        "sleep": {
            "onset": "2026-10-24T23:15:00.000+02:00",
            "wake": "2026-10-25T05:30:00.000+01:00",
            "asleep_s": 21600.0,
        },
        "awakenings": [
            {
                "start": "2026-10-25T02:45:00.000+02:00",
                "end": "2026-10-25T02:48:00.000+02:00",
                "probability": 0.8,
            }
        ],
        "episodes": [
            {
                "id": "e1",
                "onset": "2026-10-25T02:45:00.000+02:00",
                "end": "2026-10-25T02:48:00.000+02:00",
                "probability": 0.8,
                "standing": "likely",
                "heart_rate_rise_bpm": None,
                "got_up": True,
                "posture": None,
                "others": {"bathroom": 0.15, "phone": 0.05},
                "evidence": {
                    "turn": {"value": None, "unit": "deg", "contribution": 0.0},
                    "moving": {"value": 42.0, "unit": "s", "contribution": 1.5},
                },
            }
        ],
        "marks": [
            {
                "time": "2026-10-25T02:54:00.000+02:00",
                "label": "three taps",
                "episode": "e1",
            },
            {"time": "2026-10-25T04:00:00.000+01:00", "label": "again", "episode": None},
        ],
        "faults": [
            {
                "kind": "gap",
                "start": "2026-10-25T02:00:00.000+02:00",
                "end": "2026-10-25T02:30:00.000+02:00",
            }
        ],
        "model": {"name": "transparent", "version": "1"},
        "personal": None,
    }


def test_a_mark_is_of_the_last_episode_that_reaches_into_the_ten_minutes_before_it() -> None:
    episodes = [(after(1), after(1.1)), (after(1.12), after(1.15))]
    minute_ns = 60 * NS_PER_S
    assert marked(after(1) - 1, episodes) is None
    assert marked(after(1), episodes) == 0
    assert marked(after(1.11), episodes) == 0
    assert marked(after(1.2), episodes) == 1
    assert marked(after(1.15) + 10 * minute_ns - 1, episodes) == 1
    assert marked(after(1.15) + 10 * minute_ns, episodes) is None
    assert marked(after(1), []) is None


def test_the_same_clock_time_twice_in_a_night_is_told_by_its_offset() -> None:
    assert iso_time(after(3.5), BERLIN) == "2026-10-25T02:30:00.000+02:00"
    assert iso_time(after(4.5), BERLIN) == "2026-10-25T02:30:00.000+01:00"


def test_times_before_1970_and_fractions_are_exact() -> None:
    assert iso_time(-1_500_000, ZoneInfo("UTC")) == "1969-12-31T23:59:59.998+00:00"
