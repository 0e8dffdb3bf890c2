"""Language models by llama-index's integrations: one reply after another, piece by piece.

What goes out and what comes back holds words of articles and of people: nothing of it is logged, and no error
repeats what a provider says, since that may quote them, or the key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from index.errors import FootnoteError, WriterAway
from index.llm import Model, Piece, Request, about
from index.patience import FOR_WRITING, Fault, Patience, patiently_begun, read_fault
from index.providers import loaded
from index.settings import PREFIX, Settings
from index.writers import Made, Told, Wanted, chosen, messages, unknown

_BAD = frozenset({400, 422})
"""Statuses with which servers refuse an option that they do not know."""


def open_model(settings: Settings) -> Model | None:
    """The language model that is set; None where none is.

    Cheap: what is heavy loads at the first reply. Raises SettingsError where a key or an address is missing,
    and ModelMissing where a package is.
    """
    return LlamaIndexModel(settings) if settings.llm else None


@dataclass(slots=True, repr=False)
class _Begun:
    """A reply of which the first piece is here."""

    made: Made
    stream: AsyncIterator[Any]
    first: Any
    """None where the reply ended before it began."""


class LlamaIndexModel:
    """Implements `index.llm.Model`. Several may ask at once, on any event loop."""

    def __init__(self, settings: Settings, patience: Patience = FOR_WRITING) -> None:
        """Raises SettingsError and ModelMissing, as `open_model`."""
        self.name = settings.llm
        self._writer, self._model = chosen(settings)
        self._settings = settings
        self._patience = patience
        self._without: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"LlamaIndexModel({self.name!r})"

    async def reply(self, request: Request) -> AsyncGenerator[Piece, None]:
        """The reply, piece by piece; the last one has the tokens, counted by the provider or estimated.

        Raises WriterAway and WriterRefused, and ModelMissing where a package is broken.
        """
        begun = await patiently_begun(lambda: self._begin(request), self._patience, self._reason)
        told, length = Told(), 0
        fault: Fault | None = None
        try:
            response = begun.first
            while response is not None:
                text, told = response.delta or "", self._heard(response, told)
                length += len(text.encode("utf-8", "replace"))
                if text:
                    yield Piece(text)
                response = await anext(begun.stream, None)
        except Exception as error:  # each client library has classes of its own, without a common one
            fault = read_fault(error)
        finally:
            await _dropped(begun.made)
        # Outside of the handler: the library's error may quote what was sent.
        if fault is not None or not told.ended:
            raise WriterAway(f"{self._place()} stopped in the middle of its reply. Ask again in a moment.")
        yield Piece(
            tokens_in=told.tokens_in or about(request.system) + about(request.user),
            tokens_out=told.tokens_out or -(-length // 4),
        )

    async def close(self) -> None:
        """Nothing is kept open: each reply lets go of its own connection."""

    async def _begin(self, request: Request) -> _Begun:
        """Ask, and wait for the first piece; without an option where the server does not know it."""
        without = self._without
        while True:
            made = await asyncio.to_thread(self._made, request, without)
            try:
                begun = await self._asked(made, request)
            except BaseException as error:
                await _dropped(made)
                refused = _refused(error, made.given)
                if refused is None:
                    raise
                without |= {refused}
            else:
                self._without = without  # it does without from now on
                return begun

    def _made(self, request: Request, without: frozenset[str]) -> Made:
        wanted = Wanted(self._model, self._settings, request, without)
        provider = self.name.partition(":")[0]
        return loaded(provider, f"The language model {self.name}", lambda: self._writer.make(wanted))

    async def _asked(self, made: Made, request: Request) -> _Begun:
        stream = await made.llm.astream_chat(messages(request), **made.options)
        async for response in stream:
            if response.delta or self._writer.read(response).ended:
                return _Begun(made, stream, response)
        return _Begun(made, stream, None)

    def _heard(self, response: Any, before: Told) -> Told:
        """What was told so far: some providers count in every piece, some in the last one."""
        now = self._writer.read(response)
        return Told(
            before.ended or now.ended, now.tokens_in or before.tokens_in, now.tokens_out or before.tokens_out
        )

    def _place(self) -> str:
        host = urlsplit(self._settings.llm_url).netloc
        return f"The language model {self.name}{f' at {host}' if host else ''}"

    def _reason(self, fault: Fault) -> str:
        """What went wrong, and what helps: never the provider's own words."""
        match fault.status:
            case 401 | 403:
                said = f"refuses the key (HTTP {fault.status}). Set {PREFIX}LLM_KEY."
            case 404:
                said = f"is not there (HTTP 404). Look at the model's name and {PREFIX}LLM_URL."
            case 429 if not fault.passing:
                said = "has no credit left (HTTP 429). Look at the account with its provider."
            case 429:
                after = f" for {fault.after:.0f} seconds" if fault.after else ""
                said = f"wants no more requests{after} (HTTP 429). Ask again later."
            case None if fault.late:
                said = "does not answer in time. Ask again in a moment."
            case None if fault.passing:
                said = "cannot be reached. Look whether its server runs, and try again."
            case None:
                said = f"answers what cannot be read ({fault.kind}). Look at {PREFIX}LLM_URL."
            case status if fault.passing:
                said = f"fails (HTTP {status}). Ask again later."
            case status:
                said = f"refuses the request (HTTP {status}). Look at the model's name and its settings."
        return f"{self._place()} {said}"


def _refused(error: BaseException, given: frozenset[str]) -> str | None:
    """The option that the server does not know, as its error says."""
    if not isinstance(error, Exception) or isinstance(error, FootnoteError):
        return None
    fault = read_fault(error)
    return unknown(fault.text, given) if fault.status in _BAD else None


async def _dropped(made: Made) -> None:
    """Drop the connection, whatever state it is in."""
    with suppress(Exception):  # it is broken already, and what its library says of that is of no use
        await made.close()
