from __future__ import annotations

import numpy as np
import pytest

from benchmarks.difficulty import Measured, report


def events(shift: float, noise: int) -> list[Measured]:
    rng = np.random.default_rng(1)
    return [
        Measured(
            person=person,
            kind="rub" if cramp else "scratch",
            cramp=cramp,
            cues={
                "jerk": float(rng.normal(shift * cramp)),
                **{f"noise {k}": float(rng.normal()) for k in range(noise)},
            },
        )
        for person in range(40)
        for cramp in (True, False, False, False)
    ]


def test_a_cue_that_tells_cramps_is_too_easy(capsys: pytest.CaptureFixture[str]) -> None:
    report("easy", events(4.0, 2), 40)
    told = capsys.readouterr().out
    assert "TOO EASY: 1.00 by one cue" in told
    assert "40 visible cramps: 40 rub\n120 look-alikes: 120 scratch" in told


def test_noise_is_hard(capsys: pytest.CaptureFixture[str]) -> None:
    report("hard", events(0.0, 4), 40)
    told = capsys.readouterr().out
    assert "hard enough" in told
    (row,) = [line for line in told.splitlines() if line.startswith("| 0.3 |")]
    assert float(row.split("|")[2].split()[0]) < 0.3
