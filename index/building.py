"""A vector index written by a process of its own.

Chroma keeps Python's lock for all of a write: a thousand rows stop every other thread for seconds, the
one that talks to Discord too. So what is large is written elsewhere, into a folder that nobody has open.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from index.collection import BATCH, VectorsBroken
from index.snapshot import Row
from index.vectors import VectorIndex

FEW = 200
"""Changed rows up to which a change is made in place; more are left to a process of their own."""
ROWS = 1000
"""Rows that such a process is given at a time: a second or two of its work."""
DONE, FAILED = "done", "failed "
"""How the other process replies: the second is followed by what failed."""


class Builder:
    """Writes the vector index in `folder`. Use it in a `with` block: leaving it ends the process."""

    def __init__(self, folder: Path, word: str = "") -> None:
        """`folder` is made, or holds the index to start from. Raises VectorsBroken, as the methods do.

        `word`: what it is marked with at the end.
        """
        self._word = word
        here = str(Path(__file__).parent.parent)
        paths = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "index.building", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths},
                start_new_session=True,  # Ctrl-C is for the process that asked
            )
        except OSError as error:
            raise VectorsBroken(f"its process cannot be started: {error}") from error

    def __enter__(self) -> Builder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, in the midst of its work where `finish` was not reached."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what was not sent yet finds nobody
                pipe.close()

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows whose ids are not there."""
        if rows:
            self._ask("put", rows)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove rows; unknown ids are passed over."""
        self._ask("drop", list(ids))

    def find(self, rows: Iterable[Row]) -> None:
        """Search for rows: some damage makes Chroma end the process that does."""
        self._ask("find", [row[1] for row in rows])

    def finish(self) -> None:
        """Close the index: the folder is whole, on the disk, and free for this process."""
        self._ask("close", self._word)
        self._process.wait()

    def _ask(self, task: str, what: object) -> None:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None
        assert replies is not None
        try:
            pickle.dump((task, what), requests, protocol=5)
            requests.flush()
            reply = replies.readline().decode().rstrip("\n")
        except OSError as error:
            raise VectorsBroken(f"its process ended: {error}") from error
        if reply != DONE:
            raise VectorsBroken(reply.removeprefix(FAILED) or "its process ended")


def main() -> None:
    """Obey what stands on standard input until its end, or until the one who asks is gone."""
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.dup2(2, 1)  # what a library prints is no reply
    if hasattr(os, "nice"):
        os.nice(5)  # people who ask come first
    try:
        serve(Path(sys.argv[1]), requests, replies)
    except BrokenPipeError:  # the one who asked was killed while this worked
        os._exit(1)  # without a second try to say what is in the buffer


def serve(folder: Path, requests: IO[bytes], replies: IO[str]) -> None:
    """Write the index in `folder` as asked."""
    opened: VectorIndex | None = None
    while True:
        try:
            task, what = pickle.load(requests)
        except (EOFError, pickle.UnpicklingError):  # the one who asked was killed, perhaps amid a sentence
            return
        try:
            if opened is None:
                opened = VectorIndex(folder, BATCH)
            _obey(opened, task, what)
        except VectorsBroken as error:
            replies.write(f"{FAILED}{' '.join(str(error).split())}\n")
        else:
            replies.write(f"{DONE}\n")
        replies.flush()
        if task == "close":
            return


def _obey(opened: VectorIndex, task: str, what: Any) -> None:
    if task == "put":
        opened.put(what)
    elif task == "drop":
        opened.drop(what)
    elif task == "find":
        opened.nearest_each(what, 1)
    else:
        opened.mark(what)
        opened.close()


if __name__ == "__main__":
    main()
