from __future__ import annotations

import math

import pytest

from detector.features import FEATURE_UNITS
from detector.posture import AWAY_SHARE, HANGING_SHARE, STEPS_S, TURN_DEG, Posture, posture_of

LYING: dict[str, float | None] = {
    "hanging_share": 0.1,
    "turn_at_once": 20.0,
    "away_share": 0.9,
    "walking": 0.0,
}
SAT_UP = LYING | {"turn_at_once": TURN_DEG, "away_share": AWAY_SHARE}


@pytest.mark.parametrize(
    ("features", "posture"),
    [
        (LYING, Posture.LYING),
        (SAT_UP, Posture.SAT_UP),
        (SAT_UP | {"away_share": AWAY_SHARE - 0.01}, Posture.LYING),
        (SAT_UP | {"hanging_share": HANGING_SHARE}, Posture.UPRIGHT),
        (LYING | {"walking": STEPS_S}, Posture.UPRIGHT),
        (LYING | {"walking": STEPS_S - 1}, Posture.LYING),
    ],
)
def test_the_arm_names_the_posture(features: dict[str, float | None], posture: Posture) -> None:
    assert posture_of(features) is posture


@pytest.mark.parametrize("unknown", [None, math.nan])
@pytest.mark.parametrize("name", ["hanging_share", "turn_at_once", "away_share"])
def test_without_a_pose_nothing_is_named_but_steps_are_seen(
    name: str, unknown: float | None
) -> None:
    assert posture_of(LYING | {name: unknown}) is None
    assert posture_of(LYING | {name: unknown, "walking": 30.0}) is Posture.UPRIGHT
    assert posture_of({}) is None


def test_it_rests_on_features_that_there_are() -> None:
    assert set(LYING) <= set(FEATURE_UNITS)
