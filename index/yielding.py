"""Work that can wait steps back, so that people who ask come first."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOWER = 15
"""Steps of niceness: such a thread gets a thirtieth of a core that another one wants (Linux, sched(7))."""
TURN = 0.0005
"""Seconds that one thread may keep Python's lock from another; 5 ms without this."""


def step_back() -> None:
    """Lower the share of the calling thread, for ever: for threads made for work that can wait.

    Only Linux knows priorities of single threads; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it, and all goes on as without
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWER)


@contextmanager
def short_turns() -> Iterator[None]:
    """A block of Python's own work: threads that answer get Python's lock sooner meanwhile."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
