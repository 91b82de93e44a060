from __future__ import annotations

import pytest

from detector.classifier import load_model
from server.kind_words import KINDS, looks_like


@pytest.mark.parametrize(
    ("probability", "others", "told"),
    [
        (0.2, {"phone": 0.5, "bathroom": 0.3}, "Looks more like using a phone (50 %)."),
        (0.6, {"position_shift": 0.3, "phone": 0.1}, "If not a cramp, turning over (30 %)."),
        (0.1, {"row_of_steps": 0.9}, "Looks more like row of steps (90 %)."),
        (0.6, {}, None),
    ],
)
def test_what_else_it_looks_like(
    probability: float, others: dict[str, float], told: str | None
) -> None:
    assert looks_like(probability, others) == told


def test_every_kind_of_the_shipped_model_has_words() -> None:
    assert set(load_model().kinds) <= set(KINDS)
