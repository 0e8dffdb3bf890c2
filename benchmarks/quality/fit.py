"""Fits the numbers in index/data/weights.json on the development questions.

    .venv/bin/python -m benchmarks.quality.fit --work .footnote/quality

Two logistic models, solved by Newton's method with an L2 penalty (Hastie, Tibshirani & Friedman,
The Elements of Statistical Learning, 4.4):

- `sentence`: within one question, which candidate holds the answer string in a gold article;
- `confidence`: whether the best candidate's question has an answer in the corpus. Beside the
  questions that were written to have none, every answerable one is asked twice more: with all
  articles that hold its answer taken away, and with its telling word (a name, or else the rarest)
  changed for one of another question: two usual ways in which a corpus fails a question.

Questions are split in two halves by a hash of their first gold article (or of their own id), so that
no article serves both. The numbers are fitted on the first half; what is printed is the second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.common import machine
from benchmarks.quality.tables import in_second_half
from index import evidence, judging, open_desk
from index.asked import Term, terms
from index.embedding import BundledEmbedder
from index.library import Library
from index.measures import holds
from index.measuring import area
from index.neighbours import Neighbours
from index.reader import Reader
from index.reports import RefreshOptions
from index.retrieval import Retriever, Scored
from index.settings import Settings
from index.snapshot import Found, Snapshot
from index.store import VectorStore
from index.types import Filters
from index.wanted import wanted

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SETS = ("encyclopedia", "news", "conflicts")
RESULT = HERE / "fit.json"
WEIGHTS = ROOT / "index/data/weights.json"
NAMES = (*evidence.FEATURES, *judging.SUMMARY)
FIXED = {
    "unknown": -2.0,
    "unknown_names": -1.0,
    "denied": -1.0,
    "carries": 0.4,
    "close": 0.3,
} | dict.fromkeys(("retrieval", "short"), 0.0)
"""Coefficients of the confidence that are set by hand. The development sets are large or narrow, so
that a word which their articles lack is a paraphrase more often than not; in a small corpus it mostly
means that the thing asked about is not there. A fused score compares passages of one question only."""
LOOKED_AT = 8
"""First sentences (by the weights in force) whose words are compared by meaning."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One question against one set of passages."""

    features: Floats
    """Shape (sentences, features)."""
    right: npt.NDArray[np.bool_]
    """Shape (sentences,): whether the sentence holds the answer in a gold article."""
    terms: tuple[Term, ...]
    sentences: tuple[evidence.Evidence, ...]
    question: str
    stood_for: tuple[frozenset[str], ...]
    """For the first sentences: words of the question for which they have another."""
    answerable: bool
    written: bool
    """Whether the question came so; else its articles were taken away or a word was changed."""
    held_out: bool
    confidence: float
    """By the weights in force, 0 to 1."""


def samples(name: str, shared: Path, work: Path, most: int, *, spoilt: bool = True) -> Iterator[Sample]:
    """All questions of a set; with `spoilt`, those with an answer also without their articles, and misled."""
    settings = Settings(corpus=shared / name, data=work / name)
    asyncio.run(_build(settings))
    library = Library(settings.data_folder / "library.db")
    store, embedder, reader = VectorStore(library, settings.data_folder), BundledEmbedder(), Reader()
    near = Neighbours(library, store, settings.data_folder)
    lines = [json.loads(line) for line in (shared / name / "questions.jsonl").read_text("utf-8").splitlines()]
    chance = random.Random(name)
    for asked in chance.sample(lines, min(most, len(lines))):
        half = in_second_half((asked["articles"] or [asked["id"]])[0])
        with library.snapshot() as known:
            retriever = Retriever(known, near, embedder, reader)
            made = _Maker(known, retriever, asked, half)
            yield from made.sample(asked["question"], asked["answerable"], written=True)
            if spoilt and asked["answerable"]:
                yield from made.sample(asked["question"], False, without=True)
                other = chance.choice(lines)["question"]
                yield from made.sample(misled(asked["question"], other, known, chance), False)
    store.close()
    library.close()


