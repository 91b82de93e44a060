from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.classifier import Judgement, judge, load_model, probability_of
from detector.features import FEATURE_UNITS
from detector.habits import HABITS, HOUR_FEATURE, place
from detector.night import ModelVersion
from detector.personal import (
    ALIKE,
    ASKED,
    NEAR_CONFIRMED,
    REJECTIONS,
    UNASKED,
    Answer,
    fit_personal,
    read_personal,
)
from ingest.errors import ModelError

MODEL = ModelVersion("cramps", "1")
USUAL = {
    name: math.expm1(habit.centre) if habit.logarithmic else habit.centre
    for name, habit in HABITS.items()
}
LONG = USUAL | {"moving": math.expm1(4.6 + 0.55)}
SHORT = USUAL | {"moving": math.expm1(4.6 - 0.55)}
NOBODY = fit_personal([], MODEL)


def answers(count: int, features: dict[str, float], *, cramp: bool) -> list[Answer]:
    return [Answer(features, 0.0, cramp)] * count


def moved(said: list[Answer], features: dict[str, float]) -> float:
    """Log-odds that the answers add to an awakening that was even."""
    probability = replace(fit_personal(said, MODEL), rejected=()).probability(
        Answer(features, 0.0, cramp=False)
    )
    return math.log(probability / (1 - probability))


def judgement(**measured: float) -> Judgement:
    unknown = dict.fromkeys(FEATURE_UNITS, math.nan)
    [judged] = judge(load_model(), [unknown | measured])
    return judged


def said_of(plain: Judgement) -> Answer:
    measured = {n: cue.value for n, cue in plain.evidence.items() if cue.value is not None}
    odds = plain.probability / (1 - plain.probability)
    return Answer(measured, math.log(odds), cramp=False)


def test_without_an_answer_nothing_changes() -> None:
    assert NOBODY.shift == 0
    assert set(NOBODY.weights.values()) == {0.0}
    assert NOBODY.hours == (0.0,) * 5
    assert NOBODY.rejected == ()
    plain = judgement(moving=80.0, heart_rate_rise=20.0)
    same = NOBODY.adjusted(plain)
    assert same.probability == pytest.approx(plain.probability, abs=1e-12)
    assert same.evidence == plain.evidence


def test_three_answers_move_little_and_thirty_move_much() -> None:
    for cramp, sign in ((True, 1), (False, -1)):
        three, thirty = (moved(answers(n, LONG, cramp=cramp), LONG) * sign for n in (3, 30))
        assert 0.3 < three < 0.7
        assert 1.2 < thirty < 2.5


def test_what_is_alike_moves_more_than_what_is_not() -> None:
    said = answers(15, LONG, cramp=True) + answers(15, SHORT, cramp=False)
    assert moved(said, LONG) > 0.6
    assert moved(said, SHORT) < -0.6
    assert moved(said, USUAL) == pytest.approx(0, abs=1e-9)


def test_yes_and_no_are_symmetric() -> None:
    assert moved(answers(9, LONG, cramp=True), SHORT) == pytest.approx(
        -moved(answers(9, LONG, cramp=False), SHORT)
    )


def test_an_answer_that_was_expected_moves_less() -> None:
    unexpected, expected = (
        fit_personal([Answer(USUAL, log_odds, cramp=True)] * 5, MODEL).shift
        for log_odds in (-2.0, 2.0)
    )
    assert unexpected > 3 * expected > 0


def test_what_nobody_asked_about_counts_half() -> None:
    unasked = [Answer(LONG, 0.0, cramp=False, weight=UNASKED)] * 20
    assert fit_personal(unasked, MODEL).weights == pytest.approx(
        fit_personal(answers(10, LONG, cramp=False), MODEL).weights
    )
    assert ASKED == 2 * UNASKED


def test_who_rarely_has_cramps_is_shown_fewer() -> None:
    rare = [Answer(USUAL, -3.0, cramp=False, weight=UNASKED)] * 700
    assert -2.0 < fit_personal(rare, MODEL).shift < -0.8


