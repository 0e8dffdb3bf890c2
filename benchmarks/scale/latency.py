"""What a question costs as the index grows, with and without filters.

    python benchmarks/scale/latency.py [--sizes N ...] [--limit N]

All indexes are open in one process. Each question goes to every size, by turns, and at each size in four
ways (no filter, outlet, date, both), each as a whole `ask` and as a whole `search`. `nearest` is the search
by meaning alone, as the retriever does it. The order of sizes turns from question to question, so that a
slow minute meets all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asking import VARIANTS, desks, filters, forgetful, questions, there
from common import begin, percentile, say, spread, timed, verdict, write
from data import SIZES
from synthetic import SIZES as SYNTHETIC

if TYPE_CHECKING:
    from index.desk import Desk
    from index.types import Filters, Question

WARM = 10
MOST = 2.0
"""At 100,000 passages, to 10,000; the 50th and the 95th percentile, filters included."""

Times = dict[int, dict[str, dict[str, list[float]]]]
"""Size -> way -> variant -> milliseconds."""
WAYS = ("ask", "cpu", "search")


async def one(desk: Desk, question: Question, chosen: Filters, into: dict[str, list[float]]) -> None:
    """Both ways; "cpu" is what the whole process spent on the `ask`, all threads together."""
    ask: list[float] = []
    cpu: list[float] = []
    search: list[float] = []
    with timed(ask, cpu):
        await desk.ask(replace(question, filters=chosen))
    with timed(search):
        await desk.search(question.text, 10, chosen, question.asked)
    into["ask"].append(1000 * ask[0])
    into["cpu"].append(1000 * cpu[0])
    into["search"].append(1000 * search[0])


async def measure(sizes: list[int], asked: list[Question]) -> Times:
    """Everything, sizes by turns."""
    times: Times = {size: {way: {v: [] for v in VARIANTS} for way in WAYS} for size in sizes}
    async with desks(sizes) as opened:
        for size in sizes:
            lost: dict[str, list[float]] = {way: [] for way in WAYS}
            for number in range(WARM):
                for chosen in filters(number).values():
                    await one(opened[size], asked[-1 - number % len(asked)], chosen, lost)
            say(f"  {size:,}: warm, {percentile(lost['ask'], 0.5):.0f} ms at the median")
        for number, question in enumerate(asked):
            turn = number % len(sizes)
            for variant, chosen in filters(number).items():
                for size in [*sizes[turn:], *sizes[:turn]]:
                    into = {way: times[size][way][variant] for way in WAYS}
                    await one(opened[size], question, chosen, into)
            if number % 50 == 49:
                say(f"  {number + 1} of {len(asked)} questions")
    return times


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Latency of a question as the index grows.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[*SIZES, *SYNTHETIC])
    parser.add_argument("--limit", type=int, help="only so many questions, evenly chosen")
    parser.add_argument("--into", default="latency", help="name of the result")
    args = parser.parse_args()
    sizes = there(args.sizes)
    if not sizes:
        sys.exit("No index is built yet. Run: python benchmarks/scale/data.py")
    where = begin("scale: latency")
    asked = questions(args.limit)
    forgetful()
    times = asyncio.run(measure(sizes, asked))
    result: dict[str, Any] = {}
    for size in sizes:
        result[str(size)] = {
            w: {v: spread(each) for v, each in ways.items()} for w, ways in times[size].items()
        }
        for way in WAYS:
            for variant, row in result[str(size)][way].items():
                figures = "  ".join(f"{part} {row[part]:7.1f}" for part in ("p50", "p95", "p99"))
                say(f"{size:>9,} {way:6} {variant:6} {figures}")
    ratios = {}
    if {10_000, 100_000} <= set(sizes):
        for way in ("ask", "search"):
            for variant in VARIANTS:
                for part in ("p50", "p95"):
                    small, large = (result[str(s)][way][variant][part] for s in (10_000, 100_000))
                    name = f"{way}, filter {variant}, {part}"
                    ratios[name] = round(large / small, 3)
                    verdict(f"100,000 to 10,000 passages: {name}", ratios[name], MOST)
    write(
        str(Path(__file__).with_name(f"{args.into}.py")),
        where,
        {"questions": len(asked), "ms": result, "ratio_100k_to_10k": ratios, "each_ms": times_kept(times)},
    )


def times_kept(times: Times) -> dict[str, Any]:
    """The raw milliseconds, rounded."""
    return {
        str(size): {
            w: {v: [round(ms, 2) for ms in each] for v, each in ways.items()} for w, ways in rows.items()
        }
        for size, rows in times.items()
    }


if __name__ == "__main__":
    main()
