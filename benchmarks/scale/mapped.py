"""What it costs to read the library with and without mapping it into memory.

    python benchmarks/scale/mapped.py [--size N]

SQLite can map its file (`PRAGMA mmap_size`). The system then counts every page near one that was looked at as
resident, for each connection. Answers are given by turns over two connections to one library, one that maps
a gigabyte and one that maps nothing; and by a process of each, which then looks at its memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from asking import forgetful, questions, settings
from common import begin, say, spread, timed, write
from process import resident, run

WARM, ASKED = 10, 60
WAYS = {"mapped": 1 << 30, "not mapped": 0}


def answerer(size: int, bytes_: int) -> Callable[[Any], None]:
    """Answers a question over connections that map so many bytes."""
    from index import answering, retrieval, schema
    from index.embedding import BundledEmbedder
    from index.library import Library
    from index.neighbours import Neighbours
    from index.reader import Reader
    from index.store import VectorStore

    chosen = settings(size)
    plain = schema.connect
    library = Library(chosen.data_folder / "library.db")
    near = Neighbours(library, VectorStore(library, chosen.data_folder), chosen.data_folder)
    embedder, reader = BundledEmbedder(chosen.threads), Reader()

    def connect(*values: Any, **named: Any) -> Any:
        connection = plain(*values, **named)
        connection.execute(f"PRAGMA mmap_size = {bytes_}")
        return connection

    def answer(question: Any) -> None:
        schema.connect = connect
        try:
            with library.snapshot() as known:
                retriever = retrieval.Retriever(known, near, embedder, reader)
                answering.answer(answering.checked(question), known, retriever, chosen)
        finally:
            schema.connect = plain

    return answer


def by_turns(size: int) -> dict[str, dict[str, dict[str, float]]]:
    """Milliseconds, and those of the processor, for each way."""
    answers = {name: answerer(size, bytes_) for name, bytes_ in WAYS.items()}
    made: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in WAYS}
    for number, question in enumerate(questions(WARM + ASKED)):
        for name in sorted(answers, reverse=bool(number % 2)):
            with timed(*made[name]):
                answers[name](question)
    return {
        name: {
            "ms": spread([1000 * each for each in wall[WARM:]]),
            "cpu_ms": spread([1000 * each for each in cpu[WARM:]]),
        }
        for name, (wall, cpu) in made.items()
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Reading the library mapped and not mapped.")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--alone", choices=list(WAYS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    forgetful()
    if args.alone:
        answer = answerer(args.size, WAYS[args.alone])
        for question in questions(WARM + ASKED):
            answer(question)
        print(json.dumps(resident()))
        return
    where = begin("scale: the library mapped and not mapped")
    result: dict[str, Any] = by_turns(args.size)
    for name in WAYS:
        _, said = run([sys.executable, __file__, "--size", str(args.size), "--alone", name], {})
        result[name]["memory_mb"] = json.loads(said.splitlines()[-1])
        say(f"{name}: {result[name]}")
    write(__file__, where, {"size": args.size, "ways": result})


if __name__ == "__main__":
    main()
