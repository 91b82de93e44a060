from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.classifier import (
    SHIPPED_MODEL,
    _log_odds_a_share,
    judge,
    load_model,
    log_odds_of,
    probability_of,
    read_model,
    rebase,
)
from detector.features import FEATURE_UNITS
from detector.night import ModelVersion, Standing
from detector.shipped import read_shipped
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
    "ensembles": 2,
    "forest_share": 0.25,
    "kinds": ["arousal", "bathroom"],
    "likely_from": 0.6,
    "possible_from": 0.2,
}


def stump(
    feature: int, threshold: float, low: float, high: float, kind: str = "boosting"
) -> dict[str, Any]:
    """One tree that asks one question; what is not known goes left."""
    return {
        "kind": np.array(kind),
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
    forest = stump(1, 20.0, 0.1, 0.9, "forest")
    parts |= {f"forest.{name}": array for name, array in forest.items()}
    parts |= {f"other.{name}": array for name, array in stump(1, 10.0, -1.0, 1.0).items()}
    file = io.BytesIO()
    np.savez(file, **(parts | arrays))
    file.seek(0)
    return file


MODEL = read_model(a_file())


def judged(**measured: float) -> Any:
    [judgement] = judge(MODEL, [UNKNOWN | measured])
    return judgement


def test_the_log_odds_are_a_line_through_the_boosted_trees_and_the_forest() -> None:
    sure = math.log(0.9 / 0.1)
    for moving, rise, raw in (
        (60.0, 30.0, 0.75 * 4.0 + 0.25 * sure),
        (60.0, 5.0, 0.75 * 4.0 - 0.25 * sure),
        (5.0, math.nan, -0.75 * 2.0 - 0.25 * sure),
    ):
        probability = judged(moving=moving, heart_rate_rise=rise).probability
        assert probability == pytest.approx(1 / (1 + math.exp(1.0 - 0.5 * raw)))


def test_a_forest_that_found_none_is_no_surer_than_it_can_be() -> None:
    for lowest in (0.0, 0.001, 0.002):
        none = stump(1, 20.0, lowest, 1 - lowest, "forest")
        model = read_model(a_file(**{f"forest.{name}": array for name, array in none.items()}))
        for rise, sign in ((5.0, -1), (30.0, 1)):
            [judgement] = judge(model, [UNKNOWN | {"heart_rate_rise": rise}])
            raw = 0.75 * -2.0 + 0.25 * sign * math.log(0.998 / 0.002)
            assert judgement.probability == pytest.approx(1 / (1 + math.exp(1.0 - 0.5 * raw)))


def test_what_a_forest_adds_is_told_as_log_odds() -> None:
    """It begins at the mean of its leaves, 0.5, whose log-odds are none."""
    for rise, share in ((30.0, 0.9), (5.0, 0.1)):
        added = judged(heart_rate_rise=rise).evidence["heart_rate_rise"].contribution
        assert added == pytest.approx(0.5 * 0.25 * math.log(share / (1 - share)))


@pytest.mark.parametrize("share", [0.0, 1.0, 0.3])
def test_a_forest_that_says_the_same_of_all_adds_nothing(share: float) -> None:
    same = stump(1, 20.0, share, share, "forest")
    model = read_model(a_file(**{f"forest.{name}": array for name, array in same.items()}))
    [judgement] = judge(model, [UNKNOWN | {"heart_rate_rise": 30.0}])
    assert judgement.evidence["heart_rate_rise"].contribution == 0


def test_what_nearly_cancels_in_a_forest_is_told_as_where_it_begins() -> None:
    """Rounded, log-odds that are a hair apart may be the same, or twice as far apart."""
    stretched = 1 / (0.08 * 0.92)
    hair = np.spacing(0.08)
    for gained in (-3 * hair, -hair, hair, 3 * hair):
        assert _log_odds_a_share(0.08, gained) == pytest.approx(stretched)
    assert _log_odds_a_share(0.08, 1e-6) == pytest.approx(stretched, rel=1e-4)


def test_what_is_no_cramp_is_something_else() -> None:
    judgement = judged(moving=60.0, heart_rate_rise=25.0)
    assert set(judgement.others) == {"arousal", "bathroom"}
    assert judgement.others["bathroom"] > judgement.others["arousal"]
    assert judgement.probability + sum(judgement.others.values()) == pytest.approx(1)


def test_the_evidence_says_what_was_measured_and_what_it_added() -> None:
    evidence = judged(moving=60.0).evidence
    assert evidence["moving"].value == 60.0
    assert evidence["moving"].unit == "s"
    # Both trees begin at the mean of their leaves, 0.5 and 1.5, and end at 4.
    assert evidence["moving"].contribution == pytest.approx(0.5 * 0.75 * (3.5 + 2.5) / 2)
    assert evidence["heart_rate_rise"].value is None
    # Unknown is an answer too: it goes where the trees that were trained sent it.
    assert evidence["heart_rate_rise"].contribution == pytest.approx(0.125 * -math.log(9))


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
    assert shipped.version == ModelVersion("cramps", "5")
    assert shipped.features == tuple(FEATURE_UNITS)
    assert 0.005 < shipped.calibrated.cramps_per_awakening < 0.1
    assert set(shipped.kinds) == {
        "arousal",
        "bathroom",
        "large_movement",
        "limb_movements",
        "off_wrist",
        "phone",
        "position_shift",
    }


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"features": ["moving", "gravity"]}, "unknown features: gravity"),
        ({"features": ["moving"]}, "trees do not fit its features"),
        ({"forest_share": 1.5}, "forest counts for no share"),
        ({"ensembles": 0}, "trees are not boosted"),
        ({"ensembles": 3}, "trees of the model cannot be read"),
        ({"kinds": ["a", "b", "c"]}, "do not fit its kinds"),
        ({"likely_from": 0.1}, "standings must rise"),
        ({"slope": "steep"}, "could not convert"),
        ({"ensembles": math.inf}, "does not say what it is"),
    ],
)
def test_a_damaged_model_is_refused_with_a_reason(about: dict[str, Any], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        read_model(a_file(about))


@pytest.mark.parametrize(
    ("forest", "says"),
    [
        (stump(1, 20.0, 0.1, 0.9), "forest holds no shares"),
        (stump(1, 20.0, -3.0, 0.9, "forest"), "forest holds no shares"),
    ],
)
def test_a_forest_of_anything_but_shares_is_refused(forest: dict[str, Any], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        read_model(a_file(**{f"forest.{name}": array for name, array in forest.items()}))


OF_ANOTHER_KIND = (
    r"is no model of crampwatch: it is another kind of file, or damaged\. "
    r"Give a file that crampwatch train has written\.$"
)


def test_a_model_with_code_in_it_is_refused() -> None:
    with pytest.raises(ModelError, match=OF_ANOTHER_KIND):
        read_model(a_file(about={}, **{"cramp.0.roots": np.array([print], object)}))


def one_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


@pytest.mark.parametrize("data", [b"", b"weights", b"PK\x03\x04 cut off", one_array()])
def test_what_is_no_model_is_refused_without_advice_to_load_it_unsafely(
    tmp_path: Path, data: bytes
) -> None:
    file = tmp_path / "model.npz"
    file.write_bytes(data)
    with pytest.raises(ModelError, match=OF_ANOTHER_KIND) as refused:
        read_model(file)
    assert str(refused.value).startswith(f"The model {file} is no model")


def test_a_shipped_model_that_is_damaged_is_installed_again() -> None:
    with pytest.raises(ModelError, match=r"^The model a\.npz is .* Install crampwatch again\.$"):
        read_model(io.BytesIO(b"weights"), "a.npz")


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({}, "it has no 'about'"),
        ({"about": np.array("a model")}, "it does not say what it is"),
        ({"about": np.array("[1]")}, "it does not say what it is"),
        ({"about": np.array("{}")}, "it has no 'name'"),
    ],
)
def test_arrays_of_something_else_are_refused_with_a_reason(
    about: dict[str, npt.NDArray[Any]], says: str
) -> None:
    file = io.BytesIO()
    np.savez(file, some=np.arange(3), **about)  # type: ignore[arg-type]
    file.seek(0)
    with pytest.raises(ModelError, match=rf"is no model of crampwatch: {says}\. Give a file"):
        read_model(file)


def test_a_model_that_is_cut_short_or_changed_is_refused() -> None:
    data = read_shipped(SHIPPED_MODEL)
    damaged = [data[: round(share * len(data))] for share in (0.1, 0.5, 0.99)]
    at = data.index(b"forest.value.npy") + 1000
    damaged.append(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
    for each in damaged:
        with pytest.raises(ModelError, match=OF_ANOTHER_KIND):
            read_model(io.BytesIO(each))


def test_the_log_odds_alone_are_those_of_the_whole_judgement() -> None:
    measured = [UNKNOWN | {"moving": 10.0 * n, "heart_rate_rise": 4.0 * n} for n in range(5)]
    model = load_model()
    alone = [probability_of(each) for each in log_odds_of(model, measured)]
    assert alone == [each.probability for each in judge(model, measured)]
    assert log_odds_of(model, []) == []
