"""A text that is kept from every log, message and repr."""

from __future__ import annotations


class Secret:
    """A text that no log, message or repr shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """`text` is what to hide."""
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)" if self._text else "Secret()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)
