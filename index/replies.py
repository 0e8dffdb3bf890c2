"""A language model's reply, as it comes -> sentences with keys. Pure; nothing that a model writes raises.

Three forms are read: the JSON that was asked for, JSON objects of sentences alone, and plain lines that end
with keys in brackets. Whatever is none of these gives nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 20_000
"""Characters of a reply that are read; what follows is not waited for."""
OBJECT = 3000
"""Characters of the object of one sentence; a longer one is none."""
SENTENCES = 12
"""Sentences of a reply that are looked at."""
_ANSWERS = re.compile(r'"answers"\s*:\s*(true|false)')
_KEYS = re.compile(r"\s*((?:\[[\w ,;]{1,60}\]\s*)+)[.!]?\s*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as a model wrote it, with the keys that it named. Nothing of it is checked."""

    text: str = field(repr=False)
    keys: tuple[str, ...]


class Reply:
    """Reads one reply; feed it the pieces in order."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._text = ""
        self._given = 0
        self._open: list[int] = []
        self._quoted = self._escaped = False

    @property
    def full(self) -> bool:
        """Whether nothing more is read."""
        return len(self._text) >= LONGEST or self._given >= SENTENCES

    @property
    def denied(self) -> bool:
        """Whether it says that the evidence does not answer, and has no sentence."""
        said = _ANSWERS.search(self._text)
        return said is not None and said[1] == "false" and not self._given

    def feed(self, piece: str) -> Iterator[Draft]:
        """The sentences that are complete with this piece."""
        for char in piece:
            if self.full:
                return
            self._text += char
            for draft in self._closed(char):
                self._given += 1
                yield draft

    def end(self) -> Iterator[Draft]:
        """What is read as plain lines, where no JSON came."""
        if self._given or self.denied:
            return
        for line in self._text.splitlines():
            keys = _KEYS.search(line)
            if keys and not self.full:
                self._given += 1
                yield Draft(line[: keys.start()].strip(), tuple(re.findall(r"\w+", keys[1])))

    def _closed(self, char: str) -> Iterator[Draft]:
        """The sentence whose object ends with this character, if one does."""
        if self._quoted:
            self._quoted = self._escaped or char != '"'
            self._escaped = char == "\\" and not self._escaped
        elif char == '"':
            self._quoted = bool(self._open)  # in prose, a mark of quotation is no string
        elif char == "{":
            self._open.append(len(self._text) - 1)
        elif char == "}" and self._open:
            yield from _sentence(self._text[self._open.pop() :])


def _sentence(text: str) -> Iterator[Draft]:
    """The sentence that a JSON object is; none where it is anything else."""
    if len(text) > OBJECT:
        return
    try:
        found = json.loads(text, strict=False)  # a line break in a string does no harm
    except (ValueError, RecursionError):
        return
    if isinstance(found.get("text"), str):
        keys = found.get("keys")
        named = keys if isinstance(keys, list) else [keys]
        yield Draft(found["text"], tuple(key for key in named if isinstance(key, str)))


def asked_in(reply: str) -> str:
    """The question in a reply of the form {"question": "..."}; empty where there is none."""
    for match in re.finditer(r"\{[^{}]*\}", reply):
        try:
            found = json.loads(match.group(), strict=False)
        except ValueError:
            continue
        if isinstance(found.get("question"), str):
            return str(found["question"])
    return ""
