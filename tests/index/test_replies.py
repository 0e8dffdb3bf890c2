"""A model's reply, in whatever pieces it comes, and whatever it is."""

from __future__ import annotations

import json
import random

import pytest

from index.replies import LONGEST, OBJECT, SENTENCES, Draft, Reply, asked_in

TWO = json.dumps(
    {
        "answers": True,
        "sentences": [
            {"text": 'A {brace} and a "quote" \\ in it.', "keys": ["k1a"]},
            {"text": "Žemė\nis round.", "keys": ["k2b", "k3c"]},
        ],
    },
    ensure_ascii=False,
)
BOTH = [Draft('A {brace} and a "quote" \\ in it.', ("k1a",)), Draft("Žemė\nis round.", ("k2b", "k3c"))]


def read(text: str, seed: int = 1) -> tuple[list[Draft], Reply]:
    chance, reply, found, at = random.Random(seed), Reply(), list[Draft](), 0
    while at < len(text):
        size = chance.randint(1, 9)
        found += reply.feed(text[at : at + size])
        at += size
    return [*found, *reply.end()], reply


@pytest.mark.parametrize("seed", range(5))
def test_sentences_come_whole_wherever_the_pieces_are_cut(seed: int) -> None:
    assert read(TWO, seed)[0] == BOTH


def test_a_sentence_is_given_as_soon_as_it_is_complete() -> None:
    reply = Reply()
    cut = TWO.index("}", TWO.index("k1a")) + 1
    assert list(reply.feed(TWO[:cut])) == BOTH[:1]
    assert list(reply.feed(TWO[cut:])) == BOTH[1:]


@pytest.mark.parametrize(
    "text",
    [
        f"Sure! Here is the answer:\n```json\n{TWO}\n```\nAnything else?",
        f'He said "this: {TWO}',
        TWO.replace('{"answers": true, "sentences": [', '{"result": {"sentences": ['),
        TWO[: TWO.rindex("]}")],
    ],
)
def test_what_stands_around_does_no_harm(text: str) -> None:
    assert read(text)[0] == BOTH


def test_plain_lines_with_keys_in_brackets_are_read_too() -> None:
    found, _ = read("The dam broke. [k1a][k2b]\n\nNo key here.\nIt was old [k3c, k4d].\n")
    assert found == [Draft("The dam broke.", ("k1a", "k2b")), Draft("It was old", ("k3c", "k4d"))]


def test_that_the_evidence_does_not_answer() -> None:
    assert read('{"answers": false, "sentences": []}')[1].denied
    assert not read(TWO.replace("true", "false"))[1].denied
    assert not read(TWO)[1].denied


@pytest.mark.parametrize(
    "text",
    [
        "",
        "}}}}",
        "{" * 30_000,
        '{"a":' * 10_000,
        "{ " * 5_000 + "} " * 5_000,
        '{"text": 5, "keys": ["k1a"]}',
        '{"text": null}',
        '{"text": "' + "x" * OBJECT + '", "keys": ["k1a"]}',
        "\x00\xff\u202e" * 5_000,
        "[k1a]",
        '{"keys": ["k1a"]}',
    ],
)
def test_rubbish_gives_nothing_and_raises_nothing(text: str) -> None:
    assert [draft for draft in read(text)[0] if draft.text] == []


def test_keys_that_are_no_strings_are_none() -> None:
    assert read('{"text": "A.", "keys": [1, null, {"a": 2}, "k1a"]}')[0] == [Draft("A.", ("k1a",))]
    assert read('{"text": "A.", "keys": "k1a"}')[0] == [Draft("A.", ("k1a",))]
    assert read('{"text": "A."}')[0] == [Draft("A.", ())]


def test_a_reply_without_end_is_read_so_far() -> None:
    many = json.dumps([{"text": f"Number {n}.", "keys": ["k1a"]} for n in range(100)])
    found, reply = read(many)
    assert len(found) == SENTENCES
    assert reply.full
    assert read("x" * 10 * LONGEST)[1].full


def test_a_question_in_a_reply() -> None:
    assert asked_in('Here: {"question": "Who leads NATO?"} ok') == "Who leads NATO?"
    assert asked_in("Who leads NATO?") == ""
    assert asked_in('{"question": 5} {"question": ["a"]}') == ""
