"""Text of articles and people as Discord would read it: simcord's reader, and Discord's own patterns."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Any

import pytest
from simcord.preview._markdown import markdown_tokens

from bot.markup import bold, clean, cut, escape, escaped_within, length, line, link, mark, usable
from index.types import Span

KNOWN = {"everyone": True, "users": {"1": "bob"}, "roles": {"1": "mods"}, "channels": {"1": "general"}}
KNOWN |= {"commands": {"1": "ask"}, "emojis": {"1": {"name": "a", "animated": False}}}
MARKUP = [
    "@everyone and @here",
    "<@1> <@!1> <@&1> <#1> </ask:1> <id:guide>",
    "<t:1:R> <t:1> <:a:1> <a:a:1>",
    "**bold** __under__ *slant* _slant_ ~~struck~~ ||hidden|| ***all***",
    "`code` ``code`` ```ansi\n[31mred\n```",
    "# large",
    "## large",
    "-# small",
    "> quoted",
    ">>> quoted\nto the end",
    "- one\n- two\n  - three",
    "* one\n+ two\n1. three\n2) four",
    "[a](https://evil.example) [b](<https://evil.example> 'c') [d][1]\n\n[1]: https://evil.example",
    "https://evil.example/x http://evil.example <https://evil.example> HTTPS://EVIL.EXAMPLE",
    "discord://-/channels/1 steam://run/1",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "\\*not bold\\* \\<@1> ends with \\",
    "¯\\_(ツ)_/¯",
    "&amp; &lt;@1&gt; <b>html</b> <!-- x -->",
]
DRAWN_BY_SERVERS = re.compile(r"@(everyone|here)|<[@#][!&]?\d|(https?|discord|steam)://", re.IGNORECASE)
LINK = re.compile(r"^\[((?:\[[^\]]*\]|[^\[\]])*)\]\((https?://[^\s<>()\"'\\]+[^\s<>()\"'\\.,:;\]])\)$")
"""How Discord's parser finds a masked link, on the strict side."""


def read(text: str, where: str = "embed_description") -> tuple[str, set[str]]:
    """What people would see, and every sign of markup that was found."""
    seen: list[str] = []
    signs: set[str] = set()

    def visit(tokens: Any) -> None:
        for token in tokens:
            kind = token["type"]
            if kind == "text":
                seen.append(token["content"])
            elif kind == "break":
                seen.append("\n")
            elif kind not in {"inline", "paragraph"}:
                signs.add(kind)
            visit(token.get("children", ()))
            if kind == "paragraph":
                seen.append("\n")

    visit(markdown_tokens(text, where, context=KNOWN))
    return "".join(seen).replace("\u2060", ""), signs


@pytest.mark.parametrize("where", ["embed_description", "message", "embed_title", "embed_field_value"])
@pytest.mark.parametrize("text", MARKUP)
def test_any_text_is_shown_as_it_stands(text: str, where: str) -> None:
    # simcord, unlike Discord, looks for small text behind the backslash too, and decodes HTML.
    forgiven: set[str] = {"subtext"} if text.startswith("-#") else set()
    for shown in (escape(text), escape(f"x {text}"), line(text)):
        assert read(shown, where)[1] <= forgiven
        assert not DRAWN_BY_SERVERS.search(shown)
    seen, signs = read(escape(text), where)
    assert seen.split() == unescape(text).removeprefix("-# " if signs else "").split()


@pytest.mark.parametrize("text", [":smile:", "a :+1: b", "at 12:30:45"])
def test_no_word_becomes_an_emoji(text: str) -> None:
    assert not re.search(r"(?<!\\):\w+:", escape(text))
    assert read(escape(text))[0].strip() == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
        ("zero\u200bwidth\ufeff\u2060\u00ad", "zerowidth"),
        ("\u3164\u2800\u115f\uffa0\u180e", ""),
        ("tags \U000e0041\U000e0042\U000e007f", "tags "),
        ("a\u200db\u200cc \u200d", "abc "),
        ("\x1b[31mred\x00\x07", "[31mred"),
        ("broken \ud800", "broken \ufffd"),
    ],
)
def test_what_is_not_seen_goes(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    "text",
    [
        "👩‍🚀 👨‍👩‍👧 ❤️‍🔥 🏳️‍🌈 🩷 🫨",
        "می‌خواهم",
        "क्‍ष",
        "Việt Nam Nausėda Перемога й їжак",
        "صفحة \u06dd 5",
        "שָׁלוֹם",
    ],
)
def test_what_belongs_to_a_writing_stays(text: str) -> None:
    assert clean(text) == text


def test_a_pile_of_marks_is_lowered() -> None:
    piled = clean("Z" + "\u0301" * 500 + "algo")
    assert piled.startswith("Z\u0301")
    assert piled.endswith("algo")
    assert sum(unicodedata.combining(char) > 0 for char in piled) <= 4


