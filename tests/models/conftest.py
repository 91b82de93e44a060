from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from ingest.sleep_epochs import SleepEpochs


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    # Threads that wait for each other take a hundred times longer where the machine is busy.
    with threadpool_limits(1):
        yield


def somebody(name: int, epochs: int = 240, *, heart: bool = True) -> SleepEpochs:
    """A night that begins awake and has one waking, with a wrist that tells most of it."""
    rng = np.random.default_rng(name)
    wake = np.zeros(epochs, np.bool_)
    wake[: rng.integers(10, 25)] = True
    start = int(rng.integers(80, 180))
    wake[start : start + 20] = True
    count = np.where(wake, rng.exponential(20, epochs), rng.exponential(0.5, epochs))
    rate = np.where(wake, 1.0, 0.3) + rng.normal(0, 0.1, epochs)
    return SleepEpochs(
        subject=str(name),
        epoch=np.arange(epochs),
        wake=wake,
        count=count,
        heart=rate if heart else np.full(epochs, np.nan),
        digest=f"{name:016x}",
    )


@pytest.fixture(scope="session")
def people() -> list[SleepEpochs]:
    return [somebody(name) for name in range(5)]


@pytest.fixture(scope="module", autouse=True)
def _few_trees() -> Iterator[None]:
    from models.training.sleep import PLAIN_TREES, TREES

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TREES, "max_iter", 4)
        patch.setitem(TREES, "min_samples_leaf", 20)
        patch.setitem(PLAIN_TREES, "max_iter", 4)
        yield
