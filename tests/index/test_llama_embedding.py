"""Another embedding model than the bundled one: its server fails in every way, and nothing wrong is kept."""

from __future__ import annotations

import logging
import math
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from index import llama_embedding, providers
from index.built import due
from index.embedders import open_embedder
from index.embedding import SIZE, BundledEmbedder, Remembered
from index.errors import (
    EmbeddingAway,
    EmbeddingRefused,
    ModelMissing,
    RefreshCancelled,
    SettingsError,
)
from index.llama_embedding import LlamaIndexEmbedder
from index.patience import Patience
from index.reports import Cancel, RefreshReport
from index.secret import Secret
from index.settings import Settings
from index.types import Filters
from tests.index.embedding_server import DIMENSIONS, EmbeddingServer, Fault, turned
from tests.index.workshop import CountingEmbedder, Workshop, towns

KEY = "sk-the-key-that-nobody-may-see"
SOON = (Patience(attempts=2, first=0.001), Patience(attempts=3, first=0.001))
BATCH = 16
"""Texts that go to an OpenAI-compatible server at once."""
MANY = range(2 * BATCH + 8)


@pytest.fixture
def server(model: CountingEmbedder) -> Iterator[EmbeddingServer]:
    with EmbeddingServer(model).running() as running:
        yield running


@pytest.fixture
def settings(server: EmbeddingServer) -> Settings:
    return Settings(
        embedding="openai-like:turned-minilm", embedding_url=server.url, embedding_key=Secret(KEY)
    )


@pytest.fixture
def embedder(settings: Settings, model: CountingEmbedder) -> Iterator[LlamaIndexEmbedder]:
    made = LlamaIndexEmbedder(settings.embedding, settings, model, SOON)
    yield made
    made.close()


@pytest.fixture
def other(make_workshop: Callable[..., Workshop], embedder: LlamaIndexEmbedder) -> Workshop:
    """An empty corpus, and the parts with the model behind the server."""
    workshop = make_workshop()
    workshop.embedder = embedder
    return workshop


def stored(workshop: Workshop) -> int:
    with workshop.library.snapshot() as known:
        return known.count("vectors")


def passages_of(workshop: Workshop) -> int:
    with workshop.library.snapshot() as known:
        return known.count("passages")


# What it is for


def test_it_finds_and_answers_as_the_same_model_does_in_this_process(
    other: Workshop, make_workshop: Callable[..., Workshop], server: EmbeddingServer
) -> None:
    own = make_workshop(data="own")
    towns(other.corpus, range(10))
    assert other.refresh().embedded == own.refresh().embedded == 10
    assert {asked.authorization for asked in server.asked} == {f"Bearer {KEY}"}
    for question in ("What does the bridge in Town003 cost?", "Who spoke of herring?"):
        theirs, ours = other.ask(question), own.ask(question)
        assert theirs.outcome == ours.outcome == "answered"
        assert theirs.sentences == ours.sentences
        assert theirs.citations == ours.citations
        assert theirs.confidence == pytest.approx(ours.confidence, abs=0.01)
    other.whole()


def test_vectors_for_the_search_are_its_own_and_those_of_sentences_are_not(other: Workshop) -> None:
    towns(other.corpus, range(3))
    other.refresh()
    with other.library.snapshot() as known:
        ids = known.passage_ids(known.digests())
        rows = {row[0]: row[1] for row in known.rows(ids)}
        found = known.found(ids)
    assert {row.shape for row in rows.values()} == {(DIMENSIONS,)}
    for each in found:
        assert each.vector.shape == (SIZE,)
        assert each.sentences.shape == (len(each.passage.sentences), SIZE)
        # The server reads the passage as the bundled model does, so both say the same in their own space.
        assert float(turned(each.vector) @ rows[each.passage.id]) > 0.98


