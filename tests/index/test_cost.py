"""What a refresh with a paid model costs is told before, and is refused above the budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from index.cost import TOKENS
from index.errors import CostRefused, SettingsError
from index.llama_embedding import LlamaIndexEmbedder
from index.reports import Estimate
from index.settings import read_settings
from tests.index.embedding_server import EmbeddingServer
from tests.index.workshop import CountingEmbedder, Workshop, towns


@pytest.fixture
def server(model: CountingEmbedder) -> Iterator[EmbeddingServer]:
    with EmbeddingServer(model).running() as running:
        yield running


@pytest.fixture
def paid(
    make_workshop: Callable[..., Workshop], model: CountingEmbedder, server: EmbeddingServer
) -> Iterator[Callable[..., Workshop]]:
    made: list[LlamaIndexEmbedder] = []

    def make(**settings: Any) -> Workshop:
        name = "openai-like:turned-minilm"
        workshop = make_workshop(embedding=name, embedding_url=server.url, **settings)
        made.append(LlamaIndexEmbedder(name, workshop.settings, model))
        workshop.embedder = made[-1]
        return workshop

    yield make
    for each in made:
        each.close()


def test_a_dry_run_counts_what_would_be_read_and_asks_nobody(
    paid: Callable[..., Workshop], model: CountingEmbedder, server: EmbeddingServer
) -> None:
    workshop = paid(embedding_price=20.0)
    towns(workshop.corpus, range(5))
    report = workshop.refresh(dry_run=True)
    assert server.asked == []
    assert report.estimate is not None
    workshop.refresh()
    tokens = round(TOKENS * sum(model.count(text) for text in server.texts))
    assert report.estimate == Estimate(5, tokens, tokens * 20 / 1_000_000)
    assert workshop.refresh(dry_run=True).estimate == Estimate(0, 0, 0.0)


def test_without_a_price_the_tokens_are_told_alone(paid: Callable[..., Workshop]) -> None:
    workshop = paid()
    towns(workshop.corpus, range(1))
    estimate = workshop.refresh(dry_run=True).estimate
    assert estimate is not None
    assert (estimate.passages, estimate.cost) == (1, None)


def test_the_bundled_model_costs_nothing(workshop: Workshop) -> None:
    towns(workshop.corpus, range(1))
    assert workshop.refresh(dry_run=True).estimate is None


def test_a_refresh_above_the_budget_is_refused_unless_it_is_agreed_to(
    paid: Callable[..., Workshop], server: EmbeddingServer
) -> None:
    workshop = paid(embedding_price=20.0, embedding_budget=0.002)
    towns(workshop.corpus, range(9))
    with pytest.raises(CostRefused, match=r"9 passages \(about [\d,]+ tokens\).*--allow-cost") as raised:
        workshop.refresh()
    assert raised.value.wrong_use
    assert server.asked == []
    assert raised.value.cost > raised.value.budget == 0.002
    with pytest.raises(CostRefused):
        workshop.refresh(budget=raised.value.cost * 0.99)
    assert workshop.refresh(budget=raised.value.cost).embedded == 9
    towns(workshop.corpus, range(9, 10))
    assert workshop.refresh().embedded == 1  # what is there is not paid for again
    towns(workshop.corpus, range(10, 19))
    assert workshop.refresh(budget=math.inf).embedded == 9


@pytest.mark.parametrize("amount", ["-1", "cheap", "inf", "nan"])
def test_an_amount_that_is_none(amount: str) -> None:
    with pytest.raises(SettingsError, match=r"FOOTNOTE_EMBEDDING_PRICE .*an amount of money"):
        read_settings({"FOOTNOTE_EMBEDDING_PRICE": amount})


def test_a_budget_needs_a_price() -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_EMBEDDING_PRICE"):
        read_settings({"FOOTNOTE_EMBEDDING_BUDGET": "1"})
    both = {"FOOTNOTE_EMBEDDING_BUDGET": "1", "FOOTNOTE_EMBEDDING_PRICE": "0.02"}
    assert read_settings(both).embedding_budget == 1.0


@pytest.mark.parametrize("name", ["gpt:4", "openai:", "openai", "sentence-transformers:all-MiniLM"])
def test_a_model_that_cannot_be_meant(name: str) -> None:
    with pytest.raises(SettingsError, match=r"FOOTNOTE_EMBEDDING is .*bundled, or one of openai:MODEL"):
        read_settings({"FOOTNOTE_EMBEDDING": name})


@pytest.mark.parametrize("name", ["bundled", "ollama:nomic-embed-text:v1.5", "huggingface:BAAI/bge-m3"])
def test_a_model_that_can(name: str) -> None:
    assert read_settings({"FOOTNOTE_EMBEDDING": name}).embedding == name


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError, match="holds a password") as raised:
        read_settings({"FOOTNOTE_EMBEDDING_URL": "https://me:hunter2@example.com/v1"})
    assert "hunter2" not in str(raised.value)
    with pytest.raises(SettingsError, match="http://"):
        read_settings({"FOOTNOTE_EMBEDDING_URL": "localhost:8080"})
    assert read_settings({"FOOTNOTE_EMBEDDING_URL": "http://h:1/v1/"}).embedding_url == "http://h:1/v1"
