"""The settings: one frozen value, read from a mapping, never from the environment by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import corpus
from index.errors import SettingsError
from index.secret import Secret
from index.server import Server, parse_file, parse_header, parse_name, parse_token, parse_url

PREFIX = "FOOTNOTE_"
BUNDLED = "bundled"
"""The embedding model that comes with Footnote."""
PROVIDERS = ("openai", "openai-like", "ollama", "tei", "fastembed", "huggingface")
"""Others, by llama-index's integrations (`index/providers.py`)."""
WRITERS = ("openai", "openai-like", "anthropic", "ollama")
"""Where language models come from, by llama-index's integrations (`index/llms.py`)."""
Kind = TypeVar("Kind")


def _folder(text: str) -> Path:
    if not text.strip():
        raise ValueError("it is empty")
    return Path(text).expanduser()


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers within bounds, both included."""

    def parse(text: str) -> int:
        if not text.strip().isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError("it must be a number from 0 to 1")
    return value


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError("it must be an amount of money, such as 0.02")
    return value


def _model(text: str) -> str:
    provider, _, model = text.partition(":")
    if text != BUNDLED and (provider not in PROVIDERS or not model.strip()):
        known = ", ".join(f"{name}:MODEL" for name in PROVIDERS)
        raise ValueError(f"it must be {BUNDLED}, or one of {known}")
    return text


def _writer(text: str) -> str:
    provider, _, model = text.partition(":")
    if provider not in WRITERS or not model.strip():
        raise ValueError(f"it must be one of {', '.join(f'{name}:MODEL' for name in WRITERS)}")
    return text


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.username or parts.password:
        # The text itself must not be shown.
        raise SettingsError("The address of a model's server holds a password. Set it apart.")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must be an address that begins with http:// or https://")
    return text.rstrip("/")


def setting(
    default: Any, parse: Callable[[str], Any], meaning: str, shown: str | None = None, name: str = ""
) -> Any:
    """A field of settings: its default, how its text is read, one line of meaning for `.env.example`.

    `shown` is the default as `.env.example` shows it, where it depends on the machine; `name` is the
    variable's name where it is not the field's.
    """
    text = str(default) if shown is None else shown
    return field(default=default, metadata={"parse": parse, "meaning": meaning, "shown": text, "name": name})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Field `corpus` is the variable FOOTNOTE_CORPUS, and so on."""

    corpus: Path = setting(
        Path(corpus.__file__).parent / "articles",
        _folder,
        "The folder of articles (.txt .md .html .jsonl .jsonl.gz).",
        shown="corpus/articles",
    )
    data: Path | None = setting(
        None,
        _folder,
        "The folder of the index; empty: one for each corpus folder, under .footnote in the current folder.",
        shown="",
    )
    careful: float = setting(
        0.45, _share, "How sure an answer must be, from 0 (answer whenever anything is found) to 1."
    )
    sentences: int = setting(3, whole(1, 10), "The most sentences in an answer.")
    passage_tokens: int = setting(
        160,
        whole(64, 200),
        "The longest passage, in word pieces of the model; the next refresh after a change builds anew.",
    )
    keep_generations: int = setting(
        5, whole(1, 100), "How many changes of the articles are kept, to be undone one after the other."
    )
    max_file_mb: int = setting(64, whole(1, 4096), "Files larger than this many megabytes are not read.")
    embedding: str = setting(
        BUNDLED,
        _model,
        "The model that passages are searched with: bundled, or openai:, openai-like:, ollama:, tei:, "
        "fastembed: or huggingface: and a model's name; the next refresh after a change builds anew.",
    )
    embedding_url: str = setting(
        "", _address, "The address of that model's server, where it is not the provider's usual one."
    )
    embedding_key: Secret = setting(Secret(""), Secret, "The key for that server.", shown="")
    embedding_requests_a_minute: int | None = setting(
        None, whole(1, 1_000_000), "The most requests to it in a minute; empty: no limit.", shown=""
    )
    embedding_tokens_a_minute: int | None = setting(
        None, whole(1000, 1_000_000_000), "The most tokens sent to it in a minute; empty: no limit.", shown=""
    )
    embedding_price: float | None = setting(
        None, _amount, "What a million tokens cost there, for the estimate before a refresh.", shown=""
    )
    embedding_budget: float | None = setting(
        None,
        _amount,
        "A refresh whose estimate is above this amount is refused; empty: none is.",
        shown="",
    )
    llm: str = setting(
        "",
        _writer,
        "A language model that writes the answers from the evidence: openai:, openai-like:, anthropic: or "
        "ollama: and a model's name; empty: none, and answers are the articles' own sentences.",
    )
    llm_url: str = setting(
        "", _address, "The address of that model's server, where it is not the provider's usual one."
    )
    llm_key: Secret = setting(Secret(""), Secret, "The key for that server.", shown="")
    llm_timeout: int = setting(
        20,
        whole(1, 600),
        "How many seconds it has for an answer; after that the articles' own sentences stand.",
    )
    llm_at_a_time: int = setting(4, whole(1, 64), "How many answers it writes at a time.")
    llm_price_in: float | None = setting(None, _amount, "What a million tokens that it reads cost.", shown="")
    llm_price_out: float | None = setting(
        None, _amount, "What a million tokens that it writes cost.", shown=""
    )
    llm_tokens_a_day: int | None = setting(
        None,
        whole(1000, 1_000_000_000),
        "The most tokens that it may take in a day (UTC); empty: no limit.",
        shown="",
    )
    llm_tokens_a_day_each: int | None = setting(
        None, whole(1000, 1_000_000_000), "The same for the questions of one person.", shown=""
    )
    llm_money_a_day: float | None = setting(
        None, _amount, "The most that it may cost in a day (UTC); empty: no limit.", shown=""
    )
    llm_money_a_day_each: float | None = setting(
        None, _amount, "The same for the questions of one person.", shown=""
    )
    threads: int = setting(2, whole(1, 64), "How many threads embed articles.")
    chroma_url: str = setting(
        "",
        parse_url,
        "A Chroma server for the vectors, such as http://localhost:8000; empty: a folder beside the index.",
    )
    chroma_token: Secret = setting(
        Secret(""),
        parse_token,
        "The token that the server asks for, or the API key of Chroma Cloud.",
        shown="",
    )
    chroma_header: str = setting(
        "",
        parse_header,
        "The header of the token: Authorization or X-Chroma-Token; empty: the second for Chroma Cloud alone.",
    )
    chroma_ca: Path | None = setting(
        None, parse_file, "A file of certificates (PEM) to believe an https server by.", shown=""
    )
    chroma_tenant: str = setting("", parse_name, "The tenant; empty: the only one that the token opens.")
    chroma_database: str = setting("", parse_name, "The database; empty: the only one that the token opens.")
    chroma_timeout: int = setting(
        5, whole(1, 600), "How many seconds a question waits for the Chroma server."
    )

    @property
    def data_folder(self) -> Path:
        """Where the index lives: `data`, or a folder of its own for each corpus folder."""
        if self.data is not None:
            return self.data
        place = self.corpus.resolve()
        key = hashlib.sha256(str(place).encode()).hexdigest()[:8]
        return Path(".footnote") / f"{place.name}-{key}"

    @property
    def server(self) -> Server | None:
        """The Chroma server that has the vectors; None: they are in the data folder."""
        if not self.chroma_url:
            return None
        return Server(
            self.chroma_url,
            self.chroma_token,
            self.chroma_header,
            self.chroma_ca,
            self.chroma_tenant,
            self.chroma_database,
            self.chroma_timeout,
        )