HEADLINES = [
    ("[Updated] Who said *what* (and why)?", "https://a.example/x"),
    ("one ] bracket", "https://a.example/x"),
    ("one [ bracket", "https://a.example/x"),
    ("](https://evil.example) [x", "https://a.example/x"),
    ("<@1> @everyone `x` ||y|| snake_case_name 50% ~~", "https://a.example/x"),
    ("see https://evil.example/login now", "https://a.example/x"),
    ("back\\slash \\] \\", "https://a.example/x"),
    ("emoji 🎉 first 1️⃣ :tada:", "https://a.example/x"),
    ("🎉🎉", "https://a.example/x"),
    ("\u200b\u3164", "https://a.example/x"),
    ("headline", "https://a.example/(a)[b]<c>\"d'e f|g\\h"),
    ("headline", "https://a.example/x#:~:text=It%20was%20said."),
    ("headline", "https://a.example/a_b_c*d*e~~f~~"),
    ("headline", "HTTPS://A.example/x"),
    ("headline", "https://bücher.example/ü?q=ü#ü"),
]


@pytest.mark.parametrize(("label", "url"), HEADLINES)
def test_a_headline_links_whatever_it_holds(label: str, url: str) -> None:
    shown = link(line(label), url)
    found = LINK.match(shown)
    assert found, shown
    # Discord shows a link as plain text where its label holds an address, a mention or an emoji, and
    # shows a backslash there as it stands.
    assert not re.search(r"[\\*_`|<>~\u2060]|://|@(?=everyone|here)|:tada:", found[1]), found[1]
    assert not any(char > "\U0001f000" or char in "\u20e3\ufe0f" for char in found[1])
    assert found[1].strip()
    assert found[2].isascii()
    assert "link" in read(shown)[1] or "link_open" in read(shown)[1]


def test_a_link_keeps_the_words_of_its_label() -> None:
    assert link(line("Who said (what), at 12:30?"), "https://a.example/") == (
        "[Who said (what), at 12:30?](https://a.example/)"
    )
    assert link("[1]", "https://a.example/") == "[[1]](https://a.example/)"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "ftp://a.example/x",
        "data:text/html,x",
        "https://",
        "https:///x",
        "https://a",
        "https://a.example:port/",
        "https://google.example@evil.example/",
        "https://user:word@evil.example/",
        "https://[::1]/x",
        "https://[::ffff:1.2.3.4]/x",
        "https://a b.example/",
        "https://a.example/\u202egnp",
        "https://a.example/\x00",
        "//a.example/x",
    ],
)
def test_an_address_that_cannot_be_used_leaves_the_label(url: str | None) -> None:
    assert usable(url) is None
    assert link(line("a_b"), url) == "a\\_b"


def test_a_long_address_loses_its_fragment_before_the_link_goes() -> None:
    page = "https://a.example/" + "x" * 100
    assert usable(page + "#:~:text=" + "y" * 400, 300) == page
    assert usable(page, 100) is None


def test_lengths_count_as_discord_may_at_worst() -> None:
    assert length("a😀") == 3


@pytest.mark.parametrize(
    "text", ["x" * 200_000, "😀" * 5000, "*" * 5000, "a b " * 5000, "@" * 5000, "e\u0301" * 9]
)
@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 255, 1000])
def test_nothing_grows_beyond_its_limit(text: str, limit: int) -> None:
    assert length(cut(text, limit)) <= limit
    assert length(escaped_within(text, limit)) <= limit
    assert escaped_within(text, limit)


def test_a_cut_is_at_a_sentence_or_else_at_a_word() -> None:
    assert cut("One is here. Two is longer than the rest.", 20) == "One is here. …"
    assert cut("One sentence without any end", 15) == "One sentence…"
    assert cut("Short.", 6) == "Short."


def test_no_cut_parts_a_letter_from_what_is_written_on_it() -> None:
    for limit in range(4, 12):
        assert not re.search("(?<!e)\u0301|e(?!\u0301)", cut("e\u0301" * 9, limit))


def test_marked_words_are_bold_and_nothing_else_is() -> None:
    text = "a *b* cd ef"
    assert mark(text, [Span(6, 8), Span(2, 5)]) == "a **\\*b\\*** **cd** ef"
    assert mark("abcdef", [Span(0, 2), Span(2, 4), Span(1, 3)]) == "**abcd**ef"
    assert mark("abc", [Span(-5, 1), Span(2, 99), Span(2, 2), Span(9, 12)]) == "**a**b**c**"
    assert mark("a b", [Span(1, 2)]) == "a b"


def test_bold_leaves_spaces_outside() -> None:
    assert bold(" a* ") == " **a\\*** "
    assert bold("") == ""
    assert bold("\u200b") == ""
