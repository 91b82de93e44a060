"""``crampwatch evaluate --sleep-epochs``: compare the shipped sleep model with polysomnography."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer

from crampwatch.output import complain
from detector.agreement import (
    LENGTHS,
    SLEEP_RECALL,
    Agreement,
    AgreementIntervals,
    Awakenings,
    AwakeningsTogether,
    Interval,
    agree,
    agreement_intervals,
    match_awakenings,
    together,
)
from detector.staging import SleepModel, load_sleep_model
from ingest.sleep_epochs import SleepEpochs, read_sleep_epochs

__all__ = ["evaluate_sleep", "sleep_figures"]

FIXED = f"wake_recall_at_sleep_recall_{SLEEP_RECALL}"


def evaluate_sleep(path: Path) -> None:
    """Stage every person of a file and print the agreement as JSON.

    Raises
    ------
    InputError
        Where the epochs cannot be used.
    """
    people = read_sleep_epochs(path)
    model = load_sleep_model()
    known = [person.subject for person in people if person.digest in model.trained_on]
    if known:
        complain(
            f"the model was trained on {len(known)} of {len(people)} people here, so their figures "
            "say nothing about others. What it does on people it has not seen is in "
            "models/results.md."
        )
    typer.echo(json.dumps(sleep_figures(people, model), indent=2, allow_nan=False))


def sleep_figures(people: Sequence[SleepEpochs], model: SleepModel) -> dict[str, Any]:
    """Return the agreement by person and pooled, of epochs and of awakenings."""
    judged = [
        model.wake_probability(person.on_line(person.count), person.on_line(person.heart))[
            person.epoch
        ]
        for person in people
    ]
    awakenings = [
        match_awakenings(probability >= model.wake_from, person.wake, person.epoch)
        for person, probability in zip(people, judged, strict=True)
    ]
    trained_on = [person.digest in model.trained_on for person in people]
    wake = [person.wake for person in people]
    pooled = agree(np.concatenate(judged), np.concatenate(wake), model.wake_from)
    intervals = agreement_intervals(judged, wake, [model.wake_from] * len(people))
    return {
        "model": {"name": model.version.name, "version": model.version.version},
        "wake_from_probability": model.wake_from,
        "people_the_model_was_trained_on": _which(trained_on),
        "pooled": {
            **_figures(pooled),
            "interval_95": _intervals(intervals),
            "awakenings": _together(together(awakenings)),
        },
        "people": {
            person.subject: {
                "trained_on": seen,
                **_figures(agree(probability, person.wake, model.wake_from)),
                "awakenings": _awakenings(found),
            }
            for person, probability, seen, found in zip(
                people, judged, trained_on, awakenings, strict=True
            )
        },
    }


def _which(trained_on: Sequence[bool]) -> str:
    if all(trained_on):
        return "all"
    return "some" if any(trained_on) else "none"


def _figures(agreement: Agreement) -> dict[str, Any]:
    return {
        "epochs": {
            "wake": agreement.wake_as_wake + agreement.wake_as_sleep,
            "sleep": agreement.sleep_as_wake + agreement.sleep_as_sleep,
        },
        FIXED: _rounded(agreement.wake_recall_fixed),
        "kappa": _rounded(agreement.kappa),
        "auc": _rounded(agreement.auc),
        "wake_recall": _rounded(agreement.wake_recall),
        "sleep_recall": _rounded(agreement.sleep_recall),
        "confusion": {
            "wake_called_wake": agreement.wake_as_wake,
            "wake_called_sleep": agreement.wake_as_sleep,
            "sleep_called_wake": agreement.sleep_as_wake,
            "sleep_called_sleep": agreement.sleep_as_sleep,
        },
    }


def _intervals(intervals: AgreementIntervals) -> dict[str, Any]:
    return {
        FIXED: _rounded_ends(intervals.wake_recall_fixed),
        "kappa": _rounded_ends(intervals.kappa),
        "auc": _rounded_ends(intervals.auc),
        "wake_recall": _rounded_ends(intervals.wake_recall),
        "sleep_recall": _rounded_ends(intervals.sleep_recall),
    }


def _awakenings(awakenings: Awakenings) -> dict[str, Any]:
    shares = awakenings.found_shares
    return {
        "by_minutes": {
            name: {"scored": scored, "found": found, "share": _rounded(share)}
            for name, scored, found, share in zip(
                LENGTHS, awakenings.scored, awakenings.found, shares, strict=True
            )
        },
        "claimed": {
            "all": awakenings.claimed,
            "false": awakenings.false,
            "false_at_ends": awakenings.false_at_ends,
            "share": _rounded(awakenings.false_share),
        },
    }


def _together(awakenings: AwakeningsTogether) -> dict[str, Any]:
    figures = _awakenings(awakenings.total)
    for name, interval in zip(LENGTHS, awakenings.found_intervals, strict=True):
        figures["by_minutes"][name]["interval_95"] = _rounded_ends(interval)
    figures["claimed"]["interval_95"] = _rounded_ends(awakenings.false_interval)
    return figures


def _rounded_ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(end, 4) for end in interval]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
