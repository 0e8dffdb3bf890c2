"""Text of articles and people in Discord's Markdown: shown as it is, never obeyed. Pure.

Lengths are in UTF-16 units, the larger of the two ways in which Discord may count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

from bot.text import one_line, safe_text
from index.types import Span

# Everything that begins, ends or forms markup: emphasis, code, spoilers, links, quotes, headings,
# mentions, emoji, timestamps and tables. A backslash before punctuation is not shown.
_SPECIAL = re.compile(r"([\\*_~`|<>\[\]()#@]|:(?=[\w+-]))")
# At the start of a line alone: lists and small text.
_BULLET = re.compile(r"^(\s*)([-+])", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])", re.MULTILINE)
_SCHEME = re.compile(
    r"\b(https?|discord|steam)(?=:)|\bdiscord(?:app)?\.(?:gg|com/invite)(?=/)", re.IGNORECASE
)
_END = re.compile(r"[.!?…][\"'”’)]*(?=\s|$)")
BREAKS = str.maketrans(dict.fromkeys("\n\r\x0b\x0c\x85\u2028\u2029\t", " "))
"""For `str.translate`: every line break a space, so that offsets stay what they are."""
_MARK = frozenset({"Mn", "Me"})
_MARKS = 3
"""Combining marks on one letter that are kept; more is a stack that covers the lines around it."""
# Letters and marks that are drawn as nothing, though Unicode does not count them as format characters.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Format characters that are drawn: number signs and the like of Arabic, Syriac and Kaithi.
_DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Persian, Indian scripts and families of emoji are written with joiners; between Latin letters they hide.
_STRAY_JOINER = re.compile(
    "(?<![^\x00-\u024f\\s\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f\\s\u200c\u200d])"
)
LONGEST = 8000
"""Characters of an address that are looked at; browsers and servers stop at about as many."""
_LINK_SAFE = "/:?#@!$&+,;=%~.-_"
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?")

# In the label of a link a backslash is shown, and an emoji, a mention or an address would show the whole
# link as plain text. What means something there is shown by its look-alike.
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_ALIKE = str.maketrans("\\*_~`|<>[]", "∖∗＿∼’ǀ‹›()")
_PARTED = re.compile(r"\b(?:https?|discord|steam)\u2060:/*|\u2060(?=/)", re.IGNORECASE)
_SHORT_NAME = re.compile(r":((?:[^\W\d]|[+-])[\w+-]*|100|1234):")
_EMOJI = re.compile(
    "[\u200d\u203c\u2049\u20e3\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff]"
)


def escape(text: str) -> str:
    """The text on as many lines as it has, with nothing in it that Discord would act on."""
    escaped = _SPECIAL.sub(r"\\\1", clean(text))
    escaped = _NUMBERED.sub(r"\1\\\2", _BULLET.sub(r"\1\\\2", escaped))
    # Discord finds "@everyone" and bare addresses behind a backslash too: a word joiner parts them.
    escaped = escaped.replace("\\@", "@\u2060")
    return _SCHEME.sub("\\g<0>\u2060", escaped)


def line(text: str) -> str:
    """The same on one line."""
    return escape(" ".join(clean(text).split()))


def clean(text: str) -> str:
    """Without controls, invisible characters and towers of accents; line breaks stay."""
    text = safe_text(text)
    if text.isascii():
        return text
    shown = _STRAY_JOINER.sub("", text.translate(_HIDDEN))
    if any(unicodedata.category(char) in _MARK for char in set(shown)):
        shown = "".join(_fewer_marks(shown))
    return shown


def link(label: str, url: str | None, limit: int = 1000) -> str:
    """A masked link; `label` is escaped already. The label alone where the address cannot be used.

    Of a label only what may stand in a link is kept; if that is nothing, the site's name stands there.
    """
    address = usable(url, limit)
    return f"[{_linkable(label) or urlsplit(address).hostname}]({address})" if address else label


def usable(url: str | None, limit: int = 1000) -> str | None:
    """The address as it can stand in a masked link, without its text fragment where it is too long."""
    if url is None or len(url) > LONGEST or _unsafe(url):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # a host's name that cannot be encoded raises one too
        return None
    # A name before "@" is there to look like a host; a bare name or an address in brackets is no news site.
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    rest = url.partition("://")[2][len(parts.netloc) :]
    address = f"{parts.scheme}://{host}{port}" + quote(rest, safe=_LINK_SAFE)
    if len(address) > limit:
        address = address.partition("#")[0]
    if address[-1] in ".,:;":  # taken for the end of a sentence, not of the address
        address = f"{address[:-1]}%{ord(address[-1]):02X}"
    return address if len(address) <= limit else None


def length(text: str) -> int:
    """UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """Plain text, not yet escaped, of at most `limit` units: cut at a sentence, else at a word."""
    if len(text) <= limit and length(text) <= limit:
        return text
    kept, _ = parted(text, max(limit - 2, 0))
    if not kept:
        return "…"
    return kept + (" …" if _END.search(kept[-3:]) else "…")


