"""Which stage of an answer grows with the index.

    python benchmarks/scale/stages.py [--sizes N ...] [--limit N]

The stopwatch of `question.py` around each stage, at every size, on the same questions without filters.
"""

from __future__ import annotations

import argparse
from typing import Any

from asking import questions, settings, there
from common import begin, say, write
from data import SIZES
from question import breakdown
from synthetic import SIZES as SYNTHETIC


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Stages of an answer as the index grows.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[*SIZES, *SYNTHETIC])
    parser.add_argument("--limit", type=int, default=100)
    args = parser.parse_args()
    where = begin("scale: stages")
    asked = questions(args.limit)
    rows: dict[str, dict[str, Any]] = {}
    for size in there(args.sizes):
        rows[str(size)] = {name: stage["ms"] for name, stage in breakdown(settings(size), asked).items()}
        say(f"{size:>9,} " + ", ".join(f"{name} {ms:.1f}" for name, ms in rows[str(size)].items()))
    write(__file__, where, {"questions": len(asked), "ms": rows})


if __name__ == "__main__":
    main()
