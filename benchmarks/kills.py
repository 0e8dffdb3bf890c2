"""kill -9 at random moments of everything that changes an index: where they came, and what was lost.

    .venv/bin/python benchmarks/kills.py [COUNT]    200 by default; ten to twenty minutes

Each kill has a copy of an index of 24 articles of its own. After it the index must have the old articles or
the new ones, all of them, each once, in the library and in Chroma, found by their vectors; a question is
answered; nothing that could be repaired without the model was embedded; and the operation, done again, brings
all. The first kill after which this does not hold ends the script with an error. The same as a test, with
twelve kills: tests/index/faults/test_kills.py. Writes kills.json.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import common

from tests.index.faults.kills import Death, Kills, dying, moments
from tests.index.workshop import CountingEmbedder


def main() -> None:
    """Kill, look, write down."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    where = common.begin(f"{count} kills")
    began = time.monotonic()
    deaths: list[Death] = []
    with tempfile.TemporaryDirectory() as folder, dying() as process:
        kills = Kills(Path(folder), CountingEmbedder(), process)
        kills.measure()
        for what, share in moments(count, seed=count):
            deaths.append(kills.kill(what, share))
            common.say(f"{len(deaths):4}  {what:8} at {share:.2f}: {deaths[-1].phase}, {deaths[-1].left}")
    common.write(
        __file__,
        where,
        {
            "kills": count,
            "lost": 0,
            "doubled": 0,
            "seconds": round(time.monotonic() - began),
            "seconds_of_each": {what: round(seconds, 2) for what, seconds in kills.seconds.items()},
            "by_operation": dict(Counter(death.what for death in deaths)),
            "by_phase": dict(Counter(f"{d.what}: {d.phase}" for d in deaths).most_common()),
            "left": dict(Counter(death.left for death in deaths)),
            "deaths": [asdict(death) for death in deaths],
        },
    )


if __name__ == "__main__":
    main()
