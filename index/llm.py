"""What the index asks of a language model. The providers are in `llms.py`; tests have models of their own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Its texts hold words of articles and of people: they are never logged, nor in a repr."""

    system: str = field(repr=False)
    user: str = field(repr=False)
    schema: Mapping[str, Any] | None = None
    """The JSON Schema that the reply should have, where the provider can be told; it may come otherwise."""
    most: int = 800
    """Tokens of the reply, at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply, as it comes."""

    text: str = field(default="", repr=False)
    tokens_in: int = 0
    """What the provider has counted, in the piece that tells it; else 0."""
    tokens_out: int = 0


class Model(Protocol):
    """A language model that can be asked by several at once."""

    @property
    def name(self) -> str:
        """As it was set: provider:model."""
        ...

    def reply(self, request: Request) -> AsyncGenerator[Piece, None]:
        """The reply, piece by piece. Retries what can be retried, as long as nothing has come.

        Raises WriterAway where the server does not answer, stops in the middle or asks to be left alone,
        WriterRefused where another attempt would not help. It has no time limit of its own for the whole:
        who asks sets one, and closes the iterator.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def about(text: str) -> int:
    """About how many tokens a text has: a fourth of its bytes, which is near for most languages."""
    return -(-len(text.encode("utf-8", "replace")) // 4)
