from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from detector.staging import read_sleep_model, staging_features, standardised
from ingest.errors import InputError
from ingest.sleep_epochs import SleepEpochs
from models.training.sleep import Validation, train_sleep_model, validate_sleep_model


@pytest.fixture(scope="module")
def validated(people: list[SleepEpochs]) -> tuple[Validation, list[str]]:
    steps: list[str] = []
    with threadpool_limits(1):
        return validate_sleep_model(people, 1, steps.append), steps


def test_the_same_people_and_seed_give_the_same_bytes(people: list[SleepEpochs]) -> None:
    first = train_sleep_model(people, 3, 0.4).to_bytes()
    assert train_sleep_model(people, 3, 0.4).to_bytes() == first
    assert train_sleep_model(people, 4, 0.4).to_bytes() != first


def test_a_trained_model_tells_a_person_it_has_not_seen(people: list[SleepEpochs]) -> None:
    model = train_sleep_model(people[:4], 1, 0.5)
    unseen = people[4]
    probability = model.wake_probability(unseen.count, unseen.heart)
    assert probability[unseen.wake].mean() > probability[~unseen.wake].mean() + 0.2
    assert model.trained_on == {person.digest for person in people[:4]}
    assert unseen.digest not in model.trained_on


def test_the_weighted_sum_is_that_of_scikit_learn(people: list[SleepEpochs]) -> None:
    variant = train_sleep_model(people, 1, 0.5).movement_only
    rows = np.concatenate([staging_features(person.count, None) for person in people])
    wake = np.concatenate([person.wake for person in people])
    weighed = standardised(rows, variant.centre, variant.spread)
    fitted = LogisticRegression(C=0.02, max_iter=1000).fit(weighed, wake)
    np.testing.assert_allclose(variant.summed(rows), fitted.decision_function(weighed), atol=1e-9)


def test_people_without_heart_rate_can_be_among_the_others(people: list[SleepEpochs]) -> None:
    mixed = [replace(people[0], heart=np.full(len(people[0]), np.nan)), *people[1:]]
    model = read_sleep_model(train_sleep_model(mixed, 1, 0.5).to_bytes())
    probability = model.wake_probability(mixed[0].count, mixed[0].heart)
    assert not np.isnan(probability).any()


def test_validation_judges_everybody_once_and_by_a_threshold_of_the_others(
    people: list[SleepEpochs], validated: tuple[Validation, list[str]]
) -> None:
    validation, steps = validated
    assert [subject for subject, _, _ in validation.people] == ["0", "1", "2", "3", "4"]
    assert steps[:2] == ["leaving out 0", "leaving out 1"]
    wake = sum(int(person.wake.sum()) for person in people)
    assert validation.pooled.wake_as_wake + validation.pooled.wake_as_sleep == wake
    by_person = [agreement.wake_as_wake for _, _, agreement in validation.people]
    assert validation.pooled.wake_as_wake == sum(by_person)
    kept = validation.keeping_sleep
    assert kept.wake_as_wake + kept.wake_as_sleep == wake
    assert kept.sleep_recall == pytest.approx(0.93, abs=0.06)
    by_name = {each.name: each.pooled for each in validation.ablations}
    shipped = by_name["**as shipped**"]
    assert shipped.auc == validation.pooled.auc
    assert shipped.auc is not None
    assert shipped.auc > 0.9


def test_the_one_awakening_of_each_is_found_at_the_threshold_of_the_others(
    validated: tuple[Validation, list[str]],
) -> None:
    validation = validated[0]
    one_long = (0, 0, 0, 1)
    assert [each.scored for each in validation.awakenings] == [one_long] * 5
    assert [each.found for each in validation.awakenings] == [one_long] * 5
    # Where more wake is to be found, more of what is claimed is false.
    at_threshold = sum(each.false for each in validation.awakenings)
    assert at_threshold < sum(each.false for each in validation.awakenings_keeping_sleep)


def test_what_a_person_was_scored_cannot_help_to_judge_them(
    people: list[SleepEpochs], validated: tuple[Validation, list[str]]
) -> None:
    # A person whose scoring is turned over: their own probabilities must not change.
    turned = [*people[:4], replace(people[4], wake=~people[4].wake)]
    straight = validated[0].people[4]
    other = validate_sleep_model(turned, 1).people[4]
    assert other[1] == straight[1]
    assert other[2].sleep_as_wake == straight[2].wake_as_wake
    assert other[2].wake_as_sleep == straight[2].sleep_as_sleep


def test_four_people_are_too_few(people: list[SleepEpochs]) -> None:
    with pytest.raises(InputError, match="There are 4 people; at least 5 are needed"):
        validate_sleep_model(people[:4], 1)
