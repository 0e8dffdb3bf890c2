"""What people type into Discord's completions finds headlines and outlets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.article import Article
from index.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library.db")
    articles = [
        ("a", "Nausėda visits Kyiv", "LRT", date(2022, 3, 1)),
        ("b", "In Kyiv, Nausėda speaks", "LRT", date(2022, 3, 9)),
        ("c", "100% of votes counted in town_hall", "Žinios", date(2022, 3, 5)),
        ("d", "1000 votes", "BBC News", None),
        ("e", "", "The LRT Gazette", date(2022, 1, 1)),
        ("f", "Straße gesperrt", None, date(2022, 2, 1)),
    ]
    put = [
        (Article(id_, title, "First words of it. More.", source, None, day, None, f"{id_}.md"), ())
        for id_, title, source, day in articles
    ]
    library.switch(put=put, drop=[], files={}, entries=[], meta={})
    yield library
    library.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "bcafed"),
        ("nausėda", "ab"),
        ("NAUSEDA", "ab"),
        ("Nause\u0307da", "ab"),
        ("kyiv", "ba"),
        ("kyiv nausėda", "ba"),
        ("nausėda kyiv", "ba"),
        ("kyiv moscow", ""),
        ("%", "c"),
        ("100%", "c"),
        ("_", "c"),
        ("1", "cd"),
        ("votes", "cd"),
        ("first words", "e"),
        ("strasse", "f"),
        ("'\"\\ --", ""),
        ("\0", ""),
        ("  kyiv  ", "ba"),
    ],
)
def test_titles(library: Library, typed: str, expected: str) -> None:
    """Every word, without case and accents; first those that begin so, then the newest."""
    with library.snapshot() as known:
        assert "".join(card.id for card in known.titles(typed, 25)) == expected


def test_no_more_titles_than_asked_for(library: Library) -> None:
    with library.snapshot() as known:
        assert [card.id for card in known.titles("", 2)] == ["b", "c"]
        assert known.titles("kyiv", 1)[0].title == "In Kyiv, Nausėda speaks"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ["LRT", "BBC News", "The LRT Gazette", "Žinios"]),
        ("lrt", ["LRT", "The LRT Gazette"]),
        ("zin", ["Žinios"]),
        ("ŽIN", ["Žinios"]),
        ("news bbc", ["BBC News"]),
        ("t", ["The LRT Gazette", "LRT"]),
        ("%", []),
    ],
)
def test_outlets(library: Library, typed: str, expected: list[str]) -> None:
    """Every word; first those that begin so, then those with most articles."""
    with library.snapshot() as known:
        assert known.outlets(typed, 25) == expected
        assert known.outlets(typed, 1) == expected[:1]


def test_they_follow_every_change(library: Library) -> None:
    changed = Article("a", "Rain in Vilnius", "Delfi", "Delfi", None, date(2022, 3, 1), None, "a.md")
    library.switch(put=[(changed, ())], drop=["b"], files={}, entries=[], meta={})
    with library.snapshot() as known:
        assert (known.titles("kyiv", 9), [card.id for card in known.titles("rain", 9)]) == ([], ["a"])
        assert "Delfi" in known.outlets("", 9)
    library.restore({})
    with library.snapshot() as known:
        assert [card.id for card in known.titles("kyiv", 9)] == ["b", "a"]
        assert "Delfi" not in known.outlets("", 9)