def parted(text: str, room: int) -> tuple[str, str]:
    """Plain text in two: at most `room` units, up to a sentence's end or else a word's; and the rest."""
    if len(text) <= room and length(text) <= room:
        return text, ""
    size = _reach(text, room)
    ends = [match.end() for match in _END.finditer(text[: size + 1]) if match.end() <= size]
    at = ends[-1] if ends and ends[-1] > size // 2 else text.rfind(" ", size // 2, size + 1)
    at = at if at > 0 else size
    return text[:at].rstrip(" ,;:–—-"), text[at:].lstrip()


def escaped_within(text: str, limit: int) -> str:
    """The escaped text, cut before escaping so that at most `limit` units come out."""
    room, text = limit, text[: 2 * limit + 2]
    shown = escape(cut(text, room))
    while length(shown) > limit and room > 1:
        room = max(1, room * limit // max(length(shown), 1) - 1)
        shown = escape(cut(text, room))
    return shown if length(shown) <= limit else "…"


def short(text: str, limit: int) -> str:
    """The beginning of a text of any length: escaped, on one line, at most `limit` units."""
    return escaped_within(one_line(text[: 4 * limit]), limit)


def mark(text: str, spans: Sequence[Span]) -> str:
    """The text escaped, with the spans in bold; spans that touch or overlap are one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, min(span.end, len(text))))
        elif max(span.start, 0) < min(span.end, len(text)):
            merged.append(Span(max(span.start, 0), min(span.end, len(text))))
    parts, at = [], 0
    for span in merged:
        parts += [escape(text[at : span.start]), bold(text[span.start : span.end])]
        at = span.end
    return "".join([*parts, escape(text[at:])])


def bold(text: str) -> str:
    """The text escaped and in bold; spaces at its ends stay outside, where Discord wants them."""
    inner = text.strip()
    if not clean(inner).strip():
        return escape(text)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}**{escape(inner)}**{after}"


class _Hidden(dict[int, int | None]):
    """For `str.translate`: characters that are drawn as nothing go. Fills itself."""

    def __missing__(self, code: int) -> int | None:
        char = chr(code)
        kind = unicodedata.category(char)
        hidden = char in _BLANK or (kind == "Cf" and char not in "\u200c\u200d" and char not in _DRAWN)
        # Unassigned are also the emoji that are younger than this Python, but none in the planes of tags.
        hidden = hidden or kind == "Co" or (kind == "Cn" and char >= "\U000e0000")
        self[code] = None if hidden else code
        return self[code]


_HIDDEN = _Hidden()


def _unsafe(url: str) -> bool:
    if url.isascii():
        return not url.isprintable()
    return any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in url)


def _fewer_marks(text: str) -> Iterator[str]:
    run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in _MARK else 0
        if run <= _MARKS:
            yield char


def _linkable(label: str) -> str:
    shown = _ESCAPED.sub(lambda found: found[1].translate(_ALIKE), label)
    shown = _PARTED.sub("", shown).replace("@\u2060", "＠")
    return " ".join(_SHORT_NAME.sub(r"\1", _EMOJI.sub("", shown)).split())


def _reach(text: str, room: int) -> int:
    """How many characters take at most `room` units, without parting a letter from its marks."""
    size, used = 0, 0
    for char in text[: room + 1]:
        used += 1 + (char > "\uffff")
        if used > room:
            break
        size += 1
    whole = size
    while 1 < whole < len(text) and (
        unicodedata.category(text[whole]) in _MARK or "\u200d" in text[whole - 1 : whole + 1]
    ):
        whole -= 1
    return whole if whole > 1 else size
