from datetime import date

import pytest

from bot.text import count, data_size, day, duration, label, one_line, safe_text, shorten, web_address
from index.types import Card


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]8;;https://evil.example\x07here\x1b]8;;\x07", "]8;;https://evil.examplehere]8;;"),
        ("\x9b2Jgone", "2Jgone"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\u2066left\u2069 \u200fmark\u061c", "left mark"),
        ("bell\x07 back\x08space nul\x00", "bell backspace nul"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("tab\there", "tab here"),
        ("Nausėda – “quote” 日本 👩‍🚀", "Nausėda – “quote” 日本 👩‍🚀"),
        ("broken \ud800", "broken \ufffd"),
    ],
)
def test_what_could_drive_the_terminal_goes(raw: str, shown: str) -> None:
    assert safe_text(raw) == shown


def test_one_line() -> None:
    assert one_line(" a\n\n b\u00a0c\x85d ") == "a b c d"


def test_shorten_cuts_at_a_word() -> None:
    assert shorten("Nato leaders agree, at last, to meet", 20) == "Nato leaders agree…"
    assert shorten("x" * 30, 10) == "x" * 9 + "…"
    assert shorten("short", 10) == "short"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/b#:~:text=c", "https://a.example/b#:~:text=c"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://a.example/\x1b\\x \n", "https://a.example/\\x"),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_shown(url: str | None, shown: str | None) -> None:
    assert web_address(url) == shown


def test_words_for_numbers() -> None:
    assert (count(1, "article"), count(2, "article"), count(1200, "copy", "copies")) == (
        "1 article",
        "2 articles",
        "1,200 copies",
    )
    assert (duration(0.04), duration(3.14), duration(59.6), duration(185)) == (
        "0.0 s",
        "3.1 s",
        "1 min 0 s",
        "3 min 5 s",
    )
    assert (data_size(812), data_size(3_400_000), data_size(123_456)) == ("812 bytes", "3.4 MB", "123 kB")


def test_a_label_is_never_empty() -> None:
    assert label(Card("x", "", None, None, None)) == "x"
    assert label(Card("x", "\x1b", None, None, None, opening="First words")) == "First words"


def test_day_is_the_same_everywhere() -> None:
    assert (day(date(2022, 3, 4)), day(None)) == ("4 Mar 2022", "")
