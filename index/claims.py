"""A message -> its claims, each held against the articles: supported, differs, or not found.

"Supported" is never said lightly: one sentence of one article has to say all of the claim. What is
in doubt is not found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index import answering, checking, evidence
from index.comparing import compare
from index.differing import Outcome
from index.errors import QuestionError
from index.likening import stand_in
from index.links import link_to
from index.matching import Likeness
from index.retrieval import Retriever
from index.sentences import is_sentence, sentences
from index.settings import Settings
from index.snapshot import Found, Snapshot
from index.statements import statement, written_large
from index.types import Card, CheckedClaim, Citation, Filters, Question, Span
from index.words import content

MOST = 8
"""Claims of one message."""
LONGEST = 300
"""Characters of a claim; a longer one is cut, and not held against anything."""
LONGEST_MESSAGE = 4000
"""Characters of a message."""
SOURCES = 3
"""Citations under one claim."""
LEAST_WORDS = 2
"""Words of meaning without which a sentence is no claim."""
RECENT = 365
"""Days before the newest article within which a figure still counts as one of today."""
CHANGED = 7
"""Days after which another figure is a change over time."""
_LINK = re.compile(r"<?\b(?:https?://|www\.)\S+", re.I)
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:|t:)\d+(?::\w)?>")
_OPENS = re.compile(
    r"^(?:(?:hi|hello|hey|wow|lol|thanks|thank you|btw|fyi|imho|imo)\b[\s,!.:–-]*"
    r"|(?:ok|okay|well|so|yes|no|yeah|breaking|news|everyone|all|folks|guys)\b\s*[,!.:–-]+\s*"
    r"|(?:i (?:think|believe|heard|read|guess)(?: that)?|in my opinion,?|did you know(?: that)?|apparently,?)"
    r"\s+)+",
    re.I,
)
_ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|where|why|how|is|are|was|were|do|does|did|can|could|should|would|please|let)\b",
    re.I,
)
_PRESENT = re.compile(r"\b(?:has|have|is|are|keeps?|holds?|remains?|now)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Witness:
    card: Card
    quote: str
    span: Span
    outcome: Outcome


def check(text: str, known: Snapshot, retriever: Retriever, settings: Settings) -> tuple[CheckedClaim, ...]:
    """Hold each claim of a text against the articles.

    Raises QuestionError for a text without a claim. `settings` may name fewer sentences for an answer:
    then as few sources stand under a claim.
    """
    told = claims(text)
    numbered = 0
    checked = []
    for claim in told:
        verdict = (
            _held(claim, known, retriever)
            if len(claim) <= LONGEST
            else CheckedClaim(_cut(claim), "not_found")
        )
        cited = tuple(
            Citation(numbered + place, c.article, c.quote, c.start, c.end, c.link)
            for place, c in enumerate(verdict.citations[: min(SOURCES, settings.sentences)], 1)
        )
        numbered += len(cited)
        checked.append(CheckedClaim(verdict.claim, verdict.verdict, cited, verdict.difference))
    return tuple(checked)


def claims(text: str) -> tuple[str, ...]:
    """The sentences of a message that claim something. Raises QuestionError where none does."""
    bare = _MENTION.sub(" ", _LINK.sub(" ", text))
    if len(text) > LONGEST_MESSAGE:
        raise QuestionError(
            f"The message has {len(text)} characters; at most {LONGEST_MESSAGE} are checked. "
            "Check a part of it."
        )
    found = []
    for line in bare.splitlines():
        plain = answering.plain(re.sub(r"^\s*(?:[-*•+]|\d+[.)])\s+", "", line))
        for span in sentences(plain):
            sentence = plain[span.start : span.end]
            claim = _OPENS.sub("", sentence).strip()
            if _claims(claim):
                found.append(claim[:1].upper() + claim[1:])
    if not found:
        answering.checked(Question(bare[: answering.LONGEST]))
        raise QuestionError(
            "The message holds no claim that could be checked: a claim is a sentence that says "
            "something, not a question."
        )
    return tuple(dict.fromkeys(found))[:MOST]


def _claims(sentence: str) -> bool:
    said = content(sentence)
    asks = sentence.endswith("?") or (_ASKS.match(sentence) is not None and "," not in sentence)
    return len(said) >= LEAST_WORDS and not asks and any(word.isalpha() for word in said)


def _cut(claim: str) -> str:
    return claim[: claim.rfind(" ", 0, LONGEST)].rstrip(" ,;:") + "…"


def _held(claim: str, known: Snapshot, retriever: Retriever) -> CheckedClaim:
    """The verdict on one claim; its citations are not numbered yet."""
    _, ranked = retriever.search(claim, Filters())
    likeness = _likeness(retriever)
    newest = known.days()[1]
    witnesses = [
        witness
        for _, found in retriever.found(ranked[: evidence.PASSAGES])
        for witness in _witnesses(claim, found, newest, likeness)
    ]
    same = [witness for witness in witnesses if witness.outcome.same]
    other = _one_difference([witness for witness in witnesses if witness.outcome.about])
    if same and not _overtaken(same, other):
        return CheckedClaim(claim, "supported", _cited(same, known))
    if other and not same:
        told = other[0].outcome
        return CheckedClaim(
            claim, "differs", _cited(other, known), f"{told.claimed}, the articles say {told.told}"
        )
    return CheckedClaim(claim, "not_found")


def _witnesses(claim: str, found: Found, newest: date | None, likeness: Likeness) -> list[_Witness]:
    """The sentences of a passage that say the claim, or differ from it."""
    passage, day = found.passage, found.card.published
    large = written_large(f"{passage.text}\n{found.card.title}\n{claim}")
    mine = statement(claim, day, large)
    old = day is not None and newest is not None and (newest - day).days > RECENT
    if old and mine.figures and not mine.days and _PRESENT.search(claim):
        return []
    made = []
    for span in passage.sentences:
        text = passage.text[span.start - passage.start : span.end - passage.start]
        if is_sentence(text):
            outcome = compare(mine, statement(text, day, large), likeness)
            if outcome is not None and (outcome.same or outcome.about):
                made.append(_Witness(found.card, text, span, outcome))
    return made


def _likeness(retriever: Retriever) -> Likeness:
    return lambda word, others: stand_in(word, others, retriever.word_vectors)


def _one_difference(witnesses: Sequence[_Witness]) -> list[_Witness]:
    """Those that differ in the same way as the one that comes nearest to the claim."""
    if not witnesses:
        return []
    best = max(witnesses, key=lambda witness: witness.outcome.weight)
    key = best.outcome.about, best.outcome.told.casefold()
    rest = [w for w in witnesses if (w.outcome.about, w.outcome.told.casefold()) == key and w is not best]
    return [best, *rest]


def _overtaken(same: Sequence[_Witness], other: Sequence[_Witness]) -> bool:
    """Whether newer articles have another figure than those that support the claim."""
    if not other or other[0].outcome.about != "figure":
        return False
    old = [witness.card.published for witness in same if witness.card.published]
    new = [witness.card.published for witness in other if witness.card.published]
    return bool(old and new) and (max(new) - max(old)).days > CHANGED


def _cited(witnesses: Sequence[_Witness], known: Snapshot) -> tuple[Citation, ...]:
    """The quotes, best first, one of each article, other outlets before the same again."""
    ranked = sorted(witnesses, key=lambda witness: -witness.outcome.weight)
    articles = {witness.card.id: witness for witness in reversed(ranked)}
    first = [witness for witness in ranked if articles[witness.card.id] is witness]
    outlets: set[str | None] = set()
    fresh: list[_Witness] = []
    again: list[_Witness] = []
    for witness in first:
        (again if witness.card.source in outlets else fresh).append(witness)
        outlets.add(witness.card.source)
    made = []
    for witness in [*fresh, *again]:
        link = link_to(witness.card.url, witness.quote)
        citation = Citation(0, witness.card, witness.quote, witness.span.start, witness.span.end, link)
        article = known.article(witness.card.id)
        if article is not None and checking.holds(citation, article.text):
            made.append(citation)
    return tuple(made)
