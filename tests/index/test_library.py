"""The library: one generation for each reader, all or nothing for the writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from corpus.article import Article
from index.embedding import SIZE, PassageVectors
from index.errors import IndexBroken, IndexMismatch
from index.library import Library, vector_key
from index.neighbours import Neighbours
from index.schema import SCHEMA_VERSION
from index.store import VectorStore
from index.types import Filters, Passage, Span


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "data" / "library.db")
    yield library
    library.close()


def article(name: str, text: str, source: str | None = None, day: date | None = None) -> Article:
    return Article(name, f"About {name}", text, source, None, day, None, name)


def put(library: Library, *articles: Article, drop: tuple[str, ...] = ()) -> None:
    rows = []
    for one in articles:
        passage = Passage(f"p-{one.id}-{one.text}", one.id, 0, len(one.text), one.text, "", (Span(0, 1),))
        library.add_vectors([(passage.id, made(passage.id))])
        rows.append((one, [(passage, passage.id)]))
    library.switch(put=rows, drop=drop, files={}, entries=[], meta={})


def made(name: str) -> PassageVectors:
    vector = np.random.default_rng(sum(map(ord, name))).normal(size=SIZE).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return PassageVectors(vector, vector[np.newaxis])


def texts(library: Library) -> dict[str, str]:
    with library.snapshot() as known:
        found = known.found(known.passage_ids(known.digests()))
        return {row.card.id: row.passage.text for row in found}


def test_a_reader_stays_on_its_generation(library: Library) -> None:
    put(library, article("a", "old words"), article("b", "others"))
    with library.snapshot() as before:
        assert before.meta("generation") == "1"
        put(library, article("a", "new words"), drop=("b",))
        assert set(before.digests()) == {"a", "b"}
        assert [before.found([i])[0].passage.text for i in before.passage_ids(["a"])] == ["old words"]
        assert before.lexical('"new"', 5) == []
        assert len(before.lexical('"old"', 5)) == 1
        assert before.meta("generation") == "1"
        assert texts(library) == {"a": "new words"}
    with library.snapshot() as after:
        assert after.meta("generation") == "2"
        assert after.lexical('"old"', 5) == []


def test_an_error_in_the_middle_leaves_the_old_generation(library: Library) -> None:
    put(library, article("a", "old words"))
    twice = (Passage("p", "b", 0, 3, "new", "", (Span(0, 3),)), "key")
    rows = [(article("a", "new words"), []), (article("b", "new"), [twice, twice])]
    with pytest.raises(sqlite3.IntegrityError):
        library.switch(put=rows, drop=[], files={}, entries=[], meta={"corpus": "elsewhere"})
    assert texts(library) == {"a": "old words"}
    with library.snapshot() as known:
        assert known.meta("corpus") is None
        assert known.lexical('"new"', 5) == []
    put(library, article("b", "further words"))
    assert texts(library) == {"a": "old words", "b": "further words"}


def test_vectors_are_kept_by_content(library: Library) -> None:
    spans = (Span(10, 14),)
    here = Passage("p1", "a", 10, 20, "some words", "Headline", spans)
    moved = Passage("p2", "b", 30, 40, "some words", "Headline", (Span(30, 34),))
    retitled = Passage("p3", "a", 10, 20, "some words", "Other", spans)
    resplit = Passage("p4", "a", 10, 20, "some words", "Headline", (Span(10, 13), Span(14, 20)))
    keys = [vector_key("model", passage) for passage in (here, moved, retitled, resplit)]
    assert keys[0] == keys[1]
    assert len({*keys, vector_key("other model", here)}) == 4
    library.add_vectors([(keys[0], made("x"))])
    with library.snapshot() as known:
        assert known.known_vectors(keys) == {keys[0]}
        np.testing.assert_array_equal(known.vectors_by_key(keys)[keys[0]], made("x").passage)


def test_what_neither_a_passage_nor_an_undo_uses_is_collected(library: Library) -> None:
    put(library, article("a", "old words"))
    put(library, article("a", "new words"))
    assert library.collect() == 0
    put(library, article("a", "newest words"))
    with library.snapshot() as known:
        assert known.count("vectors") == 3
    assert library.collect() == 1
    assert texts(library) == {"a": "newest words"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), "abcde"),
        (Filters(source="LRT"), "ab"),
        (Filters(source="lrt"), "ab"),
        (Filters(source="žinios"), "d"),
        (Filters(source="ŽINIOS"), "d"),
        (Filters(source="Unheard"), ""),
        (Filters(after=date(2022, 3, 2)), "bc"),
        (Filters(before=date(2022, 3, 2)), "ab"),
        (Filters(after=date(2022, 3, 2), before=date(2022, 3, 2)), "b"),
        (Filters(source="lrt", after=date(2022, 3, 2)), "b"),
        (Filters(after=date(2022, 3, 4), before=date(2022, 3, 1)), ""),
    ],
)
def test_filters(library: Library, tmp_path: Path, filters: Filters, expected: str) -> None:
    put(
        library,
        article("a", "rain one", "LRT", date(2022, 3, 1)),
        article("b", "rain two", "LRT", date(2022, 3, 2)),
        article("c", "rain three", "Newsmax", date(2022, 3, 3)),
        article("d", "rain four", "Žinios"),
        article("e", "rain five"),
    )
    with library.snapshot() as known:
        assert {card.id for card in known.cards(filters)} == set(expected)
        passing = Neighbours(library, VectorStore(library, tmp_path), tmp_path).passing(known, filters)
        found = known.found([id_ for id_, _ in known.lexical('"rain"', 9, passing)])
        assert {row.card.id for row in found} == set(expected)


def test_articles_newest_first_and_those_without_a_day_last(library: Library) -> None:
    put(
        library,
        article("a", "one"),
        article("b", "two", day=date(2022, 1, 1)),
        article("c", "three", day=date(2022, 5, 1)),
        article("d", "four"),
    )
    with library.snapshot() as known:
        assert [card.id for card in known.cards()] == ["c", "b", "a", "d"]
        assert known.days() == (date(2022, 1, 1), date(2022, 5, 1))


def test_an_article_comes_back_as_it_was(library: Library) -> None:
    whole = Article(
        "ä/ö.md",
        "Títle 🎉",
        "Te\u0301xt.\n\nMore.",
        "LRT",
        "https://x.lt/a",
        date(2022, 3, 1),
        "N. N.",
        "ä/ö.md",
    )
    put(library, whole)
    with library.snapshot() as known:
        assert known.article("ä/ö.md") == whole
        assert known.article("missing") is None
        assert known.digests() == {whole.id: whole.digest}


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    Library(file).close()
    with sqlite3.connect(file) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(IndexMismatch, match=rf"schema {SCHEMA_VERSION + 1}.*footnote refresh"):
        Library(file)


@pytest.mark.parametrize("content", [b"this is no database, but a letter to the editor\n" * 99, b"\0" * 4096])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "library.db"
    file.write_bytes(content)
    with pytest.raises(IndexBroken, match=r"library\.db cannot be read.*footnote doctor --repair"):
        Library(file)


def test_a_library_that_lost_its_end(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    library = Library(file)
    put(library, *(article(f"a{n}", f"word{n} " * 900) for n in range(40)))
    library.close()
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2 // 4096 * 4096])
    with pytest.raises(IndexBroken, match=r"library\.db.*footnote doctor --repair"):
        Library(file)


def test_a_library_with_garbage_in_the_middle(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    library = Library(file)
    put(library, *(article(f"a{n}", f"word{n} " * 900) for n in range(40)))
    library.close()
    content = file.read_bytes()
    half = len(content) // 2
    file.write_bytes(content[:half] + b"garbage!" * (half // 8))
    broken = Library(file)
    with pytest.raises(IndexBroken, match=r"library\.db.*footnote doctor --repair"):
        texts(broken)
    with broken.snapshot() as known:
        assert known.damage()
    broken.close()


def test_a_full_disk_leaves_the_old_generation(library: Library) -> None:
    put(library, article("a", "old words"))
    limit = library._writer.execute("PRAGMA page_count").fetchone()[0] + 4
    library._writer.execute(f"PRAGMA max_page_count = {limit}")
    with pytest.raises(IndexBroken, match="disk is full"):
        put(library, *(article(f"b{n}", f"word{n} " * 900) for n in range(40)))
    assert texts(library) == {"a": "old words"}
    library._writer.execute("PRAGMA max_page_count = 1000000")
    put(library, article("b", "further words"))
    assert set(texts(library)) == {"a", "b"}


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(IndexBroken, match=r"data.*--data"):
        Library(tmp_path / "data" / "library.db")


def test_two_that_make_it_at_once(tmp_path: Path) -> None:
    together = Barrier(6)

    def make(number: int) -> Library:
        together.wait()
        return Library(tmp_path / str(number // 6) / "library.db")

    with ThreadPoolExecutor(6) as pool:
        libraries = list(pool.map(make, range(24)))
    for library in libraries:
        assert texts(library) == {}
        library.close()


def test_writers_in_several_threads_take_turns(library: Library) -> None:
    def work(number: int) -> None:
        for step in range(20):
            library.add_vectors([(f"{number}-{step}", made("x"))])
            library.set_meta({f"{number}": str(step)})
            with library.snapshot() as known:
                assert known.meta(f"{number}") == str(step)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    with library.snapshot() as known:
        assert known.count("vectors") == 120
