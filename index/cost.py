"""What another embedding model would have to read, and what that costs."""

from __future__ import annotations

from collections.abc import Collection

from index.embedding import Embedder
from index.errors import CostRefused
from index.reports import Estimate
from index.settings import Settings
from index.types import Passage

TOKENS = 1.1
"""Tokens of a provider for a word piece of the bundled model, by which they are counted here. On English news
and encyclopedia texts OpenAI's cl100k_base has 0.98 to 1.07; other alphabets have fewer."""


def estimate(passages: Collection[Passage], embedder: Embedder, settings: Settings) -> Estimate | None:
    """What embedding the passages takes; None for the bundled model, which costs nothing."""
    if embedder is embedder.bundled:
        return None
    tokens = round(TOKENS * sum(embedder.bundled.count(passage.embedded) for passage in passages))
    price = settings.embedding_price
    return Estimate(len(passages), tokens, None if price is None else tokens * price / 1_000_000)


def agreed(
    passages: Collection[Passage], embedder: Embedder, settings: Settings, budget: float | None
) -> None:
    """Raise CostRefused where the estimate is above `budget`; None: above that of the settings."""
    most = settings.embedding_budget if budget is None else budget
    if most is None or settings.embedding_price is None:
        return
    made = estimate(passages, embedder, settings)
    if made is not None and made.cost is not None and made.cost > most:
        raise CostRefused(made.passages, made.tokens, made.cost, most)
