"""Sentences and passages: the article's own words, whole, in pieces that the model reads to their end."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

from corpus.article import Article
from index.chunking import Chunker
from index.embedding import WINDOW
from index.sentences import sentences
from tests.index.workshop import CountingEmbedder

TOKENS = 64
PLAIN = "\n\n".join(
    " ".join(f"On day {d} of week {w} the council of Riga spoke of road {d * w}, they say." for d in range(9))
    for w in range(9)
)
TEXTS = {
    "plain": PLAIN,
    "one word": "Rain.",
    "one gigantic sentence": "and ".join(f"the road number {n} of the town " for n in range(400)) + "ended.",
    "a word without end": "Then " + "x" * 5000 + " was said. It was late.",
    "letters without spaces": "".join(chr(0x4E00 + n % 3000) for n in range(2000)) + "。",
    "emoji": "The team won 🏆🎉! 👩‍👩‍👧‍👦 cheered. " * 40,
    "right to left": "אמר ראש הממשלה ביום שני. הוא הוסיף כי הדיון יימשך. " * 40,
    "Arabic": "قال الرئيس يوم الاثنين. وأضاف أن الاجتماع سيستمر؟ " * 40,
    "abbreviations": 'Mr. Smith of the U.S. came at 5 p.m. Monday. "Who? Me? Never!" he said. Dr. No left. '
    * 20,
    "decomposed letters": "Gitanas Nause\u0307da sprach in Bru\u0308ssel. " * 30,
    "quotation of many sentences": "“" + "We came. We saw. We left again at dawn. " * 60 + "” he said.",
    "no end marks": "\n\n".join(f"A heading number {n} without an end" for n in range(80)),
    "marks upon marks": "So,, he said,,, ... that; ;; it was... over,, and," * 60 + ".",
    "white space": "One sentence here.  \n Another   one \n\n\n  A third one.\t\n",
}


@pytest.fixture(scope="module")
def chunker(model: CountingEmbedder) -> Chunker:
    return Chunker(model.pieces, TOKENS)


def article(text: str, title: str = "A headline of a few words") -> Article:
    return Article("a.md", title, text, None, None, None, None, "a.md")


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_sentences_cover_every_word_once(text: str) -> None:
    spans = sentences(text)
    assert all(first.end <= second.start for first, second in pairwise(spans))
    covered = "".join(text[span.start : span.end] for span in spans)
    assert "".join(covered.split()) == "".join(text.split())
    for span in spans:
        words = text[span.start : span.end]
        assert words == words.strip() != ""
        assert "\n\n" not in words


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_passages(chunker: Chunker, model: CountingEmbedder, text: str) -> None:
    passages = chunker.passages(article(text))
    assert all(first.end <= second.start for first, second in pairwise(passages))
    assert "".join("".join(p.text.split()) for p in passages) == "".join(text.split())
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert model.count(passage.text) <= TOKENS
        assert model.count(passage.embedded) + 2 <= WINDOW
        inside = "".join(text[span.start : span.end] for span in passage.sentences)
        assert "".join(inside.split()) == "".join(passage.text.split())
        assert all(passage.start <= span.start < span.end <= passage.end for span in passage.sentences)
    assert chunker.passages(article(text)) == passages
    assert len({passage.id for passage in passages}) == len(passages)


def test_passages_end_at_sentence_ends(chunker: Chunker) -> None:
    ends = {span.end for span in sentences(PLAIN)}
    passages = chunker.passages(article(PLAIN))
    assert len(passages) > 9
    assert all(passage.end in ends for passage in passages)


def test_a_headline_is_read_with_each_passage_or_left_out(chunker: Chunker) -> None:
    with_it = chunker.passages(article(PLAIN, "Riga speaks of roads"))
    assert {passage.embedded.split("\n")[0] for passage in with_it} == {"Riga speaks of roads"}
    without = chunker.passages(article(PLAIN, ""))
    assert all(passage.embedded == passage.text for passage in without)
    assert [passage.id for passage in without] == [passage.id for passage in with_it]


@pytest.mark.parametrize("title", ["Riga " * 200, "国" * 400, "🏆" * 400], ids=["words", "Chinese", "emoji"])
@pytest.mark.parametrize("tokens", [64, 160, 200])
def test_a_long_headline_leaves_the_passage_in_the_window(
    model: CountingEmbedder, title: str, tokens: int
) -> None:
    for passage in Chunker(model.pieces, tokens).passages(article(PLAIN, title)):
        assert model.count(passage.embedded) + 2 <= WINDOW


def test_ids_tell_article_place_and_words_apart(chunker: Chunker) -> None:
    repeated = "It rained. " * 100
    passages = chunker.passages(article(repeated))
    assert len({passage.id for passage in passages}) == len(passages) > 1
    other = Article("b.md", "", repeated, None, None, None, None, "b.md")
    assert {p.id for p in chunker.passages(other)}.isdisjoint(p.id for p in passages)


def test_an_inserted_paragraph_leaves_the_passages_before_it(chunker: Chunker) -> None:
    before = {passage.id for passage in chunker.passages(article(PLAIN))}
    longer = chunker.passages(article(PLAIN + "\n\nA new paragraph at the end."))
    assert len(before.intersection(passage.id for passage in longer)) >= len(before) - 1


def test_splits_at_sentences_that_are_there() -> None:
    text = "It began at 5 p.m. Monday. The U.S. president spoke. “Go. Now.” He left at 3.5 km/h, e.g. slowly."
    assert [text[span.start : span.end] for span in sentences(text)] == [
        "It began at 5 p.m. Monday.",
        "The U.S. president spoke.",
        "“Go. Now.”",
        "He left at 3.5 km/h, e.g. slowly.",
    ]


def test_no_other_tokenizer_loads(chunker: Chunker) -> None:
    assert len(chunker.passages(article(PLAIN))) > 1
    assert {"nltk", "tiktoken", "transformers"}.isdisjoint(sys.modules)
