"""Saved HTML pages: trafilatura finds the article in them, our cleaning goes over what it finds."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from corpus.dates import parse_day
from corpus.decoding import UnreadableError
from corpus.hidden import remove_hidden
from corpus.plain import host_of, one_line, web_address

_NO_ARTICLE = "No article text was found on this page."
# Trees deeper than this are not written by people; libraries below would recurse through them.
_DEEPEST = 200
_NO_PERSON = re.compile(
    r"\d|\b(?:admin|editor|is an?|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february"
    r"|march|april|june|july|august|september|october|november|december)\b|\.com?\b|@",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Page:
    """The article of a page: a paragraph a line, and what the page's metadata says."""

    text: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    author: str | None


def extract(html: str) -> Page:
    """The article of an HTML page; `UnreadableError` where there is none."""
    trafilatura = _trafilatura()
    try:
        found = _document(trafilatura, html)
    except UnreadableError:
        raise
    except Exception as error:  # whatever a foreign parser meets in a broken page is the page's fault
        raise UnreadableError("This page is too broken to be read.") from error
    if found is None or not (found.text or "").strip():
        raise UnreadableError(_NO_ARTICLE)
    url = web_address(found.url)
    source = _outlet(one_line(found.sitename or "")) or host_of(url)
    return Page(
        text=found.text,
        title=_headline(one_line(found.title or ""), source),
        source=source,
        url=url,
        published=parse_day(found.date) if found.date else None,
        author=_people(one_line(found.author or "")),
    )


def _outlet(name: str) -> str | None:
    """The name of the site, without the sections that some sites put behind it."""
    name = name.split(" | ", maxsplit=1)[0].strip()
    return name if name and not name.lower().startswith(("copyright", "©")) else None


def _headline(title: str, source: str | None) -> str:
    """The title without the outlet's name behind it."""
    for mark in (" | ", " - ", " – ", " — "):
        if source and title.lower().endswith(f"{mark}{source}".lower()):
            return title[: -len(mark + source)].rstrip()
    return title


def _people(names: str) -> str | None:
    """The authors among the names found in a byline, where other words of it may have come along."""
    kept = [name for name in names.split("; ") if 0 < len(name) <= 60 and not _NO_PERSON.search(name)]
    return ", ".join(dict.fromkeys(kept)) or None


def _document(trafilatura: Any, html: str) -> Any:
    """What trafilatura finds, from a tree without what a reader would not see. It opens no connection."""
    tree = trafilatura.load_html(html)
    if tree is None:
        return None
    _refuse_depth(tree)
    remove_hidden(tree)
    return trafilatura.bare_extraction(
        tree,
        favor_precision=True,
        include_comments=False,
        with_metadata=True,
        # Only dates that the page gives as its own; the search through its text would guess.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )


@cache
def _trafilatura() -> Any:
    import trafilatura  # about a second: only for a corpus with pages in it

    # What it cannot parse is reported as Unread; its own words would only add noise.
    for name in ("trafilatura", "htmldate", "justext", "courlan"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    return trafilatura


def _refuse_depth(tree: Any) -> None:
    level = [tree]
    for _ in range(_DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    raise UnreadableError("This page is too broken to be read: its elements are nested too deeply.")
