"""What a person sees of the bytes that a program writes to a terminal: the few movements that rich makes."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|\x1b\]8;[^\x1b]*\x1b\\|[\r\n]|[^\x1b\r\n]+")


class Screen:
    """A terminal without an end below."""

    def __init__(self) -> None:
        self._lines = [""]
        self._row, self._column = 0, 0

    def write(self, written: str) -> None:
        """Raises ValueError for a movement that it does not know."""
        at = 0
        while at < len(written):
            piece = _PIECE.match(written, at)
            if piece is None:
                raise ValueError(f"cannot read {written[at : at + 20]!r}")
            at = piece.end()
            if piece[2]:
                self._move(piece[1], piece[2])
            elif not piece[0].startswith("\x1b]"):
                self._put(piece[0])

    def text(self) -> str:
        """What stands there, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._lines)

    def _move(self, numbers: str, kind: str) -> None:
        if kind == "A":
            self._row = max(0, self._row - int(numbers or 1))
        elif kind == "K" and numbers == "2":
            self._lines[self._row] = ""
        elif kind == "m" or numbers == "?25":  # looks; the cursor hidden or shown
            pass
        else:
            raise ValueError(f"does not know {numbers}{kind}")

    def _put(self, text: str) -> None:
        if text == "\r":
            self._column = 0
        elif text == "\n":
            self._row, self._column = self._row + 1, 0
            self._lines += [""] * (self._row + 1 - len(self._lines))
        else:
            line = self._lines[self._row].ljust(self._column)
            end = self._column + len(text)
            self._lines[self._row] = line[: self._column] + text + line[end:]
            self._column = end