def misled(question: str, other: str, known: Snapshot, chance: random.Random) -> str:
    """The question with its telling word changed for one of another question."""

    def telling(text: str) -> list[Term]:
        said = terms(text, wanted(text), known)
        return [term for term in said if term.name] or sorted(said, key=lambda term: -term.weight)[:1]

    mine, theirs = telling(question), telling(other)
    if not mine or not theirs:
        return other
    return question.replace(chance.choice(mine).word, chance.choice(theirs).word)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the samples of one question."""

    known: Snapshot
    retriever: Retriever
    asked: dict[str, Any]
    held_out: bool

    def sample(
        self, question: str, answerable: bool, *, written: bool = False, without: bool = False
    ) -> Iterator[Sample]:
        """One sample, or none where nothing is found. `without`: leave out what holds the answer."""
        gold = {*self.asked["articles"], *self.asked.get("also", []), *self.asked.get("false_articles", [])}
        vector, ranked = self.retriever.search(question, Filters())
        passages = self.retriever.found(ranked[:40])
        if without:
            passages = [
                (scored, found)
                for scored, found in passages
                if found.card.id not in gold and not self._holds(found.passage.text)
            ]
        judged = judging.judge(question, vector, _scaled(passages), self.known, self.retriever.word_vectors)
        if judged.sentences:
            stood_for = tuple(
                judging.stand_ins(judged.asked.terms, found, self.retriever.word_vectors)
                for found in judged.sentences[:LOOKED_AT]
            )
            yield Sample(
                np.stack([found.features for found in judged.sentences]).astype(float),
                np.array([found.card.id in gold and self._holds(found.text) for found in judged.sentences]),
                judged.asked.terms,
                judged.sentences,
                question,
                stood_for,
                answerable,
                written,
                self.held_out,
                judged.confidence or 0.0,
            )

    def _holds(self, text: str) -> bool:
        answers = [*self.asked["answers"], *self.asked.get("wrong_answers", [])]
        return holds([text], answers)


def _scaled(passages: Sequence[tuple[Scored, Found]]) -> list[tuple[Scored, Found]]:
    """The first passages, with fused scores as if the others had not been found."""
    chosen = list(passages[: evidence.PASSAGES])
    top = max((scored.score for scored, _ in chosen), default=1.0) or 1.0
    return [(Scored(s.id, s.score / top, s.similarity), found) for s, found in chosen]


async def _build(settings: Settings) -> None:
    desk = open_desk(settings, purpose="benchmarks.quality.fit")
    await desk.prepare(RefreshOptions())
    await desk.close()


def logistic(x: Floats, y: Floats, weights: Floats, penalty: float, given: Floats) -> tuple[Floats, float]:
    """Coefficients for the features as they are, and the bias; `given` is added to the log-odds."""
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.c_[(x - mean) / scale, np.ones(len(x))]
    ridge = penalty * np.diag([*np.ones(x.shape[1]), 1e-6])
    w = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(z @ w + given)))
        slope = (z * (weights * p * (1 - p))[:, None]).T @ z + ridge
        step = np.linalg.solve(slope, z.T @ (weights * (p - y)) + ridge @ w)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return w[:-1] / scale, float(w[-1] - (w[:-1] / scale) @ mean)


def helpful(
    names: Sequence[str], x: Floats, y: Floats, weights: Floats, *, penalty: float, fixed: dict[str, float]
) -> tuple[Floats, float]:
    """The same with some coefficients fixed, and without features that would count against an answer.

    A cosine or a share of words that lowers the odds only makes up for another feature of the set at
    hand; on another corpus it misleads. "short" alone may have either sign.
    """
    full = np.array([fixed.get(name, 0.0) for name in names])
    given = x @ full
    free = [i for i, name in enumerate(names) if name not in fixed]
    while True:
        w, bias = logistic(x[:, free], y, weights, penalty, given)
        wrong = [at for at, i in enumerate(free) if w[at] < 0 and names[i] != "short"]
        if not wrong:
            full[free] = w
            return full, bias
        free.pop(max(wrong, key=lambda at: abs(w[at]) * float(x[:, free[at]].std())))


def fit_sentences(data: dict[str, list[Sample]], penalty: float) -> Floats:
    """Which sentence of a question: features relative to the question's mean, every question alike."""
    xs, ys, ws = [], [], []
    for kept in data.values():
        useful = [s for s in kept if s.right.any() and not s.right.all()]
        for s in useful:
            xs.append(s.features - s.features.mean(axis=0))
            ys.append(s.right.astype(float))
            ws.append(np.full(len(s.right), 1000 / len(useful) / len(s.right)))
    x, y, weights = np.concatenate(xs), np.concatenate(ys), np.concatenate(ws)
    return helpful(evidence.FEATURES, x, y, weights, penalty=penalty, fixed={})[0]


