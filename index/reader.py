"""A second look at the likeliest sentences: question and sentences read together, in one pass.

The embedding model reads a question and a sentence apart. Here the same model reads them together, so that
each word of the question meets each word of the sentences in all of its layers. Its matrices stay as they
are; its biases, the LayerNorms, the scale of each matrix's columns and the two segment vectors were trained
(BitFit: Ben Zaken et al. 2022, arXiv:2106.10199), with a small head: `data/reader.npz`, 0.2 MB, made by
`benchmarks/quality/train_reader.py`. The head matches token states late (Khattab & Zaharia 2020,
arXiv:2004.12832), and has a number for "none of these answers the question".
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embedding import Vector, model_session, model_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

READ = 3
"""Sentences that are read at once. A fourth takes a quarter more time and changes nothing measured."""
QUESTION, SENTENCE = 40, 56
"""Word pieces that are read of a question and of a sentence; the training had the same limits."""
LOWEST = 3
"""Words of the question that a sentence matches worst: how well it matches those counts apart."""
START, END = 101, 102
"""The word pieces [CLS] and [SEP]."""
DATA = Path(__file__).parent / "data" / "reader.npz"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a question and some sentences, in log-odds."""

    sentences: Vector
    """Shape (sentences,): higher is likelier to answer; comparable within one reading only."""
    none: float
    """The same for "none of these"."""

    @property
    def shares(self) -> Vector:
        """Shape (sentences,): the probability of each, if one of them answers."""
        odds: Vector = np.exp(self.sentences - self.sentences.max())
        shares: Vector = odds / odds.sum()
        return shares

    @property
    def answered(self) -> float:
        """Log-odds that one of the sentences answers."""
        top = float(self.sentences.max())
        return top + float(np.log(np.exp(self.sentences - top).sum())) - self.none


class Reader:
    """Reads with the bundled model, whichever model embeds. Safe to use from several threads."""

    def __init__(self) -> None:
        """Both files load at first use."""
        self._loading = threading.Lock()
        self._reading = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._model: InferenceSession | None = None

    def read(self, question: str, sentences: Sequence[str], scores: Sequence[float]) -> Reading:
        """Read a question with at least one and at most READ sentences.

        `scores`: what the features say of each sentence, the best one first.
        """
        tokenizer, model = self._loaded()
        pieces = [
            each.ids for each in tokenizer.encode_batch([question, *sentences], add_special_tokens=False)
        ]
        ids, segments, spans = packed(pieces[0][:QUESTION], [each[:SENTENCE] for each in pieces[1:]])
        row = np.array([ids], dtype=np.int64)
        kinds = np.array([segments], dtype=np.int64)
        feed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": kinds}
        with self._reading:  # several at once take no less time, and the cores from everybody else
            states = model.run(None, feed)[0][0]
        said, none = _weighed(states, len(pieces[0][:QUESTION]), spans)
        worth = float(_trained()[1]["worth"])
        return Reading(said + worth * (np.array(scores, dtype=np.float32) - scores[0]), none)

    def load(self) -> None:
        """Load what reading needs, if that is not done yet."""
        self._loaded()

    def _loaded(self) -> tuple[Tokenizer, InferenceSession]:
        with self._loading:
            if self._tokenizer is None or self._model is None:
                self._tokenizer, self._model = _load()
            return self._tokenizer, self._model


def _load() -> tuple[Tokenizer, InferenceSession]:
    # Two threads: one reading at a time, and somebody waits for it.
    return model_tokenizer(), model_session(_trained()[0], threads=2)


def packed(
    question: Sequence[int], sentences: Sequence[Sequence[int]]
) -> tuple[list[int], list[int], list[slice]]:
    """What the model reads: word pieces, the segment of each, and where each sentence stands."""
    ids = [START, *question, END]
    segments = [0] * len(ids)
    spans = []
    for sentence in sentences:
        spans.append(slice(len(ids), len(ids) + len(sentence)))
        ids += [*sentence, END]
        segments += [1] * (len(sentence) + 1)
    return ids, segments, spans


def _weighed(states: Vector, asked: int, spans: Sequence[slice]) -> tuple[Vector, float]:
    """The head: states, shape (length, dimensions), in; log-odds out. `asked`: pieces of the question."""
    head = _trained()[1]
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    question = slice(1, 1 + asked)
    care = states[question] @ head["care"]
    care = np.exp(care - care.max())
    care /= care.sum()
    mean = _unit(states[question].mean(axis=0))
    said = []
    for span in spans:
        match = (unit[question] @ unit[span].T).max(axis=1)
        lowest = np.sort(match)[:LOWEST].mean()
        pooled = states[span].mean(axis=0)
        features = np.array([mean @ _unit(pooled), care @ match, lowest])
        said.append(float(features @ head["match"] + pooled @ head["sentence"] + head["bias"][0]))
    return np.array(said, dtype=np.float32), float(states[0] @ head["none"] + head["bias"][1])


def _unit(vector: Vector) -> Vector:
    return vector / np.linalg.norm(vector)


@lru_cache(maxsize=1)
def _trained() -> tuple[dict[str, Vector], dict[str, Vector]]:
    """What replaces the model's own numbers, by their names in the ONNX file, and the head."""
    with np.load(DATA, allow_pickle=False) as data:
        every = {name: data[name].astype(np.float32) for name in data.files}
    head = {name.removeprefix("head."): value for name, value in every.items() if name.startswith("head.")}
    return {name: value for name, value in every.items() if not name.startswith("head.")}, head
