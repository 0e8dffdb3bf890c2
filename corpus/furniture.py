"""What a page puts around an article, told by its wording: links, pitches, credits, footers.

Every rule looks at one short paragraph and matches at its beginning or as a whole, so that a
sentence that only mentions a photo, a source or a newsletter stays. Quoted speech and
sentences with an attribution ("said", "told") are never furniture.
"""

from __future__ import annotations

import re

from corpus import wordings
from corpus.agencies import is_agency
from corpus.credits import is_caption
from corpus.layout import ends_sentence

_LONGEST = 600
_LONGEST_LINK = 300
_LONGEST_PITCH = 360

_LINK = re.compile(rf"\W{{0,3}}{wordings.LINK_LABELS}\s?(?:[:：►▶»>|]|[-–—]\s)", re.I)
# These can open a sentence of the article as well: a link only where no sentence end follows.
_SOFT_LINK = re.compile(rf"\W{{0,3}}{wordings.SOFT_LABELS}\s?[:：►▶»>|]", re.I)
# `FOOD RECALLS:How to …`: a label that a link was glued to when the page was saved.
_GLUED = re.compile(r"[^\W\d_][^:.!?;/\"“”]{1,60}[^\W\d_]:(?:[^\W\d_a-z]|['‘\"“][A-Z])\S*\s+\S+\s+\S")
_ALONE = re.compile(rf"\W{{0,3}}{wordings.WHOLE_LINES}[\W\d]{{0,8}}", re.I)
_COPYRIGHT = re.compile(wordings.COPYRIGHT, re.I)
_RESERVED = re.compile(r"\ball rights reserved\b", re.I)
_CREDIT = re.compile(rf"\W{{0,4}}{wordings.CREDITS}", re.I)
_CONTRIBUTED = re.compile(rf"\b{wordings.CONTRIBUTED}\b[^.]{{0,60}}\.?\W{{0,3}}$", re.I)
_BLOG_SIGNATURE = re.compile(r"[-–—]{1,2}\s?[A-Z][\w.'’-]+(?:(?: |, | and |, and )[A-Z][\w.'’-]+){0,8}$")
_CONTACT = re.compile(wordings.CONTACTS, re.I)
_PITCH = re.compile(rf"\b{wordings.PITCHES}", re.I)
_NOTICE = re.compile(wordings.NOTICES, re.I)
_SPEECH = re.compile(
    r"\b(?:said|says|told|asked|wrote|added|tweeted|according to|announced|urged|argued)\b", re.I
)
_BARE_LINK = re.compile(r"(?:https?://|www\.)\S+$", re.I)
_OPENS_QUOTE = tuple("\"“”„«'‘’")


def rule_for(paragraph: str) -> str | None:
    """The name of the rule by which the paragraph is not the article, or None where it is the article."""
    if len(paragraph) > _LONGEST:
        return None
    if not any(map(str.isalnum, paragraph)):
        return "rule"
    if _BARE_LINK.match(paragraph):
        return "link"
    if paragraph.startswith(_OPENS_QUOTE) and ends_sentence(paragraph):
        return None
    return _told_by_beginning(paragraph) or _told_by_content(paragraph)


def is_furniture(line: str) -> bool:
    """Whether a line is not the article."""
    return rule_for(line) is not None


def _told_by_beginning(paragraph: str) -> str | None:
    if _ALONE.fullmatch(paragraph) or _is_link(paragraph):
        return "link"
    if _COPYRIGHT.match(paragraph) or (
        len(paragraph) < 200 and "eserved" in paragraph and _RESERVED.search(paragraph)
    ):
        return "copyright"
    if _is_credit(paragraph):
        return "credit"
    return "caption" if is_caption(paragraph) else None


def _is_link(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST_LINK:
        return False
    if _LINK.match(paragraph):
        return True
    if ends_sentence(paragraph):
        return False
    return bool(_SOFT_LINK.match(paragraph)) or (bool(_GLUED.match(paragraph)) and len(paragraph) <= 220)


def _is_credit(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST_LINK:
        return False
    if (len(paragraph) < 40 and is_agency(paragraph)) or _BLOG_SIGNATURE.match(paragraph):
        return True
    if _CREDIT.match(paragraph):
        # "Associated Press reporters saw …" is a sentence; "The Associated Press" alone is a credit.
        return not paragraph.lower().startswith(("associated", "the associated")) or len(paragraph) < 40
    return "ontribut" in paragraph and bool(_CONTRIBUTED.search(paragraph))


def _told_by_content(paragraph: str) -> str | None:
    if _CONTACT.match(paragraph):
        return None if _SPEECH.search(paragraph) else "contact"
    if _NOTICE.match(paragraph):
        return None if _SPEECH.search(paragraph) else "notice"
    if (
        len(paragraph) <= _LONGEST_PITCH
        and _may_pitch(paragraph)
        and _PITCH.search(paragraph)
        and not _SPEECH.search(paragraph)
    ):
        return "pitch"
    return None


_PITCH_WORDS = (
    "ign up",
    "igning up",
    "ign Up",
    "IGN UP",
    "ubscri",
    "UBSCRI",
    "ewsletter",
    "EWSLETTER",
    "ur inbox",
    "ur Inbox",
    "ur phone",
    "ournalism",
    "ournalists",
    "ecome a",
    "our links",
    "roundup",
)


def _may_pitch(paragraph: str) -> bool:
    """A cheap look before the long rule: no pitch does without one of these."""
    return any(map(paragraph.__contains__, _PITCH_WORDS))
