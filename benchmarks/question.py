"""What a warm question costs, held against embedding it and one Chroma query, in the same run.

`python benchmarks/question.py` builds an index of the 3,754 news articles where there is none yet
(about half an hour on two cores; a run that is stopped goes on where it was), then asks the 286 news
questions. Every question is asked twice in turning order: once of the desk, as every face does,
with all that this means (retrieval by words and by meaning, evidence, agreement, checking, the
thread hop), and once as the least that a vector search costs: the same model reads the same words,
and Chroma gives the ten nearest ids.

Before that, twenty headlines are asked, so that nothing is cold. Afterwards the questions are
answered once more with a stopwatch around each stage, and a new process tells what the first
question costs there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from common import NEWS, WORK, begin, median, records, say, shown, slowly, spread, timed, verdict, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.desk import Desk
    from index.settings import Settings
    from index.snapshot import Snapshot
    from index.types import Answer, Question
    from index.vectors import VectorIndex

WARM = 20
MOST = 6.0
NEAREST = 10

T = TypeVar("T")


def settings_for(data: Path, corpus: Path) -> Settings:
    """The settings of an index; one that exists says itself which corpus it was built from."""
    from index.library import Library
    from index.settings import Settings

    settings = Settings(corpus=corpus, data=data)
    if (data / "library.db").is_file():
        library = Library(data / "library.db")
        with library.snapshot() as known:
            built = known.meta("corpus") if known.meta("refreshed") else None
        library.close()
        settings = replace(settings, corpus=Path(built)) if built else settings
    return settings


def read_questions(file: Path, limit: int | None) -> list[Question]:
    """The questions, each with the day on which it was asked."""
    from index.types import Question

    return [
        Question(row["question"], asked=date.fromisoformat(row["asked"]) if row.get("asked") else None)
        for row in records(file)[:limit]
    ]


@contextmanager
def opened(settings: Settings) -> Iterator[VectorIndex]:
    """The vector index of a data folder: in this process it shares what the desk has in memory."""
    from index import store
    from index.library import Library
    from index.vectors import VectorIndex

    library = Library(settings.data_folder / "library.db")
    with library.snapshot() as known:
        name = known.meta(store.FOLDER)
    library.close()
    if name is None:
        sys.exit("The index has no vectors yet: ask it something first.")
    vectors = VectorIndex(settings.data_folder / name)
    try:
        yield vectors
    finally:
        vectors.close()


@dataclass(frozen=True, slots=True)
class Pair:
    """One question's two costs, in seconds."""

    full: float
    least: float
    answer: Answer


async def compare(desk: Desk, settings: Settings, asked: Sequence[Question]) -> list[Pair]:
    """Ask each question both ways, turning the order from one to the next."""
    from index.embedding import BundledEmbedder

    embedder = BundledEmbedder(settings.threads, remembered=0)
    warm = [replace(asked[0], text=card.label) for card in (await desk.articles())[:WARM]]
    made = []
    with opened(settings) as vectors:
        for number, question in enumerate([*warm, *asked]):
            full: list[float] = []
            least: list[float] = []
            if number % 2:
                with timed(least):
                    vectors.nearest(embedder.question(question.text), NEAREST)
            with timed(full):
                answer = await desk.ask(question)
            if not number % 2:
                with timed(least):
                    vectors.nearest(embedder.question(question.text), NEAREST)
            made.append(Pair(full[0], least[0], answer))
    return made[len(warm) :]


