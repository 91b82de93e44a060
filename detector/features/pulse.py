"""What the heart makes of an awakening, against its own level before and asleep."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.features.body import Body
from detector.features.line import Features
from detector.heart import (
    BASELINE_GUARD_S,
    BASELINE_S,
    BIN_S,
    MAX_RESPONSE_S,
    MIN_BASELINE_BINS,
    PEAK_BINS,
    RESPONSE_S,
)
from detector.ranks import median
from detector.short_sums import running_mean

__all__ = ["PULSE", "pulse"]

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

PULSE = {
    "heart_rate_rise": "bpm",
    "rise_within_minute": "bpm",
    "rise_latency": "s",
    "rise_held": "s",
    "rise_left": "bpm",
    "rise_against_wander": "1",
    "level_before": "bpm",
    "reading_lost": "1",
}
"""Unit of every feature of this file."""

UNKNOWN = dict.fromkeys(PULSE, float("nan"))

LEAST_WANDER_BPM = 1.5
"""Standard deviation in bpm below which a heart before an awakening is taken for this steady: less
is a sensor that rounds."""
AFTER_S = (60, 180)
"""Seconds after the end in which a heart that calms down is back."""


def pulse(body: Body, start: Places, end: Places) -> Features:
    """Measure the heart's answers; NaN where its readings do not cover before and during."""
    found = [_answer(body, *each) for each in zip(start.tolist(), end.tolist(), strict=True)]
    return {name: np.array([each[name] for each in found]) for name in PULSE}


def _answer(body: Body, start: int, end: int) -> dict[str, float]:
    before = body.pulse_bpm[
        max(start - BASELINE_S, 0) // BIN_S : max(start - BASELINE_GUARD_S, 0) // BIN_S
    ]
    before = before[~np.isnan(before)]
    response_end = min(end + RESPONSE_S, start + MAX_RESPONSE_S)
    response = body.pulse_bpm[start // BIN_S : -(-response_end // BIN_S)]
    if len(before) < MIN_BASELINE_BINS or len(response) < PEAK_BINS:
        return UNKNOWN
    smooth = running_mean(response, PEAK_BINS)
    known = ~np.isnan(smooth)
    if not known.any():
        return UNKNOWN
    level = float(median(before))
    rises = np.where(known, smooth - level, -np.inf)
    rise = float(rises.max())
    high = rises > rise / 2
    soon = rises[: 60 // BIN_S]
    later = body.pulse_bpm[(end + AFTER_S[0]) // BIN_S : (end + AFTER_S[1]) // BIN_S]
    later = later[~np.isnan(later)]
    return {
        "heart_rate_rise": rise,
        "rise_within_minute": float(soon.max()) if np.isfinite(soon).any() else np.nan,
        "rise_latency": float(np.argmax(high)) * BIN_S if rise > 0 else np.nan,
        "rise_held": float(high.sum()) * BIN_S if rise > 0 else 0.0,
        "rise_left": float(median(later)) - level if len(later) else np.nan,
        "rise_against_wander": rise / max(float(before.std()), LEAST_WANDER_BPM),
        "level_before": level - body.resting_bpm,
        "reading_lost": float(np.isnan(body.read_bpm[start // BIN_S : -(-end // BIN_S)]).mean()),
    }
