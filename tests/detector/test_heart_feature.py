from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest

from detector.heart import bin_heart_rate
from detector.heart_feature import heart_feature
from ingest.samples import NS_PER_S, HeartRate

Doubles = npt.NDArray[np.float64]


def test_a_real_heart_rate_gives_the_published_epochs(shared_data: Path) -> None:
    raw = np.loadtxt(shared_data / "raw_excerpts" / "9618981_heartrate.txt", delimiter=",")
    table = pq.read_table(
        shared_data / "sleep_epochs" / "epochs_30s.parquet", filters=[("subject", "=", "9618981")]
    )
    published = table["hr_feature"].to_numpy()
    in_bed = raw[(raw[:, 0] >= 0) & (raw[:, 0] <= 8 * 3600)]
    readings = HeartRate(
        np.rint(in_bed[:, 0] * NS_PER_S).astype(np.int64), in_bed[:, 1].astype(np.float32)
    )
    # The epochs begin 30 s after the zero of the file, where the two agree best.
    feature = heart_feature(bin_heart_rate(30, len(published) * 30, [readings], []))
    assert np.corrcoef(feature, published)[0, 1] > 0.99
    assert np.median(feature / published) == pytest.approx(1.05, abs=0.05)


def restless(hours: float = 2.0, seed: int = 1) -> Doubles:
    rng = np.random.default_rng(seed)
    bins = 60 + np.cumsum(rng.normal(0, 0.5, round(hours * 720)))
    return np.asarray(bins)


def test_level_and_size_of_the_heart_rate_make_no_difference() -> None:
    bins = restless()
    np.testing.assert_allclose(heart_feature(20 + 3 * bins), heart_feature(bins), rtol=1e-9)


def test_a_rise_stands_out_of_a_calm_heart() -> None:
    bins = 55 + np.sin(np.arange(1440))
    bins[700:720] += 25
    feature = heart_feature(bins)
    assert 108 <= int(feature.argmax()) <= 128
    assert feature.max() > 10 * np.median(feature)


def test_readings_every_minute_are_nearly_as_good_as_every_5_s() -> None:
    bins = restless()
    seldom = np.where(np.arange(len(bins)) % 12 == 0, bins, np.nan)
    feature, coarse = heart_feature(bins), heart_feature(seldom)
    assert np.corrcoef(feature, coarse)[0, 1] > 0.95


def test_a_silent_sensor_leaves_its_epochs_unknown_and_no_others() -> None:
    bins = restless()
    bins[600:840] = np.nan
    feature = heart_feature(bins)
    assert np.isnan(feature[102:138]).all()
    assert not np.isnan(feature[:98]).any()
    assert not np.isnan(feature[142:]).any()


@pytest.mark.parametrize(
    "bins",
    [np.full(900, np.nan), np.full(900, 60.0), np.where(np.arange(900) == 4, 60.0, np.nan)],
    ids=["never", "constant", "once"],
)
def test_a_heart_that_tells_nothing_gives_no_feature(bins: Doubles) -> None:
    assert np.isnan(heart_feature(bins)).all()
    assert len(heart_feature(bins)) == 150


@pytest.mark.parametrize("length", [0, 1, 5, 6, 60])
def test_a_sleep_of_minutes_is_not_judged(length: int) -> None:
    feature = heart_feature(restless()[:length])
    assert len(feature) == length // 6
    assert np.isnan(feature).all()
