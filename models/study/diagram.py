"""A reliability diagram as a small SVG picture, drawn without a plotting library."""

from __future__ import annotations

from models.study.reliability import Reliability

__all__ = ["reliability_diagram"]

SIDE = 320
"""Length of each axis in pixels."""
MARGIN = 56
"""Room for the words beside the axes, in pixels."""
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability_diagram(held: Reliability, *, title: str) -> str:
    """Draw what probabilities said against what happened; larger dots are more awakenings."""

    def at(said: float, happened: float) -> tuple[float, float]:
        return MARGIN + SIDE * said, MARGIN + SIDE * (1 - happened)

    (left, bottom), (right, top) = at(0, 0), at(1, 1)
    parts = [
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="#999" '
        'stroke-dasharray="4 4"/>',
        f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#333"/>',
    ]
    for tick in TICKS:
        x, y = at(tick, tick)
        parts.append(f'<text x="{x:g}" y="{bottom + 18:g}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{left - 8:g}" y="{y + 4:g}" text-anchor="end">{tick:g}</text>')
    points = [at(each.said, each.happened) for each in held.bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#1b6ca8" stroke-width="2"/>')
    for (x, y), each in zip(points, held.bins, strict=True):
        radius = 3 + 7 * each.share**0.5
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1b6ca8"/>')
    middle = MARGIN + SIDE / 2
    parts += [
        f'<text x="{middle:g}" y="{MARGIN - 20}" text-anchor="middle">{title}</text>',
        f'<text x="{middle:g}" y="{bottom + 40:g}" text-anchor="middle">probability said</text>',
        f'<text transform="translate({left - 40:g} {middle:g}) rotate(-90)" '
        'text-anchor="middle">share that were cramps</text>',
    ]
    size = SIDE + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="13" role="img" '
        f'aria-label="{title}">\n<rect width="{size}" height="{size}" fill="#fff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
