"""The lists of words that stand for each other, and of those that turn a sentence round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

import index
from index.likening import opposite, stand_in
from index.words import is_name, stem
from tests.index.workshop import CountingEmbedder

DATA = Path(index.__file__).parent / "data"
SAME = """
    began/started ended/concluded fell/dropped shrank/dwindled knew/known
    tried/attempted soared/jumped plunged/plummeted deployed/dispatched soldiers/troops
    enlarge/expansion chose/selected destroyed/destruction chosen/choice died/deaths strong/strength
    organised/organized defence/defense bought/acquired built/constructed seized/captured detained/arrested
    lawyer/attorney film/movie annually/yearly nearly/almost children/kids huge/enormous election/vote
    prohibited/banned ceasefire/truce journalist/reporter wrote/written invasion/incursion
    inevitable/unavoidable
""".split()
OTHER = """
    killed/injured killed/died killed/murdered month/year monthly/weekly bill/law accused/convicted
    arrested/charged convicted/sentenced soldier/officer ship/submarine mayor/governor house/apartment
    millions/billions thousands/hundreds brother/sister wives/husbands northern/southern today/yesterday
    often/rarely often/occasionally semifinals/quarterfinals upstairs/downstairs president/minister
    claimed/admitted elected/appointed suspended/cancelled tank/missile rose/fell bought/sold
    some/many town/city economists/economics profit/revenue missile/rocket
""".split()


def rows(name: str) -> Sequence[Sequence[str]]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


def pairs(name: str) -> set[frozenset[str]]:
    return {frozenset(map(stem, pair)) for row in rows(name) for pair in combinations(row, 2)}


@pytest.mark.parametrize("name", ["synonyms.txt", "opposites.txt", "forms.txt"])
def test_a_line_has_plain_words_of_different_stems(name: str) -> None:
    for row in rows(name):
        assert len(row) >= 2, row
        assert len({*map(stem, row)}) == len(row), row
        for word in row:
            assert word.isalpha(), row
            assert word.islower(), row


def test_no_synonym_is_a_name() -> None:
    # Nothing stands for a name, so such a line would do nothing.
    assert not [row for row in rows("synonyms.txt") if any(map(is_name, row))]


def test_opposites_come_in_pairs_and_once() -> None:
    found = rows("opposites.txt")
    assert {len(row) for row in found} == {2}
    assert len(pairs("opposites.txt")) == len(found)


def test_no_group_is_part_of_another() -> None:
    groups = [frozenset(map(stem, row)) for row in rows("synonyms.txt")]
    assert len({*groups}) == len(groups)
    by_word: dict[str, list[frozenset[str]]] = {}
    for group in groups:
        for word in group:
            by_word.setdefault(word, []).append(group)
    assert not [group for group in groups if any(group < other for other in by_word[min(group)])]


def test_no_pair_is_in_both_lists() -> None:
    assert not pairs("synonyms.txt") & pairs("opposites.txt")


@pytest.mark.parametrize("pair", SAME)
def test_words_stand_for_each_other(pair: str, model: CountingEmbedder) -> None:
    first, second = pair.split("/")
    assert stand_in(first, ["harbour", second], model.words) == second
    assert stand_in(second, ["harbour", first], model.words) == first
    assert not opposite(first, second)


@pytest.mark.parametrize("pair", OTHER)
def test_words_do_not_stand_for_each_other(pair: str, model: CountingEmbedder) -> None:
    first, second = pair.split("/")
    assert stand_in(first, [second], model.words) is None
    assert stand_in(second, [first], model.words) is None