def test_a_passage_without_sentences_keeps_its_two_vectors(
    other: Workshop, embedder: LlamaIndexEmbedder
) -> None:
    from index.types import Passage

    bare = Passage("p", "a", 0, 4, "none", "", ())
    [(_, made)] = embedder.passages([bare])
    assert made.passage.shape == (DIMENSIONS,)
    assert made.sentences.shape == (0, SIZE)
    assert made.own is not None
    assert made.own.shape == (SIZE,)


def test_a_reopened_index_is_known_without_asking_the_server(
    other: Workshop, settings: Settings, model: CountingEmbedder, server: EmbeddingServer
) -> None:
    towns(other.corpus, range(3))
    other.refresh()
    server.asked.clear()
    other.reopen()
    other.embedder = fresh = LlamaIndexEmbedder(settings.embedding, settings, model, SOON)
    assert other.refresh().embedded == 0
    assert server.asked == []
    assert fresh.dimensions == DIMENSIONS
    assert other.ask("What does the bridge in Town001 cost?").outcome == "answered"
    assert len(server.asked) == 1


def test_a_model_is_changed_by_a_rebuild(
    other: Workshop, model: CountingEmbedder, embedder: LlamaIndexEmbedder, server: EmbeddingServer
) -> None:
    towns(other.corpus, range(4))
    other.embedder = model
    other.refresh()
    other.embedder = embedder
    with other.library.snapshot() as known:
        assert "all-MiniLM-L6-v2-int8, is openai-like:turned-minilm" in due(known, embedder, other.settings)
    assert server.asked == []
    assert other.refresh().embedded == 4
    assert other.ask("What does the bridge in Town001 cost?").outcome == "answered"
    other.embedder = model
    assert other.refresh(rebuild=True).embedded == 4
    other.whole()


def test_the_name_in_an_index_opens_the_model_that_built_it(
    settings: Settings, model: CountingEmbedder
) -> None:
    assert open_embedder(model.name, settings, model) is model
    assert open_embedder("bundled", settings, model) is model
    opened = open_embedder("openai-like:turned-minilm", replace(settings, embedding="bundled"), model)
    assert opened.question("rain").shape == (DIMENSIONS,)
    assert opened.bundled is model
    with pytest.raises(SettingsError, match="unknown"):
        open_embedder("word2vec", settings, model)


def test_texts_are_announced_as_the_model_was_taught(
    settings: Settings, model: CountingEmbedder, other: Workshop, server: EmbeddingServer
) -> None:
    named = replace(settings, embedding="openai-like:nomic-embed-text-v1.5")
    other.embedder = LlamaIndexEmbedder(named.embedding, named, model, SOON)
    towns(other.corpus, range(2))
    other.refresh()
    assert {text.partition(": ")[0] for text in server.texts} == {"search_document"}
    other.ask("What does the bridge in Town001 cost?")
    assert server.texts[-1] == "search_query: What does the bridge in Town001 cost?"


@pytest.mark.parametrize(
    ("name", "question", "passage"),
    [
        ("text-embedding-3-small", "", ""),
        ("nomic-embed-text:v1.5", "search_query: ", "search_document: "),
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "", ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("snowflake-arctic-embed2", "query: ", ""),
        ("snowflake-arctic-embed:22m", "Represent this sentence for searching relevant passages: ", ""),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("BAAI/bge-m3", "", ""),
    ],
)
def test_what_a_model_was_taught_is_told_by_its_name(name: str, question: str, passage: str) -> None:
    assert providers.prefixes(name) == (question, passage)


# Servers that fail


