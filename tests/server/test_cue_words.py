from __future__ import annotations

import math

import pytest

from detector.classifier import judge, load_model
from detector.features import FEATURE_UNITS
from detector.night import Cue
from server import cue_words


def test_cues_are_told_in_words_the_weightiest_first() -> None:
    evidence = {
        "walking": Cue(31.0, "s", -0.3),
        "heart_rate_rise": Cue(14.2, "bpm", 1.5),
        "off_wrist_near": Cue(0.0, "1", 0.04),
        "a_new_cue": Cue(None, "g/s", 0.0),
    }
    assert [name for name, _ in cue_words.telling(evidence)] == ["heart_rate_rise", "walking"]
    assert cue_words.others(evidence) == 2
    assert cue_words.leaning(evidence["heart_rate_rise"]) == "strongly for"
    assert cue_words.leaning(evidence["walking"]) == "slightly against"
    told = [cue_words.value(name, cue) for name, cue in evidence.items()]
    assert told == ["31 s", "+14 beats a minute", "no", "not measured"]
    assert cue_words.title("a_new_cue") == "A new cue"


@pytest.mark.parametrize(
    ("probability", "contribution", "told"),
    [
        (0.5, math.log(99), "1 %"),
        (0.1, math.log(1 / 9), "50 %"),
        (0.5, 0.0, "50 %"),
        # Never certain, whatever somebody sends.
        (0.0, 0.0, "1 %"),
        (1.0, -1e308, "99 %"),
        (1.0, 1e308, "1 %"),
    ],
)
def test_where_the_weighing_began_is_told(
    probability: float, contribution: float, told: str
) -> None:
    evidence = {name: Cue(1.0, "1", contribution / 2) for name in ("turn", "walks")}
    assert cue_words.beginning(probability, evidence) == told


def test_the_shipped_model_begins_as_low_as_cramps_are_seldom() -> None:
    [judged] = judge(load_model(), [dict.fromkeys(FEATURE_UNITS, math.nan)])
    assert cue_words.beginning(judged.probability, judged.evidence) == "1 %"


def test_no_more_is_told_than_somebody_reads() -> None:
    evidence = {name: Cue(1.0, "1", 0.2 + 0.1 * at) for at, name in enumerate(FEATURE_UNITS)}
    told = [name for name, _ in cue_words.telling(evidence)]
    assert told == list(FEATURE_UNITS)[: -cue_words.MOST_TOLD - 1 : -1]
    assert cue_words.others(evidence) == len(FEATURE_UNITS) - cue_words.MOST_TOLD


@pytest.mark.parametrize(
    ("name", "value", "unit", "text"),
    [
        ("turn", 64.4, "deg", "64°"),
        ("a_new_cue", 2.345, "g/s", "2.3 g/s"),
        ("moving_share", 0.96, "1", "96 %"),
        ("onset_strength", 1.0, "1", "100 %"),
        ("neighbours", 3.0, "1", "3"),
        ("off_wrist_near", 1.0, "1", "yes"),
        ("decline", math.log(2), "ln", "2 times"),
        ("a_new_cue", 0.25, "1", "0.25"),
    ],
)
def test_what_was_measured_is_told_plainly(name: str, value: float, unit: str, text: str) -> None:
    assert cue_words.value(name, Cue(value, unit, 0.1)) == text


def test_the_features_of_the_shipped_model_have_plain_words_and_no_other_has() -> None:
    assert set(load_model().features) == cue_words.CUES.keys()
    without_unit = {name for name, unit in FEATURE_UNITS.items() if unit == "1"}
    told_as = cue_words.SHARES | cue_words.COUNTS | cue_words.YES_OR_NO
    assert without_unit - told_as == {"rise_against_wander"}
    assert told_as - without_unit <= cue_words.EARLIER_CUES.keys()


def test_a_night_that_an_earlier_model_judged_is_still_told_in_words() -> None:
    assert cue_words.title("heart_calm") == "Heart rate stayed calm"
    assert cue_words.value("kept_moving", Cue(0.8, "1", 4.3)) == "80 %"
    assert cue_words.value("walk_back", Cue(2.0, "1", -0.5)) == "2"
    assert cue_words.value("off_wrist", Cue(1.0, "1", -1.5)) == "yes"
