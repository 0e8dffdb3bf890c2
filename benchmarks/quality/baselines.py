"""What Footnote is compared with: BM25 alone, dense alone, and llama-index as its documentation begins.

Each finds passages and cannot do more, so each answers with the first sentences of its best passage, in
the order in which they stand there: as many as an answer of Footnote may have (`FOOTNOTE_SENTENCES`).
Its confidence is the score of that passage.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.common import RawModel, say
from corpus.article import Article
from index.embedding import BundledEmbedder
from index.retrieval import DEPTH, match
from index.sentences import sentences
from index.settings import Settings
from index.snapshot import Snapshot
from index.store import VectorStore
from index.types import Answer, AnswerSentence, Card, Citation, Hit, Passage, Question

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex

SENTENCES = Settings().sentences
TOP = 4
"""Passages that llama-index is asked for."""
THREADS = 2


class Baseline(ABC):
    """Finds passages; the rest follows from them. Implements `index.evaluation.Examined`."""

    def __init__(self, known: Snapshot) -> None:
        """`known` is the library of Footnote's own index."""
        self.known = known

    @abstractmethod
    def passages(self, question: str) -> list[tuple[Passage, Card, float]]:
        """Passages with their articles and scores, best first."""

    async def search(self, query: str, limit: int = 10, *, asked: date | None = None) -> Sequence[Hit]:
        """The best passage of each of the best articles."""
        hits: dict[str, Hit] = {}
        for passage, card, score in self.passages(query):
            hits.setdefault(card.id, Hit(passage, card, score, score))
        return list(hits.values())[:limit]

    async def ask(self, question: Question) -> Answer:
        """The first sentences of the best passage."""
        found = self.passages(question.text)
        if not found:
            return Answer(question.text, "not_found")
        passage, card, score = found[0]
        spans = sentences(passage.text)[:SENTENCES]
        said = [passage.text[span.start : span.end] for span in spans]
        starts = [passage.start + span.start for span in spans]
        return Answer(
            question.text,
            "answered",
            tuple(AnswerSentence(text, (number,)) for number, text in enumerate(said, 1)),
            tuple(
                Citation(number, card, text, start, start + len(text), None)
                for number, (text, start) in enumerate(zip(said, starts, strict=True), 1)
            ),
            confidence=score,
        )

    async def article(self, article_id: str) -> Article:
        """One article, as Footnote has cleaned it."""
        return self.known.known_article(article_id)

    def _found(self, scored: Sequence[tuple[str, float]]) -> list[tuple[Passage, Card, float]]:
        score = dict(scored)
        return [
            (found.passage, found.card, score[found.passage.id])
            for found in self.known.found([id_ for id_, _ in scored])
        ]


class Words(Baseline):
    """BM25 over Footnote's passages, headline included (SQLite FTS5), asked as Footnote asks it."""

    def passages(self, question: str) -> list[tuple[Passage, Card, float]]:
        """By words alone."""
        expression = match(question, self.known)
        return self._found(self.known.lexical(expression, DEPTH) if expression else [])


class Dense(Baseline):
    """Cosine of question and passage over Footnote's passages, headline included (Chroma)."""

    def __init__(self, known: Snapshot, store: VectorStore) -> None:
        """`store` has the passages of `known`."""
        super().__init__(known)
        self._store, self._embedder = store, BundledEmbedder()

    def passages(self, question: str) -> list[tuple[Passage, Card, float]]:
        """By meaning alone."""
        return self._found(self._store.nearest(self._embedder.question(question), DEPTH))


class LlamaIndex(Baseline):
    """VectorStoreIndex with a SentenceSplitter as it comes (1,024 tokens, 200 of overlap), the bundled
    model, the four best nodes. It reads the articles as Footnote has cleaned them, with the headline as
    metadata, which llama-index puts in front of what the model reads.
    """

    def __init__(self, known: Snapshot, folder: Path) -> None:
        """`folder` keeps the index, which is built at first."""
        super().__init__(known)
        self._folder = folder
        self._cards = {card.id: card for card in known.cards()}

    def passages(self, question: str) -> list[tuple[Passage, Card, float]]:
        """The nodes that its retriever gives."""
        made = []
        for found in self._retriever.retrieve(question):
            node, article = found.node, str(found.node.ref_doc_id)
            start = node.start_char_idx or 0
            passage = Passage(node.node_id, article, start, start + len(node.text), node.text, "", ())
            made.append((passage, self._cards[article], float(found.score or 0.0)))
        return made

    @cached_property
    def _retriever(self) -> Any:
        return self._index().as_retriever(similarity_top_k=TOP)

    def _index(self) -> VectorStoreIndex:
        from llama_index.core import (
            Document,
            StorageContext,
            VectorStoreIndex,
            load_index_from_storage,
        )
        from llama_index.core.node_parser import SentenceSplitter

        model = _embedding()
        if self._folder.is_dir():
            context = StorageContext.from_defaults(persist_dir=str(self._folder))
            return load_index_from_storage(context, embed_model=model)  # type: ignore[return-value]  # it is one
        say("  building llama-index's index")
        articles = [self.known.known_article(id_) for id_ in self._cards]
        documents = [
            Document(text=a.text, id_=a.id, metadata={"title": a.title} if a.title else {}) for a in articles
        ]
        index = VectorStoreIndex.from_documents(
            documents, transformations=[SentenceSplitter()], embed_model=model
        )
        part = self._folder.with_name(f"{self._folder.name}.part")
        index.storage_context.persist(str(part))
        part.replace(self._folder)
        return index


def _embedding() -> Any:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from pydantic import PrivateAttr

    class Bundled(BaseEmbedding):
        """The model that Footnote bundles; it reads 256 word pieces and cuts the rest off."""

        _model: RawModel = PrivateAttr(default_factory=lambda: RawModel(1))

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in row] for row in self._model.embed(texts, batch=4, workers=THREADS)]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    return Bundled(model_name="all-MiniLM-L6-v2-int8", embed_batch_size=64)