def test_a_failed_request_is_sent_again(other: Workshop, server: EmbeddingServer) -> None:
    towns(other.corpus, range(2))
    server.faults.extend([Fault(503), Fault(cut=True)])
    assert other.refresh().embedded == 2
    assert len(server.asked) == 3
    other.whole()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(401), r"refuses the key \(HTTP 401\)\. Set FOOTNOTE_EMBEDDING_KEY\."),
        (Fault(403), r"refuses the key"),
        (Fault(404), r"is not there \(HTTP 404\)"),
        (Fault(400, body=f'{{"error": {{"message": "no {KEY}"}}}}'.encode()), r"refuses the request: .*no …"),
        (Fault(429, body=b'{"error": {"code": "insufficient_quota", "message": ""}}'), r"no credit left"),
    ],
)
def test_what_would_fail_again_is_not_sent_again(
    other: Workshop, server: EmbeddingServer, fault: Fault, sentence: str
) -> None:
    towns(other.corpus, range(1))
    server.faults.append(fault)
    with pytest.raises(EmbeddingRefused, match=sentence) as raised:
        other.refresh()
    assert not raised.value.retry_helps
    assert KEY not in str(raised.value)
    assert len(server.asked) == 1
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None  # what a log would show of it
    assert other.refresh().embedded == 1


def test_a_server_that_is_not_there(settings: Settings, model: CountingEmbedder, other: Workshop) -> None:
    away = replace(settings, embedding_url="http://127.0.0.1:9/v1")
    other.embedder = LlamaIndexEmbedder(away.embedding, away, model, SOON)
    towns(other.corpus, range(1))
    with pytest.raises(
        EmbeddingAway, match=r"at 127\.0\.0\.1:9 cannot be reached\..*What was embedded is kept"
    ):
        other.refresh()
    assert EmbeddingAway.retry_helps


def test_a_server_that_wants_to_be_left_alone_for_long(other: Workshop, server: EmbeddingServer) -> None:
    towns(other.corpus, range(1))
    server.faults.append(Fault(429, {"Retry-After": "3600"}))
    with pytest.raises(EmbeddingAway, match="no more requests for 3600 seconds"):
        other.refresh()
    assert len(server.asked) == 1


def _one_less(vectors: list[list[float]]) -> Any:
    return vectors[:-1]


def _one_more(vectors: list[list[float]]) -> Any:
    return [*vectors, vectors[0]]


def _not_a_number(vectors: list[list[float]]) -> Any:
    return [*vectors[:-1], [math.nan, *vectors[-1][1:]]]


def _zero(vectors: list[list[float]]) -> Any:
    return [*vectors[:-1], [0.0] * len(vectors[-1])]


def _ragged(vectors: list[list[float]]) -> Any:
    return [*vectors[:-1], vectors[-1][1:]]


def _empty(vectors: list[list[float]]) -> Any:
    return [[] for _ in vectors]


@pytest.mark.parametrize("change", [_one_less, _one_more, _not_a_number, _zero, _empty])
def test_an_answer_that_is_no_vectors_is_not_kept(
    other: Workshop, server: EmbeddingServer, change: Callable[[list[list[float]]], Any]
) -> None:
    towns(other.corpus, range(3))
    server.poison = ("Town", Fault(change=change))
    with pytest.raises(EmbeddingRefused, match=r"turned-minilm.*town-00\d\.md"):
        other.refresh()
    with other.library.snapshot() as known:
        kept = known.vectors_by_key(row[0] for row in known._db.execute("SELECT key FROM vectors").fetchall())
    for vector in kept.values():
        assert vector.shape == (DIMENSIONS,)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert passages_of(other) == 0
    server.poison = None
    assert other.refresh().embedded == 3 - len(kept)
    other.whole()


def test_an_answer_with_vectors_of_several_lengths(other: Workshop, server: EmbeddingServer) -> None:
    towns(other.corpus, range(3))
    server.faults.append(Fault(change=_ragged))
    with pytest.raises(EmbeddingRefused, match="no list of vectors of one length"):
        other.refresh()
    assert stored(other) == 0
    assert len(server.asked) == 1
    assert other.refresh().embedded == 3


