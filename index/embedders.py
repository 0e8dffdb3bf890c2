"""Opens the embedding model that the settings name, or the one that built an index."""

from __future__ import annotations

from index.embedding import BundledEmbedder, Embedder
from index.settings import BUNDLED, Settings


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
