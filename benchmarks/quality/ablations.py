"""What each part of the pipeline is worth: the same questions with one part taken away or changed.

    .venv/bin/python -m benchmarks.quality.ablations [--sets news encyclopedia conflicts] [--most N]

Only questions of the half that nothing was fitted on, at most `--most` of a set, drawn by chance. Variants
that change what is embedded need an index of their own; they are built for the two small sets and left out
for the news, whose index takes half an hour. Writes ablations.json beside this file, and the table of
README.md here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.common import ROOT, begin, say
from benchmarks.quality import tables
from benchmarks.quality.compare import CAREFUL, held_out
from bot.cases import read_cases
from index import answering, judging, open_desk, retrieval, when
from index.embedding import BundledEmbedder, PassageVectors
from index.evaluation import evaluate
from index.measures import Case
from index.measuring import figures, silenced
from index.reports import RefreshOptions
from index.settings import Settings
from index.types import Passage

SHOWN = ("hit@1", "hit@10", "first", "answer", "cited first", "differs", "balanced", "auc", "p50 ms")
SMALL = ("encyclopedia", "conflicts")
Patch = Callable[[], Any]


class Alone(BundledEmbedder):
    """Sentence vectors from the sentences alone, not from the passage's own pass."""

    name = "all-MiniLM-L6-v2-int8, sentences alone"

    def passages(
        self, passages: Sequence[Passage], tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        """The vectors of passages, and of each sentence by itself."""
        for passage, made in super().passages(passages, tick):
            texts = [passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences]
            rows = [self.question(text) for text in texts]
            yield passage, replace(made, sentences=np.stack(rows) if rows else made.sentences)


def _constant(module: Any, name: str, value: float) -> Patch:
    return lambda: mock.patch.object(module, name, value)


def _without_reader() -> Any:
    judge = judging.judge
    return mock.patch.object(answering.judging, "judge", lambda *given: judge(*given[:5]))


def _by_rank(scores: dict[str, float]) -> dict[str, float]:
    """Reciprocal ranks instead of scores (Cormack et al., Reciprocal rank fusion, 2009; k is 60)."""
    ordered = sorted(scores, key=lambda id_: -scores[id_])
    return {id_: 61 / (61 + place) for place, id_ in enumerate(ordered)}


VARIANTS: dict[str, Patch | None] = {
    "the whole pipeline": None,
    "no second look (reader)": _without_reader,
    "no words of whole articles": _constant(retrieval, "WHOLE", 0.0),
    "words only": _constant(retrieval, "DENSE", 0.0),
    "meaning only": _constant(retrieval, "DENSE", 1.0),
    "as much meaning as words": _constant(retrieval, "DENSE", 0.5),
    "ranks fused, not scores": lambda: mock.patch.object(retrieval, "_scaled", _by_rank),
    "no preference for new articles": _constant(when, "RECENT", 0.0),
}
REBUILT: dict[str, dict[str, Any]] = {
    "headline not in front": {"headline": False},
    "passages of 80 word pieces": {"passage_tokens": 80},
    "passages of 200 word pieces": {"passage_tokens": 200},
    "sentence vectors from sentences alone": {"embedder": Alone},
}


@contextmanager
def _index(settings: Settings, changed: dict[str, Any]) -> Iterator[Any]:
    with ExitStack() as stack:
        if changed.get("headline") is False:
            stack.enter_context(
                mock.patch.object(Passage, "embedded", property(lambda passage: passage.text))
            )
        if tokens := changed.get("passage_tokens"):
            settings = replace(settings, passage_tokens=tokens)
        desk: Any = open_desk(settings, purpose="benchmarks.quality.ablations")
        if embedder := changed.get("embedder"):
            desk._parts.models.now = embedder(settings.threads)
        yield desk


async def _asked(settings: Settings, cases: Sequence[Case], changed: dict[str, Any]) -> dict[str, float]:
    with _index(settings, changed) as desk:
        try:
            await desk.prepare(RefreshOptions())
            outcomes = [silenced(each, CAREFUL) for each in await evaluate(desk, cases)]
        finally:
            await desk.close()
    made = figures(outcomes)
    return {key: round(made[key].value, 4) for key in SHOWN if key in made}


def _set(name: str, options: argparse.Namespace) -> dict[str, Any]:
    settings = Settings(corpus=options.shared / name, data=options.work / name)
    with (options.shared / name / "questions.jsonl").open("rb") as stream:
        cases = [case for case in read_cases(stream, "questions.jsonl", date.today()) if held_out(case)]
    cases = random.Random(1).sample(cases, min(options.most, len(cases)))
    found: dict[str, dict[str, float]] = {}
    for variant, patch in VARIANTS.items():
        say(f"{name}: {variant}")
        with patch() if patch else ExitStack():
            found[variant] = asyncio.run(_asked(settings, cases, {}))
    for place, (variant, changed) in enumerate(REBUILT.items() if name in SMALL else ()):
        say(f"{name}: {variant}")
        own = replace(settings, data=options.work / f"{name}-ablation-{place}")
        found[variant] = asyncio.run(_asked(own, cases, changed))
    return {"questions": len(cases), "variants": found}


def main() -> None:
    """Ask, write, and make the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=tables.SETS, default=tables.SETS)
    parser.add_argument("--most", type=int, default=600)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/eval")
    parser.add_argument("--work", type=Path, default=Path(".footnote/quality"))
    options = parser.parse_args()
    result = {"machine": begin("ablations"), "sets": {name: _set(name, options) for name in options.sets}}
    tables.PARTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    tables.write()


if __name__ == "__main__":
    main()
