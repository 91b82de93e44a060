"""Accuracy floors of the shipped model on a pinned corpus of simulated nights.

The nights are of families it was trained on, but of other people: a floor that a change must not
break, no figure of how well it does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from detector.classifier import load_model
from models.study.baselines import BASELINES
from models.study.found import RATES, find_at, find_from
from models.study.reliability import reliability
from models.study.table import Table
from tests.models import pin_corpus

MODEL = load_model()


@pytest.fixture(scope="module")
def corpus() -> Table:
    return pin_corpus.read()


@pytest.fixture(scope="module")
def probability(corpus: Table) -> npt.NDArray[np.float64]:
    return MODEL.calibrated.probability(MODEL.cramp.log_odds(corpus.rows))


def test_the_corpus_is_what_it_was(corpus: Table) -> None:
    assert (len(corpus), len(corpus.nights), int(corpus.visible.sum())) == (1023, 48, 95)
    assert corpus.worn_nights[corpus.clean].sum() == pytest.approx(22.64, abs=0.01)


@pytest.mark.parametrize(("rate", "floor"), [*zip(RATES, (0.54, 0.66, 0.78), strict=True)])
def test_no_fewer_cramps_are_found(
    corpus: Table, probability: npt.NDArray[np.float64], rate: float, floor: float
) -> None:
    assert find_at(corpus, probability, rate, seed=0).share >= floor


@pytest.mark.parametrize("rate", RATES)
def test_no_baseline_finds_as_many(
    corpus: Table, probability: npt.NDArray[np.float64], rate: float
) -> None:
    found = find_at(corpus, probability, rate, seed=0).share
    for rule in BASELINES.values():
        assert find_at(corpus, rule(corpus), rate, seed=0).share < found - 0.2


def test_the_standings_claim_no_more_false_alarms_than_they_may(
    corpus: Table, probability: npt.NDArray[np.float64]
) -> None:
    likely = find_from(corpus, probability, MODEL.likely_from, seed=0)
    possible = find_from(corpus, probability, MODEL.possible_from, seed=0)
    assert likely.false_alarms_a_night <= 0.1
    assert possible.false_alarms_a_night <= 1.0
    assert likely.share >= 0.4
    assert possible.share >= 0.74


@pytest.mark.parametrize("a_week", [MODEL.calibrated.cramps_a_week, None])
def test_the_probabilities_hold(
    corpus: Table, probability: npt.NDArray[np.float64], a_week: float | None
) -> None:
    held = reliability(
        corpus,
        probability,
        stated=MODEL.calibrated.cramps_per_awakening,
        cramps_a_week=a_week,
    )
    assert held.equal_width <= 0.04
