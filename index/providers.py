"""The embedding models that can be set, and how llama-index's integration of each is made.

Each is an extra of this package. Retries are ours (`index/patience.py`), so those of the client libraries
are off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from index.errors import ModelMissing, SettingsError
from index.loading import heavy
from index.settings import PREFIX, PROVIDERS, Settings

T = TypeVar("T")

OPENAI = "https://api.openai.com/v1"
OLLAMA = "http://127.0.0.1:11434"
TEI = "http://127.0.0.1:8080"
_SENTENCE = "Represent this sentence for searching relevant passages: "
PREFIXES = (
    ("-instruct", "", ""),  # these want to be told a task
    ("nomic-embed-text", "search_query: ", "search_document: "),
    ("e5-small", "query: ", "passage: "),
    ("e5-base", "query: ", "passage: "),
    ("e5-large", "query: ", "passage: "),
    ("arctic-embed2", "query: ", ""),
    ("arctic-embed-m-v2", "query: ", ""),
    ("arctic-embed-l-v2", "query: ", ""),
    ("arctic-embed", _SENTENCE, ""),
    ("mxbai-embed", _SENTENCE, ""),
    ("bge-small-en", _SENTENCE, ""),
    ("bge-base-en", _SENTENCE, ""),
    ("bge-large-en", _SENTENCE, ""),
)
"""Part of a model's name, and what it was trained to read before a question and before a passage, from the
models' own cards; the first that fits counts. Without, they find less."""


class Adapter(Protocol):
    """What is used of llama-index's `BaseEmbedding`. The methods raise whatever the client library raises."""

    def get_query_embedding(self, query: str) -> list[float]:
        """The vector of a question."""
        ...

    def get_text_embedding_batch(self, texts: list[str]) -> list[list[float]]:
        """The vectors of texts."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model as it was set."""

    model: str
    settings: Settings
    timeout: float
    """Seconds for one request."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where embedding models come from."""

    make: Callable[[Wanted], Adapter]
    """Raises ImportError where the extra is not installed."""
    batch: int
    """Texts in a request."""
    parallel: int
    """Requests under way at a time."""
    served: bool = True
    """Whether a server computes it, which may be away, and not this process."""
    announces: bool = False
    """Whether the integration itself puts the model's `PREFIXES` before a text."""


def _openai(wanted: Wanted) -> Adapter:
    from llama_index.embeddings.openai import OpenAIEmbedding

    key = wanted.settings.embedding_key.reveal()
    if not key:
        raise SettingsError(f"A model of OpenAI needs a key: set {PREFIX}EMBEDDING_KEY.")
    made: Adapter = OpenAIEmbedding(
        model_name=wanted.model,
        api_key=key,
        api_base=wanted.settings.embedding_url or OPENAI,
        max_retries=0,
        timeout=wanted.timeout,
        embed_batch_size=BY_NAME["openai"].batch,
    )
    return made


def _openai_like(wanted: Wanted) -> Adapter:
    from llama_index.embeddings.openai_like import OpenAILikeEmbedding

    if not wanted.settings.embedding_url:
        raise SettingsError(f"An OpenAI-compatible server has no usual address: set {PREFIX}EMBEDDING_URL.")
    made: Adapter = OpenAILikeEmbedding(
        model_name=wanted.model,
        # Without a key, the client would look for one in the environment, which is for somebody else.
        api_key=wanted.settings.embedding_key.reveal() or "none",
        api_base=wanted.settings.embedding_url,
        max_retries=0,
        timeout=wanted.timeout,
        embed_batch_size=BY_NAME["openai-like"].batch,
    )
    return made


def _ollama(wanted: Wanted) -> Adapter:
    from llama_index.embeddings.ollama import OllamaEmbedding

    key = wanted.settings.embedding_key.reveal()
    made: Adapter = OllamaEmbedding(
        model_name=wanted.model,
        base_url=wanted.settings.embedding_url or OLLAMA,
        embed_batch_size=BY_NAME["ollama"].batch,
        client_kwargs={
            "timeout": wanted.timeout,
            "headers": {"Authorization": f"Bearer {key}"} if key else None,
        },
    )
    return made


