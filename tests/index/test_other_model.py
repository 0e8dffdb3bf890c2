"""The desk with a model that the settings name: from them to a cited answer, over a real connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import EmbeddingRefused, IndexMismatch
from index.reports import RefreshOptions
from index.secret import Secret
from index.settings import Settings, read_settings
from tests.index.embedding_server import DIMENSIONS, EmbeddingServer, Fault
from tests.index.workshop import CountingEmbedder, Desk, town, towns

KEY = "sk-the-key-that-nobody-may-see"
MODEL = "openai-like:turned-minilm"
QUESTION = "What does the bridge in Town003 cost?"


@pytest.fixture
def server(model: CountingEmbedder) -> Iterator[EmbeddingServer]:
    with EmbeddingServer(model).running() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, server: EmbeddingServer) -> Settings:
    towns(tmp_path / "corpus", range(6))
    return read_settings(
        {
            "FOOTNOTE_CORPUS": str(tmp_path / "corpus"),
            "FOOTNOTE_DATA": str(tmp_path / "data"),
            "FOOTNOTE_EMBEDDING": MODEL,
            "FOOTNOTE_EMBEDDING_URL": server.url,
            "FOOTNOTE_EMBEDDING_KEY": KEY,
        }
    )


@pytest.fixture
def open_desk() -> Iterator[Callable[[Settings], Desk]]:
    opened: list[Desk] = []

    def open_(settings: Settings) -> Desk:
        for desk in opened:
            desk.close()
        opened[:] = [Desk(settings)]
        return opened[0]

    yield open_
    for desk in opened:
        desk.close()


def test_from_the_settings_to_a_cited_answer(
    open_desk: Callable[[Settings], Desk], settings: Settings, server: EmbeddingServer
) -> None:
    assert settings.embedding_key == Secret(KEY)
    desk = open_desk(settings)
    assert desk(desk.desk.refresh, RefreshOptions()).embedded == 6
    answer = desk.ask(QUESTION)
    assert answer.outcome == "answered"
    assert answer.citations[0].article.id == "town-003.md"
    assert answer.citations[0].quote in town(3)
    assert server.texts[-1] == QUESTION
    hits = desk(desk.desk.search, "a new bridge in Town005", 3)
    assert hits[0].card.id == "town-005.md"
    assert 0 < hits[0].similarity <= 1
    assert desk(desk.desk.alike, [QUESTION, "What is the cost of Town003's bridge?"])
    server.asked.clear()
    assert desk(desk.desk.status).embedding == MODEL
    assert server.asked == []


def test_the_doctor_looks_at_the_model_and_at_its_server(
    open_desk: Callable[[Settings], Desk], settings: Settings, server: EmbeddingServer
) -> None:
    desk = open_desk(settings)
    desk(desk.desk.refresh, RefreshOptions())
    checks = {check.name: check for check in desk(desk.desk.doctor)}
    assert all(check.ok for check in checks.values()), checks
    assert checks["model"].detail == f"{MODEL}, {DIMENSIONS} dimensions."
    server.poison = (" ", Fault(401))
    wrong = {check.name: check.detail for check in desk(desk.desk.doctor) if not check.ok}
    assert wrong.keys() == {"model"}
    assert "refuses the key (HTTP 401). Set FOOTNOTE_EMBEDDING_KEY." in wrong["model"]
    assert KEY not in wrong["model"]


def test_an_index_is_not_searched_with_another_model(
    open_desk: Callable[[Settings], Desk], settings: Settings, server: EmbeddingServer
) -> None:
    desk = open_desk(settings)
    desk(desk.desk.refresh, RefreshOptions())
    bundled = open_desk(replace(settings, embedding="bundled"))
    server.asked.clear()
    with pytest.raises(IndexMismatch, match="turned-minilm"):
        bundled.ask(QUESTION)
    bundled(bundled.desk.refresh, RefreshOptions(rebuild=True))
    assert bundled.ask(QUESTION).citations[0].article.id == "town-003.md"
    assert server.asked == []
    again = open_desk(settings)
    assert again(again.desk.refresh, RefreshOptions(rebuild=True)).embedded == 6
    assert again.ask(QUESTION).citations[0].article.id == "town-003.md"


def test_the_old_model_answers_until_a_refresh_has_built_the_index_with_the_new_one(
    open_desk: Callable[[Settings], Desk], settings: Settings, server: EmbeddingServer
) -> None:
    bundled = open_desk(replace(settings, embedding="bundled"))
    bundled(bundled.desk.refresh, RefreshOptions())
    expected = bundled.ask(QUESTION)
    desk = open_desk(settings)
    assert replace(desk.ask(QUESTION), seconds=0.0) == replace(expected, seconds=0.0)
    assert server.asked == []
    due = desk(desk.desk.status).due
    assert due.startswith(f"embedding model was all-MiniLM-L6-v2-int8, is {MODEL}")
    checks = {check.name: check for check in desk(desk.desk.doctor)}
    assert "It answers as it was built" in checks["settings"].detail
    server.asked.clear()
    draft = desk(desk.desk.draft_file, "new.txt", town(9).encode())
    assert not desk(desk.desk.add, draft).anew  # as the rest of the index
    assert server.asked == []
    report = desk(desk.desk.refresh, RefreshOptions())
    assert (report.anew, report.embedded) == (True, 7)
    assert desk(desk.desk.status).due == ""
    assert desk.ask(QUESTION).citations[0].article.id == "town-003.md"
    assert server.texts[-1] == QUESTION


def test_a_refresh_with_the_new_model_that_fails_leaves_the_old_one_answering(
    open_desk: Callable[[Settings], Desk], settings: Settings, server: EmbeddingServer
) -> None:
    bundled = open_desk(replace(settings, embedding="bundled"))
    bundled(bundled.desk.refresh, RefreshOptions())
    desk = open_desk(settings)
    server.poison = ("Town004", Fault(401))
    with pytest.raises(EmbeddingRefused):
        desk(desk.desk.refresh, RefreshOptions())
    assert desk.ask(QUESTION).citations[0].article.id == "town-003.md"
    server.poison = None
    assert desk(desk.desk.refresh, RefreshOptions()).anew
