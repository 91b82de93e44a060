from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from detector.ranks import median, percentile


@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (1000,), (200, 59), (200, 60)])
def test_the_median_is_that_of_numpy_to_the_bit(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(size=shape)
    assert np.asarray(median(values)).tobytes() == np.median(values, axis=-1).tobytes()
    whole = (values * 10).astype(np.int64)
    assert np.asarray(median(whole)).tobytes() == np.median(whole, axis=-1).tobytes()


@pytest.mark.parametrize("percent", [0, 5, 10, 25, 50, 90, 95, 100])
def test_a_percentile_is_that_of_numpy_to_the_bit(percent: float) -> None:
    rng = np.random.default_rng(1)
    for count in (1, 2, 3, 10, 11, 100, 101, 999, 32_400):
        values = rng.normal(size=count)
        assert percentile(values, percent) == np.percentile(values, percent)


def test_masked_arrays_are_not_loaded_to_judge_a_night() -> None:
    script = (
        "import sys; from crampwatch.replay import sample_nights\n"
        "from detector.detector import Detector; from ingest.discover import find_recordings\n"
        "recording = find_recordings(sample_nights()[-1])[0].open()\n"
        "samples = list(recording.samples())\n"
        "import numpy; vars(numpy).pop('ma', None); sys.modules.pop('numpy.ma', None)\n"
        "detector = Detector(recording.info)\n"
        "for each in samples: detector.feed(each)\n"
        "detector.measured(); print('numpy.ma' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
