"""Opens the embedding model that the settings name, or the one that built an index."""

from __future__ import annotations

import threading

from index import built, providers
from index.embedding import BundledEmbedder, Embedder
from index.errors import FootnoteError
from index.settings import BUNDLED, Settings
from index.snapshot import Snapshot


def open_embedder(name: str, settings: Settings, bundled: BundledEmbedder | None = None) -> Embedder:
    """An embedding model by its name: as the setting says it, or as an index's fingerprint holds it.

    `settings` say how to reach it (address, key, limits). `bundled`: the bundled model where it is open
    already, since it takes 160 MB. Cheap: what is heavy loads at first use, which raises ModelMissing
    where a package is missing. Raises SettingsError for a name that no model can have.
    """
    own = bundled or BundledEmbedder(settings.threads)
    if name in {BUNDLED, own.name}:
        return own
    from index.llama_embedding import LlamaIndexEmbedder

    return LlamaIndexEmbedder(name, settings, own)


class Embedders:
    """The model that the settings name, and where an index was built with another one, that one."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is loaded. Raises SettingsError for a name that no model can have."""
        self._settings = settings
        self._guard = threading.Lock()
        self._earlier: tuple[str, Embedder | None] = ("", None)
        self.now = open_embedder(settings.embedding, settings)

    def asking(self, known: Snapshot) -> Embedder:
        """The model with which an index answers: the one that built it, if it can be had; else the new one.

        It cannot where its package is gone, or a server computed it: the settings tell how to reach the new
        one's server alone, and many servers give whatever model they have for any name.
        """
        name = built.model(known)
        if name in {"", self.now.name}:
            return self.now
        with self._guard:
            if self._earlier[0] != name:
                self._earlier = name, self._opened(name)
            return self._earlier[1] or self.now

    def fresh(self) -> Embedder:
        """The new one, another time, where it remembers nothing that it was asked: to see that it answers."""
        return open_embedder(self.now.name, self._settings, self.now.bundled)

    def close(self) -> None:
        """Let go of both. What is asked later opens them anew."""
        for embedder in (self._earlier[1], self.now):
            if embedder is not None:
                embedder.close()
        # A model's 160 MB go at once, and do not wait for a search for garbage.
        self._earlier = ("", None)
        self.now = open_embedder(self._settings.embedding, self._settings)

    def _opened(self, name: str) -> Embedder | None:
        try:
            embedder = open_embedder(name, self._settings, self.now.bundled)
            if embedder is not self.now.bundled and providers.BY_NAME[providers.named(name)[0]].served:
                return None
            embedder.load()
        except FootnoteError:
            return None
        return embedder
