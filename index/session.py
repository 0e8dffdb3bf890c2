"""Requests to a Chroma server: how long they may take, what is tried again, and what a failure means."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from index.errors import VectorsAway, VectorsRefused
from index.server import Server, capital

BUSY = frozenset({408, 425, 429, 502, 503, 504})
"""Statuses of a server, or of a proxy before it, that pass."""
REFUSED = frozenset({401, 403, 407})
SHOWN = 200
"""Letters of a server's own words that are shown."""


class Passing(Exception):
    """A failure that may be over in a moment."""


class Session(httpx.Client):
    """Requests to one server. What it cannot reach, or what refuses it, is VectorsAway or VectorsRefused.

    Every request to Chroma may be made twice: rows are put over rows, and what is gone can be removed.
    """

    def __init__(self, server: Server, limit: float, patience: float) -> None:
        """`limit`: seconds for one try; `patience`: seconds in which a failed one is tried again."""
        super().__init__(
            timeout=limit,
            verify=_believed(server),
            headers=server.headers(),
            event_hooks={"response": [lambda response: _in_time(response, limit)]},
        )
        self._server = server
        self._tries = Retrying(
            retry=retry_if_exception_type(Passing),
            stop=stop_after_delay(patience),
            wait=wait_random_exponential(multiplier=0.1, max=5.0),
            reraise=True,
        )

    def request(self, *args: Any, **named: Any) -> httpx.Response:
        """One request, tried again while that may help. Raises VectorsAway or VectorsRefused."""
        try:
            # A copy, since two threads that ask must not share one's count.
            response = self._tries.copy()(self._once, *args, **named)
        except Passing as error:
            raise VectorsAway(
                f"{capital(self._server.place)} does not answer ({error}). Look whether it runs, and at "
                "FOOTNOTE_CHROMA_URL. Nothing is lost: it is used again as soon as it answers."
            ) from error.__cause__
        if response.status_code in REFUSED:
            raise VectorsRefused(
                f"{capital(self._server.place)} refuses the token (status {response.status_code}). "
                "Set FOOTNOTE_CHROMA_TOKEN to one that it takes, and FOOTNOTE_CHROMA_HEADER to the header "
                "that it looks in."
            )
        return response

    def _once(self, *args: Any, **named: Any) -> httpx.Response:
        try:
            response = super().request(*args, **named)
        except httpx.TransportError as error:
            if isinstance(_root(error), ssl.SSLError):
                raise VectorsRefused(
                    f"{capital(self._server.place)} cannot be trusted ({_said(error)}). If its certificate "
                    "is right, name the file of who signed it in FOOTNOTE_CHROMA_CA."
                ) from error
            raise Passing(_said(error)) from error
        if response.status_code in BUSY:
            raise Passing(f"status {response.status_code}")
        return response


class _Timed(httpx.SyncByteStream):
    """The body of a response, which has to be there by its deadline: single bytes keep nobody waiting."""

    def __init__(self, stream: Any, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("the answer comes too slowly")
            yield part

    def close(self) -> None:
        self._stream.close()


def _in_time(response: httpx.Response, limit: float) -> None:
    response.stream = _Timed(response.stream, time.monotonic() + limit)


def _believed(server: Server) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    if server.ca is not None:
        try:
            context.load_verify_locations(server.ca)
        except (OSError, ssl.SSLError) as error:
            raise VectorsRefused(
                f"The file {server.ca} of FOOTNOTE_CHROMA_CA cannot be read as certificates "
                f"({type(error).__name__}). Name a file in PEM format."
            ) from error
    return context


def _root(error: BaseException) -> BaseException:
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:SHOWN]
