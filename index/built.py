"""What built an index, beside the settings in force: whether it can answer, and whether a rebuild is due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from index.chunking import CHUNKING_VERSION
from index.embedding import Embedder
from index.settings import Settings
from index.snapshot import Snapshot

FINGERPRINT = "fingerprint"
"""Key of the table `meta`: what shaped the index, as JSON."""
EMBEDDING = "embedding model"
MODEL = (EMBEDDING, "dimensions")
"""Where these differ, the vectors of questions are of another kind than those of the passages. With other
passages the index answers on: each was read by the same model, and found as it stands there."""
PASSAGE_TOKENS = "passage_tokens"
ANEW = "It answers as it was built; build it anew with: footnote refresh"


def fingerprint(embedder: Embedder, settings: Settings) -> dict[str, str]:
    """What shapes an index. The dimensions are left out while they are not known."""
    known = {"dimensions": str(embedder.dimensions)} if embedder.dimensions else {}
    return {
        EMBEDDING: embedder.name,
        **known,
        PASSAGE_TOKENS: str(settings.passage_tokens),
        "chunking": str(CHUNKING_VERSION),
    }


def model(known: Snapshot) -> str:
    """The name of the embedding model that built the index; empty where there is none yet."""
    return _built(known).get(EMBEDDING, "")


def hindrance(known: Snapshot, embedder: Embedder, settings: Settings) -> str:
    """Why the index cannot answer with this model; empty where it can."""
    differing = {key: pair for key, pair in _differing(known, embedder, settings).items() if key in MODEL}
    if not differing:
        return ""
    return (
        f"The index was built with another model ({_told(differing)}). "
        "Set it back, or build the index anew with: footnote refresh"
    )


def due(known: Snapshot, embedder: Embedder, settings: Settings) -> str:
    """What the settings would have otherwise, as "passage_tokens was 160, is 99"; empty for nothing.

    A refresh then builds the index anew. Until it has, the old one answers, but for `hindrance`.
    """
    return _told(_differing(known, embedder, settings))


def mismatch(known: Snapshot, asking: Embedder, embedder: Embedder, settings: Settings) -> str:
    """The sentence for an index that other settings built; empty where they agree.

    `asking` is the model that questions are read with, `embedder` the one that the settings name.
    """
    wrong, other = hindrance(known, asking, settings), due(known, embedder, settings)
    if wrong or not other:
        return wrong
    return f"The index was built with other settings ({other}). {ANEW}"


def elsewhere(known: Snapshot, settings: Settings) -> str:
    """The sentence for an index of another corpus folder; empty where it is of this one."""
    here = str(settings.corpus.resolve())
    there = known.meta("corpus") or here
    if there == here:
        return ""
    return (
        f"The index in {settings.data_folder} was built from {there}, not from {here}. Choose another "
        "folder with --data, or point this one at the new corpus with: footnote refresh"
    )


def as_built(known: Snapshot, settings: Settings) -> Settings:
    """The settings with the passage length of the index: for a change that leaves the rest as it is."""
    tokens = _built(known).get(PASSAGE_TOKENS)
    return settings if tokens is None else replace(settings, passage_tokens=int(tokens))


def _built(known: Snapshot) -> dict[str, str]:
    stored = known.meta(FINGERPRINT)
    built: dict[str, str] = json.loads(stored) if stored else {}
    return built


def _differing(known: Snapshot, embedder: Embedder, settings: Settings) -> dict[str, tuple[str, str]]:
    """What differs: as it was, and as it is."""
    built = _built(known)
    if not built:
        return {}
    if built.get(EMBEDDING) == embedder.name:
        embedder.expect(int(built.get("dimensions", 0)))
    now = fingerprint(embedder, settings)
    return {key: (built.get(key, "unknown"), value) for key, value in now.items() if built.get(key) != value}


def _told(differing: Mapping[str, tuple[str, str]]) -> str:
    return "; ".join(f"{key} was {was}, is {now}" for key, (was, now) in differing.items())
