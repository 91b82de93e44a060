"""How the benchmark of the answers counts."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.answers import (
    Outcome,
    _known,
    _learnt,
    _misses_gone,
    _stretches,
    found_at,
    main,
)
from detector.classifier import load_model
from detector.features import FEATURE_UNITS
from detector.habits import HABITS
from detector.personal import ASKED
from tests.models.sources import a_source

MODEL = load_model()
KNOWN = _known(a_source("one", nights=20), MODEL)


def test_who_answers_nothing_gains_nothing() -> None:
    for nights, share in ((0, "all"), (10, "none")):
        for outcome in _stretches(KNOWN, MODEL, nights, share):
            assert outcome.found[0] == outcome.found[1]
            assert outcome.false[0] == outcome.false[1]
            assert all(before == pytest.approx(after) for _, before, after in outcome.scores)


def test_answered_nights_are_not_judged() -> None:
    outcomes = list(_stretches(KNOWN, MODEL, 15, "all"))
    assert [round(each.nights) for each in outcomes] == [5] * 5
    # Every other night has a cramp that a wrist can see.
    assert {each.cramps for each in outcomes} <= {2, 3}


def test_at_least_a_tenth_is_left_to_be_judged() -> None:
    assert {each.nights for each in _stretches(KNOWN, MODEL, 90, "all")} == {2.0}


def test_some_cramps_are_forgotten_and_none_made_up() -> None:
    personal = _learnt(KNOWN, MODEL, range(20), np.random.default_rng(1))
    assert 10 <= personal.cramps < KNOWN.table.cramp.sum() == 20
    assert all(answer.weight == ASKED for answer in KNOWN.answers)


SCORES = (
    (True, 0.1, 0.9),
    (False, 0.2, 0.8),
    (True, 0.3, 0.7),
    (False, 0.1, 0.6),
    (True, 0.1, 0.5),
)


def outcome(*, scores: tuple[tuple[bool, float, float], ...] = SCORES) -> Outcome:
    return Outcome(10.0, 4, (0, 1), (0, 0), (0, 0), (0, 0), scores)


def test_what_is_found_is_read_where_false_alarms_are_as_many() -> None:
    # Of four cramps above 0.8 and above 0.6; before the answers above 0.2 and above 0.1.
    assert [found_at([[outcome()]], rate) for rate in (0.0, 0.1)] == [
        "0.25 (0.25 to 0.25) | +0.00 (+0.00 to +0.00)",
        "0.50 (0.50 to 0.50) | +0.25 (+0.25 to +0.25)",
    ]


def ends(told: str) -> list[float]:
    return [float(part.strip("()")) for part in told.split() if part not in ("to", "|")]


def test_people_are_drawn_with_their_thresholds_and_more_of_them_leave_less_doubt() -> None:
    """Every other one of them is not helped, and has false alarms that outdo the others' cramps."""
    nothing_gained = tuple((cramp, before, before) for cramp, before, _ in SCORES)
    loud = (*nothing_gained, (False, 0.3, 0.65))
    widths = []
    for people in (4, 40):
        told = [[outcome(scores=loud if number % 2 else SCORES)] for number in range(people)]
        found, low, high, gained, gained_low, gained_high = ends(found_at(told, 0.1))
        assert low <= found <= high
        assert gained_low <= gained <= gained_high
        widths.append(gained_high - gained_low)
    assert 0.0 < widths[1] < widths[0]


def test_misses_that_are_gone_are_a_share_of_those_before() -> None:
    assert _misses_gone(np.array([10.0, 20.0, 10.0, 15.0, 0.0, 0.0])) == 0.5


def test_habits_are_told_by_features_that_are_measured() -> None:
    assert set(HABITS) <= set(FEATURE_UNITS)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--model", "The model {} is no model of crampwatch"),
        ("--cache", "the folder {} cannot be made: File exists"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_any_night_is_measured(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    option: str,
    says: str,
) -> None:
    file = tmp_path / "some.file"
    file.write_text("something else")
    monkeypatch.setattr(sys, "argv", ["answers", "--people", "0", option, str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"error: {says.format(file)}" in capsys.readouterr().err
