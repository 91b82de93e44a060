"""How one kind of frame is decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Decoder"]


@dataclass(frozen=True, slots=True)
class Decoder:
    """How one kind of frame is decoded.

    Parameters
    ----------
    decode
        Takes the bytes, gives a frozen dataclass, and raises nothing but `DecodeError`.
    takes
        Keyword arguments of ``decode`` for what the device has said before.
    """

    decode: Callable[..., Any]
    takes: tuple[str, ...] = ()

    def __call__(self, data: bytes, context: Mapping[str, float] | None = None) -> Any:
        """Decode one frame, with whatever of ``context`` this kind takes."""
        taken = {name: value for name, value in (context or {}).items() if name in self.takes}
        return self.decode(data, **taken)
