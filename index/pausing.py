"""How a refresh is held, and let go on. How it is stopped, see `reports.Cancel`."""

from __future__ import annotations

import threading


class Pause:
    """Holds a refresh at its next safe point until it is to go on. Used from any thread."""

    def __init__(self) -> None:
        """Nothing is held yet."""
        self._going = threading.Event()
        self._going.set()

    @property
    def asked(self) -> bool:
        """Whether the refresh is to stand still."""
        return not self._going.is_set()

    def hold(self) -> None:
        """Stand still at the next safe point."""
        self._going.clear()

    def go_on(self) -> None:
        """Go on from there."""
        self._going.set()

    def over(self, seconds: float) -> bool:
        """Wait for the end of the pause for so long; whether it has come."""
        return self._going.wait(seconds)
