"""Sleep or wake, epoch by epoch of 30 s: the numbers it is judged by, and the model that judges.

One function makes the features for training, for the published epochs and for a night of one's
own: what the activity count and the heart-rate feature are at the epoch, round it over minutes to
an hour, against the rest of the same night, and how long after the start of the time in bed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.night import ModelVersion
from detector.ranks import median
from detector.shipped import DAMAGED, read_shipped
from detector.trees import TreeEnsemble
from ingest.errors import ModelError

__all__ = [
    "EPOCH_S",
    "SleepModel",
    "Variant",
    "feature_names",
    "load_sleep_model",
    "read_sleep_model",
    "staging_features",
    "waking_log_odds",
    "with_heart_rate",
]

Doubles = npt.NDArray[np.float64]

SHIPPED_MODEL = "sleep-1.npz"

EPOCH_S = 30
"""Seconds an epoch, as in polysomnography."""
NEIGHBOURS = 6
"""Epochs (3 min) to either side whose counts are given one by one."""
WIDTHS = (2, 5, 10, 20, 40, 80)
"""Epochs to either side of the windows, 1 min to 40 min: how long waking lasts is not known."""
ACTIVE_COUNT, MOVED_COUNT = 1.0, 2.0
"""Counts above which an epoch is active, and above which somebody has moved."""
NEAR_EPOCHS = 120
"""Epochs (an hour) beyond which it does not matter how long ago a movement was."""
QUIET_EPOCHS = 20
"""Epochs (10 min) without activity that begin the sleep: the usual rule of actigraphy."""
LONGEST_EPOCHS = 960
"""Epochs (8 h) after which time in bed counts as no later: the training nights are no longer."""


@cache
def feature_names(*, heart: bool) -> tuple[str, ...]:
    """Return what the columns of `staging_features` are."""
    return tuple(_features(np.zeros(1), np.zeros(1) if heart else None))


def staging_features(count: Doubles, heart: Doubles | None) -> Doubles:
    """Return the features of each epoch of one time in bed.

    Parameters
    ----------
    count : float64, shape (n,)
        Smoothed activity count of each epoch from the start of the time in bed; NaN where it is
        not known.
    heart : float64, shape (n,)
        Heart-rate feature of each epoch, NaN where it is not known; None to leave it out.

    Returns
    -------
    float64, shape (n, features)
        Those of movement come first. NaN where a feature is not known.
    """
    return np.column_stack(list(_features(count, heart).values()))


def _features(count: Doubles, heart: Doubles | None) -> dict[str, Doubles]:
    features = _movement_features(count)
    if heart is not None:
        features |= _heart_features(heart)
    return features


def _movement_features(count: Doubles) -> dict[str, Doubles]:
    level = np.log1p(count)
    active = np.where(np.isnan(count), np.nan, count > ACTIVE_COUNT)
    epochs = np.arange(len(count))
    features = {
        f"count_{offset:+d}": level[np.clip(epochs + offset, 0, len(count) - 1)]
        for offset in range(-NEIGHBOURS, NEIGHBOURS + 1)
    }
    means, shares = _rolling_means(level, WIDTHS), _rolling_means(active, WIDTHS)
    for width, mean, share in zip(WIDTHS, means, shares, strict=True):
        features[f"count_mean_{width}"] = mean
        features[f"count_max_{width}"] = _rolling_max(level, width)
        features[f"active_{width}"] = share
    rank = _rank(count)
    features["count_rank"] = rank
    for width, mean in zip((2, 5, 20), _rolling_means(rank, (2, 5, 20)), strict=True):
        features[f"count_rank_{width}"] = mean
    features["quarter_rank"] = _rank(features["count_mean_10"])
    features["night_mean"] = np.full(len(count), _mean(level))
    features["mean_so_far"] = _mean_so_far(level)

    moved = np.flatnonzero(count > MOVED_COUNT)
    before = np.searchsorted(moved, epochs, side="right")
    ends = np.concatenate([[-NEAR_EPOCHS], moved, [len(count) + NEAR_EPOCHS]])
    features["since_movement"] = np.log1p(np.minimum(epochs - ends[before], NEAR_EPOCHS))
    after = np.searchsorted(moved, epochs, side="left") + 1
    features["until_movement"] = np.log1p(np.minimum(ends[after] - epochs, NEAR_EPOCHS))

    features["in_bed"] = np.log1p(np.minimum(epochs, LONGEST_EPOCHS).astype(np.float64))
    features["since_quiet"] = np.minimum(epochs - _first_quiet(active), LONGEST_EPOCHS).astype(
        np.float64
    )
    return features


def _heart_features(heart: Doubles) -> dict[str, Doubles]:
    features = {"heart": heart}
    for width, mean in zip(WIDTHS, _rolling_means(heart, WIDTHS), strict=True):
        features[f"heart_mean_{width}"] = mean
        features[f"heart_max_{width}"] = _rolling_max(heart, width)
        features[f"heart_min_{width}"] = -_rolling_max(-heart, width)
    rank = _rank(heart)
    features["heart_rank"] = rank
    for width, mean in zip(WIDTHS[:-1], _rolling_means(rank, WIDTHS[:-1]), strict=True):
        features[f"heart_rank_{width}"] = mean
    known = heart[~np.isnan(heart)]
    features["night_heart"] = np.full(len(heart), median(known) if len(known) else np.nan)
    return features


def _mean(values: Doubles) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def _mean_so_far(values: Doubles) -> Doubles:
    known = ~np.isnan(values)
    count = np.cumsum(known)
    total = np.cumsum(np.where(known, values, 0.0))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _rolling_means(values: Doubles, widths: Sequence[int]) -> list[Doubles]:
    """Mean of what is known within each of the widths, in epochs, to either side."""
    known = ~np.isnan(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    epochs = np.arange(len(values))
    means = []
    for width in widths:
        first = np.maximum(epochs - width, 0)
        last = np.minimum(epochs + (width + 1), len(values))
        count = counts.take(last) - counts.take(first)
        total = sums.take(last) - sums.take(first)
        means.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    return means


def _rolling_max(values: Doubles, width: int) -> Doubles:
    """Highest of what is known within `width` epochs to either side."""
    edge = np.full(width, -np.inf)
    highest = np.concatenate([edge, np.where(np.isnan(values), -np.inf, values), edge])
    # Doubling: the highest of 2, 4, 8 ... epochs, and at last of two windows that overlap.
    span, wanted = 1, 2 * width + 1
    while span < wanted:
        step = min(span, wanted - span)
        highest = np.maximum(highest[:-step], highest[step:])
        span += step
    return np.where(np.isinf(highest), np.nan, highest)


def _rank(values: Doubles) -> Doubles:
    """Part of the night that is lower, equals counted half; 0 to 1."""
    ordered = np.sort(values[~np.isnan(values)])
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return np.where(np.isnan(values), np.nan, (below + up_to) / 2 / max(len(ordered), 1))


def _first_quiet(active: Doubles) -> int:
    """First epoch of the first ten minutes without activity; the end where there are none."""
    busy = np.concatenate([[0], np.cumsum(np.nan_to_num(active))])
    if len(busy) <= QUIET_EPOCHS:
        return len(active)
    quiet = np.flatnonzero(busy[QUIET_EPOCHS:] - busy[:-QUIET_EPOCHS] == 0)
    return int(quiet[0]) if len(quiet) else len(active)


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """What judges epochs of which the same things are known: trees and a weighted sum.

    Each gives log-odds of waking, and their mean is taken: the trees find what belongs together,
    the sum does not jump, and they err on different people.

    Parameters
    ----------
    trees
        Boosted, of one output.
    centre, spread : float64, shape (features,)
        What features are centred at and divided by before they are weighed. A missing one is at
        the centre.
    weights : float64, shape (features,)
    intercept
        Log-odds.
    """

    trees: TreeEnsemble
    centre: Doubles
    spread: Doubles
    weights: Doubles
    intercept: float

    def __post_init__(self) -> None:
        shapes = {array.shape for array in (self.centre, self.spread, self.weights)}
        numbers = np.concatenate([self.centre, self.spread, self.weights, [self.intercept]])
        if shapes != {(self.trees.features,)} or self.trees.outputs != 1:
            raise ModelError("The sleep model does not fit together. Install crampwatch again.")
        if not (np.isfinite(numbers).all() and (self.spread > 0).all()):
            raise ModelError("The sleep model holds what is no number. Install crampwatch again.")

    def log_odds(self, features: Doubles) -> Doubles:
        """Return the log-odds of waking for each row."""
        return (self.trees.raw(features)[:, 0] + self.summed(features)) / 2

    def summed(self, features: Doubles) -> Doubles:
        """Return the log-odds by the weighted sum alone."""
        return np.asarray(
            standardised(features, self.centre, self.spread) @ self.weights + self.intercept
        )


FURTHEST = 4.0
"""Spreads from the centre beyond which a feature weighs no more: no oddity decides alone."""


def standardised(features: Doubles, centre: Doubles, spread: Doubles) -> Doubles:
    """Return features as they are weighed."""
    away = np.clip((features - centre) / spread, -FURTHEST, FURTHEST)
    return np.where(np.isnan(away), 0.0, away)


def with_heart_rate(features: Doubles) -> npt.NDArray[np.bool_]:
    """Return which rows of `staging_features` are of an epoch with a heart rate."""
    return ~np.isnan(features[:, feature_names(heart=True).index("heart")])


def waking_log_odds(
    features: Doubles, with_heart: Variant | None, movement_only: Variant
) -> Doubles:
    """Return the log-odds of waking for each row.

    Parameters
    ----------
    features
        From `staging_features`, those of the heart rate among them.
    with_heart, movement_only
        The second judges every epoch; where the heart rate is known the first, if there is one,
        is asked too, and the mean of their log-odds is taken.
    """
    log_odds = movement_only.log_odds(features[:, : movement_only.trees.features])
    measured = with_heart_rate(features)
    if with_heart is not None and measured.any():
        log_odds[measured] = (log_odds[measured] + with_heart.log_odds(features[measured])) / 2
    return log_odds


@dataclass(frozen=True, slots=True, eq=False)
class SleepModel:
    """Tells sleep from wake.

    Parameters
    ----------
    with_heart, movement_only
        What judges, by `waking_log_odds`.
    wake_from
        Lowest probability of waking that is called wake.
    trained_on
        Digests of the people it was trained on, of `ingest.sleep_epochs`.
    """

    version: ModelVersion
    with_heart: Variant
    movement_only: Variant
    wake_from: float
    trained_on: frozenset[str]

    def __post_init__(self) -> None:
        for heart, variant in ((True, self.with_heart), (False, self.movement_only)):
            if variant.trees.features != len(feature_names(heart=heart)):
                raise ModelError("The sleep model is of another version. Install crampwatch again.")
        if not 0 < self.wake_from < 1:
            raise ModelError("The sleep model calls nothing wake. Install crampwatch again.")

    def wake_probability(self, count: Doubles, heart: Doubles) -> Doubles:
        """Return the probability of waking in each epoch of one time in bed, NaN where unknown.

        Parameters
        ----------
        count, heart : float64, shape (n,)
            As for `staging_features`; heart all NaN where there is none.
        """
        known = ~np.isnan(count)
        log_odds = np.full(len(count), np.nan)
        features = staging_features(count, heart)[known]
        log_odds[known] = waking_log_odds(features, self.with_heart, self.movement_only)
        return np.asarray(1 / (1 + np.exp(-log_odds)))

    def to_bytes(self) -> bytes:
        """Return the model as a NumPy archive; the same model gives the same bytes."""
        arrays: dict[str, Any] = {
            "name": np.array(self.version.name),
            "version": np.array(self.version.version),
            "wake_from": np.array(self.wake_from),
            "trained_on": np.array(sorted(self.trained_on)),
        }
        for prefix, variant in (
            ("with_heart", self.with_heart),
            ("movement_only", self.movement_only),
        ):
            arrays |= {f"{prefix}.trees.{key}": at for key, at in variant.trees.arrays().items()}
            for key in ("centre", "spread", "weights", "intercept"):
                arrays[f"{prefix}.{key}"] = np.asarray(getattr(variant, key))
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()


@cache
def load_sleep_model() -> SleepModel:
    """Load the model that crampwatch ships.

    Raises
    ------
    ModelError
        When the file is missing or damaged.
    """
    return read_sleep_model(read_shipped(SHIPPED_MODEL))


def read_sleep_model(data: bytes) -> SleepModel:
    """Read a model from its bytes.

    Raises
    ------
    ModelError
        When they are not such a model.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return SleepModel(
            version=ModelVersion(str(arrays["name"]), str(arrays["version"])),
            with_heart=_variant(arrays, "with_heart"),
            movement_only=_variant(arrays, "movement_only"),
            wake_from=float(arrays["wake_from"]),
            trained_on=frozenset(arrays["trained_on"].tolist()),
        )
    except (*DAMAGED, OSError) as error:
        raise ModelError(
            f"The sleep model cannot be read: {error!r}. Install crampwatch again."
        ) from error


def _variant(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Variant:
    of: Callable[[str], Doubles] = lambda key: arrays[f"{prefix}.{key}"].astype(np.float64)  # noqa: E731
    begins = f"{prefix}.trees."
    return Variant(
        trees=TreeEnsemble.from_arrays(
            {
                name.removeprefix(begins): at
                for name, at in arrays.items()
                if name.startswith(begins)
            }
        ),
        centre=of("centre"),
        spread=of("spread"),
        weights=of("weights"),
        intercept=float(of("intercept")),
    )
