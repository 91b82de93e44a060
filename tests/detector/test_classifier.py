from __future__ import annotations

import json
import math

import pytest

from detector.classifier import Model, WeightedCue, judge, load_model, parse_model
from detector.cues import CUE_UNITS
from detector.night import ModelVersion, Standing
from ingest.errors import ModelError

NOTHING_MEASURED: dict[str, float | None] = dict.fromkeys(CUE_UNITS)


def model(*cues: WeightedCue, intercept: float = -1.0) -> Model:
    return Model(ModelVersion("test", "0"), intercept, cues, likely_from=0.7, possible_from=0.4)


def test_a_ramp_rises_and_stays() -> None:
    cue = WeightedCue("still", "still_before", 60, 300, 2.0)
    assert [cue.contribution(value) for value in (0, 60, 180, 300, 900)] == [0, 0, 1, 2, 2]


def test_a_falling_ramp_falls() -> None:
    cue = WeightedCue("no rise", "heart_rate_rise", 4, 0, -1.0)
    assert [cue.contribution(value) for value in (-3, 0, 2, 4, 20)] == [-1, -1, -0.5, 0, 0]


def test_the_probability_is_the_logistic_of_the_sum_of_its_evidence() -> None:
    terms = WeightedCue("a", "moving", 0, 10, 3.0), WeightedCue("b", "turn", 0, 90, -1.0)
    judged = judge(model(*terms), NOTHING_MEASURED | {"moving": 10.0, "turn": 45.0})
    assert judged.probability == 1 / (1 + math.exp(-(-1.0 + 3.0 - 0.5)))
    assert judged.evidence["a"].contribution == 3.0
    assert judged.evidence["b"].value == 45.0
    assert judged.evidence["b"].unit == "deg"


def test_what_was_not_measured_adds_nothing_and_is_said_to_be_missing() -> None:
    judged = judge(model(WeightedCue("rise", "heart_rate_rise", 5, 15, 2.0)), NOTHING_MEASURED)
    assert judged.evidence["rise"].value is None
    assert judged.evidence["rise"].contribution == 0
    assert judged.probability == 1 / (1 + math.exp(1.0))


def test_standings() -> None:
    shown = [model().standing(probability) for probability in (0.39, 0.4, 0.69, 0.7)]
    assert shown == [None, Standing.POSSIBLE, Standing.POSSIBLE, Standing.LIKELY]


def test_the_shipped_model_judges_by_known_cues_and_says_why() -> None:
    shipped = load_model()
    assert shipped.version == ModelVersion("transparent", "1")
    assert {cue.cue for cue in shipped.cues} <= set(CUE_UNITS)
    assert len({cue.name for cue in shipped.cues}) == len(shipped.cues) >= 8


VALID = {
    "name": "m",
    "version": "1",
    "intercept": 0,
    "likely_from": 0.8,
    "possible_from": 0.4,
    "cues": [{"name": "a", "cue": "moving", "none_at": 0, "full_at": 1, "weight": 1}],
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cues": [{**VALID["cues"][0], "cue": "gravity"}]}, "unknown cue 'gravity'"),  # type: ignore[index]
        ({"cues": [{**VALID["cues"][0], "full_at": 0}]}, "has no length"),  # type: ignore[index]
        ({"cues": [{"name": "a"}]}, "cue"),
        ({"likely_from": 0.3}, "standings must rise"),
        ({"intercept": "much"}, "could not convert"),
    ],
)
def test_a_damaged_model_is_refused_with_a_reason(change: dict[str, object], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        parse_model(json.dumps(VALID | change))


def test_a_model_that_is_no_json_is_refused() -> None:
    with pytest.raises(ModelError, match="Install crampwatch again"):
        parse_model("weights")