class Stages:
    """A stopwatch with a stack: what an inner stage takes is not counted to the outer one."""

    def __init__(self) -> None:
        """Nothing measured yet."""
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self._stack: list[str] = []
        self._since = 0.0

    def around(self, name: str, work: Callable[..., T]) -> Callable[..., T]:
        """The same function, its time counted to `name`."""

        def timed_work(*values: Any, **named: Any) -> T:
            self._turn()
            self._stack.append(name)
            self.calls[name] = self.calls.get(name, 0) + 1
            try:
                return work(*values, **named)
            finally:
                self._turn()
                self._stack.pop()

        return timed_work

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._stack:
            name = self._stack[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


def watch(holder: Any, names: Iterable[tuple[str, str]], stages: Stages) -> list[tuple[Any, str, Any]]:
    """Put the stopwatch around functions of a module or an object; what is needed to take it off."""
    undo = []
    for attribute, stage in names:
        original = getattr(holder, attribute)
        undo.append((holder, attribute, original))
        setattr(holder, attribute, stages.around(stage, original))
    return undo


def breakdown(settings: Settings, questions: Sequence[Question]) -> dict[str, dict[str, float]]:
    """Milliseconds of each stage of `answering.answer`, over all questions."""
    from index import agreement, answering, asked, checking, judging, retrieval
    from index.embedding import BundledEmbedder
    from index.library import Library
    from index.neighbours import Neighbours
    from index.reader import Reader
    from index.store import VectorStore

    library = Library(settings.data_folder / "library.db")
    store = VectorStore(library, settings.data_folder)
    embedder = BundledEmbedder(settings.threads, remembered=0)
    store.opened()
    near = Neighbours(library, store, settings.data_folder)
    embedder.question("warm")
    reader = Reader()
    reader.load()
    stages = Stages()
    undo = [
        *watch(embedder, [("question", "embed the question"), ("words", "embed single words")], stages),
        *watch(store, [("nearest", "search by meaning (Chroma)")], stages),
        *watch(retrieval, [("match", "words of the question (FTS5 expression)")], stages),
        *watch(judging, [("judge", "judge the sentences")], stages),
        *watch(reader, [("read", "read question and sentences together")], stages),
        *watch(asked, [("terms", "rarity of the words")], stages),
        *watch(agreement, [("groups", "agreement and difference")], stages),
        *watch(checking, [("checked", "check the quotes")], stages),
    ]
    per_snapshot = [
        ("lexical", "search by words (FTS5)"),
        ("passage_vectors", "read the vectors to fuse"),
        ("found", "read the passages"),
        ("article", "check the quotes"),
    ]

    def find(known: Snapshot) -> retrieval.Retriever:
        return retrieval.Retriever(known, near, embedder, reader)

    answer = stages.around("the rest", answering.answer)
    for question in questions:
        with library.snapshot() as known:
            watch(known, per_snapshot, stages)
            answer(answering.checked(question), known, find(known), settings)
    for holder, attribute, original in undo:
        setattr(holder, attribute, original)
    store.close()
    library.close()
    total = sum(stages.seconds.values())
    ordered = sorted(stages.seconds.items(), key=lambda pair: -pair[1])
    return {
        name: {"ms": round(1000 * seconds / len(questions), 3), "share": round(seconds / total, 4)}
        for name, seconds in ordered
    }


def first_question(settings: Settings, text: str) -> dict[str, float]:
    """Seconds to the first answers of this process. Run it in a new one (`--cold`)."""
    began = time.perf_counter()
    from index import open_desk
    from index.types import Question

    async def work() -> list[float]:
        desk = open_desk(settings, purpose="benchmark")
        marks = [time.perf_counter()]
        for _ in range(2):
            await desk.ask(Question(text))
            marks.append(time.perf_counter())
        await desk.close()
        return marks

    marks = asyncio.run(work())
    return {
        "import_and_open": marks[0] - began,
        "first_answer": marks[1] - marks[0],
        "second_answer": marks[2] - marks[1],
        "total": marks[1] - began,
    }


def cold(settings: Settings, text: str, times: int) -> dict[str, float]:
    """Medians over new processes."""
    command = [sys.executable, __file__, "--data", str(settings.data_folder), "--cold", text]
    runs: list[dict[str, float]] = []
    for _ in range(times):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"The cold run failed:\n{done.stderr}")
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: round(median([run[key] for run in runs]), 3) for key in runs[0]}


async def ask_all(settings: Settings, asked: Sequence[Question]) -> tuple[list[Pair], dict[str, int]]:
    """Build what is missing, then compare."""
    from index import open_desk
    from index.reports import RefreshOptions

    desk = open_desk(settings, purpose="benchmark")
    try:
        report = await desk.prepare(RefreshOptions(on_progress=slowly()))
        if report is not None:
            say(
                f"built: {len(report.added):,} articles, {report.embedded:,} passages, {report.seconds:.0f} s"
            )
        await desk.ask(asked[0])
        status = await desk.status()
        return await compare(desk, settings, asked), {
            "articles": status.articles,
            "passages": status.passages,
        }
    finally:
        await desk.close()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Cost of a warm question.")
    parser.add_argument("--data", type=Path, default=WORK / "news", help="the index; built if missing")
    parser.add_argument("--corpus", type=Path, default=NEWS, help="folder of articles, for building")
    parser.add_argument("--questions", type=Path, default=NEWS / "questions.jsonl")
    parser.add_argument("--limit", type=int, help="only so many questions")
    parser.add_argument("--cold-runs", type=int, default=3)
    parser.add_argument("--cold", metavar="QUESTION", help=argparse.SUPPRESS)
    args = parser.parse_args()
    settings = settings_for(args.data, args.corpus)
    if args.cold:
        print(json.dumps(first_question(settings, args.cold)))
        return
    where = begin("question")
    if not (args.data / "library.db").is_file() and not args.corpus.is_dir():
        sys.exit(f"There is no index in {args.data} and no corpus in {args.corpus}.")
    asked = read_questions(args.questions, args.limit)
    say(f"{len(asked)} questions of {shown(args.questions)}; index of {shown(settings.corpus)}")
    pairs, size = asyncio.run(ask_all(settings, asked))
    full = spread([1000 * pair.full for pair in pairs])
    least = spread([1000 * pair.least for pair in pairs])
    say(f"{size['articles']:,} articles, {size['passages']:,} passages")
    for name, row in (("the desk's answer", full), ("embedding and one Chroma query", least)):
        say(f"{name:32} ms: " + "  ".join(f"{key} {value}" for key, value in row.items()))
    stages = breakdown(settings, asked)
    for name, stage in stages.items():
        say(f"  {name:42} {stage['ms']:8.2f} ms {stage['share']:7.1%}")
    start = cold(settings, asked[0].text, args.cold_runs)
    say(
        f"a new process: {start['total']:.2f} s to the first answer, "
        f"{start['second_answer']:.3f} s to the second"
    )
    ratio = {
        "p50": round(full["p50"] / least["p50"], 3),
        "mean": round(full["mean"] / least["mean"], 3),
        "p95": round(full["p95"] / least["p95"], 3),
    }
    verdict("a warm question to embedding and one query (mean)", ratio["mean"], MOST)
    verdict("the same at the median", ratio["p50"], MOST)
    result = {
        **size,
        "corpus": shown(settings.corpus),
        "questions": len(asked),
        "answered": sum(pair.answer.outcome == "answered" for pair in pairs),
        "full_ms": full,
        "least_ms": least,
        "ratio": ratio,
        "stages": stages,
        "new_process_seconds": start,
        "each_ms": [[round(1000 * pair.full, 2), round(1000 * pair.least, 2)] for pair in pairs],
    }
    write(__file__, where, result)


if __name__ == "__main__":
    main()
