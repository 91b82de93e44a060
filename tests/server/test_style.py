from __future__ import annotations

import re
from importlib import resources

import pytest

CSS = resources.files("server").joinpath("static/style.css").read_text("utf-8")

TEXT = 4.5
"""WCAG 2.2 AA contrast for text."""
GRAPHIC = 3.0
"""WCAG 2.2 AA contrast for what has to be made out to understand."""

PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "notice", TEXT),
    ("ink", "night", TEXT),
    ("quiet", "paper", TEXT),
    ("quiet", "card", TEXT),
    ("link", "paper", TEXT),
    ("link", "card", TEXT),
    ("paper", "link", TEXT),
    ("found", "card", TEXT),
    ("on-found", "found", TEXT),
    ("found", "paper", GRAPHIC),
    ("found", "night", GRAPHIC),
    ("seen", "paper", GRAPHIC),
    ("seen", "card", GRAPHIC),
    ("mark", "paper", GRAPHIC),
    ("mark", "night", GRAPHIC),
]


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark if scheme == "dark" else light))


def luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(scheme: str, front: str, back: str, least: float) -> None:
    palette = colours(scheme)
    low, high = sorted((luminance(palette[front]), luminance(palette[back])))
    assert (high + 0.05) / (low + 0.05) >= least


def test_both_palettes_name_the_same_colours_and_no_rule_uses_another() -> None:
    assert colours("light").keys() == colours("dark").keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) == colours("light").keys()


def test_nothing_moves() -> None:
    assert not re.search(r"\b(animation|transition|scroll-behavior)\b", CSS)


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert re.findall(r"url\(([^)]*)\)", CSS) == ['"#hatch"']
    assert "@import" not in CSS
