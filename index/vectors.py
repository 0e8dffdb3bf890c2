"""Nearest neighbours in Chroma. The only file that imports chromadb.

Chroma holds a copy: the library can fill it again without embedding anything.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.collection import BATCH, SHOWN, Vectors, VectorsBroken, VectorsGone, mapped
from index.errors import FootnoteError, VectorsRefused
from index.loading import heavy
from index.server import Server
from index.snapshot import Row

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

NAME = "passages"
MARK = "mark"
"""Key of the collection's metadata: which state of the library it is in step with."""
STEP = 8
"""Rows in one call beside other threads, which stand still meanwhile: 4 to 6 ms a row."""
SERVED = 1000
"""Rows in one call to a server: one to three seconds of its work."""
CLOUD_BATCH = 300
"""Rows, ids or neighbours in one call to Chroma Cloud (docs.trychroma.com/cloud/quotas-limits)."""
PAGE = 10_000
"""Ids in one call to another server."""
NAMES = 100
"""Names of collections in one call."""
SAID = ("Content-Type", "User-Agent")
"""Headers of Chroma's own client."""
HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 300,
    # What is not in the graph's file yet is put into the graph again by every process that opens it.
    "sync_threshold": 200,
    "batch_size": 100,
}
"""Of the fifty nearest of 55,636 passages these find 99.8%, Chroma's defaults 96.1% in 1.7 ms less
(benchmarks/hnsw.py, against exact search)."""


class VectorIndex(Vectors):
    """The passages' vectors in one Chroma folder, owned by one process."""

    _page = BATCH

    def __init__(self, folder: Path, step: int = STEP) -> None:
        """Open, or make, the index in `folder`. Imports chromadb (one to three seconds).

        `step`: rows in one call. Raises VectorsBroken.
        """
        with heavy():
            import chromadb
            from chromadb.api.collection_configuration import CreateCollectionConfiguration
            from chromadb.config import Settings

        self._step, self._folder = step, folder
        with mapped():
            folder.mkdir(parents=True, exist_ok=True)
            # ClientAPI, the declared type, lacks the close() that the client has.
            self._client: Any = chromadb.PersistentClient(
                str(folder), Settings(anonymized_telemetry=False, allow_reset=False)
            )
            # Without None, the first add would download a model.
            self._rows = self._client.get_or_create_collection(
                NAME, embedding_function=None, configuration=CreateCollectionConfiguration(hnsw=HNSW)
            )

    def mark(self, word: str) -> None:
        """Note down a word, by which the library knows this state again; then all of it is on the disk.

        Chroma itself does not wait for the disk where it writes the neighbours.
        """
        with mapped():
            self._rows.modify(metadata={MARK: word})
            _synchronise(self._folder)

    @property
    def marked(self) -> str:
        """The word of the last `mark`."""
        return str((self._rows.metadata or {}).get(MARK, ""))

    @property
    def known_as(self) -> str:
        """The folder's name."""
        return self._folder.name

    def close(self) -> None:
        """Let go of the folder."""
        self._client.close()


