"""What a saved text shows of its headline, outlet, date, address and author; doubt means None."""

from __future__ import annotations

import re
from datetime import date

from corpus.credits import is_agency
from corpus.dates import end_of_day, leading_day, parse_day
from corpus.layout import ends_sentence
from corpus.plain import host_of, web_address

_LABEL = re.compile(
    r"(?:first |originally )?(?:published|posted|updated|last (?:updated|modified)|created|date|publication date"
    r"|опубликовано|опубліковано|дата|paskelbta|atnaujinta|veröffentlicht|stand|publié|publicado|pubblicato"
    r"|opublikowano|publicēts|avaldatud)(?: (?:on|at|le|el|il|am))?\s?[:,–-]?\s+",
    re.I,
)
# What may follow a day on its line: a time, a zone, and the same again for "updated".
_TIME = re.compile(
    r"(?:[\s,;|•·–—()-]|\d{1,2}[:.h]\d{2}(?::\d{2})?|a\.?m\.?|p\.?m\.?|at|utc|gmt|[ecmpb][sde]?t|[+-]\d{1,2}(?::?\d{2})?"
    r"|updated|last|published)*",
    re.I,
)
_NAME = r"[^\W\d_a-z][^\W\d_]*(?:[.'’-][^\W\d_]*)*"
_NAMES = rf"{_NAME}(?: (?:{_NAME}|de|van|von|der|al|bin)){{1,4}}"
_BYLINE = re.compile(
    rf"(?:By|BY|Von|Par|Автор:|Autorius:|Author:|Written by)\s+(?P<who>{_NAMES}(?:(?:,| and| &|, and) {_NAMES}){{0,4}})"
    r"(?P<rest>(?:\s?[,|•·–—/-]\s?|\s{2,}).{0,80})?$"
)
_NOT_NAMES = re.compile(
    r"\b(?:the|and|of|in|to|a|land|sea|air|day|week|\w+day|january|february|march|april)\b", re.I
)
_NAME_LINE = re.compile(rf"(?P<who>{_NAMES})\s?[^\w\s.,;:!?]{{0,2}}$")
_JOB = re.compile(
    r"\b(?:is|was|are|covers|reports|writes|joined|works|has been)\b.{1,200}?\b(?:writer|editor|reporter|correspondent"
    r"|journalist|columnist|contributor|producer|author|fellow|analyst|anchor|chief|host)s?\b",
    re.I,
)
_HANDLE = re.compile(
    r"(?:^|\s)@\w{2,}|\S@\S+\.\w|\b(?:follow|e-?mail|tweet|reach) (?:him|her|them|me)\b", re.I
)
_SOURCE_LINE = re.compile(
    r"(?:[^\W\d_][\w'’-]*(?: [\w'’-]+){0,5}\s?[:：–—-]\s*)?(?P<url>(?:https?://|www\.)\S+)$", re.I
)
_SOURCE_NAME = re.compile(
    r"(?:source|sources|источник|джерело|šaltinis|quelle|fuente|fonte|źródło|zdroj|allikas|avots|kaynak|källa|bron)\s?[:：]",
    re.I,
)
_COPYRIGHT_OWNER = re.compile(
    r"(?:©|\(c\)|copyright)[\s©(c)]*(?:\d{4}(?:\s?[-–,]\s?\d{4})?)?[\s,.:]*(?:by )?(?P<who>.{2,60}?)"
    r"(?:\s\d{4}(?:\s?[-–]\s?\d{4})?)?\s?(?:[.,;|]\s|\.$|$|all rights)",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:[Rr]eported by|[Aa]ccording to|[Tt]old|[Ii]nterview with|[Tt]o)\s+(?:the )?(?P<who>[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){0,2})"
)
_SUFFIXES = frozenset(
    "com net org info news co gov edu eu uk ua lt lv ee pl de fr ru us ca au online media tv io in".split()
)
_LONGEST_TITLE = 200


def headline(paragraphs: list[str]) -> int | None:
    """The index of the paragraph that is the headline, or None.

    It is the first paragraph of three words or more among those before the first sentence
    (a one-word rubric may stand above it), and a sentence has to follow.
    """
    found = None
    for index, paragraph in enumerate(paragraphs[:5]):
        if len(paragraph) > _LONGEST_TITLE or (ends_sentence(paragraph) and not _is_question(paragraph)):
            return found
        if found is None and len(paragraph.split()) >= 3 and paragraph[-1] not in ":;,—–-•":
            found = index
    return None


def _is_question(paragraph: str) -> bool:
    """A headline may ask or call out, in one go; a sentence of speech stays where it is."""
    return paragraph.endswith(("?", "!")) and len(paragraph) <= 120 and ". " not in paragraph


def day_of_line(line: str) -> date | None:
    """The day of a line that is nothing but a date, with or without a label and a time."""
    if len(line) > 100:
        return None
    label = _LABEL.match(line)
    rest = line[label.end() :] if label else line
    if (end := end_of_day(rest)) and (day := leading_day(rest)):
        following = rest[_TIME.match(rest, end).end() :]  # type: ignore[union-attr]  # it matches nothing too
        return day if not following or end_of_day(following) else None
    if ends_sentence(line) and not label:
        return None
    return parse_day(rest) if any(map(str.isdigit, rest)) else None


def byline(line: str) -> tuple[str, date | None] | None:
    """The author, and the day where it stands beside, of a line such as `By Ana Silva | 24 March 2022`."""
    found = _BYLINE.match(line) if len(line) <= 160 else None
    if found is None or _NOT_NAMES.search(found["who"].replace(" and ", " ")):
        return None
    rest = (found["rest"] or "").strip(" ,|•·–—/-")
    return (found["who"], day_of_line(rest) if rest else None)


def name_line(line: str) -> str | None:
    """The name of a line that holds nothing but a person's name and perhaps a sign, such as an envelope."""
    found = _NAME_LINE.match(line) if len(line) <= 60 else None
    return found["who"] if found else None


def is_biography(paragraph: str, name: str | None) -> bool:
    """Whether the paragraph tells who wrote the article: `name` is on a line of its own, or it says how to reach them."""
    if len(paragraph) > 600 or not _JOB.search(paragraph):
        return False
    if name is not None and paragraph.startswith(name):
        return True
    return bool(_HANDLE.search(paragraph)) and bool(_NAME_LINE.match(" ".join(paragraph.split()[:2])))


def source_link(line: str) -> tuple[str | None, bool] | None:
    """The web address of a line that is a short label and a link; and whether it is a label of a source."""
    found = _SOURCE_LINE.match(line) if len(line) <= 2048 else None
    if found is None:
        return None
    address = found["url"] if "://" in found["url"] else f"https://{found['url']}"
    return web_address(address), bool(_SOURCE_NAME.match(line))


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
    names -= _SUFFIXES
    for paragraph in paragraphs[:40]:
        for found in _TOLD.finditer(paragraph[:2000]):
            words = found["who"].rstrip(".,'’").split()
            for length in range(len(words), 0, -1):
                name = " ".join(words[:length]).removesuffix("'s").removesuffix("’s")
                if "".join(filter(str.isalnum, name.lower())) in names:
                    return name
    return host
