"""A decoded frame as plain values, as JSON has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

__all__ = ["named_values", "plain"]


def named_values(frame: Any) -> dict[str, Any]:
    """Return the fields and properties of a decoded frame by name, as they are."""
    properties = [name for name, value in vars(type(frame)).items() if isinstance(value, property)]
    return {name: getattr(frame, name) for name in [*(f.name for f in fields(frame)), *properties]}


def plain(value: Any) -> Any:
    """Turn a decoded frame, or a value in one, into what JSON can write.

    Arrays and tuples become lists, bytes hexadecimal, and what has a name its name.
    """
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if is_dataclass(value):
        return plain(named_values(value))
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(part) for part in value]
    return value
