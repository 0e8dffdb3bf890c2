"""A web address -> a page, safely: text of the public internet, of bounded size, in bounded time.

Nothing of the environment counts (proxies, settings), and no cookie is kept. Every redirect is
followed by hand and checked as the first address is; one from https to http is refused, since
what comes unencrypted may be anybody's.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urljoin

import httpcore

from corpus.addresses import PORTS, SAVE, UnfetchableError, WebAddress, read_address
from corpus.connecting import CheckedBackend, Deadline, Resolver, system_addresses, too_large
from corpus.unpacking import CODINGS, BrokenPackageError, unpacked

__all__ = ["KINDS", "Page", "Rules", "UnfetchableError", "fetch"]

KINDS = frozenset({"text/html", "application/xhtml+xml", "text/plain", "text/markdown"})
"""The media types that are read."""

_HEADERS = [
    (b"User-Agent", b"Footnote (reads single pages that a person asks for)"),
    (b"Accept", b"text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9"),
    (b"Accept-Encoding", b"gzip, deflate"),
    (b"Connection", b"close"),
]
_MOST_HEADERS, _HEADER_BYTES = 200, 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_STATUSES = {
    401: "asks for a password (401), so a program may not read this page.",
    402: "asks for payment (402), so a program may not read this page.",
    403: "does not let programs read this page (403).",
    404: "has no page at this address (404). Check the address.",
    410: "has taken this page away (410).",
    429: "gets too many requests (429). Try again in some minutes.",
    451: "may not show this page for legal reasons (451).",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one fetch. The defaults hold everywhere but in tests."""

    seconds: float = 20
    """For everything together, from the first name looked up to the last byte."""
    wire_bytes: int = 8 << 20
    """The largest body, as it comes over the wire."""
    page_bytes: int = 16 << 20
    """The largest body, unpacked."""
    redirects: int = 5
    allow: frozenset[tuple[str, int]] = frozenset()
    """For tests alone: IP addresses with ports that may be local. No setting can give any."""
    resolve: Resolver = system_addresses
    """Who tells the addresses of a host."""
    trust: ssl.SSLContext | None = None
    """Whose certificates are believed; None: those that the system believes."""


