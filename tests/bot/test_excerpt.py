"""What is shown of a passage around the words that matched."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.listing import put_hits
from bot.text import excerpt, window
from index.retrieval import matched
from index.types import Card, Hit, Passage

FILLER = "and so the day went on in the quiet town "
TEXT = FILLER * 10 + "until the bridge of Lindau fell into the lake. " + FILLER * 10


def shown(query: str, text: str, length: int = 120) -> str:
    return "".join(piece for piece, _ in excerpt(text, matched(query, text), length))


def test_the_window_lies_where_most_of_the_words_are() -> None:
    assert "bridge of Lindau" in shown("Lindau bridge", TEXT)
    assert shown("Lindau bridge", TEXT).startswith("… ")
    assert shown("Lindau bridge", TEXT).endswith("…")


def test_different_words_count_before_one_word_again_and_again() -> None:
    text = "lake lake lake lake " + FILLER * 10 + "the lake of Lindau."
    assert "lake of Lindau" in shown("Lindau lake", text)


def test_the_window_is_the_beginning_where_nothing_matches() -> None:
    assert shown("volcano", TEXT).startswith("and so the day")


def test_a_short_text_is_shown_whole() -> None:
    assert shown("lake", "A short text of a lake.") == "A short text of a lake."


@pytest.mark.parametrize("length", [20, 47, 120, 300])
def test_it_is_cut_at_words_and_never_longer(length: int) -> None:
    spans = matched("Lindau bridge", TEXT)
    found = window(TEXT, spans, length)
    assert found.end - found.start <= length
    assert found.start == 0 or TEXT[found.start - 1].isspace()
    assert found.end == len(TEXT) or TEXT[found.end].isspace() or TEXT[found.end - 1].isspace()


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    text = "x" * 1000
    assert window(text, (), 100).end == 100


def test_what_could_drive_a_terminal_goes_out_of_the_pieces() -> None:
    text = "The \x1b[31mbridge\u202e of\nLindau."
    assert shown("bridge", text) == "The [31mbridge of Lindau."


def hit() -> Hit:
    passage = Passage("p", "a.md", 0, len(TEXT), TEXT, "", ())
    return Hit(passage, Card("a.md", "A bridge", None, None, None), 1.0, 1.0, matched=matched("Lindau", TEXT))


@pytest.mark.parametrize("terminal", [True, False])
def test_matches_are_bold_on_a_terminal_and_plain_in_a_pipe(terminal: bool) -> None:
    stream = io.StringIO()
    system = "standard" if terminal else None
    out = Console(file=stream, force_terminal=terminal, color_system=system, width=80, highlight=False)
    put_hits(out, [hit()])
    assert ("\x1b[1mLindau\x1b[0m" in stream.getvalue()) == terminal
    assert "Lindau" in stream.getvalue()
    assert terminal or "\x1b" not in stream.getvalue()