def variables(kind: type[Any]) -> dict[str, Field[Any]]:
    """The variables of a class of settings: its field `corpus` is FOOTNOTE_CORPUS."""
    return {spec.metadata["name"] or variable(spec.name): spec for spec in fields(kind)}


def variable(name: str) -> str:
    """The environment variable of a field: `corpus` -> `FOOTNOTE_CORPUS`."""
    return PREFIX + name.upper()


def read_settings(values: Mapping[str, str], also: Iterable[str] = ()) -> Settings:
    """Settings from variables; an empty value means the default. `also`: names that others read.

    Names without the prefix FOOTNOTE_ are not ours and are passed over.
    Raises SettingsError for an unknown or malformed one, naming it.
    """
    known = [*variables(Settings), *also]
    for name in values:
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(f"The setting {name} is unknown. Known are: {', '.join(known)}.")
    settings = read_fields(Settings, values)
    if settings.embedding_budget is not None and settings.embedding_price is None:
        raise SettingsError(
            f"The setting {variable('embedding_budget')} needs {variable('embedding_price')}: "
            "without a price, what a refresh costs is not known."
        )
    for name in ("llm_money_a_day", "llm_money_a_day_each"):
        if getattr(settings, name) is not None and None in (settings.llm_price_in, settings.llm_price_out):
            raise SettingsError(
                f"The setting {variable(name)} needs {variable('llm_price_in')} and "
                f"{variable('llm_price_out')}: without prices, what an answer costs is not known."
            )
    return settings


def read_fields(kind: type[Kind], values: Mapping[str, str]) -> Kind:
    """A value of a class of settings. Raises SettingsError for a malformed one, naming it."""
    chosen: dict[str, Any] = {}
    for name, spec in variables(kind).items():
        text = values.get(name, "").strip()
        if not text:
            continue
        try:
            chosen[spec.name] = spec.metadata["parse"](text)
        except ValueError as error:
            raise SettingsError(f"The setting {name} is {text!r}: {error}.") from None
    return kind(**chosen)
