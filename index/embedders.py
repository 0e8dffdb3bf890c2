"""Opens the embedding model that the settings name, or the one that built an index."""

from __future__ import annotations

from index import providers
from index.embedding import BundledEmbedder, Embedder
from index.errors import FootnoteError
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


def builder_of(name: str, now: Embedder, settings: Settings) -> Embedder | None:
    """The model that built an index, by its name there, where the settings name another one by now.

    With it the index answers until a refresh has built the next one. None where it cannot be had: its
    package is gone, or a server computed it. The settings tell how to reach the new one's server alone,
    and many servers give whatever model they have for any name.
    """
    if name in {"", now.name}:
        return now
    try:
        embedder = open_embedder(name, settings, now.bundled)
        if embedder is not now.bundled and providers.BY_NAME[providers.named(name)[0]].served:
            return None
        embedder.load()
    except FootnoteError:
        return None
    return embedder
