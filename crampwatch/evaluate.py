"""``crampwatch evaluate --nights``: judge nights whose truth is known, and print how well."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from crampwatch.output import complain
from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording, remarks
from detector.classifier import load_model
from detector.evaluate import CLAIMED_A_NIGHT, Score, Truth, score_nights
from detector.night import Night, Standing
from ingest.discover import find_recordings
from ingest.errors import InputError
from ingest.recording import EVENT_LABELS, Recording
from ingest.samples import NS_PER_S

__all__ = ["evaluate_nights", "figures_of"]

OPERATING_POINTS = {
    "likely": (Standing.LIKELY,),
    "possible or likely": (Standing.POSSIBLE, Standing.LIKELY),
}
"""By the standing that claims the rate of false alarms, which comes first."""

UNLABELLED = "has no events.csv, so nobody knows what happened in it; left out."

NOTHING_TO_COMPARE = (
    "There is no night to compare with. Put an events.csv into the folder of each, with the "
    "columns onset_s, duration_s and label; where nothing happened, it has no further line."
)


def evaluate_nights(paths: Sequence[Path]) -> None:
    """Judge every recording under the paths against its events and print the figures as JSON.

    A recording of which nobody wrote down what happened is left out, by name.

    Raises
    ------
    InputError
        Where a recording cannot be read or judged, as a figure over the rest would mislead, or
        where of none it is known what happened.
    """
    found = [each for path in paths for each in find_recordings(path)]
    model = load_model()
    nights: list[tuple[Night, Sequence[Truth]]] = []
    strange: Counter[str] = Counter()
    with NightProgress(len(found)) as progress:
        for number, candidate in enumerate(found, start=1):
            progress.turn(number)
            recording = candidate.open()
            if not (recording.labelled or recording.events):
                with progress.paused():
                    complain(f"{candidate.path}: {UNLABELLED}")
                continue
            night, samples = judge_recording(recording, model, progress, candidate.path)
            nights.append((night, _truths(recording)))
            strange.update(
                event.label for event in recording.events if event.label not in EVENT_LABELS
            )
            with progress.paused():
                for remark in remarks(candidate.path, recording, samples):
                    complain(remark)
    if not nights:
        raise InputError(NOTHING_TO_COMPARE)
    for label, count in strange.items():
        complain(
            f"the event label '{label}' ({count} times) is not known and counts as no cramp. "
            f"Known are {', '.join(EVENT_LABELS)}."
        )
    figures = {
        "model": {"name": model.version.name, "version": model.version.version},
        "recordings": len(nights),
        "left_out": len(found) - len(nights),
        **{
            point: figures_of(score_nights(nights, standings), CLAIMED_A_NIGHT[standings[0]])
            for point, standings in OPERATING_POINTS.items()
        },
    }
    typer.echo(json.dumps(figures, indent=2, allow_nan=False))


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


def figures_of(score: Score, claimed: float) -> dict[str, Any]:
    """Lay out a score, with the false alarms a night that are claimed to be the most."""
    return {
        "cramps": {
            kind: {"found": tally.found, "of": tally.of} for kind, tally in score.cramps.items()
        },
        "worn_nights": round(score.worn_nights, 2),
        "false_alarms": dict(score.false_alarms),
        "false_alarms_a_night": _rounded(score.false_alarms_a_night),
        "false_alarms_a_night_upper_95": _rounded(score.false_alarms_a_night_upper),
        "false_alarms_a_night_claimed": claimed,
    }


def _rounded(rate: float) -> float | None:
    """Round for reading; None where nothing was worn, as JSON has no other word for it."""
    return None if math.isnan(rate) else round(rate, 3)
