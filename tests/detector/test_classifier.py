from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.classifier import (
    judge,
    load_model,
    log_odds_of,
    probability_of,
    read_model,
    rebase,
)
from detector.features import FEATURE_UNITS
from detector.night import ModelVersion, Standing
from ingest.errors import ModelError

UNKNOWN = dict.fromkeys(FEATURE_UNITS, math.nan)

ABOUT = {
    "name": "test",
    "version": "0",
    "features": ["moving", "heart_rate_rise"],
    "slope": 0.5,
    "intercept": -1.0,
    "cramps_a_week": 4.4,
    "cramps_per_awakening": 0.02,
    "known": [["moving", 10, 30, 1.0], ["heart_rate_rise", 5, 0, -2.0]],
    "ensembles": 2,
    "kinds": ["arousal", "bathroom"],
    "likely_from": 0.6,
    "possible_from": 0.2,
}


def stump(feature: int, threshold: float, low: float, high: float) -> dict[str, Any]:
    """One tree that asks one question; what is not known goes left."""
    return {
        "kind": np.array("boosting"),
        "features": np.array(2),
        "baseline": np.zeros(1),
        "roots": np.array([0], np.int32),
        "feature": np.array([feature, 0, 0], np.int16),
        "threshold": np.array([threshold, np.inf, np.inf]),
        "missing_left": np.array([True, True, True]),
        "left": np.array([1, 1, 2], np.int32),
        "value": np.array([[(low + high) / 2], [low], [high]]),
    }


def a_file(about: dict[str, Any] | None = None, **arrays: npt.NDArray[Any]) -> io.BytesIO:
    parts: dict[str, Any] = {"about": np.array(json.dumps(ABOUT | (about or {})))}
    for number, low in enumerate((-3.0, -1.0)):
        trees = stump(0, 30.0, low, 4.0)
        parts |= {f"cramp.{number}.{name}": array for name, array in trees.items()}
    parts |= {f"other.{name}": array for name, array in stump(1, 10.0, -1.0, 1.0).items()}
    file = io.BytesIO()
    np.savez(file, **(parts | arrays))
    file.seek(0)
    return file


MODEL = read_model(a_file())


def judged(**measured: float) -> Any:
    [judgement] = judge(MODEL, [UNKNOWN | measured])
    return judgement


def test_the_log_odds_are_a_line_through_ramps_and_the_mean_of_the_trees() -> None:
    above, below = 1.0 + 4.0, 0.0 - 2.0
    assert judged(moving=60.0).probability == pytest.approx(1 / (1 + math.exp(1.0 - 0.5 * above)))
    assert judged(moving=5.0).probability == pytest.approx(1 / (1 + math.exp(1.0 - 0.5 * below)))
    halfway = 0.5 - 2.0
    assert judged(moving=20.0).probability == pytest.approx(1 / (1 + math.exp(1.0 - 0.5 * halfway)))


def test_a_falling_ramp_is_full_below_and_none_above() -> None:
    of_rise = {
        rise: judged(heart_rate_rise=rise).evidence["heart_rate_rise"].contribution
        for rise in (-3.0, 0.0, 2.5, 5.0, 40.0)
    }
    assert of_rise == {-3.0: -1.0, 0.0: -1.0, 2.5: -0.5, 5.0: 0.0, 40.0: 0.0}


def test_what_is_no_cramp_is_something_else() -> None:
    judgement = judged(moving=60.0, heart_rate_rise=25.0)
    assert set(judgement.others) == {"arousal", "bathroom"}
    assert judgement.others["bathroom"] > judgement.others["arousal"]
    assert judgement.probability + sum(judgement.others.values()) == pytest.approx(1)


def test_the_evidence_says_what_was_measured_and_what_it_added() -> None:
    evidence = judged(moving=60.0).evidence
    assert evidence["moving"].value == 60.0
    assert evidence["moving"].unit == "s"
    # Both trees begin at the mean of their leaves, 0.5 and 1.5, and end at 4; the ramp adds 1.
    assert evidence["moving"].contribution == pytest.approx(0.5 * ((3.5 + 2.5) / 2 + 1.0))
    assert evidence["heart_rate_rise"].value is None
    assert evidence["heart_rate_rise"].contribution == 0


def test_many_are_judged_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    measured = [UNKNOWN | {"moving": float(each)} for each in rng.uniform(0, 90, 50)]
    assert judge(MODEL, measured) == [judge(MODEL, [each])[0] for each in measured]
    assert judge(MODEL, []) == []


def test_standings() -> None:
    shown = [MODEL.standing(probability) for probability in (0.19, 0.2, 0.59, 0.6)]
    assert shown == [None, Standing.POSSIBLE, Standing.POSSIBLE, Standing.LIKELY]


@given(st.floats(0, 1), st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_a_probability_goes_to_another_rate_and_comes_back(
    probability: float, stated: float, own: float
) -> None:
    there = rebase(probability, stated, own)
    assert 0 <= there <= 1
    assert rebase(there, own, stated) == pytest.approx(probability, abs=1e-9)
    assert there >= probability - 1e-12 if own >= stated else there <= probability + 1e-12


def test_twice_the_cramps_are_about_twice_the_odds() -> None:
    assert rebase(0.2, 0.01, 0.02) == pytest.approx(0.2 * 2.02 / (0.8 + 0.2 * 2.02), abs=1e-3)


def test_the_shipped_model_judges_by_known_features() -> None:
    shipped = load_model()
    assert shipped.version == ModelVersion("cramps", "3")
    assert shipped.features == tuple(FEATURE_UNITS)
    assert 0.005 < shipped.calibrated.cramps_per_awakening < 0.1
    assert {"bathroom", "large_movement", "position_shift", "arousal"} <= set(shipped.kinds)


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"features": ["moving", "gravity"]}, "unknown features: gravity"),
        ({"features": ["moving"], "known": []}, "trees do not fit its features"),
        ({"known": [["turn", 0, 1, 1]]}, "ramps do not fit its features"),
        ({"known": [["moving", 3, 3, 1]]}, "one of its ramps has no length"),
        ({"known": [["moving", 3]]}, "not enough values"),
        ({"ensembles": 0}, "trees do not fit its features"),
        ({"ensembles": 3}, "trees of the model cannot be read"),
        ({"kinds": ["a", "b", "c"]}, "do not fit its kinds"),
        ({"likely_from": 0.1}, "standings must rise"),
        ({"slope": "steep"}, "could not convert"),
    ],
)
def test_a_damaged_model_is_refused_with_a_reason(about: dict[str, Any], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        read_model(a_file(about))


def test_a_model_with_code_in_it_is_refused() -> None:
    with pytest.raises(ModelError, match="Install crampwatch again"):
        read_model(a_file(about={}, **{"cramp.0.roots": np.array([print], object)}))


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ModelError, match="Install crampwatch again"):
        read_model(io.BytesIO(b"weights"))


def test_the_log_odds_alone_are_those_of_the_whole_judgement() -> None:
    measured = [UNKNOWN | {"moving": 10.0 * n, "heart_rate_rise": 4.0 * n} for n in range(5)]
    model = load_model()
    alone = [probability_of(each) for each in log_odds_of(model, measured)]
    assert alone == [each.probability for each in judge(model, measured)]
    assert log_odds_of(model, []) == []