class ServedIndex(Vectors):
    """The passages' vectors in one collection of a server."""

    def __init__(self, rows: Collection, server: Server, step: int) -> None:
        """`rows` is the collection, `step` the most that the server takes in one call."""
        self._rows, self._plain = rows, server.without_token
        self._page = CLOUD_BATCH if server.cloud else PAGE
        self._step = min(step, CLOUD_BATCH if server.cloud else SERVED)
        self._put = 0

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows; for those whose id is there, `replace`."""
        super().put(rows)
        self._put += len(rows)

    def finish(self) -> None:
        """Raise VectorsBroken where a new collection does not hold what was put into it."""
        if self.count() != self._put:
            raise VectorsBroken(f"it holds {self.count()} of {self._put} passages")


class Connection:
    """The collections of a Chroma server, by name."""

    def __init__(self, server: Server, limit: float, patience: float) -> None:
        """Connect. Imports chromadb. Seconds: for one request, and in which one that failed is tried again.

        This and the methods raise VectorsAway where the server cannot be reached, VectorsRefused where it
        refuses, VectorsBroken where Chroma fails.
        """
        with heavy():
            from chromadb.api.fastapi import FastAPI
            from chromadb.config import Settings, System

            from index.session import Session
        self._server = server
        settings = Settings(
            anonymized_telemetry=False,
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=server.url,
            chroma_server_http_port=0,  # it stands in the address
            chroma_server_ssl_enabled=server.url.startswith("https:"),
        )
        # Not HttpClient: it asks the server questions while it has no time limit yet.
        self._api = System(settings).instance(FastAPI)
        session = Session(server, limit, patience)
        session.headers.update({name: self._api._session.headers[name] for name in SAID})
        self._api._session.close()
        self._api._session = session
        try:
            self._at = self._found()
            self._step = self._api.get_max_batch_size()
        except FootnoteError:
            session.close()
            raise
        except Exception as error:  # whatever is not Chroma can answer anything
            session.close()
            raise VectorsRefused(
                f"What answers at {server.url} is no Chroma server of version 1 "
                f"({server.without_token(str(error))[:SHOWN]!r}). Look at FOOTNOTE_CHROMA_URL."
            ) from error

    def version(self) -> str:
        """The server's version."""
        with mapped(self._server.without_token):
            return str(self._api.get_version())

    def open(self, name: str) -> ServedIndex:
        """A collection. Raises VectorsGone where there is none."""
        with mapped(self._server.without_token):
            return self._index(self._api.get_collection(name, **self._at))

    def make(self, name: str) -> ServedIndex:
        """A new collection."""
        from chromadb.api.collection_configuration import CreateCollectionConfiguration

        # Chroma Cloud has an index of its own, which takes over the measure and nothing else.
        hnsw: CreateHNSWConfiguration = {"space": "cosine"} if self._server.cloud else HNSW
        with mapped(self._server.without_token):
            at: dict[str, Any] = dict(self._at)
            configuration = CreateCollectionConfiguration(hnsw=hnsw)
            made = self._api.get_or_create_collection(name, configuration=configuration, **at)
            return self._index(made)

    def names(self, start: str) -> list[str]:
        """The names of the collections that begin with `start`."""
        found: list[str] = []
        while True:
            with mapped(self._server.without_token):
                page = self._api.list_collections(limit=NAMES, offset=len(found), **self._at)
            found += [model.name for model in page]
            if len(page) < NAMES:
                return [name for name in found if name.startswith(start)]

    def remove(self, name: str) -> None:
        """Remove a collection; one that is not there is passed over."""
        with suppress(VectorsGone), mapped(self._server.without_token):  # another process was quicker
            self._api.delete_collection(name, **self._at)

    def close(self) -> None:
        """Let go of the server."""
        self._api._session.close()

    def _index(self, model: Any) -> ServedIndex:
        from chromadb.api.models.Collection import Collection

        # Without None, the first add would download a model.
        return ServedIndex(Collection(self._api, model, embedding_function=None), self._server, self._step)

    def _found(self) -> dict[str, str]:
        """Tenant and database, the server's only ones where none are set."""
        who = self._api.get_user_identity()
        open_to = [name for name in who.databases or [] if name != "*"]
        tenant = self._server.tenant or who.tenant
        database = self._server.database or (open_to[0] if len(open_to) == 1 else "")
        if not tenant or tenant == "*" or not database:
            raise VectorsRefused(
                f"{self._server.url} has more than one tenant or database for this token. "
                "Choose with FOOTNOTE_CHROMA_TENANT and FOOTNOTE_CHROMA_DATABASE."
            )
        try:
            self._api.get_database(database, tenant)
        except Exception as error:  # Chroma's errors have no common class; others are raised again
            if type(error).__name__ != "NotFoundError":
                raise
            raise VectorsRefused(
                f"{self._server.url} has no database {database!r} of a tenant {tenant!r}. "
                "Look at FOOTNOTE_CHROMA_TENANT and FOOTNOTE_CHROMA_DATABASE."
            ) from error
        return {"tenant": tenant, "database": database}


def discard(folder: Path) -> None:
    """Remove a Chroma folder that nobody has open."""
    shutil.rmtree(folder, ignore_errors=True)


def _synchronise(folder: Path) -> None:
    """Wait until a folder and all that is in it is on the disk."""
    writable = os.O_RDWR | getattr(os, "O_BINARY", 0)  # Windows synchronises no other
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # Chroma's journal comes and goes
                _wait(Path(place) / name, writable)
        if os.name == "posix":
            _wait(Path(place), os.O_RDONLY)


def _wait(file: Path, flags: int) -> None:
    handle = os.open(file, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
