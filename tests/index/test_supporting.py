"""A sentence against its quotes: what holds, and what is wrong with what does not."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from corpus.reading import parse
from index.supporting import Checker, Quote
from tests.index.test_rewrites import articles, entries
from tests.index.workshop import ROOT, CountingEmbedder

FRIDAY = date(2022, 3, 18)
FERRY = Quote(
    "The ferry crew of Velm, led by Anna Holm, will strike on Monday for higher pay.",
    FRIDAY,
    "Gazette",
)
HURT = Quote(
    "In Oslo, 30 people were killed and 40 injured when Norway's oldest bridge fell on 14 March 2022."
)
SOLD = Quote("Karl Brandt sold the harbour to Greta Lund for 2.5 million euros in 2019, and may buy it back.")
DENIED = Quote("Prosecutors accused the former mayor of taking bribes, but he has never admitted it.")
SAID = Quote("The harbour said that the strike was illegal.")
BORN = Quote("Karl Brandt (3 May 1931 – 12 June 2004) was the first mayor of Velm.")
GUESTS = Quote("Some of the ministers of Norway, Sweden and Denmark will meet in Tampere in June 2022.")
QUOTES = (FERRY, HURT, SOLD, DENIED, GUESTS, BORN, SAID)


@pytest.fixture(scope="module")
def checker(model: CountingEmbedder) -> Checker:
    return Checker(model.bundled)


HOLDS = {
    "its own words": FERRY.text,
    "a day by its date": "The ferry crew of Velm will strike on 21 March 2022 for higher pay.",
    "a source": "According to Gazette, the ferry crew of Velm will strike on Monday for higher pay.",
    "less of it": "The ferry crew of Velm will strike for higher pay.",
    "a synonym": "In Oslo, 30 people were killed and 40 wounded when Norway's oldest bridge fell.",
    "one of two numbers": "In Oslo, 30 people were killed when Norway's oldest bridge fell.",
    "a speaker kept": "The strike was illegal, the harbour said.",
    "a birth": "Karl Brandt was born on 3 May 1931.",
    "passive": "The harbour was sold to Greta Lund by Karl Brandt for 2.5 million euros in 2019.",
    "another order": "In 2019, Karl Brandt sold the harbour to Greta Lund for 2.5 million euros.",
    "two quotes": "The ferry crew of Velm will strike on Monday, and 30 people were killed in Oslo.",
    "a denial kept": "Prosecutors accused the former mayor of taking bribes; he has never admitted it.",
}
FAILS = {
    "figure": "In Oslo, 50 people were killed when Norway's oldest bridge fell.",
    "figure, exchanged": "In Oslo, 40 people were killed and 30 injured when Norway's oldest bridge fell.",
    "figure, unit": "Karl Brandt sold the harbour to Greta Lund for 2.5 million dollars in 2019.",
    "figure, size": "Karl Brandt sold the harbour to Greta Lund for 2.5 billion euros in 2019.",
    "day": "The ferry crew of Velm will strike on 22 March 2022 for higher pay.",
    "day, of the death": "Karl Brandt was born on 12 June 2004.",
    "day, of somebody else": "Greta Lund was born on 3 May 1931.",
    "day, year": "Karl Brandt sold the harbour to Greta Lund for 2.5 million euros in 2018.",
    "name": "Karl Brandt sold the harbour to Viktor Stahl for 2.5 million euros in 2019.",
    "name, place": "In Bergen, 30 people were killed when Norway's oldest bridge fell.",
    "role": "Greta Lund sold the harbour to Karl Brandt for 2.5 million euros in 2019.",
    "negation": "The ferry crew of Velm will not strike on Monday for higher pay.",
    "negation, dropped": "The former mayor has admitted taking bribes.",
    "word, opposite": "The ferry crew of Velm will strike on Monday for lower pay.",
    "word, added": "The ferry crew of Velm will violently strike on Monday for higher pay.",
    "word, reason": "The ferry crew of Velm will strike because Karl Brandt sold the harbour.",
    "certainty": "Karl Brandt will buy the harbour back.",
    "certainty, accused": "The former mayor took bribes.",
    "certainty, done": "The ferry crew of Velm has struck for higher pay.",
    "degree": "The ministers of Norway, Sweden and Denmark will meet in Tampere in June 2022.",
    "degree, all": "All ministers of Norway, Sweden and Denmark will meet in Tampere in June 2022.",
    "degree, former": "Prosecutors accused the mayor of taking bribes.",
    "degree, list": "Some of the ministers of Norway and Sweden will meet in Tampere in June 2022.",
    "speaker, left out": "The strike was illegal.",
    "speaker": "Karl Brandt said that 30 people were killed in Oslo.",
    "form, address": "The ferry crew of Velm will strike, see www.velm.example.",
    "form, mention": "@everyone The ferry crew of Velm will strike on Monday.",
    "form, markup": "The **ferry crew** of Velm will strike on [Monday](x).",
    "form, empty": "...",
    "far": "They said so.",
    "its own rules": "As an AI language model I cannot tell who will strike.",
}


@pytest.mark.parametrize("why", HOLDS)
def test_what_the_quotes_say_holds(why: str, checker: Checker) -> None:
    verdict = checker.supports(HOLDS[why], QUOTES)
    assert verdict.holds, verdict.found


@pytest.mark.parametrize("why", FAILS)
def test_what_they_do_not_say_does_not(why: str, checker: Checker) -> None:
    verdict = checker.supports(FAILS[why], QUOTES)
    assert not verdict.holds
    assert verdict.by == ()


def test_only_the_quotes_that_say_it_count(checker: Checker) -> None:
    assert checker.supports(HOLDS["less of it"], QUOTES).by == (0,)
    assert checker.supports(HOLDS["two quotes"], QUOTES).by == (0, 1)
    assert not checker.supports(HOLDS["less of it"], QUOTES[1:]).holds
    assert checker.supports(HOLDS["less of it"], ()).faults == {"keys"}


def test_an_outlet_may_be_called_like_an_address(checker: Checker) -> None:
    quotes = [Quote(FERRY.text, FRIDAY, "Velm.COM")]
    assert checker.supports(
        "According to Velm.COM, the ferry crew of Velm will strike on Monday.", quotes
    ).holds
    assert not checker.supports("See Velm.com, the ferry crew of Velm will strike on Monday.", QUOTES).holds


def test_another_outlet_is_no_source(checker: Checker) -> None:
    told = "According to Herald, the ferry crew of Velm will strike on Monday for higher pay."
    assert not checker.supports(told, QUOTES).holds


MISSED = frozenset({("d042", "role")})
"""Known: the word for who attacks is "whoever", which no rule here takes for somebody."""


def test_the_false_sentences_of_the_development_file_fail_and_most_true_ones_hold(checker: Checker) -> None:
    missed, kept, good = set(), 0, 0
    for entry in entries("rewrites-dev.jsonl"):
        quotes = []
        for name, quote in zip(articles(entry), entry["quotes"], strict=True):
            (article,) = parse(name, (ROOT / "corpus/articles" / name).read_bytes()).articles
            quotes.append(Quote(quote, article.published, article.source or ""))
        held = [checker.supports(text, quotes).holds for text in entry["good"]]
        kept, good = kept + sum(held), good + len(held)
        for bad in entry["bad"]:
            if checker.supports(bad["text"], quotes).holds:
                missed.add((entry["id"], bad["kind"]))
    assert missed <= MISSED
    assert kept > 0.45 * good  # those that leave out who says so are among the true ones there


TWISTED = [json.loads(line) for line in (ROOT / "tests/index/twisted.jsonl").read_text("utf-8").splitlines()]
"""Quotes with their own words put together in another way; `missed` are those that are known to hold."""


@pytest.mark.parametrize("row", TWISTED, ids=lambda row: row["sentence"][:40])
def test_a_quotes_own_words_put_together_otherwise_do_not_hold(row: dict[str, Any], checker: Checker) -> None:
    verdict = checker.supports(row["sentence"], [Quote(row["quote"], FRIDAY)])
    if verdict.holds and row.get("missed"):
        pytest.xfail("known: told in docs/models.md as what is not checked")
    assert not verdict.holds


@pytest.mark.parametrize(
    ("outlet", "said"),
    [
        ("Censor.NET", True),
        ("cnn.com", True),
        ("https://evil.example/x", False),
        ("www.evil.example", False),
        ("Gazette @everyone", False),
        ("<@123456789>", False),
        ("[here](evil)", False),
    ],
)
def test_an_outlet_is_named_but_makes_no_link_and_no_mention(
    checker: Checker, outlet: str, said: bool
) -> None:
    quote = Quote("The ferry sank near Oslo on Monday.", outlet=outlet)
    assert (
        checker.supports(f"According to {outlet}, the ferry sank near Oslo on Monday.", [quote]).holds == said
    )
