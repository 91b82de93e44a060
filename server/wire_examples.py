"""What a collector sends, as the description of the API shows it."""

from __future__ import annotations

from typing import Any

__all__ = ["LIVE", "NIGHT", "PROVISIONAL"]

STARTED_NS = 1_795_298_400 * 10**9
"""2026-11-21 at 23:00 in Berlin, in UTC nanoseconds."""

MINUTE_NS = 60 * 10**9

ONSET_NS = STARTED_NS + 193 * MINUTE_NS
END_NS = ONSET_NS + 2 * MINUTE_NS
WOKE_NS = STARTED_NS + 440 * MINUTE_NS
ENDED_NS = STARTED_NS + 450 * MINUTE_NS

NIGHT: dict[str, Any] = {
    "id": "b3c74fcec8eadc61",
    "info": {
        "name": "2026-11-21_left",
        "start_ns": STARTED_NS,
        "timezone": "Europe/Berlin",
        "device": "PineTime",
        "wrist": "left",
        "source": "crampwatch collect",
    },
    "start_ns": STARTED_NS,
    "end_ns": ENDED_NS,
    "recorded": [{"start_ns": STARTED_NS, "end_ns": ENDED_NS}],
    "worn": [{"start_ns": STARTED_NS, "end_ns": ENDED_NS}],
    "sleeps": [{"onset_ns": STARTED_NS + 15 * MINUTE_NS, "wake_ns": WOKE_NS, "asleep_s": 24_300.0}],
    "awakenings": [{"start_ns": ONSET_NS, "end_ns": END_NS, "probability": 0.78}],
    "episodes": [
        {
            "id": "5f2c81d09b7ae364",
            "onset_ns": ONSET_NS,
            "end_ns": END_NS,
            "probability": 0.78,
            "standing": "likely",
            "heart_rate_rise_bpm": 14.0,
            "got_up": False,
            "evidence": {"heart_rose": {"value": 14.0, "unit": "bpm", "contribution": 1.2}},
            "others": {"bathroom": 0.21},
        }
    ],
    "faults": [],
    "marks": [],
    "model": {"name": "cramps", "version": "1"},
}
"""A judged night."""

LIVE: dict[str, Any] = {
    "started_ns": STARTED_NS + 24 * 60 * MINUTE_NS,
    "timezone": "Europe/Berlin",
    "links": [
        {
            "device": "PineTime",
            "state": "streaming",
            "battery_percent": 81,
            "rate_hz": 49.8,
            "last_sample_s": 0.4,
        }
    ],
    "night": None,
    "faults": [],
    "adapter_resets": 0,
    "withdrawn": 0,
}
"""The night after it, which goes on."""

PROVISIONAL: dict[str, Any] = {
    "started_ns": STARTED_NS,
    "timezone": "Europe/Berlin",
    "onset_ns": ONSET_NS,
    "end_ns": END_NS,
    "probability": 0.78,
    "standing": "likely",
}
"""An episode of it."""
