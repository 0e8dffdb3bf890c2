"""What a refresh costs where little or nothing changed.

`python benchmarks/refresh.py` uses two corpora: 2,000 generated .md and .txt files, and the 3,754
news articles in one .jsonl.gz. For each, in a new process,

- nothing changed: a whole refresh (open, compare, report, close) by turns with the least that it
  could do, reading every file and hashing it; and no library of the model was imported at the end;
- one headline changed: the model reads exactly that article's passages;
- one sentence added: it reads only the passages that the sentence changes.

The model is not what is measured, so the indexes are first filled with random vectors, which saves
half an hour (for the news, the index of `benchmarks/question.py` is copied where there is one); only
what the changes ask for is embedded in earnest. Indexes are kept for a next run.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import NEWS, WORK, begin, median, records, say, shown, slowly, timed, verdict, write

if TYPE_CHECKING:
    from index.reports import RefreshReport
    from index.settings import Settings

MOST = 2.0
MODEL = ("onnxruntime", "tokenizers", "llama_index.core", "chromadb", "torch")
"""What must not be imported by a refresh that finds nothing to do."""
WORDS = """minister river harbour council budget rail bridge school winter farm power storm election court
museum island airport factory market union hospital forest border engine harvest festival treaty tunnel
station library coast valley mayor pilot teacher nurse driver captain engineer judge witness""".split()


def generate(folder: Path, count: int) -> None:
    """Articles of about 2 to 6 thousand characters, the same on every machine."""
    rng = random.Random(20220624)
    for number in range(count):
        place = folder / f"{number % 20:02}"
        place.mkdir(parents=True, exist_ok=True)
        title = f"The {rng.choice(WORDS)} and the {rng.choice(WORDS)}, part {number}"
        body = "\n\n".join(_paragraph(rng) for _ in range(rng.randint(5, 15)))
        if number % 2:
            (place / f"{number:05}.txt").write_text(f"{title}\n\n{body}\n", encoding="utf-8")
        else:
            source = f"The {rng.choice(WORDS).title()} Post"
            head = f"---\ntitle: {title}\nsource: {source}\npublished: 2022-06-24\n---\n\n"
            (place / f"{number:05}.md").write_text(f"{head}{body}\n", encoding="utf-8")


def _paragraph(rng: random.Random) -> str:
    sentences = (" ".join(rng.choices(WORDS, k=rng.randint(8, 20))) for _ in range(rng.randint(2, 5)))
    return " ".join(f"The {sentence}." for sentence in sentences)


def prepare(work: Path, name: str, count: int, news: Path, index: Path) -> Path:
    """The folder of a corpus, made if it is missing; with a copy of an index of the news if there is one."""
    corpus = work / name / "corpus"
    ready = work / name / f"ready-{count if name == 'files' else news.stat().st_size}"
    if not ready.exists():
        shutil.rmtree(work / name, ignore_errors=True)
        corpus.mkdir(parents=True)
        if name == "files":
            generate(corpus, count)
        else:
            shutil.copyfile(news, corpus / "articles.jsonl.gz")
            if (index / "library.db").is_file():
                shutil.copytree(index, work / name / "data")
        ready.touch()
    return corpus


def refresh(settings: Settings, *, quiet: bool = True) -> RefreshReport:
    """One refresh as the command does it: open, refresh, close."""
    from index import open_desk
    from index.reports import RefreshOptions

    options = RefreshOptions() if quiet else RefreshOptions(on_progress=slowly())

    async def work() -> RefreshReport:
        desk = open_desk(settings, purpose="benchmark")
        try:
            return await desk.refresh(options)
        finally:
            await desk.close()

    return asyncio.run(work())


def read_and_hash(folder: Path) -> int:
    """The least that a refresh could do; the number of files."""
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as stream:  # noqa: PTH118, PTH123  # the fastest way
                hashlib.sha256(stream.read()).hexdigest()
            count += 1
    return count


def stage_build(settings: Settings, _times: int) -> dict[str, Any]:
    """Build the index, with random vectors in place of the model's."""
    import numpy as np

    from corpus import reading
    from corpus.article import Unread
    from index.chunking import Chunker
    from index.embedding import BundledEmbedder, PassageVectors
    from index.library import Library, vector_key

    embedder = BundledEmbedder()
    chunker = Chunker(embedder.pieces, settings.passage_tokens)
    library = Library(settings.data_folder / "library.db")
    with library.snapshot() as known:
        filled = known.count("vectors") > 0
    rng = np.random.default_rng(1)

    def unit(rows: int) -> Any:
        made = rng.standard_normal((rows, embedder.dimensions), dtype=np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    def made() -> Iterator[tuple[str, PassageVectors]]:
        for file in reading.walk(settings.corpus)[0]:
            content = reading.load(file, settings.max_file_mb * 1_000_000)
            for article in (
                () if isinstance(content, Unread) else reading.parse(file.origin, content).articles
            ):
                for passage in chunker.passages(article):
                    vectors = PassageVectors(unit(1)[0], unit(len(passage.sentences)))
                    yield vector_key(embedder.name, passage), vectors

    if not filled:
        library.add_vectors(made())
    library.close()
    report = refresh(settings, quiet=False)
    return {"articles": report.unchanged + len(report.added), "embedded": report.embedded}


def stage_same(settings: Settings, times: int) -> dict[str, Any]:
    """Nothing changed: refresh, on a desk that is open as a bot's is, and reading by turns."""
    from index import open_desk
    from index.reports import RefreshOptions

    loop = asyncio.new_event_loop()
    desk = open_desk(settings, purpose="benchmarks/refresh.py")
    ours: list[float] = []
    least: list[float] = []
    ours_cpu: list[float] = []
    least_cpu: list[float] = []
    files = 0
    for number in range(times + 1):
        for ours_now in (True, False) if number % 2 else (False, True):
            if ours_now:
                with timed(ours, ours_cpu):
                    report = loop.run_until_complete(desk.refresh(RefreshOptions()))
                if report.added or report.changed or report.removed or report.embedded:
                    sys.exit(f"Something changed: {report}")
            else:
                with timed(least, least_cpu):
                    files = read_and_hash(settings.corpus)
    loaded = [name for name in MODEL if name in sys.modules]
    loop.run_until_complete(desk.close())
    loop.close()
    return {
        "files": files,
        "articles": report.unchanged,
        "first_ms": round(1000 * ours[0], 2),  # imports, in this new process
        "refresh_ms": [round(1000 * value, 2) for value in ours[1:]],
        "read_and_hash_ms": [round(1000 * value, 2) for value in least[1:]],
        "cpu_ratio": round(median(ours_cpu[1:]) / median(least_cpu[1:]), 3),
        "model_loaded": loaded,
    }


def stage_change(settings: Settings, _times: int) -> dict[str, Any]:
    """One headline, then one sentence, then back again."""
    from index.library import Library

    results = {}
    for name, change in (("headline", _new_headline), ("sentence", _new_sentence)):
        file, before = _change(settings.corpus, change)
        try:
            began = time.perf_counter()
            report = refresh(settings)
            seconds = time.perf_counter() - began
        finally:
            file.write_bytes(before)
        library = Library(settings.data_folder / "library.db")
        with library.snapshot() as known:
            passages = len(known.passage_ids(report.changed))
        library.close()
        results[name] = {
            "changed": len(report.changed),
            "passages": passages,
            "embedded": report.embedded,
            "seconds": round(seconds, 3),
        }
        refresh(settings)
    return results


def _change(corpus: Path, change: Callable[[str, str], tuple[str, str]]) -> tuple[Path, bytes]:
    """Change an article in the middle of the corpus; the file and what it held."""
    files = sorted(path for path in corpus.rglob("*") if path.is_file())
    file = next(path for path in files[len(files) // 2 :] if path.suffix in {".md", ".gz"})
    before = file.read_bytes()
    if file.suffix == ".gz":
        rows = records(file)
        row = rows[len(rows) // 2]
        row["title"], row["text"] = change(row["title"], row["text"])
        after = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode(), compresslevel=1)
    else:
        lines = before.decode().split("\n")
        title, text = change(lines[1].removeprefix("title: "), "\n".join(lines[6:]))
        after = "\n".join([lines[0], f"title: {title}", *lines[2:6], text]).encode()
    file.write_bytes(after)
    return file, before


def _new_headline(title: str, text: str) -> tuple[str, str]:
    return f"{title} (corrected)", text


def _new_sentence(title: str, text: str) -> tuple[str, str]:
    return title, f"{text.rstrip()} This sentence was added later to correct an earlier version.\n"


STAGES = {"build": stage_build, "same": stage_same, "change": stage_change}


def in_new_process(stage: str, corpus: Path, times: int) -> dict[str, Any]:
    """Run a stage where nothing is loaded yet."""
    command = [
        sys.executable,
        __file__,
        "--stage",
        stage,
        "--folder",
        str(corpus.parent),
        "--times",
        str(times),
    ]
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if last:
                say(last)
            last = line.rstrip("\n")
    if process.returncode:
        sys.exit(f"{last}\nThe stage {stage} ended with {process.returncode}.")
    result: dict[str, Any] = json.loads(last)
    return result


def measure(name: str, corpus: Path, times: int) -> dict[str, Any]:
    """All stages over one corpus."""
    say(f"{name}: building where needed, then measuring")
    in_new_process("build", corpus, times)
    same = in_new_process("same", corpus, times)
    ours, least = median(same["refresh_ms"]), median(same["read_and_hash_ms"])
    same["ratio"] = round(ours / least, 3)
    say(
        f"{name}: {same['files']:,} files, {same['articles']:,} articles; nothing changed: "
        f"refresh {ours:.1f} ms, reading and hashing {least:.1f} ms, "
        f"first refresh of a process {same['first_ms']:.0f} ms, ratio of processor time {same['cpu_ratio']}"
    )
    verdict(f"{name}: refresh to reading and hashing", same["ratio"], MOST)
    verdict(f"{name}: libraries of the model loaded", len(same["model_loaded"]), 0)
    change = in_new_process("change", corpus, times)
    for what, row in change.items():
        say(f"{name}: one {what} changed: {row}")
    headline = change["headline"]
    verdict(f"{name}: articles changed", headline["changed"], 1)
    verdict(f"{name}: embedded beyond the article's", abs(headline["embedded"] - headline["passages"]), 0)
    verdict(f"{name}: embedded for one sentence", change["sentence"]["embedded"], 2)
    return {"nothing_changed": same, "one_change": change}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Cost of a refresh with little or nothing to do.")
    parser.add_argument("--files", type=int, default=2000, help="generated files")
    parser.add_argument("--news", type=Path, default=NEWS / "articles.jsonl.gz", help=".jsonl.gz of articles")
    parser.add_argument("--work", type=Path, default=WORK / "refresh", help="where the indexes are kept")
    parser.add_argument("--index", type=Path, default=WORK / "news", help="a built index of the news to copy")
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--only", choices=["files", "news"])
    parser.add_argument("--stage", choices=list(STAGES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.stage:
        from index.settings import Settings

        settings = Settings(corpus=args.folder / "corpus", data=args.folder / "data")
        print(json.dumps(STAGES[args.stage](settings, args.times)))
        return
    where = begin("refresh")
    names = [args.only] if args.only else ["files", "news"]
    if "news" in names and not args.news.is_file():
        say(f"{shown(args.news)} is not there: the news part is left out.")
        names.remove("news")
    result = {
        name: measure(name, prepare(args.work, name, args.files, args.news, args.index), args.times)
        for name in names
    }
    write(__file__, where, result)


if __name__ == "__main__":
    main()
