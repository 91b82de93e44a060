from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.staging import (
    SleepModel,
    feature_names,
    load_sleep_model,
    read_sleep_model,
    staging_features,
)
from ingest.errors import ModelError

Doubles = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def model() -> SleepModel:
    return load_sleep_model()


def night(epochs: int = 900, seed: int = 1) -> tuple[Doubles, Doubles]:
    rng = np.random.default_rng(seed)
    count = np.where(rng.random(epochs) < 0.06, rng.exponential(30, epochs), 0.0)
    count[:25] = rng.exponential(40, 25)
    return count, rng.gamma(3, 0.1, epochs)


def column(features: Doubles, name: str) -> Doubles:
    return features[:, feature_names(heart=True).index(name)]


def test_features_are_what_their_names_say() -> None:
    count, heart = night()
    features = staging_features(count, heart)
    assert features.shape == (900, len(feature_names(heart=True)))
    assert column(features, "count_+3")[400] == np.log1p(count[403])
    assert column(features, "count_mean_10")[400] == pytest.approx(np.log1p(count[390:411]).mean())
    assert column(features, "count_max_40")[400] == np.log1p(count[360:441].max())
    assert column(features, "heart_min_20")[400] == heart[380:421].min()
    assert column(features, "active_5")[400] == pytest.approx((count[395:406] > 1).mean())
    assert column(features, "in_bed")[100] == pytest.approx(np.log1p(100))
    moved = np.flatnonzero(count[:401] > 2)[-1]
    assert column(features, "since_movement")[400] == pytest.approx(np.log1p(400 - moved))
    later = 400 + np.flatnonzero(count[400:] > 2)[0]
    assert column(features, "until_movement")[400] == pytest.approx(np.log1p(later - 400))


def test_windows_end_where_the_night_ends() -> None:
    count, heart = night()
    features = staging_features(count, heart)
    assert column(features, "count_max_80")[0] == np.log1p(count[:81].max())
    assert column(features, "count_mean_80")[-1] == pytest.approx(np.log1p(count[-81:]).mean())


def test_quiet_begins_with_the_first_ten_minutes_without_activity() -> None:
    count = np.zeros(100)
    count[[3, 15, 30]] = 5.0
    features = staging_features(count, np.ones(100))
    assert column(features, "since_quiet")[[0, 31, 40]].tolist() == [-31, 0, 9]


def test_without_heart_rate_the_features_of_movement_are_the_same() -> None:
    count, heart = night()
    both = staging_features(count, heart)
    alone = staging_features(count, None)
    assert np.array_equal(both[:, : alone.shape[1]], alone)
    assert feature_names(heart=True)[: alone.shape[1]] == feature_names(heart=False)


def test_personal_features_do_not_see_how_lively_a_wrist_is() -> None:
    count, heart = night()
    features, livelier = staging_features(count, heart), staging_features(3 * count, 2 * heart)
    for name in ("count_rank", "count_rank_20", "heart_rank", "heart_rank_10"):
        np.testing.assert_allclose(column(features, name), column(livelier, name))


@given(
    st.integers(1, 200),
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 80)), max_size=4),
    st.sampled_from(["noise", "still", "saturated"]),
)
@settings(max_examples=40, deadline=None)
def test_any_night_is_staged_where_the_count_is_known(
    epochs: int, gaps: list[tuple[int, int]], kind: str
) -> None:
    count, heart = night(max(epochs, 30))
    count, heart = count[:epochs], heart[:epochs].copy()
    count = {"noise": count, "still": 0 * count, "saturated": 0 * count + 6000}[kind].copy()
    for place, (start, length) in enumerate(gaps):
        (count if place % 2 else heart)[start : start + length] = np.nan
    probability = load_sleep_model().wake_probability(count, heart)
    assert np.array_equal(np.isnan(probability), np.isnan(count))
    known = probability[~np.isnan(probability)]
    assert ((known > 0) & (known < 1)).all()


def test_lying_still_is_sleep_and_moving_on_is_wake(model: SleepModel) -> None:
    count = np.zeros(800)
    count[:40] = 60.0
    count[500:530] = 80.0
    probability = model.wake_probability(count, np.full(800, np.nan))
    assert (probability[10:30] > model.wake_from).all()
    assert (probability[100:450] < 0.1).all()
    assert (probability[505:525] > model.wake_from).all()


def test_epochs_without_heart_rate_are_judged_as_if_there_were_none(model: SleepModel) -> None:
    count, heart = night()
    gappy = heart.copy()
    gappy[300:400] = np.nan
    nothing = model.wake_probability(count, np.full(900, np.nan))
    with_gap = model.wake_probability(count, gappy)
    assert np.array_equal(with_gap[300:400], nothing[300:400])
    assert not np.array_equal(with_gap[:300], nothing[:300])


def test_the_model_comes_back_from_its_bytes_as_it_was(model: SleepModel) -> None:
    again = read_sleep_model(model.to_bytes())
    count, heart = night()
    assert np.array_equal(
        again.wake_probability(count, heart), model.wake_probability(count, heart)
    )
    assert again.to_bytes() == model.to_bytes()
    assert again.trained_on == model.trained_on


def test_the_shipped_model_is_small(model: SleepModel) -> None:
    assert len(model.to_bytes()) < 200_000
    assert len(model.trained_on) == 21


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_what_is_no_model_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(ModelError, match="Install crampwatch again"):
        read_sleep_model(data)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_model_cut_short_is_refused(model: SleepModel, cut: float) -> None:
    data = model.to_bytes()
    with pytest.raises(ModelError, match="cannot be read"):
        read_sleep_model(data[: int(len(data) * cut)])


@pytest.mark.parametrize(
    "damage",
    [
        {"wake_from": 1.5},
        {"movement_only": "with_heart"},
        {"with_heart": "movement_only"},
    ],
)
def test_a_model_that_does_not_fit_is_refused(model: SleepModel, damage: dict[str, Any]) -> None:
    taken = {
        name: getattr(model, value) if isinstance(value, str) else value
        for name, value in damage.items()
    }
    with pytest.raises(ModelError, match="sleep model"):
        replace(model, **taken)


def test_weights_that_are_no_numbers_are_refused(model: SleepModel) -> None:
    with pytest.raises(ModelError, match="no number"):
        replace(model.with_heart, intercept=np.nan)
    with pytest.raises(ModelError, match="fit together"):
        replace(model.with_heart, weights=np.ones(3))
