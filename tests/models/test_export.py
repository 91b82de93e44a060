from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)

from detector.trees import TreeEnsemble
from models.training.export import export_share, export_trees

Doubles = npt.NDArray[np.float64]


def rows(count: int, seed: int, *, missing: float = 0.15) -> Doubles:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, (count, 6))
    values[:, 3] = np.round(values[:, 3])
    values[rng.random(values.shape) < missing] = np.nan
    return values


def classes_of(values: Doubles, count: int) -> npt.NDArray[np.int64]:
    noise = np.random.default_rng(7).normal(0, 0.5, len(values))
    level = np.nansum(values[:, :3], axis=1) * np.where(np.isnan(values[:, 4]), -1, 1) + noise
    return np.asarray(np.digitize(level, np.quantile(level, np.arange(1, count) / count)))


def boosting(
    classes: int, missing: float = 0.15, leaves: int = 12
) -> HistGradientBoostingClassifier:
    values = rows(1500, 1, missing=missing)
    model = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=leaves, random_state=0)
    return model.fit(values, classes_of(values, classes))


def forest(kind: Any, classes: int, missing: float = 0.15) -> Any:
    values = rows(1500, 1, missing=missing)
    model = kind(30, min_samples_leaf=4, random_state=0, class_weight="balanced")
    return model.fit(values, classes_of(values, classes))


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("leaves", [12, 8, 2])
def test_boosting_is_predicted_bit_for_bit(classes: int, missing: float, leaves: int) -> None:
    model = boosting(classes, missing, leaves)
    trees, unseen = export_trees(model), rows(2000, 2)
    raw = model.decision_function(unseen).reshape(len(unseen), -1)
    assert np.array_equal(trees.raw(unseen), raw)
    assert np.array_equal(trees.probability(unseen), model.predict_proba(unseen))


@pytest.mark.parametrize("kind", [ExtraTreesClassifier, RandomForestClassifier])
@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_a_forest_is_predicted_bit_for_bit(kind: Any, classes: int, missing: float) -> None:
    model = forest(kind, classes, missing)
    unseen = rows(2000, 2, missing=missing)
    assert np.array_equal(export_trees(model).probability(unseen), model.predict_proba(unseen))


@pytest.mark.parametrize("kind", [ExtraTreesClassifier, RandomForestClassifier])
def test_the_share_of_a_forest_is_its_probability_bit_for_bit(kind: Any) -> None:
    model, unseen = forest(kind, 2), rows(2000, 2)
    share = export_share(model)
    assert np.array_equal(share.raw(unseen)[:, 0], model.predict_proba(unseen)[:, 1])
    start, added = share.contributions(unseen)
    both_start, both_added = export_trees(model).contributions(unseen)
    assert start == pytest.approx(both_start[1:])
    assert added[:, :, 0] == pytest.approx(both_added[:, :, 1], abs=1e-12)
    with pytest.raises(ValueError, match="two classes, not of 4"):
        export_share(forest(kind, 4))


@pytest.mark.parametrize("leaves", [12, 8])
def test_a_threshold_decides_as_in_training_also_on_its_very_edge(leaves: int) -> None:
    model = boosting(2, leaves=leaves)
    trees, unseen = export_trees(model), rows(2000, 3)
    edges = trees.threshold[np.isfinite(trees.threshold)]
    unseen[:, :] = np.resize(np.concatenate([edges, np.nextafter(edges, 9)]), unseen.shape)
    unseen[0] = np.inf
    unseen[1] = -np.inf
    assert np.array_equal(trees.probability(unseen), model.predict_proba(unseen))


@pytest.mark.parametrize("kept", [0, 1, 99, 100])
@pytest.mark.parametrize("leaves", [12, 8])
def test_few_rows_are_predicted_as_among_many(kept: int, leaves: int) -> None:
    trees, unseen = export_trees(boosting(3, leaves=leaves)), rows(5000, 2)
    assert np.array_equal(trees.raw(unseen[:kept]), trees.raw(unseen)[:kept])


@pytest.mark.parametrize("build", [lambda: boosting(2), lambda: boosting(3)])
def test_contributions_of_boosting_add_up(build: Any) -> None:
    trees, unseen = export_trees(build()), rows(300, 4)
    start, contributions = trees.contributions(unseen)
    assert contributions.shape == (300, 6, trees.outputs)
    np.testing.assert_allclose(start + contributions.sum(axis=1), trees.raw(unseen), atol=1e-12)


def test_contributions_of_a_forest_add_up() -> None:
    trees, unseen = export_trees(forest(ExtraTreesClassifier, 3)), rows(300, 4)
    start, contributions = trees.contributions(unseen)
    np.testing.assert_allclose(start + contributions.sum(axis=1), trees.raw(unseen), atol=1e-12)
    assert np.abs(contributions[:, 5]).mean() < np.abs(contributions[:, 0]).mean() / 3


def test_contributions_begin_at_the_mean_over_the_rows_of_training() -> None:
    values = rows(1500, 1)
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0, early_stopping=False)
    trees = export_trees(model.fit(values, classes_of(values, 2)))
    start, _ = trees.contributions(values[:1])
    np.testing.assert_allclose(start, trees.raw(values).mean(axis=0), atol=1e-9)


def test_a_single_split_gives_everything_to_its_feature() -> None:
    values = np.linspace(-1, 1, 200)[:, None] * np.array([[0, 1.0]])
    model = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=2, learning_rate=0.5)
    trees = export_trees(model.fit(values, values[:, 1] > 0))
    _, contributions = trees.contributions(values)
    assert np.all(contributions[:, 0] == 0)
    assert np.all(np.sign(contributions[:, 1, 0]) == np.sign(values[:, 1]))


@pytest.mark.parametrize("build", [lambda: boosting(3), lambda: forest(ExtraTreesClassifier, 3)])
def test_the_arrays_come_back_as_the_same_ensemble(build: Any, tmp_path: Any) -> None:
    trees, unseen = export_trees(build()), rows(100, 5)
    arrays: dict[str, Any] = trees.arrays()
    np.savez_compressed(tmp_path / "trees.npz", **arrays)
    with np.load(tmp_path / "trees.npz", allow_pickle=False) as file:
        again = TreeEnsemble.from_arrays(file)
    assert np.array_equal(again.probability(unseen), trees.probability(unseen))


def test_what_has_no_such_trees_is_refused() -> None:
    with pytest.raises(ValueError, match="GradientBoostingClassifier"):
        export_trees(GradientBoostingClassifier())
    values = np.abs(np.round(rows(500, 6, missing=0)))
    by_category = HistGradientBoostingClassifier(max_iter=3, categorical_features=[0])
    with pytest.raises(ValueError, match="by category"):
        export_trees(by_category.fit(values, values[:, 0] % 2))
