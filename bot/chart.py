"""A small chart of questions a day, as a picture without words: its legend stands in the message.

So it reads the same in every language, and needs no font but the one inside Pillow, which has Western
letters only.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from bot.ledger import Day

WIDTH, HEIGHT = 1100, 520
"""Twice what Discord shows on a desktop, so that it is sharp; a phone shows a third of it."""
RIGHT, TOP, BOTTOM = 24, 60, 68
BACK, LINE, TEXT = "#2b2d31", "#4a4d55", "#e3e5e8"
"""A dark ground of its own: it reads on Discord's dark theme and on the light one."""
ANSWERED, NOT_FOUND = "#4f9de0", "#e0a23c"
"""Blue and orange: told apart by people who see no red and green, and the squares of Discord's emoji."""
FONT, SMALL = 32, 27
WIDEST = 120
"""Pixels of the widest bar: one day alone is no wall."""
LINES, DATES = 5, 7
"""At most so many lines above zero, and so many dates."""
UNITS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


@dataclass(frozen=True, slots=True)
class Plot:
    """Where numbers and days are in the picture, in pixels."""

    left: float
    slot: float
    """Width of a day."""
    most: int
    """The number at the top."""

    def middle(self, place: int) -> float:
        """The middle of the day at `place`."""
        return self.left + self.slot * (place + 0.5)

    def height(self, number: float) -> float:
        """Where a number is."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * number / self.most


def chart(days: Sequence[Day]) -> bytes:
    """A PNG with a bar for each day: answered below, found nothing on top, the number of both above it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), BACK)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(FONT)
    ticks = _ticks(max((day.questions for day in days), default=0))
    left = 40 + max(draw.textlength(short(tick), font) for tick in ticks)
    plot = Plot(left, (WIDTH - RIGHT - left) / max(1, len(days)), ticks[-1])
    for tick in ticks:
        draw.line((left, plot.height(tick), WIDTH - RIGHT, plot.height(tick)), fill=LINE, width=2)
        draw.text((left - 16, plot.height(tick)), short(tick), fill=TEXT, font=font, anchor="rm")
    apart = max(1, -(-len(days) // DATES))
    for place, day in enumerate(days):
        _bar(draw, plot, place, day)
        if (len(days) - 1 - place) % apart == 0:
            date = f"{day.day.day}.{day.day.month}."
            middle = min(plot.middle(place), WIDTH - 8 - draw.textlength(date, font) / 2)
            draw.text((middle, HEIGHT - BOTTOM + 20), date, fill=TEXT, font=font, anchor="mt")
    picture = io.BytesIO()
    image.save(picture, "PNG", optimize=True)
    return picture.getvalue()


def short(number: int) -> str:
    """A number in at most five characters up to 999 G: 9999, 12.3k, 1.2M; cut, never rounded up."""
    if number < 10_000:
        return str(number)
    unit, letter = next(each for each in UNITS if number >= each[0])
    tenths = number * 10 // unit
    return f"{tenths // 10}{letter}" if tenths % 10 == 0 or tenths >= 1000 else f"{tenths / 10}{letter}"


def _bar(draw: ImageDraw.ImageDraw, plot: Plot, place: int, day: Day) -> None:
    middle = plot.middle(place)
    half = min(0.36 * plot.slot, WIDEST / 2)
    ground, answered = plot.height(0), day.questions - day.not_found
    # What is there shows, though it be one of a million.
    found = min(plot.height(answered), ground - 4) if answered else ground
    both = min(plot.height(day.questions), found - 4) if day.not_found else found
    if day.not_found:
        draw.rectangle((middle - half, both, middle + half, found), fill=NOT_FOUND)
    if answered:
        draw.rectangle((middle - half, found, middle + half, ground), fill=ANSWERED)
    font = ImageFont.load_default(SMALL)
    if draw.textlength(short(day.questions), font) < plot.slot - 4:
        draw.text((middle, both - 10), short(day.questions), fill=TEXT, font=font, anchor="mb")


def _ticks(most: int) -> range:
    """Round whole numbers from zero to at least `most`, never none above zero."""
    unit = 1
    while unit * 5 * LINES < most:
        unit *= 10
    step = next(unit * factor for factor in (1, 2, 5) if unit * factor * LINES >= most)
    return range(0, max(1, -(-most // step)) * step + 1, step)
