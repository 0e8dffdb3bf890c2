"""Where a search found the words of its query."""

from __future__ import annotations

import pytest

from index.retrieval import matched
from tests.index.workshop import Desk


def marked(query: str, text: str) -> list[str]:
    return [text[span.start : span.end] for span in matched(query, text)]


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("Lithuanian troops", "Troops left Lithuania for the troop train.", ["Troops", "Lithuania", "troop"]),
        ("the battle groups", "A battlegroup, and a battle group.", ["battlegroup", "battle", "group"]),
        ("battlegroups", "The battle groups of the battle.", ["battle groups"]),
        ("readiness", "a high-readiness force", ["readiness"]),
        ("what is in the US", "It is in the U.S. now, not with us.", ["U.S."]),
        ("invasion", "It invaded them.", ["invaded"]),
        ("the of", "The end of a day", ["The", "of"]),
        ("Nauseda", "Nausėda's summit in Lithuania.", ["Nausėda's"]),
        ("Lithuania", "In Lithuania.", ["Lithuania"]),
        ("bread", "Nothing here.", []),
    ],
)
def test_words_are_marked_by_stem_and_small_words_are_not(query: str, text: str, words: list[str]) -> None:
    assert marked(query, text) == words


def test_hits_say_where_they_matched(sample: Desk) -> None:
    hits = sample(sample.desk.search, "Lithuanian president")
    assert hits
    words = {hits[0].passage.text[span.start : span.end] for span in hits[0].matched}
    assert words & {"Lithuanian", "Lithuania"}
    for hit in hits:
        starts = [span.start for span in hit.matched]
        assert starts == sorted(starts)
        assert all(0 <= span.start < span.end <= len(hit.passage.text) for span in hit.matched)
