"""A quote with the sentences around it."""

from __future__ import annotations

from dataclasses import replace

from index.quotes import SIDE, context
from index.types import Answer, Card, Citation, Context
from tests.index.workshop import Desk, Workshop

TEXT = "The bridge opened on Monday. It cost thirty million euros. The mayor cut the ribbon."
QUOTE = "It cost thirty million euros."


def cited(text: str, quote: str, article_id: str = "a.md") -> Citation:
    start = text.find(quote)
    return Citation(1, Card(article_id, "", None, None, None), quote, start, start + len(quote), None)


def around(workshop: Workshop, citation: Citation) -> Context | None:
    with workshop.library.snapshot() as known:
        return context(citation, known)


def test_the_sentences_before_and_after_are_shown(workshop: Workshop) -> None:
    workshop.write("a.md", TEXT)
    workshop.refresh()
    found = around(workshop, cited(TEXT, QUOTE))
    assert found == Context("The bridge opened on Monday.", QUOTE, "The mayor cut the ribbon.")


def test_nothing_stands_before_the_first_and_after_the_last(workshop: Workshop) -> None:
    workshop.write("a.md", TEXT)
    workshop.refresh()
    assert around(workshop, cited(TEXT, TEXT)) == Context("", TEXT, "")


def test_a_quote_that_moved_is_found_at_its_new_place(workshop: Workshop) -> None:
    workshop.write("a.md", f"A line in front. {TEXT}")
    workshop.refresh()
    found = around(workshop, cited(TEXT, QUOTE))
    assert found is not None
    assert found.before == "The bridge opened on Monday."


def test_a_quote_that_the_article_no_longer_holds_has_none(workshop: Workshop) -> None:
    workshop.write("a.md", TEXT)
    workshop.refresh()
    assert around(workshop, cited(TEXT, "It cost forty million euros.")) is None
    assert around(workshop, cited(TEXT, QUOTE, "gone.md")) is None
    assert around(workshop, replace(cited(TEXT, QUOTE), quote="")) is None


def test_long_neighbours_are_cut_at_words_on_the_far_side(workshop: Workshop) -> None:
    before = "First " + "came word after word " * 30 + "before."
    after = "Then " + "came word after word " * 30 + "after."
    text = f"{before} {QUOTE} {after}"
    workshop.write("a.md", text)
    workshop.refresh()
    found = around(workshop, cited(text, QUOTE))
    assert found is not None
    assert found.before.startswith("…")
    assert found.before.endswith("word before.")
    assert found.after.startswith("Then came")
    assert found.after.endswith("…")
    assert len(found.before) <= SIDE + 1
    assert len(found.after) <= SIDE + 1
    assert set(found.before.strip("….").split()) <= set(before.strip(".").split())


def test_every_citation_of_an_answer_has_its_surroundings(sample: Desk) -> None:
    answer: Answer = sample.ask("Which countries will host the four new battlegroups?")
    assert answer.citations
    for citation in answer.citations:
        found = sample(sample.desk.context, citation)
        assert found.quote == citation.quote
        assert found.before or found.after
