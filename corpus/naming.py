"""Names for files that are added to a corpus: safe on every system, readable, never twice the same."""

from __future__ import annotations

import hashlib
import unicodedata
from urllib.parse import unquote, urlsplit

from corpus.files import KINDS
from corpus.plain import host_of, visible

ADDED = "added"
"""The folder, inside the corpus folder, for all files that were added by a command."""

_LONGEST = 48  # characters: at four bytes each, with the rest, still below the 255 bytes of a name
_DIGITS = 10
_ONE_ENDING = {".htm": ".html", ".markdown": ".md"}


def ending(name: str) -> str | None:
    """The ending of a name that tells a kind that is read, such as `.jsonl.gz`; else None."""
    shown = _shown(name).lower().rstrip()
    return max((kind for kind in KINDS if shown.endswith(kind)), key=len, default=None)


def added_name(name: str, content: bytes) -> str | None:
    """The origin (`added/…`) of a file whose sender calls it `name`, or None for a kind that is not read.

    Of the name stay letters and digits, with dashes between; digits of the content's SHA-256 make it
    the only one. An origin that this function gave it gives again.
    """
    kind = ending(name)
    if kind is None:
        return None
    last = _shown(name).replace("\\", "/").rstrip().rsplit("/", maxsplit=1)[-1]
    mark = f"-{hashlib.sha256(content).hexdigest()[:_DIGITS]}"
    stem = _readable(last[: -len(kind)]).removesuffix(mark)[:_LONGEST].strip("-") or "article"
    return f"{ADDED}/{unicodedata.normalize('NFC', stem)}{mark}{_ONE_ENDING.get(kind, kind)}"


def page_name(url: str) -> str:
    """What a page is called: its host and the last part of its path."""
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
    last = parts[-1] if parts else ""
    return "-".join(filter(None, (host_of(url), last.removesuffix(ending(last) or ""))))


def _shown(name: str) -> str:
    return visible(unicodedata.normalize("NFKC", name[:1000]))


def _readable(text: str) -> str:
    """Letters, their marks and digits, in lower case; one dash for anything else."""
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text.lower())
    return "-".join(kept.split())
