"""Lays out bars for a page to draw, with the same in words; places are per cent of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.alerts.judge import UsualWeek
from server.language import number as written

__all__ = ["Bar", "BarPlot", "PlacedBar", "bar_plot", "tenth"]

HEADROOM = 1.2
"""How much higher the drawing is than the most that is in it, for the number on that bar."""

ROOM_CHARS = 36
"""Characters that fit beside each other above the bars on a small phone (320 px). Where bars as
wide as the longest number take more, only the highest has its own; the table has all."""

FILLED = 0.7
"""Share of its place that a bar takes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A number to draw.

    Parameters
    ----------
    name
        As the table has it.
    height
        None where nothing is known, which is drawn as that and not as nothing.
    cells
        The row of the table, without the name.
    tick
        What stands under it; empty where there is no room for that.
    """

    name: str
    height: float | None
    cells: tuple[str, ...]
    tick: str = ""


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """A bar in its place, with the number on it where there is room."""

    bar: Bar
    number: str
    middle: str
    left: str
    place_width: str
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Bars, the band of the usual, and the heads of the table that says the same."""

    heads: tuple[str, ...]
    bars: tuple[PlacedBar, ...]
    band_y: str | None
    band_height: str | None


def bar_plot(heads: Sequence[str], bars: Sequence[Bar], usual: UsualWeek | None = None) -> BarPlot:
    """Lay out bars from left to right, as high as the highest of them allows."""
    known = [bar.height for bar in bars if bar.height is not None]
    highest = max([*known, 0.0])
    top = HEADROOM * max(highest, usual.most if usual else 0.0, 1.0)
    width = 1 / max(len(bars), 1)
    longest = max((len(bar.cells[0]) for bar in bars if bar.height), default=0)
    crowded = len(bars) * (longest + 1) > ROOM_CHARS
    return BarPlot(
        heads=tuple(heads),
        bars=tuple(
            PlacedBar(
                bar=bar,
                number=bar.cells[0]
                if bar.height and (bar.height == highest or not crowded)
                else "",
                middle=_share((place + 0.5) * width),
                left=_share(place * width),
                place_width=_share(width),
                x=_share((place + (1 - FILLED) / 2) * width),
                width=_share(FILLED * width),
                y=_share(1 - (bar.height or 0.0) / top),
                height=_share((bar.height or 0.0) / top),
            )
            for place, bar in enumerate(bars)
        ),
        band_y=None if usual is None else _share(1 - usual.most / top),
        band_height=None if usual is None else _share((usual.most - usual.least) / top),
    )


def tenth(number: float) -> str:
    """Write a count that may be a sum of probabilities: ``3`` or ``3.4``."""
    return written(number, 0 if abs(number - round(number)) < 0.05 else 1)


def _share(of: float) -> str:
    return f"{100 * of:.2f}%"
