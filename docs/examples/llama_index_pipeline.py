"""Footnote in a llama-index pipeline, over the sample articles. It needs no key and no network.

    .venv/bin/python docs/examples/llama_index_pipeline.py

Three ways: its passages under a retriever query engine, its cited answers as a tool, and a router that picks
between both. docs/llama-index.md says more.
"""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_selector import BaseSelector, SelectorResult, SingleSelection
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine, RouterQueryEngine
from llama_index.core.response_synthesizers.context_only import ContextOnly
from llama_index.core.schema import QueryBundle
from llama_index.core.tools import QueryEngineTool, ToolMetadata

from index import open_desk
from index.deskthread import DeskThread
from index.llama_pipeline import FootnoteQueryEngine, FootnoteRetriever
from index.reports import RefreshOptions
from index.settings import Settings
from index.types import Filters

# The parts below are llama-index's, and each wants a language model, if only to have one. This one calls
# nobody; put your own here, and a synthesizer that writes in the place of ContextOnly.
LLM = MockLLM()


class ByFirstWord(BaseSelector):
    """Picks the engine without a language model: "Find …" wants passages, anything else an answer."""

    def _select(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> SelectorResult:
        wanted = "passages" if query.query_str.casefold().startswith("find ") else "answers"
        place = [choice.name for choice in choices].index(wanted)
        return SelectorResult(selections=[SingleSelection(index=place, reason=f"it wants {wanted}")])

    async def _aselect(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> SelectorResult:
        return self._select(choices, query)

    def _get_prompts(self) -> dict[str, object]:
        return {}

    def _update_prompts(self, prompts: dict[str, object]) -> None:
        """There are none."""


def show(engine: BaseQueryEngine, question: str) -> None:
    """Ask, and print the answer with its sources."""
    response = engine.query(question)
    print(f"\n{question}\n{response}")
    for found in response.source_nodes:
        known = found.node.metadata
        about = ", ".join(filter(None, (known["source"], known["published"], known["title"])))
        print(f"  {known.get('number', '-')}: {about}: {found.node.get_content()[:60]!r} …")


def main() -> None:
    """Build the index where there is none, and ask."""
    # The desk lives in a thread of its own; the block closes it. One desk serves as many parts as you like.
    with DeskThread(open_desk(Settings(), purpose="the example")) as desk:
        desk.run(lambda index: index.prepare(RefreshOptions()))

        # Passages, for a pipeline of your own: reranking, fusion with other retrievers, your own writer.
        retriever = FootnoteRetriever(desk, top_k=2, filters=Filters(source="NATO"))
        passages = RetrieverQueryEngine(retriever, ContextOnly(LLM))
        show(passages, "high readiness troops")

        # Cited answers, as a tool for an agent, a router or a sub-question engine.
        answers = FootnoteQueryEngine(desk)
        tool = QueryEngineTool.from_defaults(answers, name="answers", description="Quotes news articles.")
        print(f"\nThe tool says: {tool.call('Which country leads the battlegroup in Estonia?').content}")

        finder = QueryEngineTool.from_defaults(passages, name="passages", description="Finds passages.")
        router = RouterQueryEngine(ByFirstWord(), [tool, finder], llm=LLM)
        show(router, "Which countries get the four new battlegroups?")
        show(router, "Find the summit in Warsaw")
        show(
            router, "Which cheese melts best on a toast?"
        )  # no article says: no sources, and nothing claimed


if __name__ == "__main__":
    main()