def test_vectors_of_other_dimensions_than_the_index_has(other: Workshop, server: EmbeddingServer) -> None:
    towns(other.corpus, range(2))
    other.refresh()
    towns(other.corpus, range(2, 4))
    server.faults.append(Fault(change=lambda vectors: [vector[:100] for vector in vectors]))
    with pytest.raises(EmbeddingRefused, match="100 dimensions; the index has 512"):
        other.refresh()
    assert stored(other) == 2
    server.faults.append(Fault(change=lambda vectors: [vector[:100] for vector in vectors]))
    with pytest.raises(EmbeddingRefused, match="100 dimensions"):
        other.embedder.question("What does the bridge in Town001 cost?")
    assert other.refresh().embedded == 2


@pytest.mark.parametrize("fault", [Fault(413), Fault(change=_not_a_number)])
def test_one_text_that_cannot_be_read_does_not_stop_the_others(
    other: Workshop, server: EmbeddingServer, fault: Fault
) -> None:
    towns(other.corpus, range(BATCH))
    server.poison = ("Town005", fault)
    with pytest.raises(EmbeddingRefused, match=r"sent a passage of town-005\.md"):
        other.refresh()
    assert stored(other) == BATCH - 1
    server.asked.clear()
    server.poison = None
    assert other.refresh().embedded == 1
    assert len(server.texts) == 1


def test_an_error_in_the_midst_of_a_refresh(other: Workshop, server: EmbeddingServer) -> None:
    """What was embedded stays, the old generation answers, and the next refresh goes on from there."""
    towns(other.corpus, range(4))
    other.refresh()
    server.asked.clear()
    towns(other.corpus, range(4, 4 + len(MANY)))
    server.faults.extend([None, None, *[Fault(500)] * 3])
    with pytest.raises(EmbeddingAway, match=r"fails \(HTTP 500\)\. What was embedded is kept"):
        other.refresh()
    assert stored(other) == 4 + 2 * BATCH
    assert passages_of(other) == 4
    assert other.ask("What does the bridge in Town001 cost?").outcome == "answered"
    server.asked.clear()
    assert other.refresh().embedded == len(MANY) - 2 * BATCH
    assert len(server.texts) == len(MANY) - 2 * BATCH
    other.whole()


def test_a_refresh_is_stopped_while_its_server_is_silent(other: Workshop, server: EmbeddingServer) -> None:
    towns(other.corpus, range(2))
    cancel, released = Cancel(), threading.Event()
    server.faults.append(Fault(until=released))
    ended: list[Exception | RefreshReport] = []

    def refresh() -> None:
        try:
            ended.append(other.refresh(cancel))
        except RefreshCancelled as error:
            ended.append(error)

    thread = threading.Thread(target=refresh)
    thread.start()
    while not server.asked:
        thread.join(0.01)
    cancel.set()
    thread.join()  # the server still says nothing
    released.set()
    assert [type(each) for each in ended] == [RefreshCancelled]
    assert other.refresh().embedded == 2


