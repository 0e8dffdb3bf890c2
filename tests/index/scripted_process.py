"""A scripted model's server in a process of its own, so that it can be killed as a server is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.index.chat_server import Act, Asked, ChatServer, stops
from tests.index.llm_process import Served, running

HALF = "half"
"""The first quote as a sentence, and then nothing more for as long as anybody waits."""


@contextmanager
def scripted_process(script: str) -> Iterator[Served]:
    """A server for the block, on a port of its own."""
    with running("tests.index.scripted_process", script) as server:
        yield server


def half(asked: Asked) -> Act:
    """A sentence, and the beginning of a second one that never ends."""
    first = next(json.loads(line) for line in asked.user.splitlines() if '"quote"' in line)
    one = json.dumps({"text": first["quote"], "keys": [first["key"]]}, ensure_ascii=False)
    text = f'{{"answers": true, "sentences": [{one}, {{"text": "The rest of the'
    return stops(text, len(text) // 12 + 1, "stall")


if __name__ == "__main__":
    with ChatServer({HALF: half}[sys.argv[1]]) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()  # whoever started this is gone when it ends
