"""What a vector may expect of a decoded frame: how it is found there, and how compared.

docs/new-wearable.md has the same for those who write vectors.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from ingest.devices.plain import named_values, plain

__all__ = ["Json", "compare", "find", "is_number", "show"]

Json: TypeAlias = Any
"""A value as `json` reads it, numbers with a point as `Decimal`."""

SHOWN_CHARS = 120
"""Characters of a value that a message shows: more no longer help the eye."""
SHOWN_DIFFERENCES = 3
"""Differences in one list that a message names: more repeat what is wrong."""

_OTHER_NAMES = {"first": "first_samples", "last": "last_samples", "responses_ok": "response_ok"}
"""Expectations that are not called as what they are of."""

_ENDINGS: dict[str, Callable[[Any], Any]] = {
    "_mean": np.mean,
    "_min": np.min,
    "_max": np.max,
    "_trunc": np.trunc,
}
"""What an ending takes of the array that is named before it."""


@dataclass(frozen=True, slots=True)
class _Prose:
    """Words that have to occur in the sentence expected."""

    words: str


def find(key: str, expected: Json, values: Mapping[str, Any]) -> Any:
    """Return what an expectation is to be compared with.

    Parameters
    ----------
    key
        A name in ``values``; ``first_`` or ``last_`` before one; ``norm_`` before one, or
        ``_mean``, ``_min``, ``_max``, ``_trunc`` after one; ``first``, ``last``,
        ``responses_ok`` and ``meaning``.
    expected
        What is expected; ``first_`` takes as many rows as it has.
    values
        A decoded frame by `ingest.devices.plain.named_values`.

    Raises
    ------
    KeyError
        If the expectation is not understood for this frame.
    """
    name = _OTHER_NAMES.get(key, key)
    if name == "meaning" and "has_reading" in values:
        return _Prose("a reading" if values["has_reading"] else "no reading")
    for beginning in ("first_", "last_"):
        if name not in values and name.startswith(beginning):
            rows = _derive(name.removeprefix(beginning), values)
            if not isinstance(rows, tuple | np.ndarray) or not len(rows):
                raise KeyError(key)
            several = isinstance(expected, list) and any(isinstance(row, list) for row in expected)
            if beginning == "first_" and several:
                return rows[: len(expected)]
            return rows[0 if beginning == "first_" else -1]
    return _derive(name, values)


def _derive(name: str, values: Mapping[str, Any]) -> Any:
    if name in values:
        return values[name]
    for ending, take in _ENDINGS.items():
        if name.endswith(ending):
            return take(_array(name.removesuffix(ending), values, (1, 2)))
    if name.startswith("norm_"):
        vectors = _array(name.removeprefix("norm_"), values, (2,))
        return np.linalg.norm(vectors.astype(np.float64), axis=1)
    raise KeyError(name)


def _array(name: str, values: Mapping[str, Any], dimensions: tuple[int, ...]) -> Any:
    found = _derive(name, values)
    if not isinstance(found, np.ndarray) or found.ndim not in dimensions or not found.size:
        raise KeyError(name)
    return found


def compare(name: str, expected: Json, actual: Any) -> list[str]:
    """Compare what is expected with what was decoded.

    Whole numbers agree when they are equal. A decoded number with a fraction agrees when it is
    the expected one to as many places as that was written with. A name stands for its number,
    and text such as ``0x81`` for that number; bytes are hexadecimal text. An object agrees when
    each of its keys does.

    Parameters
    ----------
    name
        How the expectation is called, for the message.
    expected, actual
        Both sides.

    Returns
    -------
    A sentence for each difference, the first few of a long list.
    """
    found = list(_differences(name, expected, actual))
    rest = len(found) - SHOWN_DIFFERENCES
    return found if rest <= 0 else [*found[:-rest], f"{name}: {rest} more differences"]


def _differences(name: str, expected: Json, actual: Any) -> Iterator[str]:
    if isinstance(actual, np.ndarray | np.generic):
        actual = actual.tolist()
    if is_dataclass(actual) and not isinstance(actual, _Prose):
        actual = named_values(actual)
    if isinstance(expected, dict) and isinstance(actual, Mapping):
        for key, part in expected.items():
            if key in actual:
                yield from _differences(f"{name}.{key}", part, actual[key])
            else:
                yield f"{name}.{key}: not understood; there are {', '.join(actual)}"
    elif isinstance(expected, list) and isinstance(actual, Sequence) and not _is_text(actual):
        if len(expected) != len(actual):
            yield f"{name}: expected {len(expected)} values, decoded {len(actual)}"
        for place, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from _differences(f"{name}[{place}]", one, other)
    elif not _agree(expected, actual):
        yield f"{name}: expected {show(expected)}, decoded {show(actual)}"


def _agree(expected: Json, actual: Any) -> bool:
    if isinstance(expected, str):
        return _text_agrees(expected, actual)
    if not is_number(expected):
        return type(expected) is type(actual) and bool(expected == actual)
    if isinstance(actual, float):
        place = Decimal(expected).as_tuple().exponent
        half = Decimal(1).scaleb(int(place)) / 2
        return math.isfinite(actual) and abs(Decimal(actual) - expected) <= half
    return isinstance(actual, int) and actual == expected


def _text_agrees(expected: str, actual: Any) -> bool:
    if isinstance(actual, _Prose):
        return actual.words in expected
    if isinstance(actual, bytes):
        return expected.lower() == actual.hex()
    if isinstance(actual, int):
        name = actual.name if isinstance(actual, Enum) else None
        return expected == name or expected.lower() == f"0x{actual:02x}"
    return bool(expected == actual)


def is_number(value: Json) -> bool:
    """Tell whether a value from JSON is a number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def show(value: Any) -> str:
    """Write a value, expected or decoded, into a message."""
    try:
        value = value.words if isinstance(value, _Prose) else plain(value)
        text = json.dumps(value, ensure_ascii=False, default=float)
    except RecursionError:
        return "something nested too deeply to show"
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]} ..."


def _is_text(value: Any) -> bool:
    return isinstance(value, str | bytes)
