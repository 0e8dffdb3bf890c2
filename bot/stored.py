"""Answers and filters as JSON text for the ledger, and back.

Reading is tolerant: a field that this Footnote does not know is left out, and one that is not there
takes its default. So a ledger outlives updates in both directions.
"""

from __future__ import annotations

import json
import types
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from index.types import Answer, Filters

T = TypeVar("T")


def dump(value: Answer | Filters) -> str:
    """ASCII text that `load` or `load_filters` reads back equal, half of a surrogate pair included."""
    return json.dumps(asdict(value), default=date.isoformat, separators=(",", ":"))


def load(text: str) -> Answer:
    """The answer that `dump` was given. Raises ValueError where the text cannot be read as one."""
    return _loaded(Answer, text)


def load_filters(text: str) -> Filters:
    """The filters that `dump` was given. Raises ValueError where the text cannot be read as such."""
    return _loaded(Filters, text)


def _loaded(kind: type[T], text: str) -> T:
    try:
        return cast(T, _read(kind, json.loads(text)))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not a stored {kind.__name__}: {error!r}") from error


def _read(kind: Any, value: Any) -> Any:
    """`value`, as JSON gives it, as the type that a field is declared with."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):  # in these values always "or None"
        (inner,) = [each for each in get_args(kind) if each is not type(None)]
        return None if value is None else _read(inner, value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is no list")
        return tuple(_read(get_args(kind)[0], each) for each in value)
    if origin is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{value!r} is none of {get_args(kind)}")
        return value
    if is_dataclass(kind):
        return _built(cast(type, kind), value)
    return _plain(kind, value)


def _plain(kind: type, value: Any) -> Any:
    if kind is date:
        return date.fromisoformat(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _built(kind: type, value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return kind(**{name: _read(hint, value[name]) for name, hint in _hints(kind).items() if name in value})


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind) if each.init}
