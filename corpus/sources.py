"""Whose article a saved text says it is: source links, copyright footers, names in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.agencies import is_agency
from corpus.plain import host_of, web_address

_SOURCE_LINE = re.compile(
    r"(?:[^\W\d_][\w'’-]*(?: [\w'’-]+){0,5}\s?[:：–—-]\s*)?(?P<url>(?:https?://|www\.)\S+)$", re.I
)
_SOURCE_NAME = re.compile(
    r"(?:original )?(?:sources?|источник|джерело|šaltinis|quelle|fuente|fonte|źródło|zdroj|allikas|avots"
    r"|kaynak|källa|bron|kilde|lähde|sursa|forrás|крыніца|извор|link|url|original|article|via)\s?[:：]",
    re.I,
)
_COPYRIGHT_OWNER = re.compile(
    r"(?:©|\(c\)|&copy;?|copyright)[\s©(c)]*(?:\d{4}(?:\s?[-–,]\s?\d{4})?)?[\s,.:]*(?:by )?(?P<who>.{2,60}?)"
    r"(?:\s\d{4}(?:\s?[-–]\s?\d{4})?)?\s?(?:[.,;|]\s|\.$|$|all rights)",
    re.I,
)
_CAPITALISED = r"[^\W\d_a-z][\w.'’-]*"
_TOLD = re.compile(
    rf"\b(?:[Rr]eported by|[Aa]ccording to|[Tt]old|[Ii]nterview with|[Tt]o)\s+(?:the )?"
    rf"(?P<who>{_CAPITALISED}(?: {_CAPITALISED}){{0,2}})"
)
# Links that lead somewhere else than to the article.
_OTHER_LABEL = re.compile(
    r"(?:more|info|information|list|details?|follow|tickets?|website|web|visit|watch|video|photos?|donate|apply"
    r"|read|related|twitter|facebook|instagram|youtube|e-?mail|contact|download|subscribe|sign|register)\b"
)
_SOCIAL = re.compile(
    r"\b(?:twitter|facebook|instagram|youtube|tiktok|linkedin|t|x|youtu|tinyurl|bit)\.(?:com|co|be|ly)/", re.I
)
_ENDINGS = frozenset(
    {"com", "net", "org", "info", "news", "co", "gov", "edu", "eu", "media", "tv", "io", "www", "en"}
)


@dataclass(frozen=True, slots=True)
class SourceLink:
    """Where a source line leads: `address` is None unless that may be the article itself."""

    address: str | None
    named: bool
    """Whether the label says "source", in one of the languages that are known."""


def source_link(line: str) -> SourceLink | None:
    """The link of a line that is a short label and a web address, or only an address."""
    found = _SOURCE_LINE.match(line) if len(line) <= 2048 else None
    if found is None:
        return None
    address = found["url"] if "://" in found["url"] else f"https://{found['url']}"
    label = line[: found.start("url")].strip(" :：–—-").lower()
    named = bool(_SOURCE_NAME.match(line))
    elsewhere = len(label.split()) > 3 or bool(_OTHER_LABEL.match(label)) or bool(_SOCIAL.search(address))
    return SourceLink(None if elsewhere and not named else web_address(address), named)


def copyright_owner(line: str) -> str | None:
    """The outlet that a copyright footer names; None for agencies, whose text and photos go everywhere."""
    found = _COPYRIGHT_OWNER.match(line)
    if found is None:
        return None
    owner = found["who"].strip(" .,;:-–—|")
    fits = owner and any(map(str.isalpha, owner)) and len(owner.split()) <= 6 and owner[0].isupper()
    return owner if fits and not is_agency(owner) and not owner.lower().startswith("all rights") else None


def outlet_of_link(address: str | None, paragraphs: list[str]) -> str | None:
    """The outlet of a source link, by the name that the text gives it where the text does, or by its host."""
    host = host_of(address)
    if host is None:
        return None
    labels = host.split(".")
    names = {"".join(labels[i:j]) for i in range(len(labels)) for j in range(i + 1, len(labels) + 1)}
    names -= _ENDINGS
    for paragraph in paragraphs[:40]:
        for found in _TOLD.finditer(paragraph[:2000]):
            words = found["who"].rstrip(".,'’").split()
            for length in range(len(words), 0, -1):
                name = " ".join(words[:length]).removesuffix("'s").removesuffix("’s")
                if "".join(filter(str.isalnum, name.lower())) in names:
                    return name
    return host
