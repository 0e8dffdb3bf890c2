"""Footnote and a plain llama-index bot on Chroma (`plain.py`), side by side in one run.

    pip install --no-deps --target .footnote/scale/plain-packages llama-index-vector-stores-chroma==0.6.0
    python benchmarks/scale/beside.py [--news FOLDER]

Both use the same bundled model and the same chromadb, and read the same articles, as Footnote has cleaned
them.

- Building: a few hundred news articles in slices, as whole processes by turns.
- Asking: the news questions over all news articles, by turns in one process. Footnote as `ask` (with
  evidence, agreement, checking) and as `search`; the plain bot kept warm, and opened anew for each question.
- A process for each question, by turns.
- Memory: a process of each that has answered fifty questions.
- Finding: whether an article that the question's editor linked is first, or among four.
- A refresh after one article changed, while questions go on.

`--news` names an index of the news articles (`question.py` builds one); it is copied. The plain bot's index
of them is built once and kept; `--lend` names a folder in which llama-index has stored vectors of the same
texts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from asking import forgetful, questions
from common import NEWS, WORK, begin, median, records, say, spread, timed, write
from data import SCALE
from process import FOOTNOTE, resident, run

if TYPE_CHECKING:
    from index.desk import Desk
    from index.settings import Settings
    from index.types import Question

PACKAGES = SCALE / "plain-packages"
FOLDER = SCALE / "beside"
SLICES = 3
FOUR = 4
WAYS = ("footnote ask", "footnote search", "plain, warm", "plain, opened anew")
ASKED = 50

sys.path.insert(0, str(PACKAGES))


def news_settings() -> Settings:
    """The settings of the copy of the news index: it says itself from which corpus it was built."""
    from question import settings_for

    return settings_for(FOLDER / "news", NEWS)


def prepare(news: Path, lend: Path | None) -> None:
    """The copy of the news index, its articles as a file, and the plain bot's index of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "news").is_dir():
        shutil.copytree(news, FOLDER / "part")
        (FOLDER / "part").rename(FOLDER / "news")
    file = FOLDER / "news.jsonl"
    if not file.is_file():
        from index.library import Library

        library = Library(FOLDER / "news" / "library.db")
        with library.snapshot() as known:
            articles = [known.known_article(id_) for id_ in sorted(known.digests())]
        library.close()
        rows = [json.dumps({"id": a.id, "title": a.title, "text": a.text}) for a in articles]
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    if not (FOLDER / "plain.built").is_file():
        say("building the plain bot's index of the news articles")
        import plain

        shutil.rmtree(FOLDER / "plain", ignore_errors=True)
        own = plain.MODEL
        plain.MODEL = Lender(own, lend) if lend else own
        plain.PlainBot(file, FOLDER / "plain").build()
        plain.MODEL = own
        (FOLDER / "plain.built").touch()


class Lender:
    """A model that knows the vectors of texts that llama-index stored before."""

    def __init__(self, model: Any, folder: Path) -> None:
        """Read what is stored."""
        from llama_index.core import StorageContext
        from llama_index.core.schema import MetadataMode

        context = StorageContext.from_defaults(persist_dir=str(folder))
        vectors = context.vector_store.data.embedding_dict
        nodes = context.docstore.docs
        self._known = {
            nodes[id_].get_content(MetadataMode.EMBED).strip(): row for id_, row in vectors.items()
        }
        self._model = model

    def embed(self, texts: list[str], batch: int, workers: int) -> Any:
        """Vectors from memory, or made."""
        import numpy as np

        missing = [text for text in texts if text.strip() not in self._known]
        if missing:
            made = self._model.embed(missing, batch=batch, workers=workers)
            self._known.update(zip((text.strip() for text in missing), made.tolist(), strict=True))
        return np.array([self._known[text.strip()] for text in texts])


