from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.devices.registry import DECODERS
from ingest.devices.vectors import Vector, check, read_vectors
from tests.ingest.devices.frames import vectors

PATH = Path(__file__).with_name("vectors.json")
VECTORS = read_vectors(PATH)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.id for vector in VECTORS])
def test_a_frame_built_from_its_layout_decodes_to_its_numbers(vector: Vector) -> None:
    assert check(vector).differences == ()


def test_the_file_is_what_the_layouts_give() -> None:
    assert json.loads(PATH.read_text()) == {"vectors": json.loads(json.dumps(vectors()))}


def test_every_kind_has_a_vector() -> None:
    assert {vector.kind for vector in VECTORS} == set(DECODERS)


def spoilt(value: Any) -> Iterator[Any]:
    """The same expectation with one thing in it changed, for each thing in it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from (value | {key: other} for other in spoilt(part))
        yield {"unheard_of": 1}
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in spoilt(part))
        yield [*value, 1]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield "something else"
    elif value is not None:
        yield value + 1


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.id for vector in VECTORS])
def test_whatever_is_changed_in_an_expectation_is_noticed(vector: Vector) -> None:
    unnoticed = [
        expect for expect in spoilt(vector.expect) if check(replace(vector, expect=expect)).agrees
    ]
    assert unnoticed == []