def test_what_is_not_known_adds_nothing() -> None:
    said = answers(20, LONG | {HOUR_FEATURE: 7200.0}, cramp=True)
    personal = fit_personal(said, MODEL)
    for unknown in ({}, dict.fromkeys((*HABITS, HOUR_FEATURE), math.nan)):
        assert personal.probability(Answer(unknown, 0.0, cramp=False)) == pytest.approx(
            probability_of(personal.shift)
        )


def test_hours_are_told_apart() -> None:
    at = {hour: USUAL | {HOUR_FEATURE: hour * 3600} for hour in (0.0, 2.25, 3.0, 6.75, 9.0)}
    said = answers(20, at[2.25], cramp=False) + answers(20, at[6.75], cramp=True)
    assert moved(said, at[2.25]) < moved(said, at[3.0]) < moved(said, at[6.75])
    assert moved(said, at[9.0]) == moved(said, at[6.75])


ANSWERS = st.builds(
    Answer,
    features=st.dictionaries(
        st.sampled_from([*HABITS, HOUR_FEATURE]), st.floats(-1e6, 1e6) | st.just(math.nan)
    ),
    log_odds=st.floats(-27, 27),
    cramp=st.booleans(),
    weight=st.sampled_from([ASKED, UNASKED]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANSWERS, max_size=12), st.randoms(use_true_random=False), ANSWERS)
def test_any_answers_give_a_probability_and_the_same_bits_in_any_order(
    said: list[Answer], chance: Random, other: Answer
) -> None:
    personal = fit_personal(said, MODEL)
    chance.shuffle(said)
    assert fit_personal(said, MODEL) == personal
    assert 0 <= personal.probability(other) <= 1