def building(articles: int) -> dict[str, Any]:
    """Both build the same slices, as whole processes by turns."""
    lines = (FOLDER / "news.jsonl").read_text("utf-8").splitlines()
    chosen = [lines[i * len(lines) // (SLICES * articles)] for i in range(SLICES * articles)]
    seconds: dict[str, list[float]] = {"footnote": [], "plain": []}
    for number in range(SLICES):
        corpus = FOLDER / "slices" / str(number)
        shutil.rmtree(corpus, ignore_errors=True)
        (corpus / "corpus").mkdir(parents=True)
        (corpus / "corpus" / "articles.jsonl").write_text("\n".join(chosen[number::SLICES]), encoding="utf-8")
        ways = {
            "footnote": (
                [*FOOTNOTE, "refresh"],
                {"FOOTNOTE_CORPUS": str(corpus / "corpus"), "FOOTNOTE_DATA": str(corpus / "footnote")},
            ),
            "plain": ([sys.executable, __file__, "--build", str(corpus)], {}),
        }
        for name in sorted(ways, reverse=bool(number % 2)):
            command, values = ways[name]
            seconds[name].append(round(run(command, values)[0], 2))
        say(f"  slice {number + 1}: {seconds}")
    return {
        "articles": SLICES * articles,
        "seconds": seconds,
        "total": {n: round(sum(s), 1) for n, s in seconds.items()},
    }


def plain_build(slice_: Path) -> None:
    """The plain bot builds a slice in this process."""
    import plain

    plain.PlainBot(slice_ / "corpus" / "articles.jsonl", slice_ / "plain").build()


class Both:
    """Each way of asking, over all news articles."""

    def __init__(self, desk: Desk) -> None:
        """`desk` has the news index."""
        self.desk = desk
        self.warm = opened_anew()
        self.ms: dict[str, list[float]] = {name: [] for name in WAYS}

    async def given(self, name: str, question: Question) -> Any:
        """What one way gives for a question; its time is remembered."""
        took: list[float] = []
        with timed(took):
            if name == "footnote ask":
                made: Any = await self.desk.ask(question)
            elif name == "footnote search":
                made = await self.desk.search(question.text, FOUR, asked=question.asked)
            elif name == "plain, warm":
                made = await asyncio.to_thread(self.warm.ask, question.text)
            else:
                made = await asyncio.to_thread(lambda: opened_anew().ask(question.text))
        self.ms[name].append(1000 * took[0])
        return made


def opened_anew() -> Any:
    """The plain bot with the index of all news articles, opened now."""
    import plain

    bot = plain.PlainBot(FOLDER / "news.jsonl", FOLDER / "plain")
    bot.load()
    return bot


def right_articles() -> dict[str, set[str]]:
    """Question -> the articles that an editor linked, for those questions that have some."""
    rows = records(NEWS / "questions.jsonl")
    return {row["question"]: set(row["articles"]) for row in rows if row.get("judgement") == "gold_link"}


async def asking(limit: int | None) -> dict[str, Any]:
    """Each question of both, by turns; and whether they found the right article."""
    from index import open_desk

    gold = right_articles()
    forgetful()
    desk = open_desk(news_settings(), purpose="benchmark")
    await desk.warm()
    both = Both(desk)
    found: dict[str, list[tuple[bool, bool]]] = {"footnote search": [], "plain, warm": []}
    sources: list[bool] = []
    try:
        for question in questions(20):
            for name in WAYS:
                await both.given(name, question)
        both.ms = {name: [] for name in WAYS}
        for number, question in enumerate(questions(limit)):
            turn = number % len(WAYS)
            given = {name: await both.given(name, question) for name in [*WAYS[turn:], *WAYS[:turn]]}
            right = gold.get(question.text)
            if not right:
                continue
            ours = [hit.card.id for hit in given["footnote search"]]
            theirs = list(dict.fromkeys(node.node.ref_doc_id for node in given["plain, warm"]))
            for name, ids in (("footnote search", ours), ("plain, warm", theirs)):
                found[name].append((bool(right & set(ids[:1])), bool(right & set(ids[:FOUR]))))
            sources.append(bool(right & {c.article.id for c in given["footnote ask"].citations}))
    finally:
        await desk.close()
    return {
        "ms": {name: spread(each) for name, each in both.ms.items()},
        "gold_questions": len(sources),
        "found": {
            name: {"first": _share(a for a, _ in each), "in_four": _share(b for _, b in each)}
            for name, each in found.items()
        },
        "gold_among_sources_of_answer": _share(sources),
    }


def _share(values: Iterable[bool]) -> float:
    every = list(values)
    return round(sum(every) / len(every), 4) if every else 0.0


def processes(times: int) -> dict[str, list[float]]:
    """One question as a process of its own, by turns; the first round is thrown away."""
    chosen = news_settings()
    text = records(NEWS / "questions.jsonl")[1]["question"]
    ways = {
        "footnote ask": (
            [*FOOTNOTE, "ask", text],
            {"FOOTNOTE_CORPUS": str(chosen.corpus), "FOOTNOTE_DATA": str(chosen.data_folder)},
        ),
        "plain": ([sys.executable, __file__, "--one", text], {}),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(times + 1):
        for name, (command, values) in ways.items():
            took, _ = run(command, values)
            if number:
                seconds[name].append(round(took, 3))
    return seconds


async def remembered(name: str) -> dict[str, float]:
    """Memory of this process after fifty questions of one of the two."""
    if name == "plain":
        bot = opened_anew()
        for question in questions(ASKED):
            bot.ask(question.text)
        return resident()
    from index import open_desk

    desk = open_desk(news_settings(), purpose="benchmark")
    await desk.warm()
    for question in questions(ASKED):
        await desk.ask(question)
    memory = resident()
    await desk.close()
    return memory


async def asked_beside(work: Awaitable[Any], ask: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """Ask again and again until the work is done; what a refresh embedded is told too."""
    task = asyncio.ensure_future(work)
    row: dict[str, Any] = {"seconds": 0.0, "asked": 0, "failed": 0, "empty": 0}
    began = time.perf_counter()
    while not task.done():
        row["asked"] += 1
        try:
            row["empty"] += not await ask()
        except Exception:  # whatever fails is a question without an answer
            row["failed"] += 1
        await asyncio.wait([task], timeout=0.1)
    if (report := await task) is not None:
        row["embedded"] = report.embedded
    row["seconds"] = round(time.perf_counter() - began, 2)
    return row


async def refreshing() -> dict[str, Any]:
    """One article of a slice changes; both bring their index up to date while a question goes on and on."""
    import plain

    from index import open_desk
    from index.reports import RefreshOptions
    from index.settings import Settings
    from index.types import Question

    corpus = FOLDER / "slices" / "0"
    file = corpus / "corpus" / "articles.jsonl"
    lines = file.read_text("utf-8").splitlines()
    changed = json.loads(lines[0])
    changed["text"] += "\n\nA sentence was added to this article."
    file.write_text("\n".join([json.dumps(changed), *lines[1:]]), encoding="utf-8")
    question = Question("What was added to this article?")
    bot = plain.PlainBot(file, corpus / "plain")
    bot.load()

    def anew() -> Any:
        bot.load()
        return bot.ask(question.text)

    warm = plain.PlainBot(file, corpus / "plain")
    desk = open_desk(Settings(corpus=corpus / "corpus", data=corpus / "footnote"), purpose="benchmark")
    await desk.warm()
    made = {
        "plain, opened anew": await asked_beside(
            asyncio.to_thread(bot.build), lambda: asyncio.to_thread(anew)
        )
    }
    warm.load()

    async def ask() -> Any:
        return await asyncio.to_thread(warm.ask, question.text)

    made["plain, warm"] = await asked_beside(asyncio.to_thread(bot.build), ask)
    after = await asyncio.gather(ask(), return_exceptions=True)
    made["plain, warm"]["afterwards"] = (
        f"fails: {type(after[0]).__name__}" if isinstance(after[0], Exception) else "answers"
    )
    made["footnote"] = await asked_beside(desk.refresh(RefreshOptions()), lambda: desk.ask(question))
    await desk.close()
    return made


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Footnote beside a plain llama-index bot on Chroma.")
    parser.add_argument("--news", type=Path, default=WORK / "news")
    parser.add_argument("--lend", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--articles", type=int, default=100, help="in each slice that is built")
    parser.add_argument("--prepare", action="store_true", help="only build what is kept")
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.build:
        plain_build(args.build)
        return
    if args.one:
        print([node.node.ref_doc_id for node in opened_anew().ask(args.one)])
        return
    if args.memory:
        print(json.dumps(asyncio.run(remembered(args.memory))))
        return
    where = begin("scale: beside a plain bot")
    if not PACKAGES.is_dir():
        sys.exit(f"Install the plain bot's package first:\n{__doc__}")
    prepare(args.news, args.lend)
    if args.prepare:
        return
    result: dict[str, Any] = {"building": building(args.articles)}
    memory = {}
    for name in ("footnote", "plain"):
        memory[name] = json.loads(run([sys.executable, __file__, "--memory", name], {})[1].splitlines()[-1])
    result["memory_mb"] = memory
    result["process_seconds"] = {
        name: {"median": round(median(s), 3), "each": s} for name, s in processes(args.times).items()
    }
    say(f"memory {memory}; processes {result['process_seconds']}")
    result["asking"] = asyncio.run(asking(args.limit))
    say(json.dumps(result["asking"], indent=1))
    result["refreshing"] = asyncio.run(refreshing())
    say(json.dumps(result["refreshing"], indent=1))
    write(__file__, where, result)


if __name__ == "__main__":
    main()
