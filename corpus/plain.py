"""Characters: what a reader would see of a text, and nothing that is hidden in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# One code point each, so that nothing visible changes: other ways to end a line, and tabs.
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_TABS = re.compile("[\t\x1f]")
_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # soft hyphen, fillers, selectors
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, direction, annotations
    "\U0001d173-\U0001d17a\U000e0000-\U000e01ef"  # tags: a whole message can hide in them
    "]+"
)
# Persian, Hindi and emoji are spelled with joiners; between Latin letters they only hide something.
_JOINERS = re.compile("(?<![\u0590-\u1fff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+")
# One selector may choose the form of an emoji or a Chinese letter; in a row they only hide something.
_SELECTORS = re.compile("(?<=[A-Za-z\\s\ufe00-\ufe0f])[\ufe00-\ufe0f]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def visible(text: str) -> str:
    """The text with plain line ends and without control, zero-width and direction characters.

    Half surrogate pairs (JSON can hold them) become U+FFFD, so that the result can always be encoded.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # the common case, ten times as fast
    text = _TABS.sub(" ", _BREAKS.sub("\n", text))
    text = _SELECTORS.sub("", _HIDDEN.sub("", text))
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _SURROGATES.sub("\ufffd", text)
    return _JOINERS.sub("", text) if "\u200c" in text or "\u200d" in text else text


def one_line(text: str) -> str:
    """A title, name or outlet: visible, on one line, with single spaces."""
    return _SPACES.sub(" ", visible(text)).strip()


def has_hidden(text: str) -> bool:
    """Whether the text holds a character that an identifier must not: control, hidden, half a pair."""
    return "\n" in text or any(kind.search(text) for kind in (_HIDDEN, _BREAKS, _TABS, _SURROGATES))


def web_address(text: str | None) -> str | None:
    """The text as an absolute http or https address; None for anything else, such as `javascript:`."""
    if not text or len(text) > 4096:
        return None
    address = visible(text).strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or _SPACES.search(address):
        return None
    return address


def host_of(address: str | None) -> str | None:
    """The host of a web address as an outlet is named by it: lower case, without `www.`."""
    if address is None:
        return None
    host = urlsplit(address).hostname
    return host.removeprefix("www.") if host else None
