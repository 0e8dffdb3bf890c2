"""The settings of a Chroma server: what is malformed is named, what is secret is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import SettingsError
from index.secret import Secret
from index.server import Server
from index.settings import Settings, read_settings

URL, TOKEN = "FOOTNOTE_CHROMA_URL", "FOOTNOTE_CHROMA_TOKEN"
SECRET = "s3cret-of-ours"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("https://chroma.example.org", "https://chroma.example.org"),
        ("https://example.org/chroma/", "https://example.org/chroma"),
        ("HTTP://Example.ORG:80", "http://example.org:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address(text: str, url: str) -> None:
    server = read_settings({URL: text}).server
    assert server is not None
    assert server.url == url
    assert server.headers() == {}


NO_ADDRESSES = (
    "localhost:8000, localhost, ftp://localhost, http://, http://:8000, http://a b, http://a:x, http://a:0, "
    "http://a:99999, http://[::1, chroma"
)


@pytest.mark.parametrize("text", NO_ADDRESSES.split(", "))
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(SettingsError, match=f"{URL} is .*http://localhost:8000"):
        read_settings({URL: text})


@pytest.mark.parametrize(
    "text", [f"http://me:{SECRET}@localhost", f"http://localhost?key={SECRET}", f"http://localhost/#{SECRET}"]
)
def test_a_secret_in_the_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match=f"{URL}.*{TOKEN}") as told:
        read_settings({URL: text})
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("text", [f"{SECRET} two", f"{SECRET}\nX-Other: 1", f"{SECRET}ä", f"{SECRET}\0"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match=TOKEN) as told:
        read_settings({URL: "http://localhost", TOKEN: text})
    assert SECRET not in f"{told.value!r}{told.value.__cause__!r}{told.value.__context__!r}"


@pytest.mark.parametrize(
    ("url", "header", "sent"),
    [
        ("https://example.org", "", {"Authorization": f"Bearer {SECRET}"}),
        ("https://example.org", "x-chroma-TOKEN", {"X-Chroma-Token": SECRET}),
        ("https://api.trychroma.com", "", {"X-Chroma-Token": SECRET}),
        ("https://api.trychroma.com", "authorization", {"Authorization": f"Bearer {SECRET}"}),
        ("https://trychroma.com.example.org", "", {"Authorization": f"Bearer {SECRET}"}),
    ],
)
def test_the_header_of_a_token(url: str, header: str, sent: dict[str, str]) -> None:
    settings = read_settings({URL: url, TOKEN: SECRET, "FOOTNOTE_CHROMA_HEADER": header})
    server = settings.server
    assert server is not None
    assert server.headers() == sent
    assert SECRET not in f"{settings!r} {server!r} {server.place}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOOTNOTE_CHROMA_HEADER", "Cookie"),
        ("FOOTNOTE_CHROMA_CA", "nowhere.pem"),
        ("FOOTNOTE_CHROMA_TENANT", "a/b"),
        ("FOOTNOTE_CHROMA_DATABASE", "a b"),
        ("FOOTNOTE_CHROMA_TIMEOUT", "0"),
    ],
)
def test_malformed_settings_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({URL: "http://localhost", name: value})


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    settings = read_settings(
        {
            URL: "https://localhost",
            TOKEN: SECRET,
            "FOOTNOTE_CHROMA_CA": str(tmp_path / "ca.pem"),
            "FOOTNOTE_CHROMA_TENANT": "us",
            "FOOTNOTE_CHROMA_DATABASE": "news-1",
            "FOOTNOTE_CHROMA_TIMEOUT": "9",
        }
    )
    assert settings.server == Server(
        "https://localhost", Secret(SECRET), "", tmp_path / "ca.pem", "us", "news-1", 9
    )
    assert Settings().server is None
