"""The settings: one frozen value, read from a mapping, never from the environment by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import corpus
from index.errors import SettingsError

PREFIX = "FOOTNOTE_"


def _folder(text: str) -> Path:
    if not text.strip():
        raise ValueError("it is empty")
    return Path(text).expanduser()


def _whole(low: int, high: int) -> Callable[[str], int]:
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


def setting(default: Any, parse: Callable[[str], Any], meaning: str, shown: str | None = None) -> Any:
    """A field of Settings: its default, how its text is read, one line of meaning for `.env.example`.

    `shown` is the default as `.env.example` shows it, where it depends on the machine.
    """
    text = str(default) if shown is None else shown
    return field(default=default, metadata={"parse": parse, "meaning": meaning, "shown": text})


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
    sentences: int = setting(3, _whole(1, 10), "The most sentences in an answer.")
    passage_tokens: int = setting(
        160, _whole(64, 200), "The longest passage, in word pieces of the model; a change needs a rebuild."
    )
    max_file_mb: int = setting(64, _whole(1, 4096), "Files larger than this many megabytes are not read.")
    threads: int = setting(2, _whole(1, 64), "How many threads embed articles.")

    @property
    def data_folder(self) -> Path:
        """Where the index lives: `data`, or a folder of its own for each corpus folder."""
        if self.data is not None:
            return self.data
        place = self.corpus.resolve()
        key = hashlib.sha256(str(place).encode()).hexdigest()[:8]
        return Path(".footnote") / f"{place.name}-{key}"


def variable(name: str) -> str:
    """The environment variable of a field: `corpus` -> `FOOTNOTE_CORPUS`."""
    return PREFIX + name.upper()


def read_settings(values: Mapping[str, str]) -> Settings:
    """Settings from variables; an empty value means the default.

    Names without the prefix FOOTNOTE_ are not ours and are passed over.
    Raises SettingsError for an unknown or malformed one, naming it.
    """
    known = {variable(f.name): f for f in fields(Settings)}
    chosen: dict[str, Any] = {}
    for name, text in values.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            raise SettingsError(f"The setting {name} is unknown. Known are: {', '.join(known)}.")
        if not text.strip():
            continue
        spec = known[name]
        try:
            chosen[spec.name] = spec.metadata["parse"](text.strip())
        except ValueError as error:
            raise SettingsError(f"The setting {name} is {text!r}: {error}.") from None
    return Settings(**chosen)
