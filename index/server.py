"""Where a Chroma server is, and how it is spoken to. Knows no Chroma."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import SettingsError
from index.secret import Secret

AUTHORIZATION, CHROMA_TOKEN = "Authorization", "X-Chroma-Token"
HEADERS = {header.casefold(): header for header in (AUTHORIZATION, CHROMA_TOKEN)}
"""What can carry a token; proxies before a server read the first, Chroma Cloud the second."""
CLOUD = ".trychroma.com"
"""Ending of the host of Chroma Cloud, which has limits and an index of its own."""


@dataclass(frozen=True, slots=True)
class Server:
    """A Chroma server, one of Chroma Cloud too."""

    url: str
    """Scheme, host, and port where it is not the scheme's; never a name or a password."""
    token: Secret = field(default=Secret(""))
    header: str = ""
    """Which header carries the token; empty: what the server expects."""
    ca: Path | None = None
    """A file of certificates to believe, beside those that the system believes."""
    tenant: str = ""
    database: str = ""
    """Empty, both: the only ones that the token opens."""
    timeout: int = 5
    """Seconds that a question waits."""

    @property
    def cloud(self) -> bool:
        """Whether it is Chroma Cloud."""
        return (urlsplit(self.url).hostname or "").endswith(CLOUD)

    @property
    def place(self) -> str:
        """What a person is shown of it."""
        return f"Chroma Cloud ({self.url})" if self.cloud else f"the Chroma server at {self.url}"

    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        if not self.token:
            return {}
        name = self.header or (CHROMA_TOKEN if self.cloud else AUTHORIZATION)
        return {name: f"Bearer {self.token.reveal()}" if name == AUTHORIZATION else self.token.reveal()}

    def without_token(self, text: str) -> str:
        """A text of the server's, which may repeat what it was sent."""
        return text.replace(self.token.reveal(), "…") if self.token else text


def capital(text: str) -> str:
    """A text at the start of a sentence."""
    return text[:1].upper() + text[1:]


def parse_url(text: str) -> str:
    """The address of a server, such as `http://localhost:8000`. Raises ValueError or SettingsError."""
    if "@" in text or "?" in text or "#" in text:  # what comes there may be a password, and is not shown
        raise SettingsError(
            "The setting FOOTNOTE_CHROMA_URL may hold scheme, host, port and path only. "
            "What proves who you are belongs into FOOTNOTE_CHROMA_TOKEN."
        )
    try:
        parts = urlsplit(text.rstrip("/"))
        port = parts.port
    except ValueError:
        raise ValueError("it must be an address like http://localhost:8000") from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[\w.-]+|[0-9a-f:]+", host) or port == 0:
        raise ValueError("it must be an address like http://localhost:8000")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path}"


def parse_token(text: str) -> Secret:
    """A token. Raises SettingsError, which does not repeat it."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise SettingsError(
            "The setting FOOTNOTE_CHROMA_TOKEN holds a character that no token has. Copy it again; "
            "it must be letters, digits and signs without a space."
        )
    return Secret(text)


def parse_header(text: str) -> str:
    """The name of a header."""
    try:
        return HEADERS[text.casefold()]
    except KeyError:
        raise ValueError(f"it must be {AUTHORIZATION} or {CHROMA_TOKEN}") from None


def parse_name(text: str) -> str:
    """The name of a tenant or a database."""
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError("it must be letters, digits, dots, dashes and underscores")
    return text


def parse_file(text: str) -> Path:
    """A file that is there."""
    file = Path(text).expanduser()
    if not file.is_file():
        raise ValueError("there is no such file")
    return file
