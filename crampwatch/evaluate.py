"""``crampwatch evaluate --nights``: judge nights whose truth is known, and print how well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording
from detector.classifier import load_model
from detector.evaluate import Score, Truth, score_nights
from detector.night import Night, Standing
from ingest.discover import find_recordings
from ingest.recording import Recording
from ingest.samples import NS_PER_S

__all__ = ["evaluate_nights"]

OPERATING_POINTS = {
    "likely": (Standing.LIKELY,),
    "possible or likely": (Standing.LIKELY, Standing.POSSIBLE),
}


def evaluate_nights(paths: Sequence[Path]) -> None:
    """Judge every recording under the paths against its events and print the figures as JSON.

    Raises
    ------
    InputError
        Where a recording cannot be read or judged: a figure over the rest would mislead.
    """
    model = load_model()
    nights: list[tuple[Night, Sequence[Truth]]] = []
    with NightProgress() as progress:
        for path in paths:
            for candidate in find_recordings(path):
                recording = candidate.open()
                night, _ = judge_recording(recording, model, progress)
                nights.append((night, _truths(recording)))
    figures = {
        "model": {"name": model.version.name, "version": model.version.version},
        "recordings": len(nights),
        **{
            point: _figures(score_nights(nights, standings))
            for point, standings in OPERATING_POINTS.items()
        },
    }
    typer.echo(json.dumps(figures, indent=2))


def _truths(recording: Recording) -> list[Truth]:
    start_ns = recording.info.start_ns
    return [
        Truth(
            onset_ns=start_ns + round(event.onset_s * NS_PER_S),
            end_ns=start_ns + round((event.onset_s + event.duration_s) * NS_PER_S),
            kind=event.extra.get("phenotype") or event.extra.get("detail") or event.label,
            cramp=event.label == "cramp",
        )
        for event in recording.events
    ]


def _figures(score: Score) -> dict[str, Any]:
    return {
        "cramps": {
            kind: {"found": tally.found, "of": tally.of} for kind, tally in score.cramps.items()
        },
        "worn_nights": round(score.worn_nights, 2),
        "false_alarms": dict(score.false_alarms),
        "false_alarms_a_night": round(score.false_alarms_a_night, 3),
        "false_alarms_a_night_upper_95": round(score.false_alarms_a_night_upper, 3),
    }
