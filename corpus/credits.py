"""Photo captions and credits: which paragraph is one, and whose photo it says it is."""

from __future__ import annotations

import re

from corpus import wordings
from corpus.agencies import is_agency
from corpus.layout import ends_sentence

_LONGEST_CAPTION = 600
_TAIL = 160

_AGENCY_WORD = re.compile(
    r"\b(?:getty|reuters|afp|ap|epa|shutterstock|alamy|istock|unsplash|wireimage|sipa|zuma|imagn|pool|handout"
    r"|via|courtesy)\b",
    re.I,
)
# Bodies that publish photos of themselves; an outlet is not called one of these.
_INSTITUTION = re.compile(rf"\b{wordings.INSTITUTIONS}\b", re.I)
_BEGINS = re.compile(wordings.CAPTION_BEGINNINGS, re.I)
_ENDS = re.compile(rf"{wordings.CAPTION_ENDS}$", re.I)
_VIEW = re.compile(r"view (?:image|photo|picture|gallery)", re.I)
_LAST_WORDS = re.compile(r"[.!?)]\s+((?:[^\W\d_a-z][\w.&'’-]*)(?:\s(?:[^\W\d_a-z][\w.&'’-]*|of|the)){0,3})$")
_INITIAL = re.compile(r"[^\W\d_]\.$")
_NAME_WORD = re.compile(r"[^\W\d_a-z][\w.’'-]*$")
_ACRONYM = re.compile(r"[A-Z]{2,6}$")


def is_caption(paragraph: str) -> bool:
    """Whether the paragraph is a photo's or video's caption or credit, by how it begins or ends."""
    if len(paragraph) > _LONGEST_CAPTION:
        return False
    if _BEGINS.match(paragraph):
        return True
    if ends_sentence(paragraph) and paragraph[-2:] != ").":
        return False
    return bool(_ENDS.search(paragraph[-_TAIL:])) or _slash_credit(paragraph) is not None


def photo_outlet(caption: str) -> str | None:
    """The outlet whose own photographer a caption credits; None for agencies, institutions and doubt."""
    if _AGENCY_WORD.search(caption[-_TAIL:]):
        return None
    owners = _slash_credit(caption)
    if owners is None and _VIEW.match(caption) and (found := _LAST_WORDS.search(caption[-_TAIL:])):
        owners = [found[1]]
    if not owners or len(owners) != 1:
        return None
    owner = owners[0].strip()
    return None if is_agency(owner) or _INSTITUTION.search(owner) else owner


def _slash_credit(paragraph: str) -> list[str] | None:
    """The owners in a credit such as `A. Jonaitis/Outlet` or `Ana Silva/AFP/Getty Images` at the end."""
    tail = paragraph[-_TAIL:]
    if tail.endswith((")", "]")) and "/" in tail[max(tail.rfind("("), tail.rfind("[")) :]:
        tail = tail[:-1]
    if "/" not in tail or "://" in tail:
        return None
    pieces = tail.split("/")
    owners: list[str] = []
    while len(pieces) > 1 and _is_owner(pieces[-1]):
        owners.insert(0, pieces.pop().strip())
    if not owners or not pieces[-1].strip():
        return None
    before = pieces[-1].strip()
    person = _trailing_name(before)
    if not person and len(owners) >= 2 and _trailing_name(owners[0]):
        # `The pier. / A. Jonaitis/Outlet`: the first piece is the caption.
        person, owners = owners[0].split(), owners[1:]
    else:
        before = before.removesuffix(" ".join(person)).rstrip("([ ")
    if person and _AGENCY_WORD.fullmatch(person[-1]) and len(_trailing_name(owners[0])) >= 2:
        return [person[-1]]  # `REUTERS/Ana Silva`
    return owners if person and _is_credit(person, owners, before, whole=len(paragraph) < _TAIL) else None


def _is_credit(person: list[str], owners: list[str], before: str, *, whole: bool) -> bool:
    """Whether name and owners are a credit and not a heading such as `Health/Science`."""
    if any(is_agency(owner) or _AGENCY_WORD.search(owner) for owner in owners):
        return True
    if len(owners) > 1:
        return False
    if len(person) >= 2 and _INITIAL.match(person[0]):
        return True
    named = 2 <= len(person) <= 4
    if before or not whole:
        return named and (ends_sentence(before) or before[-1:] in {"|", "–", "—", ""})
    return named and bool(_ACRONYM.match(owners[0]))


def _is_owner(piece: str) -> bool:
    words = piece.split()
    return (
        0 < len(words) <= 6
        and len(piece) <= 50
        and not piece.rstrip().endswith((".", "!", "?"))
        and (words[0][0].isupper() or words[0].lower() in {"via", "the", "file"})
        and not any(word.endswith((".", "!", "?", ";", ":")) for word in words[:-1])
    )


def _trailing_name(piece: str) -> list[str]:
    """The capitalised words at the end of a piece, as in a photographer's name."""
    name: list[str] = []
    for marked in reversed(piece.split()):
        word = marked.lstrip("([")
        ends = word.endswith(".") and not _INITIAL.match(word)
        if ends or len(name) == 5 or not _NAME_WORD.match(word):
            break
        name.insert(0, word)
        if word != marked:
            break
    return name
