"""Connections for fetching: each to an address that was checked, all under one deadline.

A name is resolved here and nowhere else, and the connection goes to the very address that was
checked: a name server that says something else a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore

from corpus.addresses import SAVE, UnfetchableError, is_number, is_public

Resolver = Callable[[str, int], Sequence[str]]
"""Host name and port -> IP addresses; an `OSError` where there are none."""

_MOST_ADDRESSES = 4
_HEADER_ROOM = 256 * 1024
_READ = 64 * 1024


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives, in its order of preference, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of all patience with one fetch."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    def left(self, host: str) -> float:
        """Seconds that are left, more than none; else `UnfetchableError`."""
        left = self.began + self.seconds - time.monotonic()
        if left <= 0:
            raise self.passed(host)
        return left

    def passed(self, host: str) -> UnfetchableError:
        """The error for a page that takes too long."""
        return UnfetchableError(
            f"{host} did not deliver the page within {self.seconds:g} seconds. Try again later. {SAVE}"
        )


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore, and refuses all that lead into a private network."""

    def __init__(
        self, deadline: Deadline, limit: int, resolve: Resolver, allow: frozenset[tuple[str, int]]
    ) -> None:
        """`limit`: the most bytes of a body; `allow`: addresses and ports that may be local, for tests."""
        self._deadline = deadline
        self._limit = limit
        self._resolve = resolve
        self._allow = allow

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers. The other parameters are httpcore's, and not used."""
        addresses = self._checked(host, port)
        for number, address in enumerate(addresses, start=1):
            patience = self._deadline.left(host) / (len(addresses) - number + 1)
            try:
                connected = _connect(address, port, patience)
            except OSError as error:
                if number == len(addresses):
                    raise self._unreachable(host, error) from error
            else:
                return CheckedStream(connected, host, self._deadline, self._limit + _HEADER_ROOM)
        raise AssertionError  # there is at least one address

    def _checked(self, host: str, port: int) -> Sequence[str]:
        """The host's addresses, if each one of them may be connected to."""
        addresses = [host] if is_number(host) else self._resolved(host, port)
        if not addresses:
            raise _nowhere(host)
        if not all(is_public(address) or (address, port) in self._allow for address in addresses):
            raise UnfetchableError(
                f"{host} leads to an address inside of a private network. "
                "Only pages of the public internet are fetched."
            )
        return addresses[:_MOST_ADDRESSES]

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """Ask the resolver, in a thread of its own: the system's knows no deadline."""
        answers: queue.SimpleQueue[Sequence[str] | BaseException] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except BaseException as error:  # nothing may get lost in the thread: it is raised below
                answers.put(error)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.left(host))
        except queue.Empty:
            raise self._deadline.passed(host) from None
        if isinstance(answer, (OSError, UnicodeError)):
            raise _nowhere(host) from answer
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _unreachable(self, host: str, error: OSError) -> UnfetchableError:
        if isinstance(error, TimeoutError):
            return self._deadline.passed(host)
        if isinstance(error, ConnectionRefusedError):
            return UnfetchableError(f"{host} refuses connections: no web server is there. Try again later.")
        return UnfetchableError(f"{host} cannot be reached. Check the address, or try again later. {SAVE}")


class CheckedStream(httpcore.NetworkStream):
    """One connection. Its failures are sentences; its time and its bytes are counted."""

    def __init__(self, connected: socket.socket, host: str, deadline: Deadline, room: int) -> None:
        """`room`: how many bytes may be read in all."""
        self._socket = connected
        self._host = host
        self._deadline = deadline
        self._room = room

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; none at the end."""
        self._socket.settimeout(self._deadline.left(self._host))
        try:
            got = self._socket.recv(min(max_bytes, _READ))
        except OSError as error:
            raise self._failed(error) from error
        self._room -= len(got)
        if self._room < 0:
            raise too_large(self._host)
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._socket.settimeout(self._deadline.left(self._host))
        try:
            self._socket.sendall(buffer)
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted; the certificate has to be the host's."""
        try:
            self._socket.settimeout(self._deadline.left(self._host))
            encrypted = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except (OSError, ValueError) as error:
            self.close()
            raise self._failed(error, "The secure connection to") from error
        return CheckedStream(encrypted, self._host, self._deadline, self._room)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for; it needs to know only whether the connection is encrypted."""
        return self._socket if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket) else None

    def _failed(self, error: Exception, what: str = "The connection to") -> UnfetchableError:
        if isinstance(error, TimeoutError):
            return self._deadline.passed(self._host)
        if isinstance(error, ssl.SSLCertVerificationError):
            return UnfetchableError(
                f"The certificate of {self._host} is not valid, so nobody can tell whose page it is. "
                f"If you trust it: {SAVE[0].lower()}{SAVE[1:]}"
            )
        return UnfetchableError(f"{what} {self._host} broke off. Try again later. {SAVE}")


def too_large(host: str) -> UnfetchableError:
    """The error for a page of more bytes than are read."""
    return UnfetchableError(f"The page at {host} is too large to be one article. {SAVE}")


def _nowhere(host: str) -> UnfetchableError:
    return UnfetchableError(f"There is no host with the name {host}. Check the address for typing errors.")


def _connect(address: str, port: int, timeout: float) -> socket.socket:
    """A socket connected to just this address: nothing is resolved here."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(timeout)
        made.connect((address, port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        made.close()
        raise
    return made
