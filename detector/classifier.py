"""The transparent score: a sum of documented weights, read from a plain file.

Each cue is carried by a straight ramp from 0 to 1 and adds its weight times that to the
log-odds. What was not measured adds nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detector.cues import CUE_UNITS
from detector.night import Cue, ModelVersion, Standing
from detector.shipped import read_shipped
from ingest.errors import ModelError

__all__ = ["Judgement", "Model", "WeightedCue", "judge", "load_model", "parse_model"]

SHIPPED_MODEL = "transparent-1.json"


@dataclass(frozen=True, slots=True)
class WeightedCue:
    """One term of the score.

    Parameters
    ----------
    name
        What it is called in the evidence.
    cue
        The measured cue it rests on, of `detector.cues.CUE_UNITS`.
    none_at, full_at
        Values of the cue at which the ramp is 0 and 1; a falling ramp has them the other way
        round.
    weight
        Log-odds added at the top of the ramp.
    """

    name: str
    cue: str
    none_at: float
    full_at: float
    weight: float

    def contribution(self, value: float | None) -> float:
        """Log-odds that a value of the cue adds."""
        if value is None:
            return 0.0
        height = (value - self.none_at) / (self.full_at - self.none_at)
        # Adding 0.0 makes of -0.0, which reads as if something spoke against, a plain zero.
        return self.weight * min(max(height, 0.0), 1.0) + 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """A transparent score.

    Parameters
    ----------
    likely_from, possible_from
        Lowest probability of either standing.
    """

    version: ModelVersion
    intercept: float
    cues: tuple[WeightedCue, ...]
    likely_from: float
    possible_from: float

    def standing(self, probability: float) -> Standing | None:
        """Return the standing that a probability earns, None below both."""
        if probability >= self.likely_from:
            return Standing.LIKELY
        return Standing.POSSIBLE if probability >= self.possible_from else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A probability and what it rests on."""

    probability: float
    evidence: Mapping[str, Cue]


def judge(model: Model, measured: Mapping[str, float | None]) -> Judgement:
    """Judge one awakening by its cues.

    Parameters
    ----------
    measured
        From `detector.cues.measure_cues`.
    """
    evidence = {
        term.name: Cue(
            measured[term.cue], CUE_UNITS[term.cue], term.contribution(measured[term.cue])
        )
        for term in model.cues
    }
    log_odds = model.intercept + math.fsum(cue.contribution for cue in evidence.values())
    return Judgement(1 / (1 + math.exp(-log_odds)), evidence)


def load_model() -> Model:
    """Load the model that crampwatch ships.

    Raises
    ------
    ModelError
        When the file is missing or damaged.
    """
    return parse_model(read_shipped(SHIPPED_MODEL).decode())


def parse_model(text: str) -> Model:
    """Read a model from its JSON.

    Raises
    ------
    ModelError
        When a field is missing, of the wrong kind, or names an unknown cue.
    """
    try:
        fields: dict[str, Any] = json.loads(text)
        model = Model(
            version=ModelVersion(str(fields["name"]), str(fields["version"])),
            intercept=float(fields["intercept"]),
            cues=tuple(_parse_cue(cue) for cue in fields["cues"]),
            likely_from=float(fields["likely_from"]),
            possible_from=float(fields["possible_from"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The model cannot be read: {error!r}. Install crampwatch again."
        ) from error
    if not 0 < model.possible_from <= model.likely_from < 1:
        raise ModelError("The model's standings must rise: 0 < possible_from <= likely_from < 1.")
    return model


def _parse_cue(fields: dict[str, Any]) -> WeightedCue:
    cue = WeightedCue(
        str(fields["name"]),
        str(fields["cue"]),
        float(fields["none_at"]),
        float(fields["full_at"]),
        float(fields["weight"]),
    )
    if cue.cue not in CUE_UNITS:
        raise ValueError(f"unknown cue '{cue.cue}'")
    if cue.none_at == cue.full_at:
        raise ValueError(f"the ramp of '{cue.name}' has no length")
    return cue
