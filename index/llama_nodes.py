"""What the desk gives, as llama-index's nodes and responses. Pure.

A node's metadata are texts and whole numbers, in no further levels, and what is not known is an empty text:
every vector store takes that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from llama_index.core.base.response.schema import Response
from llama_index.core.schema import NodeRelationship, NodeWithScore, RelatedNodeInfo, TextNode

from index.types import Answer, Card, Citation, Claim, Hit

NOT_FOUND = "No article here answers that."
SHOWN = ("title", "source", "published")
"""Metadata that a language model is shown with the text; an embedding model reads the title alone, as ours
does."""


def node_of_hit(hit: Hit) -> NodeWithScore:
    """A passage; its score is comparable within one question only."""
    passage = hit.passage
    node = _node(passage.id, passage.text, hit.card, passage.start, passage.end, {})
    return NodeWithScore(node=node, score=hit.score)


def node_of_citation(citation: Citation) -> NodeWithScore:
    """A quote, word by word as it stands in its article. No score: it is evidence, not a rank."""
    card, start, end = citation.article, citation.start, citation.end
    more: dict[str, str | int] = {
        "number": citation.number,
        "link": citation.link or "",
        "translation": citation.translation,
    }
    return NodeWithScore(node=_node(f"{card.id}#{start}-{end}", citation.quote, card, start, end, more))


def response_of(answer: Answer) -> Response:
    """The sentences with the numbers of their quotes, which are the source nodes, in order of number."""
    return Response(
        response="\n".join(_lines(answer)),
        source_nodes=[node_of_citation(each) for each in answer.citations],
        metadata={
            "outcome": answer.outcome,
            "confidence": answer.confidence,
            "writer": answer.writer,
            "as_of": _day(answer.as_of),
            "understood": answer.understood,
            "differences": [[_claim(each) for each in group] for group in answer.differences],
            "changes": [_claim(each) for each in answer.changes],
            "nearest": [_article(each) for each in answer.nearest],
        },
    )


def _node(id_: str, text: str, card: Card, start: int, end: int, more: dict[str, str | int]) -> TextNode:
    metadata = {**_article(card), "start": start, "end": end, **more}
    return TextNode(
        id_=id_,
        text=text,
        metadata=metadata,
        excluded_llm_metadata_keys=[key for key in metadata if key not in SHOWN or not metadata[key]],
        excluded_embed_metadata_keys=[key for key in metadata if key != "title" or not metadata[key]],
        start_char_idx=start,
        end_char_idx=end,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=card.id)},
    )


def _article(card: Card) -> dict[str, str]:
    return {
        "article_id": card.id,
        "title": card.title,
        "source": card.source or "",
        "url": card.url or "",
        "published": _day(card.published),
    }


def _lines(answer: Answer) -> Sequence[str]:
    if answer.outcome == "not_found":
        return [NOT_FOUND]
    lines = []
    for each in answer.sentences:
        translated = f" ({_one_line(each.translation)})" if each.translation else ""
        lines.append(_marked(each.text, each.citations) + translated)
    for group in answer.differences:
        told = "; ".join(_marked(each.claim, each.citations) for each in group)
        lines.append(f"Sources differ on {group[0].about}: {told}")
    return lines


def _marked(text: str, numbers: Sequence[int]) -> str:
    return f"{_one_line(text)} {''.join(f'[{number}]' for number in numbers)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "about": claim.about,
        "claim": claim.claim,
        "citations": list(claim.citations),
        "day": _day(claim.day),
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