def summary(sample: Sample, w: Floats) -> Floats:
    """What the confidence is read from, with the sentences in the order that `w` gives."""
    best = int(np.argmax(sample.features @ w))
    stood_for = sample.stood_for[best] if best < len(sample.stood_for) else frozenset()
    return judging.summary(sample.sentences[best], sample.terms, stood_for, sample.question).astype(float)


def fit_confidence(data: dict[str, list[Sample]], w: Floats, penalty: float) -> tuple[Floats, float]:
    """Answerable or not; every set counts alike, and both outcomes of a set alike."""
    xs, ys, ws = [], [], []
    for kept in data.values():
        for outcome in (True, False):
            chosen = [s for s in kept if s.answerable is outcome]
            for s in chosen:
                xs.append(summary(s, w))
                ys.append(float(outcome))
                ws.append(500 / len(chosen))
    return helpful(NAMES, np.stack(xs), np.array(ys), np.array(ws), penalty=penalty, fixed=FIXED)


def report(name: str, kept: list[Sample], w: Floats, c: Floats, bias: float) -> dict[str, Any]:
    """Figures of a set on the half that was not fitted."""
    asked = [s for s in kept if s.answerable]
    order = [np.argsort(-(s.features @ w)) for s in asked]
    p = np.array([1 / (1 + np.exp(-(summary(s, w) @ c) - bias)) for s in kept])
    yes = np.array([s.answerable for s in kept])
    written = np.array([s.written for s in kept])

    def balanced(of: npt.NDArray[np.bool_]) -> float:
        return float(((p >= 0.5)[of & yes].mean() + (p < 0.5)[of & ~yes].mean()) / 2)

    return {
        "set": name,
        "questions": len(asked),
        "first": round(float(np.mean([s.right[o[0]] for s, o in zip(asked, order, strict=True)])), 3),
        "in three": round(
            float(np.mean([s.right[o[:3]].any() for s, o in zip(asked, order, strict=True)])), 3
        ),
        "auc written": round(area(p[written], yes[written]), 3),
        "auc all": round(area(p, yes), 3),
        "balanced written": round(balanced(written), 3),
        "balanced all": round(balanced(yes | ~yes), 3),
    }


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/eval")
    parser.add_argument(
        "--work", type=Path, default=Path(".footnote/quality"), help="where the indexes are kept"
    )
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--most", type=int, default=1000, help="questions of a set, drawn by chance")
    parser.add_argument("--dry-run", action="store_true", help="print, but leave the weights as they are")
    options = parser.parse_args()
    data = {name: list(samples(name, options.shared, options.work, options.most)) for name in options.sets}
    fitted = {name: [s for s in kept if not s.held_out] for name, kept in data.items()}
    w = fit_sentences(fitted, 3.0)
    c, bias = fit_confidence(fitted, w, 10.0)
    made = {
        "sentence": {
            "bias": 0.0,
            "weights": dict(zip(evidence.FEATURES, np.round(w, 3).tolist(), strict=True)),
        },
        "confidence": {
            "bias": round(bias, 3),
            "weights": dict(zip(NAMES, np.round(c, 3).tolist(), strict=True)),
        },
    }
    print(json.dumps(made, indent=2))
    figures = [report(n, [s for s in kept if s.held_out], w, c, bias) for n, kept in data.items()]
    for row in figures:
        print(row)
    if not options.dry_run:
        RESULT.write_text(
            json.dumps({"machine": machine(), "most": options.most, "held out": figures}, indent=2) + "\n",
            "utf-8",
        )
        WEIGHTS.write_text(json.dumps(made, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