STANDARD = Rules()


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched."""

    content: bytes
    """The body, unpacked."""
    url: str
    """Where it was in the end, without a fragment."""
    kind: str
    """Its media type, one of `KINDS`."""
    charset: str | None = None
    """The encoding that the server names."""


def fetch(url: str, rules: Rules = STANDARD) -> Page:
    """Fetch one page. Blocks for up to `rules.seconds`: call it in a thread.

    Raises `UnfetchableError` with a sentence for the user, which never holds more of an address
    than its host.
    """
    # At its most talkative level, which somebody may switch on for everything, httpcore logs headers.
    logging.getLogger("httpcore").setLevel(logging.INFO)
    deadline = Deadline(rules.seconds)
    ports = PORTS | {port for _, port in rules.allow}
    address = read_address(url, ports)
    seen: set[str] = set()
    for _ in range(rules.redirects + 1):
        if address.url in seen:
            raise UnfetchableError(
                f"{address.host} sends readers in a circle, as sites do that insist on cookies. {SAVE}"
            )
        seen.add(address.url)
        result = _visit(address, rules, deadline)
        if isinstance(result, Page):
            return result
        address = _next(address, result, ports)
    raise UnfetchableError(f"{address.host} sends readers on more than {rules.redirects} times. {SAVE}")


def _next(address: WebAddress, location: str, ports: frozenset[int]) -> WebAddress:
    """The address that a redirect leads to, checked like a first one."""
    try:
        following = read_address(urljoin(address.url, location), ports)
    except (UnfetchableError, ValueError) as error:
        why = str(error) if isinstance(error, UnfetchableError) else "This is not a web address."
        raise UnfetchableError(f"{address.host} sends readers on to another address. {why}") from error
    if address.scheme == "https" and following.scheme == "http":
        raise UnfetchableError(
            f"{address.host} sends readers on to an address without encryption, which is not followed. {SAVE}"
        )
    return following


def _visit(address: WebAddress, rules: Rules, deadline: Deadline) -> Page | str:
    """One request: the page, or where it has moved."""
    backend = CheckedBackend(deadline, rules.wire_bytes, rules.resolve, rules.allow)
    scheme, host = address.scheme.encode(), address.host.encode()
    request = httpcore.Request(
        "GET",
        httpcore.URL(scheme=scheme, host=host, port=address.port, target=address.target.encode()),
        headers=[(b"Host", address.authority.encode()), *_HEADERS],
    )
    trust = rules.trust or (httpcore.default_ssl_context() if scheme == b"https" else None)
    origin = httpcore.Origin(scheme, host, address.port)
    try:
        with closing(httpcore.HTTPConnection(origin, trust, network_backend=backend)) as connection:
            return _read(connection.handle_request(request), address, rules)
    except BrokenPackageError as error:
        raise UnfetchableError(f"The compressed page of {address.host} is broken. {SAVE}") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise UnfetchableError(
            f"{address.host} broke off the page, or answered as no web server should. Try again later. {SAVE}"
        ) from error


def _read(response: httpcore.Response, address: WebAddress, rules: Rules) -> Page | str:
    host = address.host
    if (
        len(response.headers) > _MOST_HEADERS
        or sum(len(name) + len(value) for name, value in response.headers) > _HEADER_BYTES
    ):
        raise UnfetchableError(f"{host} sends more headers than any page needs. {SAVE}")
    headers = {name.lower(): value.decode("latin-1").strip() for name, value in reversed(response.headers)}
    if response.status in _REDIRECTS and (location := headers.get(b"location")):
        return location.encode("latin-1").decode("utf-8", "replace")
    if response.status not in {200, 203}:
        raise UnfetchableError(_refusal(host, response.status))
    described = headers.get(b"content-type", "")
    kind = described.partition(";")[0].strip().lower()
    if kind not in KINDS:
        shown = kind if re.fullmatch(r"[\w.+-]{1,40}/[\w.+-]{1,60}", kind, re.ASCII) else "of no known kind"
        raise UnfetchableError(f"What {host} sends is {shown}, not a page of text. {SAVE}")
    length = headers.get(b"content-length", "0")
    if length.isdecimal() and (len(length) > 15 or int(length) > rules.wire_bytes):
        raise too_large(host)
    content = _body(response, headers.get(b"content-encoding", "").lower(), host, rules)
    if b"\0" in content and not content.startswith(_UTF16):
        raise UnfetchableError(f"What {host} sends is not text, though it says so. {SAVE}")
    charset = _CHARSET.search(described)
    return Page(content, address.url, kind, charset[1] if charset else None)


def _body(response: httpcore.Response, coding: str, host: str, rules: Rules) -> bytes:
    """The whole body, unpacked; both limits hold at every step."""
    if coding not in CODINGS:
        raise UnfetchableError(f"{host} packs its pages in a way that is not read. {SAVE}")

    def parts() -> Iterator[bytes]:
        used = 0
        for part in response.iter_stream():
            used += len(part)
            if used > rules.wire_bytes:
                raise too_large(host)
            yield part

    content = bytearray()
    for part in unpacked(parts(), coding):
        content += part
        if len(content) > rules.page_bytes:
            raise too_large(host)
    return bytes(content)


def _refusal(host: str, status: int) -> str:
    """The sentence for an answer that is no page."""
    if status in _STATUSES:
        return f"{host} {_STATUSES[status]} {SAVE}"
    if 500 <= status < 600:
        return f"{host} has a fault of its own ({status}). Try again later. {SAVE}"
    return f"{host} answers with the status {status} and no page. {SAVE}"
