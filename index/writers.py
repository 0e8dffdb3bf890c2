"""The providers of language models: how llama-index's integration of each is made, asked and read.

Each is an extra of this package. Retries are ours (`index/patience.py`), so those of the client libraries
are off. A reply has a client of its own: closing that drops the connection, and the server stops.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

from index.errors import SettingsError
from index.llm import Request
from index.providers import OLLAMA, OPENAI, lacking
from index.settings import PREFIX, Settings

ANTHROPIC = "https://api.anthropic.com"
CONNECT = 3.0
"""Seconds for the connection to a server: one that is there takes far less."""
CONTEXT = 8192
"""Tokens that Ollama keeps room for: another number at each request would load the model anew."""
REASONING = 2000
"""Tokens beside the answer's for models that think before they write, and are told to think little."""

USAGE, EFFORT, LENGTH, TEMPERATURE, SCHEMA = "usage", "effort", "length", "temperature", "schema"
OPTIONAL = {
    USAGE: ("stream_options", "include_usage"),
    EFFORT: ("reasoning_effort", "reasoning.effort"),
    LENGTH: ("max_tokens", "max_completion_tokens"),
    TEMPERATURE: ("temperature",),
    SCHEMA: ("response_format", "json_schema", "schema", "grammar", "output_config", "format"),
}
"""What a request does without where a server does not know it, and the words by which its error names it."""

SAID = 240
"""Characters of an error that are looked at: some servers quote the whole request after them."""


class Streams(Protocol):
    """What is used of llama-index's `LLM`."""

    async def astream_chat(self, messages: Sequence[Any], **options: Any) -> AsyncIterator[Any]:
        """The reply as llama-index's `ChatResponse`s. Raises whatever the client library raises."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reply of a model, as it was set."""

    model: str
    settings: Settings
    request: Request
    without: frozenset[str]
    """Of `OPTIONAL`, what the server did not know."""


@dataclass(frozen=True, slots=True)
class Made:
    """An integration, made for one reply."""

    llm: Streams
    close: Callable[[], Awaitable[None]]
    """Drops its connection."""
    options: dict[str, Any]
    """For `astream_chat`."""
    given: frozenset[str]
    """Of `OPTIONAL`, what it asks for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a `ChatResponse` tells beside its text."""

    ended: bool = False
    """Whether the provider says that the reply is complete."""
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Writer:
    """Where language models come from."""

    package: str
    """The module of its integration."""
    make: Callable[[Wanted], Made]
    """Heavy at the first time: to be called in a thread. Raises ImportError."""
    read: Callable[[Any], Told]
    key: str = ""
    """What needs a key, in a sentence; empty where none is needed."""
    url: str = ""
    """The usual address; empty where there is none."""


def _openai(wanted: Wanted) -> Made:
    from llama_index.llms.openai.utils import ALL_AVAILABLE_MODELS, O1_MODELS

    # A reasoning model is told to think little, and has room for it beside the answer.
    reasons = wanted.model in O1_MODELS or wanted.model not in ALL_AVAILABLE_MODELS
    effort = {EFFORT} if reasons else set()
    options: dict[str, Any] = {"max_completion_tokens": wanted.request.most + (REASONING if reasons else 0)}
    if effort - wanted.without:
        options["reasoning_effort"] = "low"
    return _as_openai(wanted, wanted.settings.llm_url or OPENAI, options, effort)


def _openai_like(wanted: Wanted) -> Made:
    name = "max_completion_tokens" if LENGTH in wanted.without else "max_tokens"
    return _as_openai(wanted, wanted.settings.llm_url, {name: wanted.request.most}, {LENGTH})


def _as_openai(wanted: Wanted, url: str, options: dict[str, Any], given: set[str]) -> Made:
    import openai

    # The integration of OpenAI itself asks models whose names it does not know as the oldest were asked.
    from llama_index.llms.openai_like import OpenAILike

    client = openai.AsyncOpenAI(
        # Without a key, the client would look for one in the environment, which is for somebody else.
        api_key=wanted.settings.llm_key.reveal() or "none",
        base_url=url,
        max_retries=0,
        timeout=openai.Timeout(float(wanted.settings.llm_timeout), connect=CONNECT),
    )
    llm = OpenAILike(
        model=wanted.model,
        is_chat_model=True,
        temperature=0.0,
        max_retries=0,
        api_key="none",  # its repr shows it; the client has the real one
        api_base=url,
        async_openai_client=client,
    )
    given = (given | {TEMPERATURE, USAGE} | _schema(wanted)) - wanted.without
    if TEMPERATURE not in given:
        options["temperature"] = openai.omit
    if USAGE in given:
        options["stream_options"] = {"include_usage": True}
    if SCHEMA in given:
        schema = {"name": "reply", "schema": wanted.request.schema, "strict": True}
        options["response_format"] = {"type": "json_schema", "json_schema": schema}
    return Made(llm, client.close, options, frozenset(given))


@cache
def _any_of_anthropic() -> Any:
    """The integration as a class that takes models whose names it does not know, since they are newer."""
    from llama_index.core.llms import LLMMetadata
    from llama_index.llms.anthropic import Anthropic

    class AnyOfAnthropic(Anthropic):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(num_output=self.max_tokens, is_chat_model=True, model_name=self.model)

    return AnyOfAnthropic


