"""Footnote beside its baselines on the development questions, with the measures of `footnote eval`.

    .venv/bin/python -m benchmarks.quality.compare [--sets news encyclopedia conflicts] [--limit N]

Writes one raw result for each set beside this file, and from all of them the tables of README.md here.
With `--limit` nothing of that is written: the tables are printed. `--tables` asks nothing and makes the
tables anew. The indexes are kept in `--work` and shared with `fit.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import ROOT, begin, say, slowly
from benchmarks.quality import tables
from benchmarks.quality.baselines import Baseline, Dense, LlamaIndex, Words
from bot.cases import read_cases
from index import open_desk
from index.evaluation import Examined, evaluate
from index.library import Library
from index.measures import Case, Outcome
from index.measuring import silenced
from index.reports import RefreshOptions
from index.settings import Settings
from index.store import VectorStore

SETS = tables.SETS
CAREFUL = Settings().careful


def main() -> None:
    """Ask, write, and make the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--limit", type=int, help="the first so many questions of each set")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/eval")
    parser.add_argument("--work", type=Path, default=Path(".footnote/quality"))
    parser.add_argument("--tables", action="store_true", help="only make the tables from the results")
    options = parser.parse_args()
    if not options.tables:
        where = begin("quality")
        for name in options.sets:
            result = {"machine": where, "set": name, **asyncio.run(_set(name, options))}
            if options.limit is None:
                _write(tables.file_of(name), result)
            else:
                print(tables.body(result))
    if options.limit is None:
        tables.write()


async def _set(name: str, options: argparse.Namespace) -> dict[str, Any]:
    settings = Settings(corpus=options.shared / name, data=options.work / name)
    with (options.shared / name / "questions.jsonl").open("rb") as stream:
        cases = read_cases(stream, "questions.jsonl", date.today())[: options.limit]
    say(f"{name}: {len(cases)} questions")
    desk = open_desk(settings, purpose="benchmarks.quality.compare")
    try:
        await desk.prepare(RefreshOptions(on_progress=slowly()))
        status = await desk.status()
        found = {"Footnote": [silenced(each, CAREFUL) for each in await _asked(desk, "Footnote", cases)]}
    finally:
        await desk.close()
    with _baselines(settings, options.work / f"{name}-llama-index") as baselines:
        for system, make in baselines.items():
            outcomes = await _asked(make(), system, cases)
            found[system] = by_halves(outcomes, cases)
    return {
        "articles": status.articles,
        "passages": status.passages,
        "careful": CAREFUL,
        "ids": [case.id for case in cases],
        "answerable": [int(case.answerable) for case in cases],
        "held_out": [int(held_out(case)) for case in cases],
        "systems": {system: _columns(outcomes) for system, outcomes in found.items()},
    }


async def _asked(system: Examined, name: str, cases: Sequence[Case]) -> list[Outcome]:
    say(f"  {name}")
    return await evaluate(system, cases)


@contextmanager
def _baselines(settings: Settings, folder: Path) -> Iterator[dict[str, Callable[[], Baseline]]]:
    library = Library(settings.data_folder / "library.db")
    store = VectorStore(library, settings.data_folder)
    try:
        with library.snapshot() as known:
            yield {
                "BM25": lambda: Words(known),
                "dense": lambda: Dense(known, store),
                "llama-index": lambda: LlamaIndex(known, folder),
            }
    finally:
        store.close()
        library.close()


def held_out(case: Case) -> bool:
    """Whether the question is of the half that `fit.py` does not fit on; no article is in both halves."""
    return tables.in_second_half((case.articles or (case.id,))[0])


def by_halves(outcomes: Sequence[Outcome], cases: Sequence[Case]) -> list[Outcome]:
    """A baseline's outcomes, silent below a score.

    For each half of the questions that is the score which is best on the other half (by balanced accuracy).
    Where every question is answerable there is none, and nothing is said of keeping silent.
    """
    if all(case.answerable for case in cases):
        return list(outcomes)
    second = {case.id: held_out(case) for case in cases}
    limits = {
        half: _limit([each for each in outcomes if second[each.id] is not half]) for half in (False, True)
    }
    return [silenced(each, limits[second[each.id]]) for each in outcomes]


def _limit(outcomes: Sequence[Outcome]) -> float:
    scored = [(each.confidence, each.answerable) for each in outcomes if each.confidence is not None]
    yes = np.array([score for score, answerable in scored if answerable])
    no = np.array([score for score, answerable in scored if not answerable])
    if not yes.size or not no.size:
        return float("-inf")
    tried = np.unique(np.concatenate([yes, no]))
    return float(max(tried, key=lambda limit: (yes >= limit).mean() + (no < limit).mean()))


def _columns(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What was measured, without a word of questions or articles."""
    keys = dict.fromkeys(key for outcome in outcomes for key in outcome.marks)
    return {
        "confidence": [None if o.confidence is None else round(o.confidence, 4) for o in outcomes],
        "ms": [round(o.seconds * 1000, 1) for o in outcomes],
        "marks": {key: [tables.short(o.marks.get(key)) for o in outcomes] for key in keys},
    }


def _write(file: Path, result: dict[str, Any]) -> None:
    """One line for each column, so that a change can be read."""
    text = json.dumps(result, indent=1)
    text = tables.one_line_lists(text)
    json.loads(text)
    part = file.with_suffix(".part")
    part.write_text(text + "\n", "utf-8")
    part.replace(file)
    say(f"written: benchmarks/quality/{file.name}")


if __name__ == "__main__":
    main()
