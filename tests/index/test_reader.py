from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index import judging
from index.embedding import model_file
from index.reader import DATA, READ, Reading
from tests.index.workshop import READER

ANSWER = "The ferry to Lindau was built in 1931 by the Brink yard, which stood where the market is today."
OTHERS = (
    "The ferry carries forty cars and runs every hour until ten in the evening.",
    "A new timetable for the ferry to Lindau comes into force in May.",
    "The market of Lindau opens on Saturdays.",
)
QUESTION = "Who built the ferry to Lindau?"


def read(question: str, *sentences: str) -> Reading:
    return READER.read(question, sentences, [0.0] * len(sentences))


def test_the_sentence_that_answers_is_the_likeliest_wherever_it_stands() -> None:
    for place in range(READ):
        sentences = [*OTHERS[:place], ANSWER, *OTHERS[place:]]
        assert int(np.argmax(read(QUESTION, *sentences).sentences)) == place


def test_sentences_on_the_matter_that_do_not_answer_are_told_from_one_that_does() -> None:
    assert read(QUESTION, *OTHERS).answered < read(QUESTION, ANSWER, *OTHERS).answered - 1


def test_what_the_features_say_counts_beside_what_is_read() -> None:
    plain = READER.read(QUESTION, [ANSWER, OTHERS[0]], [5.0, 5.0])
    worse = READER.read(QUESTION, [ANSWER, OTHERS[0]], [5.0, 3.0])
    assert worse.sentences[0] == pytest.approx(plain.sentences[0])
    assert worse.sentences[1] < plain.sentences[1]


def test_long_texts_are_cut_and_odd_ones_are_read() -> None:
    for question, sentence in (("why " * 500, "because " * 500), ("?", "."), ("🛶", "\u200b…")):
        reading = read(question, sentence)
        assert np.isfinite(reading.sentences).all()
        assert np.isfinite(reading.answered)


def test_many_may_read_at_once() -> None:
    alone = read(QUESTION, ANSWER, *OTHERS)
    with ThreadPoolExecutor(4) as pool:
        every = list(pool.map(lambda _: read(QUESTION, ANSWER, *OTHERS), range(12)))
    assert all(np.allclose(each.sentences, alone.sentences, atol=1e-3) for each in every)


def test_each_number_that_was_trained_has_its_place_in_the_model() -> None:
    """onnxruntime says nothing where a name is not there: then the model would read untrained."""
    content = model_file().read_bytes()
    with np.load(DATA, allow_pickle=False) as data:
        names = [name for name in data.files if not name.startswith("head.")]
        assert all(name.encode() in content for name in names)
        assert sum(data[name].nbytes for name in data.files) < 1_000_000
    assert len(names) == 3 + 6 * (6 * 2 + 2 * 2)


def test_both_parts_of_the_confidence_count() -> None:
    assert judging.together(0.5, 2.0) > judging.together(0.5, 0.0) > judging.together(0.5, -2.0)
    assert judging.together(0.7, 0.0) > judging.together(0.1, 0.0)
    assert judging.together(0.99, -9.0) < 0.75, "neither decides alone"
    assert judging.together(0.01, 2.0) < 0.5
    assert 0.0 < judging.together(0.0, -50.0) < judging.together(1.0, 50.0) <= 1.0
