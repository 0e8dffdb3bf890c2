"""The chart, measured in its pixels."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from PIL import Image, ImageColor

from bot import chart as drawn
from bot.chart import chart, short
from bot.ledger import Day

LAST = date(2026, 3, 24)


def days(*numbers: tuple[int, int]) -> list[Day]:
    first = LAST - timedelta(days=len(numbers) - 1)
    return [Day(first + timedelta(days=place), *each) for place, each in enumerate(numbers)]


def picture(*numbers: tuple[int, int]) -> Image.Image:
    image = Image.open(io.BytesIO(chart(days(*numbers))))
    assert image.format == "PNG"
    return image.convert("RGB")


def column(image: Image.Image, colour: str, place: int, of: int) -> int:
    """Pixels of a colour in the middle of a day's bar; the days share what is right of the numbers."""
    wanted = ImageColor.getrgb(colour)
    x = image.width - drawn.RIGHT - (image.width - drawn.RIGHT - 70) * (of - place - 0.5) / of
    return sum(image.getpixel((int(x), y)) == wanted for y in range(image.height))


def amount(image: Image.Image, colour: str) -> int:
    found = {each: number for number, each in image.getcolors(image.width * image.height)}
    return found.get(ImageColor.getrgb(colour), 0)


def test_a_bar_is_as_high_as_its_day_and_shows_what_found_nothing_on_top() -> None:
    image = picture((40, 10), (20, 0), (10, 10), (0, 0))
    high = drawn.HEIGHT - drawn.TOP - drawn.BOTTOM
    for place, (answered, missed) in enumerate([(30, 10), (20, 0), (0, 10), (0, 0)]):
        assert column(image, drawn.ANSWERED, place, 4) == pytest.approx(high * answered / 40, abs=3)
        assert column(image, drawn.NOT_FOUND, place, 4) == pytest.approx(high * missed / 40, abs=3)


def test_one_question_among_a_million_is_seen() -> None:
    image = picture((1_000_000, 1), (1, 0), (1, 1))
    assert column(image, drawn.NOT_FOUND, 0, 3) >= 4
    assert column(image, drawn.ANSWERED, 1, 3) >= 4
    assert column(image, drawn.NOT_FOUND, 2, 3) >= 4


@pytest.mark.parametrize("numbers", [[], [(0, 0)], [(0, 0)] * 14])
def test_days_without_questions_have_no_bar_and_are_drawn_all_the_same(
    numbers: list[tuple[int, int]],
) -> None:
    image = picture(*numbers)
    assert amount(image, drawn.ANSWERED) == amount(image, drawn.NOT_FOUND) == 0
    assert amount(image, drawn.LINE) > 0


def test_a_day_without_questions_says_zero() -> None:
    assert amount(picture((0, 0)), drawn.TEXT) > amount(picture(), drawn.TEXT)


@pytest.mark.parametrize("numbers", [[(1, 0)], [(10**12 - 1, 5)] * 14, [(7, 7)] * 400, [(9999, 1)] * 14])
def test_nothing_is_cut_at_an_edge(numbers: list[tuple[int, int]]) -> None:
    image = picture(*numbers)
    back = ImageColor.getrgb(drawn.BACK)
    for x in range(image.width):
        assert image.getpixel((x, 0)) == image.getpixel((x, image.height - 1)) == back
    for y in range(image.height):
        assert image.getpixel((0, y)) == image.getpixel((image.width - 1, y)) == back


def test_the_same_days_give_the_same_picture() -> None:
    assert chart(days((3, 1), (4, 0))) == chart(days((3, 1), (4, 0)))


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 6, 7, 11, 24, 25, 26, 99, 100, 101, 12_345, 10**9])
def test_the_numbers_at_the_side_are_whole_round_and_hold_the_highest_bar(most: int) -> None:
    ticks = drawn._ticks(most)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= drawn.LINES + 1
    assert ticks[-1] >= most
    assert str(ticks.step).rstrip("0") in {"1", "2", "5"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9_999, "9999"),
        (10_000, "10k"),
        (12_345, "12.3k"),
        (99_999, "99.9k"),
        (123_456, "123k"),
        (1_000_000, "1M"),
        (1_250_000_000, "1.2G"),
        (999_999_999_999, "999G"),
    ],
)
def test_large_numbers_are_short(number: int, text: str) -> None:
    assert short(number) == text
    assert len(text) <= 5
