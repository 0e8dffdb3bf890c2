"""The search by words with filters: FTS5 is asked once, and both ways to filter find the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from corpus.article import Article
from index import fulltext, schema
from index.embedding import PassageVectors
from index.library import Library
from index.types import Filters, Passage, Span

OUTLETS = ("LRT", "lrt", "Žinios", None)
FIRST = date(2022, 3, 1)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Forty articles that tell of rain more or less often."""
    library = Library(tmp_path / "library.db")
    rows = []
    for number in range(40):
        text = "It rained. " * (1 + number % 7) + "Then the sun shone on the harbour. " * (1 + number % 3)
        day = FIRST + timedelta(number) if number % 5 else None
        name = f"a{number:02}"
        article = Article(name, f"About {name}", text, OUTLETS[number % 4], None, day, None, name)
        passage = Passage(f"p{number:02}", name, 0, len(text), text, "", (Span(0, 1),))
        vector = np.eye(8, dtype=np.float32)[number % 8]
        library.add_vectors([(passage.id, PassageVectors(vector, vector[np.newaxis]))])
        rows.append((article, [(passage, passage.id)]))
    library.switch(put=rows, drop=(), files={}, entries=[], meta={})
    yield library
    library.close()


def test_few_and_many_that_pass_are_searched_alike(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    passing = np.arange(1, 41, 3)
    found = []
    for few in (0, len(passing)):
        monkeypatch.setattr(fulltext, "FEW", few)
        with library.snapshot() as known:
            found.append(known.lexical('"rain" OR "harbour"', 9, passing))
    assert found[0] == found[1]
    assert len(found[0]) == 9
    with library.snapshot() as known:
        every = known.lexical('"rain" OR "harbour"', 40)
        numbers = {known.passage_id(int(number)) for number in passing}
    assert found[0] == [row for row in every if row[0] in numbers][:9]


def test_none_that_passes_finds_nothing(library: Library) -> None:
    with library.snapshot() as known:
        assert known.lexical('"rain"', 9, np.empty(0, dtype=np.int64)) == []


@pytest.mark.parametrize(
    "filters",
    [
        Filters(source="LRT"),
        Filters(source="ŽINIOS"),
        Filters(source="Unheard"),
        Filters(after=FIRST + timedelta(9), before=FIRST + timedelta(20)),
        Filters(source="lrt", after=FIRST + timedelta(9)),
    ],
)
def test_articles_that_pass_are_those_of_all_that_do(library: Library, filters: Filters) -> None:
    with library.snapshot() as known:
        every = known.lexical_articles('"rain" OR "sun"', 40)
        allowed = {card.id for card in known.cards(filters)}
        assert len(every) == 40
        expected = {id_: score for id_, score in every.items() if id_ in allowed}
        assert known.lexical_articles('"rain" OR "sun"', 40, filters) == expected


def test_words_are_looked_up_once_however_many_pass(library: Library) -> None:
    connection = schema.connect(library.file)
    said: list[str] = []
    connection.set_trace_callback(said.append)
    assert len(fulltext.passages(connection, '"rain"', 50, np.arange(1, 41))) == 40
    assert len(fulltext.articles(connection, '"rain"', 50, Filters(source="LRT"))) == 20
    connection.set_trace_callback(None)
    asked = [each for each in said if "MATCH" in each]
    plans = [[str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {each}")] for each in asked]
    connection.close()
    scans = [line for plan in plans for line in plan if "words VIRTUAL TABLE" in line]
    assert len(scans) == 2
    # "=" is how FTS5 names a plan for one row: it would be asked anew for each row that passes.
    assert not [scan for scan in scans if "=" in scan.partition(":")[2]]


def test_words_are_counted_anew_after_a_change(library: Library) -> None:
    with library.snapshot() as before:
        counted = before.frequencies(["rain", "sun", "snow"])
        assert counted == {"rain": 40, "sun": 40}
        library.switch(put=(), drop=[f"a{n:02}" for n in range(30)], files={}, entries=[], meta={})
        with library.snapshot() as after:
            assert after.frequencies(["rain"]) == {"rain": 10}
        assert before.frequencies(["harbour", "rain"]) == {"harbour": 40, "rain": 40}
    with library.snapshot() as after:
        assert after.frequencies(["harbour", "rain"]) == {"harbour": 10, "rain": 10}
