"""Footnote inside llama-index: its passages as a retriever, its cited answers as a query engine.

Neither asks llama-index for a language model: who writes the answers is Footnote's own setting. Whoever
imports this has llama-index loaded, which takes some seconds; nothing else of Footnote imports it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks.base import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.desk import Desk
from index.deskthread import DeskThread
from index.llama_nodes import node_of_hit, response_of
from index.types import Filters, Question


class FootnoteRetriever(BaseRetriever):
    """Finds passages: the best one of each of the best articles, best first.

    A node has the passage's text and, as metadata, `article_id`, `title`, `source`, `url`, `published` (ISO
    8601, or empty), `start` and `end` in the article's text. To retrieve raises QuestionError where a query
    cannot be read as one, and what else the desk raises.
    """

    def __init__(
        self,
        desk: DeskThread,
        *,
        top_k: int = 5,
        filters: Filters = Filters(),
        asked: date | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """`asked` is the day to which "last week" refers, today if not given. Raises ValueError."""
        if top_k < 1:
            raise ValueError(f"top_k is {top_k}: at least one article must be asked for.")
        super().__init__(callback_manager)
        self._desk = desk
        self._top_k = top_k
        self._filters = filters
        self._asked = asked

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self._desk.run(lambda desk: self._found(desk, query_bundle.query_str))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await self._desk.arun(lambda desk: self._found(desk, query_bundle.query_str))

    async def _found(self, desk: Desk, query: str) -> list[NodeWithScore]:
        hits = await desk.search(query, self._top_k, self._filters, self._asked)
        return [node_of_hit(hit) for hit in hits]


class FootnoteQueryEngine(BaseQueryEngine):
    """Answers with quotes: the response has the sentences with [1], [2], the source nodes are these quotes.

    Where no article answers, the response says so and has no source nodes. `metadata` of the response:
    `outcome` ("answered" or "not_found"), `confidence` (0 to 1, or None), `writer`, `as_of` (ISO 8601, or
    empty), `understood`, `differences`, `changes` and, for not_found, `nearest` articles. To query raises
    QuestionError where a query cannot be read as a question, and what else the desk raises.
    """

    def __init__(
        self,
        desk: DeskThread,
        *,
        filters: Filters = Filters(),
        careful: float | None = None,
        plain: bool = False,
        asked: date | None = None,
        person: str = "",
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """`filters`, `careful`, `plain`, `asked` and `person` as in `index.types.Question`."""
        super().__init__(callback_manager)
        self._desk = desk
        self._like = Question("", filters=filters, careful=careful, plain=plain, asked=asked, person=person)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        return self._desk.run(lambda desk: self._answered(desk, query_bundle.query_str))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await self._desk.arun(lambda desk: self._answered(desk, query_bundle.query_str))

    async def _answered(self, desk: Desk, query: str) -> Response:
        return response_of(await desk.ask(replace(self._like, text=query)))
