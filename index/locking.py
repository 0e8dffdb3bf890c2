"""One process owns an index and changes it: two Chroma clients on one folder damage it silently.

Others may read: they search without Chroma (`neighbours.py`).
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import IndexBroken, IndexBusy

WAIT = 3.0
"""Seconds to wait for the owner: long enough for another question to end, short enough to be told."""

USED = "Close that first, or do it there: one process at a time can change an index."
CHANGED = "Questions are answered meanwhile. Wait for its end: one process at a time can change an index."


class OneProcess:
    """A lock file in the data folder, and beside it who holds the lock. The system frees it at any exit."""

    def __init__(self, data: Path, purpose: str, shared: bool = False) -> None:
        """`purpose` names this process to others, such as "footnote chat".

        `shared`: others may read the index meanwhile, and are told so.
        """
        self._advice = CHANGED if shared else USED
        self._lock = FileLock(data / "lock", thread_local=False)
        self._owner = data / "owner.json"
        self._purpose = purpose
        self._guard = threading.Lock()
        self._changing = threading.Lock()

    @property
    def held(self) -> bool:
        """Whether this process owns the index."""
        return self._lock.is_locked

    def tried(self) -> bool:
        """Own the index if nobody else does, without waiting. Raises IndexBroken."""
        try:
            self.acquire(wait=0)
        except IndexBusy:
            return False
        return True

    def acquire(self, wait: float | None = None) -> None:
        """Own the index, or raise IndexBusy naming the process that does. Again is harmless.

        `wait`: seconds, `WAIT` if not given.
        """
        with self._guard:
            if not self._lock.is_locked:
                self._take(WAIT if wait is None else wait)

    @contextmanager
    def alone(self, wait: float = WAIT) -> Iterator[None]:
        """A block in which this thread, and no other of any process, changes an index that several may read.

        Raises IndexBusy where another does for longer than `wait` seconds. Not beside `acquire`.
        """
        if not self._changing.acquire(timeout=wait):
            raise IndexBusy("A change of the index is under way already. Wait for its end.")
        try:
            self._take(wait)
            try:
                yield
            finally:
                self.release()
        finally:
            self._changing.release()

    def _take(self, wait: float) -> None:
        try:
            self._owner.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=wait, poll_interval=0.05)
        except Timeout:
            raise IndexBusy(
                f"The index in {self._owner.parent} is in use by {self._named()}. {self._advice}"
            ) from None
        except OSError as error:
            raise IndexBroken(
                f"The data folder {self._owner.parent} cannot be written ({error.strerror}). "
                "Make it writable, or name another with --data or FOOTNOTE_DATA."
            ) from error
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        owner = {"purpose": self._purpose, "process": os.getpid(), "since": since}
        with suppress(OSError):  # the lock counts; on a full disk it has no name beside it
            self._owner.write_text(json.dumps(owner), "utf-8")

    def release(self) -> None:
        """Let others have it."""
        with self._guard:
            self._lock.release()

    def _named(self) -> str:
        try:
            owner = json.loads(self._owner.read_text("utf-8"))
            return f"'{owner['purpose']}' (process {owner['process']}, since {owner['since'][11:16]})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
