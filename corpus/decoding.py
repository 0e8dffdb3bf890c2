"""Bytes into text: UTF-8, UTF-16 with a byte order mark, and what an HTML page declares."""

from __future__ import annotations

import codecs
import re

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})", re.I)
_XML_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{2,40})", re.I)
_LOOK_AHEAD = 4096
# What browsers do: pages that say the left name are written in the right one.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
}


class UnreadableError(Exception):
    """A file or record that cannot be read; `str(error)` is the reason, as one sentence for the user."""


def decode(content: bytes) -> str:
    """The text of a file in UTF-8 or, with a byte order mark, UTF-16; else `UnreadableError`."""
    if not content.strip():
        raise UnreadableError("The file is empty.")
    if content.startswith(_UTF16):
        return _strictly(content, "utf-16")
    if b"\0" in content:
        raise UnreadableError("This is a binary file, not text.")
    return _strictly(content, "utf-8-sig")


def decode_page(content: bytes) -> str:
    """The same for an HTML page, which may also declare its own encoding."""
    if content.strip() and not content.startswith((*_UTF16, codecs.BOM_UTF8)):
        head = content[:_LOOK_AHEAD]
        found = _DECLARED.search(head) or _XML_DECLARED.search(head)
        encoding = _known(found[1].decode("ascii", "replace")) if found else None
        if encoding and encoding not in {"utf-8", "utf-16", "utf-16-le", "utf-16-be"}:
            if b"\0" in content:
                raise UnreadableError("This is a binary file, not a page.")
            return _strictly(content, encoding)
    return decode(content)


def _known(name: str) -> str | None:
    """The codec for a declared name; None for one that is unknown or does not turn bytes into text."""
    try:
        b"text".decode(name)
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(codec, codec)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        name = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
        place = f" (byte {error.start + 1})" if isinstance(error, UnicodeDecodeError) else ""
        raise UnreadableError(f"This is not {name} text{place}: save the file as UTF-8.") from error
