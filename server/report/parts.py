"""The blocks of plain words that a page of a report is made of, for paper and for a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

__all__ = ["Bar", "Chart", "Heading", "Lines", "Part", "Sheet", "Table", "Text", "cut"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a note is printed small."""

    kind: ClassVar[str] = "text"
    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """A list."""

    kind: ClassVar[str] = "lines"
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first of each row names it."""

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; its height and a band's are shares of the chart's.

    Parameters
    ----------
    number
        What is written on it; empty where nothing is known.
    label
        What is written under it; empty where there is no room.
    pale
        Whether little is known of it.
    """

    height: float
    number: str
    label: str
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side; `text` says the same to those who cannot see them."""

    kind: ClassVar[str] = "chart"
    bars: tuple[Bar, ...]
    band: tuple[float, float] | None
    text: str


Part: TypeAlias = Heading | Text | Lines | Table | Chart
Sheet: TypeAlias = tuple[Part, ...]


def cut(text: str, most: int) -> str:
    """Cut a text off after so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
