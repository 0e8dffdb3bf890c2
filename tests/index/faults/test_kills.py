"""kill -9 at random moments: nothing is lost, doubled, or embedded again. More: FOOTNOTE_KILLS=200."""

from __future__ import annotations

import os
from pathlib import Path

from tests.index.faults.kills import Kills, Process, moments
from tests.index.workshop import CountingEmbedder

COUNT = int(os.environ.get("FOOTNOTE_KILLS", "12"))


def test_random_kills(tmp_path: Path, model: CountingEmbedder, process: Process) -> None:
    """`benchmarks/kills.py` does the same and writes down where each of them came."""
    kills = Kills(tmp_path, model, process)
    deaths = [kills.kill(what, share) for what, share in moments(COUNT, seed=COUNT)]
    assert len(deaths) == COUNT