def _anthropic(wanted: Wanted) -> Made:
    import anthropic

    llm = _any_of_anthropic()(
        model=wanted.model,
        api_key=wanted.settings.llm_key.reveal(),
        base_url=wanted.settings.llm_url or ANTHROPIC,
        temperature=0.0,
        max_tokens=wanted.request.most,
        max_retries=0,
    )
    # The integration takes no client, and one time limit for everything.
    timeout = anthropic.Timeout(float(wanted.settings.llm_timeout), connect=CONNECT)
    llm._aclient = client = llm._aclient.with_options(timeout=timeout)
    given = ({TEMPERATURE} | _schema(wanted)) - wanted.without
    options: dict[str, Any] = {}
    if TEMPERATURE not in given:
        options["temperature"] = anthropic.omit
    if SCHEMA in given:
        options["output_config"] = {"format": {"type": "json_schema", "schema": wanted.request.schema}}
    return Made(llm, client.close, options, frozenset(given))


def _ollama(wanted: Wanted) -> Made:
    import httpx
    from llama_index.llms.ollama import Ollama
    from ollama import AsyncClient

    url = wanted.settings.llm_url or OLLAMA
    client = AsyncClient(
        host=url,
        timeout=httpx.Timeout(float(wanted.settings.llm_timeout), connect=CONNECT),
        # As above: without a key, it would look for one in the environment.
        headers={"Authorization": f"Bearer {wanted.settings.llm_key.reveal() or 'none'}"},
    )
    llm = Ollama(
        model=wanted.model,
        base_url=url,
        temperature=0.0,
        context_window=CONTEXT,  # else it asks the server for it, and everybody waits
        thinking=False,
        additional_kwargs={"num_predict": wanted.request.most},
        async_client=client,
    )
    given = _schema(wanted) - wanted.without
    options = {"format": wanted.request.schema} if SCHEMA in given else {}
    return Made(llm, client.close, options, frozenset(given))


def _schema(wanted: Wanted) -> set[str]:
    return set() if wanted.request.schema is None else {SCHEMA}


def _openai_told(response: Any) -> Told:
    choices, usage = response.raw.choices, response.raw.usage
    return Told(
        ended=any(choice.finish_reason is not None for choice in choices),
        tokens_in=getattr(usage, "prompt_tokens", None) or 0,
        tokens_out=getattr(usage, "completion_tokens", None) or 0,
    )


def _anthropic_told(response: Any) -> Told:
    more = response.message.additional_kwargs
    usage = more.get("usage") or {}
    return Told(
        ended=more.get("stop_reason") is not None,
        tokens_in=usage.get("input_tokens") or 0,
        tokens_out=usage.get("output_tokens") or 0,
    )


def _ollama_told(response: Any) -> Told:
    raw = response.raw
    return Told(bool(raw.get("done")), raw.get("prompt_eval_count") or 0, raw.get("eval_count") or 0)


BY_NAME = {
    "openai": Writer(
        "llama_index.llms.openai_like", _openai, _openai_told, key="A model of OpenAI", url=OPENAI
    ),
    "openai-like": Writer("llama_index.llms.openai_like", _openai_like, _openai_told),
    "anthropic": Writer(
        "llama_index.llms.anthropic", _anthropic, _anthropic_told, key="A model of Anthropic", url=ANTHROPIC
    ),
    "ollama": Writer("llama_index.llms.ollama", _ollama, _ollama_told, url=OLLAMA),
}


def chosen(settings: Settings) -> tuple[Writer, str]:
    """The provider that is set, and the model's name there. Cheap: nothing is imported.

    Raises SettingsError where a key or an address is missing, ModelMissing where the extra is.
    """
    provider, _, model = settings.llm.partition(":")
    writer = BY_NAME[provider]
    if writer.key and not settings.llm_key:
        raise SettingsError(f"{writer.key} needs a key: set {PREFIX}LLM_KEY.")
    if not writer.url and not settings.llm_url:
        raise SettingsError(f"An OpenAI-compatible server has no usual address: set {PREFIX}LLM_URL.")
    if not _installed(writer.package):
        raise lacking(provider, writer.package)
    return writer, model


def messages(request: Request) -> list[Any]:
    """A request as llama-index's `ChatMessage`s. Light once an integration is made."""
    from llama_index.core.llms import ChatMessage, MessageRole

    asked = ChatMessage(role=MessageRole.USER, content=request.user)
    if not request.system:
        return [asked]
    return [ChatMessage(role=MessageRole.SYSTEM, content=request.system), asked]


def unknown(said: str, given: frozenset[str]) -> str | None:
    """What of `given` a server refused, by the words of its error; None where it is none of that."""
    said = said[:SAID]
    named = (
        name for name, words in OPTIONAL.items() if name in given and any(word in said for word in words)
    )
    # Many servers say no more than that the request is bad.
    return next(named, SCHEMA if SCHEMA in given else None)


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even what would hold it
        return False