def _tei(wanted: Wanted) -> Adapter:
    import httpx
    from llama_index.embeddings.text_embeddings_inference import TextEmbeddingsInference

    class Checked(TextEmbeddingsInference):  # type: ignore[misc]  # its package has no types
        """The integration takes an error for vectors: it does not look at the status."""

        def _call_api(self, texts: list[str]) -> list[list[float]]:
            token = {"Authorization": f"Bearer {self.auth_token}"} if self.auth_token else {}
            answer = httpx.post(
                f"{self.base_url}{self.endpoint}",
                headers=token,
                json={"inputs": texts, "truncate": self.truncate_text},
                timeout=self.timeout,
            )
            answer.raise_for_status()
            vectors: list[list[float]] = answer.json()
            return vectors

    made: Adapter = Checked(
        model_name=wanted.model,
        base_url=wanted.settings.embedding_url or TEI,
        auth_token=wanted.settings.embedding_key.reveal() or None,
        timeout=wanted.timeout,
        embed_batch_size=BY_NAME["tei"].batch,
        query_instruction="",
        text_instruction="",
    )
    return made


def _fastembed(wanted: Wanted) -> Adapter:
    from llama_index.embeddings.fastembed import FastEmbedEmbedding

    made: Adapter = FastEmbedEmbedding(model_name=wanted.model, threads=wanted.settings.threads)
    return made


def _huggingface(wanted: Wanted) -> Adapter:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    # Left empty, it would put words of its own before a question, and ours would come on top.
    question, text = prefixes(wanted.model)
    made: Adapter = HuggingFaceEmbedding(
        model_name=wanted.model,
        embed_batch_size=BY_NAME["huggingface"].batch,
        query_instruction=question,
        text_instruction=text,
    )
    return made


BY_NAME = {
    "openai": Provider(_openai, batch=64, parallel=4),
    "openai-like": Provider(_openai_like, batch=16, parallel=2),
    "ollama": Provider(_ollama, batch=16, parallel=2),
    # Its server refuses batches of more than 32 texts, unless told otherwise.
    "tei": Provider(_tei, batch=32, parallel=4),
    "fastembed": Provider(_fastembed, batch=64, parallel=1, served=False),
    "huggingface": Provider(_huggingface, batch=32, parallel=1, served=False, announces=True),
}


def named(name: str) -> tuple[str, str]:
    """Provider and model of a name. Raises SettingsError for one that is neither set nor built so."""
    provider, _, model = name.partition(":")
    if provider not in BY_NAME or not model:
        raise SettingsError(
            f"The embedding model {name!r} is unknown. Known are: bundled, "
            f"{', '.join(f'{each}:MODEL' for each in PROVIDERS)}."
        )
    return provider, model


def prefixes(model: str) -> tuple[str, str]:
    """What the model wants to read before a question and before a passage."""
    plain = model.casefold()
    return next(((question, text) for part, question, text in PREFIXES if part in plain), ("", ""))


def make(provider: str, wanted: Wanted) -> Adapter:
    """llama-index's integration. Raises ModelMissing or SettingsError."""
    return loaded(provider, f"The embedding model {wanted.model}", lambda: BY_NAME[provider].make(wanted))


def loaded(provider: str, what: str, made: Callable[[], T]) -> T:
    """What `made` makes with the package of an extra. `what` names the model in a sentence.

    Raises ModelMissing or SettingsError.
    """
    try:
        with heavy():
            return made()
    except ImportError as error:
        missing = error.name or str(error)
    except SettingsError:
        raise
    except Exception as error:  # what a model's library raises where it finds no model, or no network
        raise ModelMissing(f"{what} cannot be loaded ({type(error).__name__}: {_said(error)}).") from None
    raise lacking(provider, missing)


def lacking(provider: str, package: str) -> ModelMissing:
    """The error where the package of an extra is not installed."""
    extra = {"openai-like": "openai"}.get(provider, provider)
    return ModelMissing(
        f"Models of {provider} need a package that is not installed ({package}). "
        f'Run in the folder of Footnote: .venv/bin/pip install -e ".[{extra}]"'
    )


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
