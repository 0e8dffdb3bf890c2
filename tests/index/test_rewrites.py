"""Sentences as a model would write them, true and false, beside the quotes that they are held against.

`rewrites-dev.jsonl` is there to fit the checker on, `rewrites-held.jsonl` only to measure it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from corpus.reading import parse
from tests.index.workshop import ROOT

FILES = ("rewrites-dev.jsonl", "rewrites-held.jsonl")
KINDS = {
    *("number", "number_swap", "unit", "date", "name", "name_swap", "place", "role"),
    *("negation", "antonym", "modality", "quantifier", "scope", "tense"),
    *("attribution", "addition", "merge", "injection", "off_topic"),
}


@cache
def entries(name: str) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / "tests/index" / name).read_text("utf-8").splitlines()]


@cache
def body(name: str) -> str:
    """An article's text as a refresh would store it."""
    (article,) = parse(name, (ROOT / "corpus/articles" / name).read_bytes()).articles
    return article.text


def articles(entry: dict[str, Any]) -> Sequence[str]:
    """The article of each quote of an entry."""
    named: list[str] = entry.get("articles", [entry["article"]] * len(entry["quotes"]))
    return named


@pytest.mark.parametrize("name", FILES)
def test_the_quotes_stand_in_their_articles(name: str) -> None:
    for entry in entries(name):
        assert 1 <= len(entry["quotes"]) <= 3, entry["id"]
        for article, quote in zip(articles(entry), entry["quotes"], strict=True):
            assert quote in body(article), entry["id"]


@pytest.mark.parametrize("name", FILES)
def test_each_entry_has_true_and_false_sentences_of_known_kinds(name: str) -> None:
    for entry in entries(name):
        texts = [*entry["good"], *(bad["text"] for bad in entry["bad"])]
        assert entry["question"].endswith("?"), entry["id"]
        assert len(entry["good"]) >= 3, entry["id"]
        assert len(entry["bad"]) >= 6, entry["id"]
        assert len(set(texts)) == len(texts), entry["id"]
        assert {bad["kind"] for bad in entry["bad"]} <= KINDS, entry["id"]


def test_no_two_entries_share_an_id() -> None:
    ids = [entry["id"] for name in FILES for entry in entries(name)]
    assert len(set(ids)) == len(ids)


def test_what_the_checker_is_fitted_on_and_measured_on_share_no_article() -> None:
    dev, held = ({one for entry in entries(name) for one in articles(entry)} for name in FILES)
    assert dev
    assert held
    assert not dev & held
