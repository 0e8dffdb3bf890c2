"""Which web addresses may be fetched: public hosts, the ports of the web, one plain spelling.

The name of a host is judged here by its looks; where it leads is judged at every connection
(`connecting.py`), by `is_public`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

SAVE = "Open the page in your browser, save it, and use /index add file."
"""What always helps: people may see pages that a program may not."""

PORTS = frozenset({80, 443, 8080, 8443})
"""Where web servers are. Behind others wait mail servers, databases and the like."""

_LONGEST = 2000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
_DIFFERENT_IDNA = re.compile("[ßςẞ\u200c\u200d]")
_INSIDE = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa")

# The registries of special addresses at IANA (RFC 6890 and what came after), without the few
# inside of them that are reachable; python's `is_global` follows them at some distance.
_NOT_PUBLIC_4 = tuple(
    map(
        ipaddress.IPv4Network,
        """
        0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
        192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
        198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 168.63.129.16/32
        """.split(),  # the last one is a public number that Azure answers inside of its machines
    )
)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    # Protocol assignments with Teredo, documentation (two), 6to4.
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16"))
)
# An IPv4 address is its last four bytes.
_HOLDS_4 = tuple(map(ipaddress.IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96")))


class UnfetchableError(Exception):
    """A page that is not fetched, or could not be; `str(error)` is the reason, for the user."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address in its one spelling: ASCII, lower-case host, no user, no fragment."""

    scheme: str
    host: str
    """A name, or the number of a host without brackets."""
    port: int
    target: str
    """Path and query."""

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.authority}{self.target}"


def read_address(text: str, ports: Collection[int] = PORTS) -> WebAddress:
    """A web address as typed, or as a redirect names it; `UnfetchableError` says what is wrong with it."""
    typed = text.strip()
    if typed.startswith("<") and typed.endswith(">"):  # how Discord is asked for no preview
        typed = typed[1:-1]
    if len(typed) > _LONGEST:
        raise UnfetchableError(f"The address is longer than {_LONGEST} characters. {SAVE}")
    if "\\" in typed or any(not char.isprintable() or char.isspace() for char in typed):
        raise UnfetchableError(
            "The address holds a space, a backslash or an invisible character. "
            "Copy it from the browser's address bar."
        )
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UnfetchableError(
            "This is not a web address. Copy it from the browser's address bar."
        ) from error
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise UnfetchableError("Only addresses that begin with https:// or http:// are fetched.")
    if "[" in parts.netloc and ":" not in host:
        raise UnfetchableError("The host of this address is not one of the public internet.")
    if "@" in parts.netloc:
        raise UnfetchableError("The address holds a user name or a password. Give it without them.")
    port = _DEFAULT_PORTS[scheme] if port is None else port
    if port not in ports:
        shown = ", ".join(map(str, sorted(PORTS)))
        raise UnfetchableError(f"Pages are fetched from ports {shown} only, not from {port}. {SAVE}")
    query = f"?{_escaped(parts.query)}" if parts.query else ""
    return WebAddress(scheme, _host(host), port, (_escaped(parts.path) or "/") + query)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, where anybody may be.

    False for private, loopback, link-local, shared (CGNAT), multicast, reserved and documentation
    addresses, for such an IPv4 address inside of an IPv6 one, and for what is no address at all.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return False
        if not any(found in network for network in _HOLDS_4):
            return found in _UNICAST_6 and not any(found in network for network in _NOT_PUBLIC_6)
        found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return not any(found in network for network in _NOT_PUBLIC_4)


def is_number(host: str) -> bool:
    """Whether the host is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _escaped(text: str) -> str:
    return quote(text, safe="%/?:@!$&'()*+,;=~-._[]")


def _host(name: str) -> str:
    """The host in its one spelling; others of a number, such as `127.1` or `0x7f000001`, are refused."""
    if ":" in name:
        if not is_number(name) or "%" in name:
            raise UnfetchableError("The host of this address is not one of the public internet.")
        return str(ipaddress.ip_address(name))
    host = _ascii(name).removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise UnfetchableError(
            "The name of the host in this address is malformed. Copy it from the browser's address bar."
        )
    if is_number(host):
        return host
    if _NUMERIC.fullmatch(labels[-1]):
        raise UnfetchableError("The host is a number in an unusual spelling, which is not fetched.")
    if len(labels) == 1 or host.endswith(tuple(f".{name}" for name in _INSIDE)):
        raise UnfetchableError(
            "The host is a name inside of a private network. Only pages of the public internet are fetched."
        )
    return host


def _ascii(name: str) -> str:
    if name.isascii():
        return name.lower()
    try:
        if _DIFFERENT_IDNA.search(name):  # two standards lead to two hosts
            raise UnicodeError
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise UnfetchableError(
            "The name of the host cannot be written in plain letters with certainty. "
            "Give it in its form that begins with xn--."
        ) from error
