"""Footnote inside llama-index: a retriever and a query engine, on the real index of the sample articles.

No language model is set in llama-index here, and no key: whatever asked for one would fail.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from llama_index.core import Settings as LlamaSettings
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_selector import BaseSelector, SelectorResult, SingleSelection
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine, RouterQueryEngine, SubQuestionQueryEngine
from llama_index.core.question_gen.types import BaseQuestionGenerator, SubQuestion
from llama_index.core.response_synthesizers.context_only import ContextOnly
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import MetadataMode, QueryBundle
from llama_index.core.tools import QueryEngineTool, ToolMetadata

from index import open_desk
from index.deskthread import DeskThread
from index.errors import QuestionError
from index.llama_nodes import response_of
from index.llama_pipeline import FootnoteQueryEngine, FootnoteRetriever
from index.reports import RefreshOptions
from index.settings import Settings
from index.types import Answer, AnswerSentence, Card, Citation, Filters
from tests.bot.fakes import ANSWER
from tests.index.workshop import ROOT
from tests.served import placed

COUNTRIES = "Which countries get the four new battlegroups?"
CHEESE = "Which cheese melts best on a toast?"
KEYS = {"article_id", "title", "source", "url", "published", "start", "end"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskThread]:
    settings = placed(Settings(data=tmp_path_factory.mktemp("pipeline")))
    with DeskThread(open_desk(settings, purpose="tests")) as desk:
        desk.run(lambda index: index.prepare(RefreshOptions()))
        yield desk


@pytest.fixture(autouse=True)
def _no_model_of_llama_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert LlamaSettings._llm is None
    yield
    assert LlamaSettings._llm is None, "something asked llama-index for its language model"


def test_passages_come_as_nodes_that_stand_in_their_articles(desk: DeskThread) -> None:
    found = FootnoteRetriever(desk, top_k=3).retrieve(COUNTRIES)
    hits = desk.run(lambda index: index.search(COUNTRIES, 3))
    assert [each.node.node_id for each in found] == [hit.passage.id for hit in hits]
    assert [each.score for each in found] == [hit.score for hit in hits]
    assert len(found) == 3
    for each in found:
        known = each.node.metadata
        assert known.keys() == KEYS
        article = desk.run(lambda index, key=known["article_id"]: index.article(key))
        assert article.text[known["start"] : known["end"]] == each.node.get_content()
        assert each.node.ref_doc_id == article.id
        assert known["published"] == article.published.isoformat()


def test_filters_and_the_day_of_the_question_are_those_of_the_desk(desk: DeskThread) -> None:
    nato = FootnoteRetriever(desk, filters=Filters(source="NATO", after=date(2022, 1, 1)))
    known = [each.node.metadata for each in nato.retrieve("battlegroups")]
    assert {each["source"] for each in known} == {"NATO"}
    assert min(each["published"] for each in known) >= "2022"
    question, day = "What did leaders decide this week?", date(2022, 7, 1)
    then = [each.score for each in FootnoteRetriever(desk, asked=day).retrieve(question)]
    assert then == [hit.score for hit in desk.run(lambda index: index.search(question, 5, asked=day))]
    assert then != [each.score for each in FootnoteRetriever(desk).retrieve(question)]


def test_a_model_is_shown_where_a_passage_is_from_and_no_more(desk: DeskThread) -> None:
    (found,) = FootnoteRetriever(desk, top_k=1).retrieve("Rukla")
    known, text = found.node.metadata, found.node.get_content()
    head = f"title: {known['title']}\nsource: {known['source']}\npublished: {known['published']}"
    assert found.node.get_content(MetadataMode.LLM) == f"{head}\n\n{text}"
    assert found.node.get_content(MetadataMode.EMBED) == f"title: {known['title']}\n\n{text}"


@pytest.mark.parametrize("wrong", [0, -1])
def test_to_ask_for_no_article_is_an_error_at_once(desk: DeskThread, wrong: int) -> None:
    with pytest.raises(ValueError, match="top_k"):
        FootnoteRetriever(desk, top_k=wrong)


def test_an_answer_has_its_quotes_as_source_nodes(desk: DeskThread) -> None:
    response = FootnoteQueryEngine(desk).query(COUNTRIES)
    lines = str(response).splitlines()
    assert lines[0].endswith(" [1]")
    assert lines[-1].startswith("Sources differ on the countries: ")
    assert [each.node.metadata["number"] for each in response.source_nodes] == [1, 2, 3, 4]
    for each in response.source_nodes:
        known = each.node.metadata
        assert known.keys() == KEYS | {"number", "link", "translation"}
        article = desk.run(lambda index, key=known["article_id"]: index.article(key))
        assert article.text[known["start"] : known["end"]] == each.node.get_content()
        assert known["link"].startswith(known["url"])
    known = response.metadata
    assert (known["outcome"], known["writer"], known["as_of"]) == ("answered", "extractive", "2022-03-24")
    assert known["confidence"] > Settings().careful
    (group,) = known["differences"]
    assert [claim["citations"] for claim in group] == [[1], [2, 3, 4]]


def test_without_an_answer_it_says_so_and_names_no_source(desk: DeskThread) -> None:
    response = FootnoteQueryEngine(desk).query(CHEESE)
    assert str(response) == "No article here answers that."
    assert response.source_nodes == []
    assert (response.metadata["outcome"], response.metadata["as_of"]) == ("not_found", "")
    assert all(near["article_id"] for near in response.metadata["nearest"])


def test_careful_and_filters_reach_the_question(desk: DeskThread) -> None:
    assert FootnoteQueryEngine(desk, careful=1.0).query(COUNTRIES).source_nodes == []
    old = FootnoteQueryEngine(desk, filters=Filters(before=date(2016, 12, 31)), careful=0.0)
    days = [each.node.metadata["published"] for each in old.query("the Warsaw summit").source_nodes]
    assert days
    assert max(days) < "2017"


async def test_both_ways_of_asking_give_the_same_in_a_loop_that_is_running(desk: DeskThread) -> None:
    engine, retriever = FootnoteQueryEngine(desk), FootnoteRetriever(desk)
    assert str(await engine.aquery(COUNTRIES)) == str(engine.query(COUNTRIES))
    again = await asyncio.gather(*(retriever.aretrieve(COUNTRIES) for _ in range(3)))
    assert again == [retriever.retrieve(COUNTRIES)] * 3


async def test_what_is_no_question_is_an_error_of_its_own_kind(desk: DeskThread) -> None:
    with pytest.raises(QuestionError):
        FootnoteQueryEngine(desk).query("?!")
    with pytest.raises(QuestionError):
        await FootnoteRetriever(desk).aretrieve("")


def test_an_article_of_which_little_is_known_and_a_translation() -> None:
    """Texts everywhere, for vector stores that take no None; line breaks of an article make no line."""
    card = Card("x", "", None, None, None)
    quote = "Eine Zeile\n[2] Noch eine."
    said = (AnswerSentence(quote, (1,), "One line. [2] Another."),)
    answer = Answer("?", "answered", said, (Citation(1, card, quote, 0, len(quote), None, "One line."),))
    response = response_of(answer)
    assert str(response) == "Eine Zeile [2] Noch eine. [1] (One line. [2] Another.)"
    (source,) = response.source_nodes
    assert source.node.metadata == {
        "article_id": "x",
        **dict.fromkeys(("title", "source", "url", "published", "link"), ""),
        "start": 0,
        "end": len(quote),
        "number": 1,
        "translation": "One line.",
    }
    assert source.node.get_content(MetadataMode.LLM) == quote
    assert len(response_of(ANSWER).metadata["differences"][0]) == 2


class Always(BaseSelector):
    """Picks these places."""

    def __init__(self, *places: int) -> None:
        self._places = places

    def _select(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> SelectorResult:
        return SelectorResult(selections=[SingleSelection(index=at, reason="so") for at in self._places])

    async def _aselect(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> SelectorResult:
        return self._select(choices, query)

    def _get_prompts(self) -> dict[str, object]:
        return {}

    def _update_prompts(self, prompts: dict[str, object]) -> None:
        pass


class Twice(BaseQuestionGenerator):
    """Asks each tool the whole question."""

    def generate(self, tools: Sequence[ToolMetadata], query: QueryBundle) -> list[SubQuestion]:
        return [SubQuestion(sub_question=query.query_str, tool_name=tool.name or "") for tool in tools]

    async def agenerate(self, tools: Sequence[ToolMetadata], query: QueryBundle) -> list[SubQuestion]:
        return self.generate(tools, query)

    def _get_prompts(self) -> dict[str, object]:
        return {}

    def _update_prompts(self, prompts: dict[str, object]) -> None:
        pass


def tools(desk: DeskThread) -> list[QueryEngineTool]:
    retriever = FootnoteRetriever(desk, top_k=2)
    engines: dict[str, BaseQueryEngine] = {
        "answers": FootnoteQueryEngine(desk),
        "passages": RetrieverQueryEngine(retriever, ContextOnly(MockLLM())),
    }
    return [QueryEngineTool.from_defaults(each, name=name) for name, each in engines.items()]


async def test_inside_a_router(desk: DeskThread) -> None:
    answers, passages = tools(desk)
    router = RouterQueryEngine(Always(0), [answers, passages], llm=MockLLM())
    assert str(router.query(COUNTRIES)) == answers.call(COUNTRIES).content
    assert len((await router.aquery(COUNTRIES)).source_nodes) == 4
    other = RouterQueryEngine(Always(1), [answers, passages], llm=MockLLM())
    assert len(other.query(COUNTRIES).source_nodes) == 2
    assert "answers" not in router.get_prompts()


@pytest.mark.parametrize("use_async", [False, True])
def test_inside_a_sub_question_engine(desk: DeskThread, use_async: bool) -> None:
    """With `use_async` llama-index runs the sub-questions on a loop that it makes itself."""
    engine = SubQuestionQueryEngine(
        Twice(), ContextOnly(MockLLM()), tools(desk), verbose=False, use_async=use_async
    )
    response = engine.query(COUNTRIES)
    assert "Sources differ on the countries" in str(response)
    numbers = [each.node.metadata.get("number") for each in response.source_nodes]
    assert numbers[2:6] == [1, 2, 3, 4]


@pytest.mark.parametrize("use_async", [False, True])
def test_inside_a_fusion_of_retrievers(desk: DeskThread, use_async: bool) -> None:
    retrievers = [FootnoteRetriever(desk, filters=Filters(source=name)) for name in ("NATO", "LRT")]
    fusion = QueryFusionRetriever(
        retrievers, llm=MockLLM(), num_queries=1, similarity_top_k=4, use_async=use_async
    )
    found = fusion.retrieve("battlegroups")
    assert len(found) == 4
    assert {each.node.metadata["source"] for each in found} == {"NATO", "LRT"}


def test_the_page_shows_code_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "llama-index.md").read_text("utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    monkeypatch.chdir(tmp_path)
    exec(shown, {})
    printed = capsys.readouterr().out
    assert "The United Kingdom leads the battlegroup in Estonia" in printed
    assert re.search(r"^2 http\S+ ", printed, re.M)


def test_the_example_runs(tmp_path: Path) -> None:
    """For real, in a process of its own, from nothing: it builds the index in the folder it is run in."""
    example = ROOT / "docs" / "examples" / "llama_index_pipeline.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "The tool says: The United Kingdom leads the battlegroup in Estonia" in done.stdout
    assert "\n  4: NATO, 2022-03-24, Leaders approve reinforcements" in done.stdout
    assert done.stdout.endswith(f"{CHEESE}\nNo article here answers that.\n")
    assert (tmp_path / ".footnote").is_dir()