def test_a_server_that_is_too_slow_is_asked_for_less(
    other: Workshop, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_embedding, "REQUEST", 3.0)
    towns(other.corpus, range(BATCH + 4))
    server.most = BATCH // 2
    try:
        assert other.refresh().embedded == BATCH + 4
        assert [len(asked.texts) for asked in server.asked].count(BATCH) == 1
        server.asked.clear()
        towns(other.corpus, range(BATCH + 4, 2 * BATCH + 4))
        assert other.refresh().embedded == BATCH
        assert [len(asked.texts) for asked in server.asked] == [BATCH // 2] * 2
    finally:
        server.released.set()
    other.whole()


def test_a_question_does_not_wait_for_a_silent_server(
    other: Workshop, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    towns(other.corpus, range(2))
    other.refresh()
    monkeypatch.setattr(llama_embedding, "QUESTION", 0.3)
    released = threading.Event()
    server.faults.extend([Fault(until=released)] * 4)
    try:
        with pytest.raises(EmbeddingAway, match=r"does not answer within 0\.3 seconds"):
            other.embedder.question("What does the bridge in Town001 cost?")
        assert other.ask("What does the bridge in Town001 cost?").outcome == "answered"
    finally:
        released.set()


@pytest.mark.parametrize("fault", [Fault(503), Fault(401), Fault(cut=True), Fault(change=_zero)])
def test_where_the_server_fails_the_articles_answer_by_their_words(
    other: Workshop,
    server: EmbeddingServer,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(other.embedder, "_asked", Remembered(0))
    towns(other.corpus, range(4))
    other.refresh()
    with_server = other.ask("What does the bridge in Town001 cost?")
    server.poison = ("Town001", fault)
    without = other.ask("What does the bridge in Town001 cost?")
    assert without.sentences == with_server.sentences
    assert without.citations == with_server.citations
    assert without.confidence == pytest.approx(with_server.confidence, abs=0.05)
    assert [r.message[:24] for r in caplog.records if r.name == "index.retrieval"] == [
        "Searching by words alone"
    ]
    assert KEY not in caplog.text


# What must not be seen


def test_the_key_is_seen_by_the_server_alone(
    other: Workshop, settings: Settings, server: EmbeddingServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    towns(other.corpus, range(2))
    server.faults.append(Fault(401, body=f'{{"error": {{"message": "{KEY}"}}}}'.encode()))
    with pytest.raises(EmbeddingRefused) as raised:
        other.refresh()
    other.refresh()
    other.ask("What does the bridge in Town001 cost?")
    assert {asked.authorization for asked in server.asked} == {f"Bearer {KEY}"}
    assert KEY not in repr(settings)
    assert KEY not in repr(raised.value)
    shown = [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING or record.name.startswith(("index", "bot"))
    ]
    assert KEY not in "".join(record.getMessage() for record in shown)
    other.close()
    for file in other.data.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file
    other.open()


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("openai:text-embedding-3-small", "openai"),
        ("openai-like:some", "openai"),
        ("ollama:nomic-embed-text", "ollama"),
        ("tei:BAAI/bge-small-en-v1.5", "tei"),
        ("fastembed:BAAI/bge-small-en-v1.5", "fastembed"),
        ("huggingface:BAAI/bge-small-en-v1.5", "huggingface"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    name: str, extra: str, settings: Settings, model: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = "openai openai_like ollama text_embeddings_inference fastembed huggingface"
    for module in modules.split():
        monkeypatch.setitem(sys.modules, f"llama_index.embeddings.{module}", None)
    embedder = open_embedder(name, settings, model)
    with pytest.raises(ModelMissing, match=rf'-e "\.\[{extra}\]"'):
        embedder.question("rain")


def test_openai_asks_for_a_key_and_a_server_of_ones_own_for_an_address(model: BundledEmbedder) -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_EMBEDDING_KEY"):
        open_embedder("openai:text-embedding-3-small", Settings(), model).question("rain")
    with pytest.raises(SettingsError, match="FOOTNOTE_EMBEDDING_URL"):
        open_embedder("openai-like:some", Settings(), model).question("rain")


def test_openai_itself_is_asked_with_the_models_name(
    settings: Settings, model: CountingEmbedder, server: EmbeddingServer
) -> None:
    opened = open_embedder("openai:text-embedding-9-tiny", settings, model)
    assert opened.question("rain").shape == (DIMENSIONS,)
    assert server.asked[-1].model == "text-embedding-9-tiny"
    opened.close()


def test_filters_and_related_articles(other: Workshop) -> None:
    from index.related import related

    other.write("one.md", "The river Vilnia flooded the old town of Vilnius on Monday.", source="Echo")
    other.write(
        "two.md", "On Monday the old town of Vilnius was flooded by the river Vilnia.", source="Herald"
    )
    other.write("three.md", "A comet was seen over Chile by those who had stayed awake.", source="Echo")
    other.refresh()
    with other.library.snapshot() as known:
        assert [card.id for card in related("one.md", 5, known, other.near)] == ["two.md"]
    assert other.ask("What flooded Vilnius?", Filters(source="Herald")).citations[0].article.id == "two.md"
