"""Values as JSON objects. An answer is exactly what the contract `answer.schema.json` describes."""

from __future__ import annotations

import json
from typing import Any

from corpus.article import Article
from index.moves import BackedUp, Restored
from index.reports import Check, Generation, RefreshReport, Status, Undone
from index.types import Answer, Card, Citation, Claim, Hit


def line(value: Any) -> bytes:
    """One line of JSON in UTF-8, whatever the encoding of the terminal."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace")


def answer(value: Answer, question_id: str | None = None) -> dict[str, Any]:
    """An answer; `question_id` only where the question came from a questions file."""
    head = {} if question_id is None else {"id": question_id}
    return head | {
        "question": value.question,
        "outcome": value.outcome,
        "sentences": [
            {"text": each.translation or each.text, "citations": list(each.citations)}
            for each in value.sentences
        ],
        "citations": [_citation(each) for each in value.citations],
        "agreement": [_claim(each) for each in value.agreement],
        "nearest": [card(each) for each in value.nearest],
        "as_of": value.as_of.isoformat() if value.as_of else None,
        "confidence": value.confidence,
        "writer": value.writer,
        "seconds": value.seconds,
    }


def card(value: Card) -> dict[str, Any]:
    """An article without its text."""
    return {
        "id": value.id,
        "title": value.title,
        "source": value.source,
        "url": value.url,
        "published": value.published.isoformat() if value.published else None,
    }


def article(value: Article) -> dict[str, Any]:
    """An article with its cleaned text, which the offsets of quotes count in."""
    return {
        "id": value.id,
        "title": value.title,
        "source": value.source,
        "url": value.url,
        "published": value.published.isoformat() if value.published else None,
        "author": value.author,
        "origin": value.origin,
        "text": value.text,
    }


def hit(value: Hit) -> dict[str, Any]:
    """A passage that a search found."""
    return {
        "article": card(value.card),
        "text": value.passage.text,
        "start": value.passage.start,
        "end": value.passage.end,
        "score": value.score,
        "similarity": value.similarity,
        "more": value.more,
    }


def report(value: RefreshReport) -> dict[str, Any]:
    """What a refresh did, or would do; `estimate` only where that is told."""
    made = value.estimate
    estimate = {"passages": made.passages, "tokens": made.tokens, "cost": made.cost} if made else None
    return ({"estimate": estimate} if estimate else {}) | {
        "dry_run": value.dry_run,
        "added": list(value.added),
        "changed": list(value.changed),
        "removed": list(value.removed),
        "unchanged": value.unchanged,
        "failed": [{"origin": each.origin, "reason": each.reason} for each in value.failed],
        "duplicates": [{"origin": each.origin, "kept": each.kept} for each in value.duplicates],
        "embedded": value.embedded,
        "seconds": value.seconds,
    }


def status(value: Status) -> dict[str, Any]:
    """The state of the index; `writer` and `spent` only where a language model is set."""
    spent = value.spent
    taken = (
        {
            "tokens": spent.tokens,
            "cost": spent.cost,
            "most_tokens": spent.most_tokens,
            "most_cost": spent.most_cost,
        }
        if spent
        else None
    )
    return ({"writer": value.writer, "spent": taken} if value.writer else {}) | {
        "corpus": value.corpus,
        "data": value.data,
        "articles": value.articles,
        "passages": value.passages,
        "sources": [{"source": name, "articles": number} for name, number in value.sources],
        "newest": value.newest.isoformat() if value.newest else None,
        "oldest": value.oldest.isoformat() if value.oldest else None,
        "last_refresh": value.last_refresh.isoformat() if value.last_refresh else None,
        "failed": [{"origin": each.origin, "reason": each.reason} for each in value.failed],
        "duplicates": [{"origin": each.origin, "kept": each.kept} for each in value.duplicates],
        "embedding": value.embedding,
        "generation": value.generation,
        "bytes": value.bytes,
        "vectors": value.vectors,
    }


def backed_up(value: BackedUp) -> dict[str, Any]:
    """What a backup holds."""
    return {
        "file": str(value.file),
        "made": value.made.isoformat(),
        "articles": value.articles,
        "passages": value.passages,
        "vectors": value.vectors,
        "records": list(value.records),
        "removed": value.removed,
        "bytes": value.bytes,
        "seconds": value.seconds,
    }


def restored(value: Restored) -> dict[str, Any]:
    """What a restore brought back."""
    return {
        "made": value.made.isoformat(),
        "articles": value.articles,
        "passages": value.passages,
        "records": list(value.records),
        "kept": list(value.aside),
        "files": value.files,
        "found": value.found,
        "mismatch": value.mismatch or None,
        "seconds": value.seconds,
    }


def undone(value: Undone) -> dict[str, Any]:
    """What an undo did."""
    return {
        "restored": list(value.restored),
        "taken_out": list(value.taken_out),
        "generation": value.generation,
    }


def generation(value: Generation) -> dict[str, Any]:
    """A change that can be undone."""
    return {
        "generation": value.number,
        "made": value.made.isoformat() if value.made else None,
        "added": value.added,
        "changed": value.changed,
        "removed": value.removed,
    }


def check(value: Check) -> dict[str, Any]:
    """One line of the doctor."""
    return {"name": value.name, "ok": value.ok, "detail": value.detail, "mend": value.mend}


def _citation(value: Citation) -> dict[str, Any]:
    return {
        "number": value.number,
        "article": card(value.article),
        "quote": value.quote,
        "start": value.start,
        "end": value.end,
        "link": value.link,
    }


def _claim(value: Claim) -> dict[str, Any]:
    return {"about": value.about, "claim": value.claim, "citations": list(value.citations)}