def test_it_reads_back_as_it_was_written(tmp_path: Path) -> None:
    said = answers(4, SHORT, cramp=False) + answers(3, LONG, cramp=True)
    personal = fit_personal(said, MODEL)
    file = tmp_path / "personal.json"
    file.write_text(personal.to_json())
    again = read_personal(file)
    assert again == personal
    assert again.version == personal.version
    assert again.version != fit_personal(said[1:], MODEL).version
    assert (again.asked, again.cramps) == (7, 3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shift": "much"}, "is no personal adjustment: could not convert"),
        ({"shift": math.nan}, "one of its numbers is none"),
        ({"hours": [0.0]}, "of other features"),
        ({"weights": {"moving": 1.0}}, "is no personal adjustment: it has no 'length'"),
        ({"rejected": [[1.0]]}, "rejected kinds are of other features"),
        ({"model": None}, r"is no personal adjustment\. Make"),
    ],
)
def test_what_is_no_adjustment_is_refused(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    file = tmp_path / "personal.json"
    file.write_text(json.dumps(json.loads(NOBODY.to_json()) | change))
    with pytest.raises(ModelError, match=says) as refused:
        read_personal(file)
    assert str(file) in str(refused.value)
    assert "crampwatch train --mine" in str(refused.value)


def test_a_file_that_is_missing_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_personal(tmp_path / "none.json")
    for other in (b"\xff{", b"{", b""):
        (tmp_path / "some.json").write_bytes(other)
        with pytest.raises(ModelError, match="is no personal adjustment: it is no JSON"):
            read_personal(tmp_path / "some.json")


def test_evidence_and_the_rest_still_sum() -> None:
    plain = judgement(moving=80.0, moving_share=0.9, heart_rate_rise=25.0, since_onset=8000.0)
    said = answers(5, SHORT, cramp=True) + answers(5, LONG, cramp=False)
    personal = fit_personal(said, MODEL)
    adjusted = personal.adjusted(plain)
    assert adjusted.probability == pytest.approx(personal.probability(said_of(plain)))
    assert adjusted.probability + sum(adjusted.others.values()) == pytest.approx(1)
    added = sum(
        adjusted.evidence[name].contribution - cue.contribution
        for name, cue in plain.evidence.items()
    )
    assert math.log(adjusted.probability / (1 - adjusted.probability)) == pytest.approx(
        math.log(plain.probability / (1 - plain.probability)) + personal.shift + added
    )
    assert adjusted.evidence["moving"].value == 80.0


def test_a_zero_is_a_value_and_not_unknown() -> None:
    personal = fit_personal(answers(5, USUAL | {"walking": 0.0}, cramp=True), MODEL)
    still, unknown = judgement(walking=0.0), judgement()
    assert personal.adjusted(still).probability == pytest.approx(
        personal.probability(said_of(still))
    )
    assert personal.adjusted(still).probability > personal.adjusted(unknown).probability


def test_an_adjustment_that_was_fitted_for_another_model_is_refused() -> None:
    with pytest.raises(ModelError, match=r"fitted for the model cramps 1, but cramps 2 judges"):
        NOBODY.require(ModelVersion("cramps", "2"))


def test_a_kind_is_taken_back_at_its_third_rejection() -> None:
    other = {name: value * 3 + 50 for name, value in USUAL.items()}
    for count, taken in ((2, False), (3, True), (4, True)):
        personal = fit_personal(answers(count, LONG, cramp=False), MODEL)
        assert personal.rejects(LONG) is taken
        assert personal.rejects(other) is False
    open_handed = replace(personal, rejected=())
    even = Answer(LONG, 0.0, cramp=False)
    assert personal.probability(even) < 0.06 < 0.2 < open_handed.probability(even)


def test_a_kind_that_was_confirmed_once_is_not_taken_back() -> None:
    said = answers(9, LONG, cramp=False) + answers(1, LONG, cramp=True)
    assert fit_personal(said, MODEL).rejected == ()


def test_a_confirmed_cramp_protects_what_is_near_it() -> None:
    # Eight of 21 differences are 1.5 spreads: 0.93, root mean square.
    near = LONG | {
        name: math.expm1(habit.centre + 1.5 * habit.spread)
        if habit.logarithmic
        else habit.centre + 1.5 * habit.spread
        for name, habit in list(HABITS.items())[5:13]
    }
    rejected = answers(5, LONG, cramp=False)
    assert not fit_personal(rejected, MODEL).rejects(near)
    assert fit_personal(rejected, MODEL).rejects(LONG)
    assert fit_personal([*rejected, Answer(near, 0.0, cramp=True)], MODEL).rejected == ()


def test_what_nobody_asked_about_is_no_rejection() -> None:
    unasked = [Answer(LONG, 0.0, cramp=False, weight=UNASKED)] * 30
    assert fit_personal(unasked, MODEL).rejected == ()


def plainly_rejected(said: list[Answer]) -> list[tuple[float, ...]]:
    """The same, each compared with each."""

    def apart(one: Answer, other: Answer) -> float:
        at, there = place(one.features), place(other.features)
        return math.sqrt(sum((a - b) ** 2 for a, b in zip(at, there, strict=True)) / len(at))

    rejected = [each for each in said if not each.cramp]
    return sorted(
        place(one.features)
        for one in rejected
        if sum(apart(one, other) <= ALIKE for other in rejected) >= REJECTIONS
        and all(apart(one, other) > NEAR_CONFIRMED for other in said if other.cramp)
    )


@pytest.mark.parametrize("seed", range(4))
def test_of_many_kinds_those_are_taken_back_that_were_rejected_again_and_again(seed: int) -> None:
    chance = Random(seed)
    kinds = [
        {name: habit.spread * chance.gauss(0, 0.8) for name, habit in HABITS.items()}
        for _ in range(12)
    ]
    said = []
    for number in range(60):
        kind = kinds[chance.randrange(len(kinds))]
        features = {
            name: habit.centre + kind[name] + habit.spread * chance.gauss(0, 0.45)
            for name, habit in HABITS.items()
        }
        told = {n: math.expm1(v) if HABITS[n].logarithmic else v for n, v in features.items()}
        said.append(Answer(told, 0.0, cramp=number in (7, 31)))
    rejected = fit_personal(said, MODEL).rejected
    assert 0 < len(rejected) < 58
    assert list(rejected) == plainly_rejected(said)


def test_an_answer_is_laid_out_once_however_often_it_is_fitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []

    def counting(features: Mapping[str, float]) -> tuple[float, ...]:
        looked.append(features)
        return place(features)

    monkeypatch.setattr("detector.personal.place", counting)
    said = answers(6, LONG, cramp=False)
    assert len(looked) == 1
    for _ in range(3):
        fit_personal(said, MODEL).probability(said[0])
    assert len(looked) == 1
