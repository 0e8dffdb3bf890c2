"""Links that jump to a quote. Pure.

Text fragments: https://wicg.github.io/scroll-to-text-fragment/
"""

from __future__ import annotations

from urllib.parse import quote as percent_encode
from urllib.parse import urldefrag, urlsplit

WHOLE = 12
"""A quote of more words is named by its first and its last few: browsers find those more surely."""
EDGE = 5


def link_to(url: str | None, quote: str) -> str | None:
    """The address with a text fragment for the quote; None without a web address."""
    try:
        if url is None or urlsplit(url).scheme not in {"http", "https"}:
            return None
    except ValueError:
        return None
    page, fragment = urldefrag(url)
    fragment = fragment.partition(":~:")[0]
    words = quote.split()
    ends = [words] if len(words) <= WHOLE else [words[:EDGE], words[-EDGE:]]
    return f"{page}#{fragment}:~:text={','.join(map(_encoded, ends))}"


def _encoded(words: list[str]) -> str:
    # "-" and "," mean something inside a text fragment, and urllib leaves "-" as it is.
    return percent_encode(" ".join(words), safe="").replace("-", "%2D")
