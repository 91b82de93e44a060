"""``crampwatch evaluate --nights``: judge nights whose truth is known, and print how well."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from crampwatch.known_nights import UNLABELLED, Unread, person_of, truths_of
from crampwatch.output import complain
from crampwatch.progress import NightProgress
from crampwatch.replay import feed_recording, judging, personal_of, remarks
from detector.classifier import Model, load_model, read_model
from detector.evaluate import CLAIMED_A_NIGHT, Score, Truth, score_nights
from detector.night import Night, Standing
from ingest.discover import find_recordings
from ingest.errors import InputError
from ingest.recording import EVENT_LABELS

if TYPE_CHECKING:
    import numpy.typing as npt

    from models.study.found import Found
    from models.study.table import Table

    Doubles = npt.NDArray[np.float64]

__all__ = ["evaluate_nights", "figures_of"]

OPERATING_POINTS = {
    "likely": (Standing.LIKELY,),
    "possible or likely": (Standing.POSSIBLE, Standing.LIKELY),
}
"""By the standing that claims the rate of false alarms, which comes first."""

SEED = 1
"""Of the intervals: people are drawn anew by chance, the same people each time."""

NOTHING_TO_COMPARE = (
    "There is no night to compare with. Put an events.csv into the folder of each, with the "
    "columns onset_s, duration_s and label; where nothing happened, it has no further line."
)


def evaluate_nights(
    paths: Sequence[Path], personal_file: Path | None = None, model_file: Path | None = None
) -> None:
    """Judge every recording under the paths against its events and print the figures as JSON.

    A recording of which nobody wrote down what happened is left out, by name.

    Parameters
    ----------
    personal_file
        Adjustment to the wearer's answers, that the nights are judged with.
    model_file
        Model that judges them; the shipped one where none is given.

    Raises
    ------
    ModelError
        Where the adjustment or the model cannot be used.
    InputError
        Where a recording cannot be read or judged, as a figure over the rest would mislead; all
        that cannot are named first. Or where of none it is known what happened.
    """
    from models.study.table import concatenate, label_night

    found = [each for path in paths for each in find_recordings(path)]
    model = load_model() if model_file is None else read_model(model_file)
    personal = personal_of(personal_file, model)
    nights: list[tuple[Night, Sequence[Truth]]] = []
    tables: list[Table] = []
    strange: Counter[str] = Counter()
    unread = Unread()
    with NightProgress(len(found)) as progress:
        for number, candidate in enumerate(found, start=1):
            progress.turn(number)
            with unread.named(progress):
                recording = candidate.open()
                if not (recording.labelled or recording.events):
                    with progress.paused():
                        complain(f"{candidate.path}: {UNLABELLED}")
                    continue
                with judging(candidate.path):
                    detector, samples = feed_recording(recording, model, progress, personal)
                    night, measured = detector.finish(), detector.measured()
                truths = truths_of(recording.info, recording.events)
                person = person_of(candidate.path)
                nights.append((night, truths))
                tables.append(
                    label_night(recording.info, measured, truths, source="", person=person)
                )
                strange.update(
                    event.label for event in recording.events if event.label not in EVENT_LABELS
                )
                with progress.paused():
                    for remark in remarks(candidate.path, recording, samples):
                        complain(remark)
    unread.refuse(len(found))
    if not nights:
        raise InputError(NOTHING_TO_COMPARE)
    for label, count in strange.items():
        complain(
            f"the event label '{label}' ({count} times) is not known and counts as no cramp. "
            f"Known are {', '.join(EVENT_LABELS)}."
        )
    table = concatenate(tables)
    probability = np.array([each.probability for night, _ in nights for each in night.awakenings])
    figures = {
        "model": {"name": model.version.name, "version": model.version.version},
        "personal": personal and personal.version,
        "recordings": len(nights),
        "left_out": len(found) - len(nights),
        "people": len({night.person for night in table.nights}),
        **{
            point: figures_of(score_nights(nights, standings), CLAIMED_A_NIGHT[standings[0]])
            | _more_of(table, probability, _least(model, standings[0]))
            for point, standings in OPERATING_POINTS.items()
        },
        "by_device": _by_device(table, probability, model),
        **_study(table, probability, model),
    }
    typer.echo(json.dumps(figures, indent=2, allow_nan=False))


def _least(model: Model, standing: Standing) -> float:
    return model.likely_from if standing is Standing.LIKELY else model.possible_from


def _more_of(table: Table, probability: Doubles, least: float) -> dict[str, Any]:
    from models.study.found import find_from
    from models.study.szcore import score_overlap

    found = find_from(table, probability, least, seed=SEED)
    overlap = score_overlap(table, probability >= least)
    return {
        "from_probability": round(least, 4),
        "visible_cramps": _share(found),
        "szcore": {
            "found": overlap.found,
            "of": overlap.events,
            "false_alarms_a_night": _rounded(
                overlap.false_alarms / overlap.worn_nights if overlap.worn_nights else math.nan
            ),
        },
    }


def _by_device(table: Table, probability: Doubles, model: Model) -> dict[str, Any]:
    from models.study.found import find_from

    devices = np.array([night.device for night in table.nights])
    laid: dict[str, Any] = {}
    for device in sorted(set(devices.tolist())):
        theirs, rows = table.of_nights(devices == device)
        laid[device] = {"recordings": len(theirs.nights)}
        for point, standings in OPERATING_POINTS.items():
            found = find_from(theirs, probability[rows], _least(model, standings[0]), seed=SEED)
            laid[device][point] = {
                "visible_cramps": _share(found),
                "false_alarms_a_night": _rounded(found.false_alarms_a_night),
            }
    return laid


def _study(table: Table, probability: Doubles, model: Model) -> dict[str, Any]:
    """Lay out what does not depend on where the standings are."""
    from models.study.baselines import BASELINES
    from models.study.found import CURVE, RATES, find_at_each
    from models.study.reliability import error_by_people, reliability

    def read(score: Doubles, rates: Sequence[float]) -> list[dict[str, Any]]:
        return [
            {"false_alarms_a_night": rate, **_share(found)}
            for rate, found in zip(rates, find_at_each(table, score, rates, seed=SEED), strict=True)
        ]

    senses: Mapping[str, float | None] = {
        "at_the_stated_rate": model.calibrated.cramps_a_week,
        "at_the_rate_of_these_nights": None,
    }
    calibration: dict[str, Any] = {}
    for sense, a_week in senses.items():
        for awakenings, least in (("all", 0.0), ("told", model.possible_from)):
            stated = model.calibrated.cramps_per_awakening
            held = reliability(table, probability, stated=stated, cramps_a_week=a_week, least=least)
            _, low, high = error_by_people(
                table, probability, stated=stated, cramps_a_week=a_week, least=least, seed=SEED
            )
            calibration.setdefault(sense, {})[awakenings] = {
                "expected_calibration_error": _rounded(held.equal_width),
                "low_95": _rounded(low),
                "high_95": _rounded(high),
                "the_same_in_bins_of_equal_weight": _rounded(held.equal_weight),
                "bins": [
                    {
                        "share": _rounded(each.share),
                        "said": _rounded(each.said),
                        "happened": _rounded(each.happened),
                    }
                    for each in held.bins
                ],
            }
    return {
        "curve": {
            "false_alarms_counted_in": (
                "nights without a cramp" if table.clean.any() else "all nights"
            ),
            "points": read(probability, CURVE),
        },
        "baselines": {name: read(rule(table), RATES) for name, rule in BASELINES.items()},
        "calibration": calibration,
    }


def _share(found: Found) -> dict[str, float | None]:
    return {
        "found": _rounded(found.share),
        "low_95": _rounded(found.low),
        "high_95": _rounded(found.high),
    }


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
