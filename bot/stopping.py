"""What stops a face that runs until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress


def stop_signal() -> asyncio.Event:
    """Set when somebody stops the process, by Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl-C ends asyncio.run, which closes everything too.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop
