"""For all tests: no network, and nothing of the machine's own settings."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from index import embedding, reader
from tests.served import VARIABLE, ChromaServer

HERE = ("127.", "::1", "localhost", "0.0.0.0")
SERVER = pytest.StashKey[tuple[ChromaServer, tempfile.TemporaryDirectory[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chroma-server",
        action="store_true",
        help="build every index of tests/index and tests/bot on a Chroma server, started for this run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """One server for all test processes, which are started after this."""
    if hasattr(config, "workerinput"):
        return
    os.environ.pop(VARIABLE, None)
    if config.getoption("--chroma-server"):
        folder = tempfile.TemporaryDirectory(prefix="chroma-")
        server = ChromaServer(Path(folder.name))
        config.stash[SERVER] = server, folder
        os.environ[VARIABLE] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        server, folder = config.stash[SERVER]
        server.kill()
        folder.cleanup()


class NetworkUsedError(AssertionError):
    """Footnote promises to download nothing at run time; a test that does has found a bug."""


def _refuse_network(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if isinstance(host, str) and not host.startswith(HERE):
        raise NetworkUsedError(f"{event} {host}")


sys.addaudithook(_refuse_network)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_machine() -> None:
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_") and name != VARIABLE]:
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _one_model_a_process() -> None:
    """The real model, but loaded once: hundreds of desks are opened here."""
    embedding._load_model = functools.cache(embedding._load_model)
    embedding.model_tokenizer = functools.cache(embedding.model_tokenizer)
    reader._load = functools.cache(reader._load)
