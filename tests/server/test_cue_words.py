from __future__ import annotations

import pytest

from detector.classifier import load_model
from detector.cues import CUE_UNITS
from detector.night import Cue
from server import cue_words


def test_cues_are_told_in_words_the_weightiest_first() -> None:
    evidence = {
        "long_walk": Cue(31.0, "s", -0.3),
        "heart_rose": Cue(14.2, "bpm", 1.5),
        "off_wrist": Cue(0.0, "1", 0.04),
        "a_new_cue": Cue(None, "g/s", 0.0),
    }
    assert [name for name, _ in cue_words.telling(evidence)] == ["heart_rose", "long_walk"]
    assert cue_words.idle(evidence) == ["wearable taken off around then", "a new cue"]
    assert cue_words.leaning(evidence["heart_rose"]) == "strongly for"
    assert cue_words.leaning(evidence["long_walk"]) == "slightly against"
    told = [cue_words.value(name, cue) for name, cue in evidence.items()]
    assert told == ["31 s", "+14 beats a minute", "no", "not measured"]


@pytest.mark.parametrize(
    ("name", "value", "unit", "text"),
    [
        ("sat_up", 64.4, "deg", "64°"),
        ("jerky", 2.345, "g/s", "2.3 g/s"),
        ("kept_moving", 0.96, "1", "96 %"),
        ("sudden", 1.0, "1", "100 %"),
        ("restless", 3.0, "1", "3 times"),
        ("walk_back", 1.0, "1", "1 time"),
        ("off_wrist", 1.0, "1", "yes"),
        ("a_new_cue", 0.25, "1", "0.25"),
    ],
)
def test_what_was_measured_is_told_plainly(name: str, value: float, unit: str, text: str) -> None:
    assert cue_words.value(name, Cue(value, unit, 0.1)) == text


def test_the_cues_of_the_shipped_model_have_plain_words_and_no_other_has() -> None:
    assert {cue.name for cue in load_model().cues} == cue_words.CUES.keys()
    assert {
        cue.name for cue in load_model().cues if CUE_UNITS[cue.cue] == "1"
    } == cue_words.SHARES | cue_words.TIMES | cue_words.YES_OR_NO
