"""The bundled model: what its vectors can be relied on for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from index.embedding import BundledEmbedder, PassageVectors, Remembered, Vector
from index.sentences import sentences
from index.types import Passage
from tests.index.workshop import CountingEmbedder, town

WORDS = {
    "bread": "Mix flour, water and salt. Bake the bread for forty minutes in a hot oven.",
    "troops": "Soldiers arrived in Romania. The unit has a thousand troops. Their tanks came by rail.",
    "accents": "Nausėda spoke in Brüssel. 🎉 Zelenskyj naudojo tankus.",
    "long": " ".join(town(n) for n in range(4)),
    "mixed": "Bread costs more since March. The president met the miners in Lublin. Rain fell for nine days! "
    "Who won the cup? Two ships left the harbour of Riga. 🎉 Fans sang all night in the streets.",
    "short": "Rain.",
}


def passage(text: str, headline: str = "") -> Passage:
    return Passage(text[:20], "a", 0, len(text), text, headline, tuple(sentences(text)))


def vectors(embedder: BundledEmbedder, *passages: Passage) -> dict[str, PassageVectors]:
    return {read.id: made for read, made in embedder.passages(passages)}


@pytest.fixture(scope="module")
def made(model: CountingEmbedder) -> dict[str, PassageVectors]:
    return vectors(model, *(passage(text) for text in WORDS.values()))


def test_every_vector_has_unit_length(model: CountingEmbedder, made: dict[str, PassageVectors]) -> None:
    rows = [model.question("Where are the troops?")]
    for each in made.values():
        rows += [each.passage, *each.sentences]
    for row in rows:
        assert row.shape == (model.dimensions,)
        assert row.dtype == np.float32
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_one_row_for_each_sentence(made: dict[str, PassageVectors]) -> None:
    for text in WORDS.values():
        assert len(made[text[:20]].sentences) == len(sentences(text))


def test_neighbours_in_a_batch_do_not_matter(
    model: CountingEmbedder, made: dict[str, PassageVectors]
) -> None:
    for text in WORDS.values():
        alone = vectors(model, passage(text))[text[:20]]
        assert alone.passage @ made[text[:20]].passage > 0.999
        for one, other in zip(alone.sentences, made[text[:20]].sentences, strict=True):
            assert one @ other > 0.998


def test_a_question_and_a_passage_of_the_same_words_agree(
    model: CountingEmbedder, made: dict[str, PassageVectors]
) -> None:
    for text in WORDS.values():
        assert model.question(text) @ made[text[:20]].passage > 0.999


def test_meaning_is_near(model: CountingEmbedder, made: dict[str, PassageVectors]) -> None:
    question = model.question("How do I bake a loaf?")
    near = {name: float(question @ made[text[:20]].passage) for name, text in WORDS.items()}
    assert max(near, key=lambda name: near[name]) == "bread"
    question = model.question("How many soldiers does the unit have?")
    rows = made[WORDS["troops"][:20]].sentences @ question
    assert int(rows.argmax()) == 1


@pytest.mark.parametrize("headline", ["", "Town council meets on roads", "Naus\u0117da 🎉 in Bru\u0308ssel"])
def test_a_sentence_is_nearest_to_its_own_words(model: CountingEmbedder, headline: str) -> None:
    for name in ("bread", "troops", "mixed"):
        read = passage(WORDS[name], headline)
        rows = vectors(model, read)[read.id].sentences
        own = np.stack([model.question(read.text[span.start : span.end]) for span in read.sentences])
        assert (rows @ own.T).argmax(axis=1).tolist() == list(range(len(rows)))


def test_a_passage_from_the_middle_of_its_article(model: CountingEmbedder) -> None:
    text = WORDS["troops"]
    shifted = Passage(
        "p", "a", 500, 500 + len(text), text, "A headline", tuple(_shifted(text, by) for by in range(3))
    )
    there = vectors(model, shifted)["p"]
    here = vectors(model, passage(text, "A headline"))[text[:20]]
    np.testing.assert_allclose(there.sentences, here.sentences, atol=1e-6)


def _shifted(text: str, place: int) -> object:
    span = sentences(text)[place]
    return type(span)(span.start + 500, span.end + 500)


def test_from_several_threads_at_once(model: CountingEmbedder) -> None:
    fresh = BundledEmbedder(2)  # its files load at the first use, here by eight threads at once
    texts = [town(n) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh.question, texts))
        batches = list(pool.map(lambda text: vectors(fresh, passage(text)), texts[:8]))
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_array_equal(row, model.question(text))
    for text, made in zip(texts[:8], batches, strict=True):
        assert made[text[:20]].passage @ model.question(text) > 0.999


def test_a_reader_may_stop_early(model: CountingEmbedder) -> None:
    rows = model.passages([passage(town(n)) for n in range(40)])
    assert next(rows)
    rows.close()


def test_nothing_to_read(model: CountingEmbedder) -> None:
    assert list(model.passages([])) == []


def test_a_question_beyond_the_window(model: CountingEmbedder) -> None:
    long = "Where are the troops? " * 300
    assert np.linalg.norm(model.question(long)) == pytest.approx(1, abs=1e-5)


def test_a_question_asked_again_is_not_embedded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, none = BundledEmbedder(), BundledEmbedder(remembered=0)
    first = fresh.question("Who came to Romania?")
    read: list[int] = []
    run = BundledEmbedder._run

    def counted(self: BundledEmbedder, encodings: Any) -> Any:
        read.append(len(encodings))
        return run(self, encodings)

    monkeypatch.setattr(BundledEmbedder, "_run", counted)
    assert fresh.question("Who came to Romania?") is first
    assert read == []
    assert not np.allclose(fresh.question("Who came to Bulgaria?"), first)
    assert np.allclose(none.question("Who came to Romania?"), first)
    assert np.allclose(none.question("Who came to Romania?"), first)
    assert read == [1, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0


def test_no_more_questions_are_remembered_than_allowed() -> None:
    few = Remembered(2)
    embedded: list[str] = []

    def embed(text: str) -> Vector:
        embedded.append(text)
        return np.zeros(3, dtype=np.float32)

    for text in "aabbccb":
        few.vector(text, embed)
    assert embedded == ["a", "b", "c", "b"]
