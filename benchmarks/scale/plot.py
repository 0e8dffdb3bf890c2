"""Draws `growth.svg` from the raw results beside it: how each figure grows with the number of passages.

Both axes are logarithmic: what grows evenly with size is a straight line, what does not grow is flat.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 44, 40
COLUMNS = 2
LABEL = 36
"""Room for a label on the axis of passages."""
INKS = ("#1f5fa8", "#c2571a", "#2b7a3d", "#8a3b8f")
"""Told apart by people who do not tell red from green, and in print by their dashes."""
DASHES = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart."""

    name: str
    points: Sequence[tuple[float, float]]
    """Passages and value."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One small chart."""

    title: str
    unit: str
    lines: Sequence[Line]
    limit: float | None = None
    """A bound that was set, drawn where it lies within the chart."""


def drawn(charts: Sequence[Chart]) -> str:
    """All charts as one SVG."""
    rows = -(-len(charts) // COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, chart in enumerate(charts):
        x, y = (number % COLUMNS) * WIDTH, number // COLUMNS * HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_chart(chart)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def _chart(chart: Chart) -> str:
    points = [point for line in chart.lines for point in line.points if point[1] > 0]
    low_x, high_x = min(x for x, _ in points), max(x for x, _ in points)
    low_y, high_y = _decades(min(y for _, y in points), max(y for _, y in points))

    def across(value: float) -> float:
        share = math.log(value / low_x) / math.log(high_x / low_x) if high_x > low_x else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def up(value: float) -> float:
        share = math.log(value / low_y) / math.log(high_y / low_y)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    parts = [f'<text x="{LEFT}" y="16" font-size="12" font-weight="bold">{escape(chart.title)}</text>']
    for tick in _ticks(low_y, high_y):
        y = up(tick)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#e3e3e3"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{_short(tick)}</text>')
    labelled = 0.0
    for tick in sorted({x for x, _ in points}):
        x = across(tick)
        parts.append(f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#f0f0f0"/>')
        if x - labelled > LABEL or tick == low_x:
            parts.append(
                f'<text x="{x}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{_short(tick)}</text>'
            )
            labelled = x
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle" fill="#555">passages</text>')
    parts.append(
        f'<text x="{LEFT - 6}" y="{TOP - 12}" text-anchor="end" fill="#555">{escape(chart.unit)}</text>'
    )
    if chart.limit is not None and low_y <= chart.limit <= high_y:
        y = up(chart.limit)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#b00020" stroke-dasharray="3 3"/>')
    at = LEFT
    for number, line in enumerate(chart.lines):
        ink, dash = INKS[number % len(INKS)], DASHES[number % len(DASHES)]
        style = f'stroke="{ink}" stroke-width="1.8" fill="none" stroke-dasharray="{dash}"'
        shown = [point for point in line.points if point[1] > 0]
        route = "L".join(f"{across(x)} {up(y)}" for x, y in shown)
        parts.append(f'<path d="M{route}" {style}/>')
        parts += [f'<circle cx="{across(x)}" cy="{up(y)}" r="2.6" fill="{ink}"/>' for x, y in shown]
        parts.append(f'<path d="M{at} {TOP - 16}h18" {style}/>')
        parts.append(f'<text x="{at + 22}" y="{TOP - 12}">{escape(line.name)}</text>')
        at += 34 + 6 * len(line.name)
    return "".join(parts)


def _decades(low: float, high: float) -> tuple[float, float]:
    """Bounds with some room, at 1, 2 or 5 times a power of ten; never less than a decade apart."""
    steps = [factor * 10.0**power for power in range(-4, 9) for factor in (1, 2, 5)]
    below = max(step for step in steps if step <= low)
    above = min(step for step in steps if step >= high * 1.05)
    while above / below < 10:
        above = min(step for step in steps if step > above)
    return below, above


def _ticks(low: float, high: float) -> list[float]:
    factors = (1, 2, 5) if high / low <= 300 else (1,)
    every = [factor * 10.0**power for power in range(-4, 9) for factor in factors]
    return [tick for tick in every if low * 0.999 <= tick <= high * 1.001]


def _short(value: float) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
