"""A fetched page as a file for the corpus folder, from which its article can always be read again.

An HTML page stays what it was, with two lines in front: one says that the file is UTF-8, the
other, where the page does not say so itself, at which address it was. Plain text becomes a
record with its address, Markdown gets it into its front matter.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.decoding import UnreadableError, decode, decode_page
from corpus.markdown import split
from corpus.pages import extract
from corpus.plain import host_of, visible

if TYPE_CHECKING:
    from corpus.fetching import Page

MOST_TAGS = 20_000
"""The most tags of a page: six times those of any news page seen. Finding the article takes seconds
for as many, and four times as long for twice as many."""

_UTF8_PAGE = '<!DOCTYPE html>\n<meta charset="utf-8">\n'
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_OTHER_ADDRESS = re.compile(r"(<meta\b[^<>]{0,2000}?)\bog:url\b", re.I)
_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*$")
_MARKDOWN = (".md", ".markdown")


def as_file(page: Page) -> tuple[str, bytes]:
    """The ending of the file's name, and what the file holds.

    Raises `UnreadableError` where the page is not text in an encoding that is known, holds no article,
    or too many tags.
    """
    is_html = page.kind in {"text/html", "application/xhtml+xml"}
    if is_html:
        refuse_maze(page.content)
    text = _text(page)
    if is_html:
        return ".html", _html(text, page.url).encode()
    if page.kind == "text/markdown" or urlsplit(page.url).path.lower().endswith(_MARKDOWN):
        return ".md", _markdown(visible(text), page.url).encode()
    return ".jsonl", (json.dumps({"url": page.url, "text": text}, ensure_ascii=False) + "\n").encode()


def refuse_maze(content: bytes) -> None:
    """`UnreadableError` for an HTML page made of so many tags that reading it would take minutes."""
    if content.count(b"<") > MOST_TAGS:
        raise UnreadableError(f"The page holds more than {MOST_TAGS} tags, too many to be one article.")


def same_host(one: str | None, other: str) -> bool:
    """Whether two addresses are of one host, with or without `www.`, in whatever spelling."""
    return one is not None and _host(one) == _host(other)


def _host(url: str) -> str | None:
    host = host_of(url)
    try:
        return host.encode("idna").decode().lower() if host else None
    except UnicodeError:
        return host


def _text(page: Page) -> str:
    """The page's text; what the server says of its encoding goes before what the page says."""
    if page.charset and not page.content.startswith(_BOMS):
        said = f'<meta charset="{page.charset}">'
        try:
            return decode_page(said.encode() + page.content).removeprefix(said)
        except UnreadableError:
            pass  # servers are often set up for another encoding than that of their pages
    return decode(page.content) if page.kind.startswith("text/plain") else decode_page(page.content)


def _html(text: str, url: str) -> str:
    """The page itself, if it names an address on its own host; else with its true one in front.

    Nobody may pass a page off as another outlet's by what it says of its address.
    """
    if same_host(extract(_UTF8_PAGE + text).url, url):
        return _UTF8_PAGE + text
    said = _OTHER_ADDRESS.sub(r"\1og:was", text)
    return f'{_UTF8_PAGE}<meta property="og:url" content="{html.escape(url)}">\n{said}'


def _markdown(text: str, url: str) -> str:
    head, _ = split(text)
    if same_host(head.url, url):
        return text
    field = f"url: {json.dumps(url)}"
    lines = text.split("\n")
    if head_end := _end_of_head(lines):
        return "\n".join([*lines[:head_end], field, *lines[head_end:]])  # of two, YAML reads the last one
    return f"---\n{field}\n---\n{text}"


def _end_of_head(lines: list[str]) -> int:
    """The number of the line that closes the front matter; 0 where there is none."""
    if lines[0].rstrip() != "---":
        return 0
    return next((number for number, line in enumerate(lines) if number and _CLOSE.match(line)), 0)
