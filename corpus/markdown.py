"""Markdown with YAML front matter: what the head says, and the body as plain paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import yaml

from corpus.dates import parse_day
from corpus.decoding import UnreadableError
from corpus.plain import one_line, web_address

_LONGEST_HEAD = 16 * 1024
_DEEPEST_HEAD = 20
_NO_DATE = re.compile(r"^(\w{1,40}):[ \t]*\d{4}-\d", re.M)
_FENCE = re.compile(r"---[ \t]*$")
_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\n]{0,2000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_HEADING = re.compile(r"(#{1,6})(?:\s+|$)(.*?)(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r"(?:=+|-+)\s*$")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(?=\S)")
_BULLET = re.compile(r"[-*+]\s+(?=\S)")
_EMPHASIS = re.compile(r"(?<![\w*\\])(\*{1,3})(?=\S)([^*\n]{1,2000}?)(?<=\S)\1(?![\w*])")
_UNDERSCORES = re.compile(r"(?<![\w\\])(_{1,3})(?=\S)([^_\n]{1,2000}?)(?<=\S)\1(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")
_BREAKS = ("  ", "\\")


@dataclass(frozen=True, slots=True)
class Head:
    """What the front matter says; None or an empty title where it says nothing."""

    title: str = ""
    source: str | None = None
    url: str | None = None
    published: date | None = None
    author: str | None = None


def split(text: str) -> tuple[Head, str]:
    """The front matter, read, and the body; `UnreadableError` names the line or field that is broken."""
    lines = text.split("\n")
    if not _FENCE.match(lines[0]):
        return Head(), text
    for number, line in enumerate(lines[1:], start=1):
        if _CLOSE.match(line):
            return _head("\n".join(lines[1:number])), "\n".join(lines[number + 1 :])
    raise UnreadableError(
        "The front matter that line 1 opens is never closed: end it with a line of three dashes."
    )


def plain_body(body: str) -> tuple[str, str]:
    """The headline (the first heading of level 1, if it comes first) and the body without markup.

    Every line of the result is a paragraph; the words are the author's, the marks are gone.
    """
    title = ""
    blocks: list[list[str]] = [[]]
    for line in _COMMENT.sub("", body).split("\n"):
        title = _take_line(line, blocks) or title
    paragraphs = [_inline(" ".join(block)) for block in blocks if block]
    return _inline(title), "\n".join(paragraph for paragraph in paragraphs if paragraph)


def _take_line(raw: str, blocks: list[list[str]]) -> str:
    """Add a line to the last block, or begin a new one; returns the headline when the line is it."""
    line = raw.strip().lstrip(">").strip()
    if heading := _HEADING.match(line):
        if heading[1] == "#" and not any(blocks):
            return heading[2]
        blocks += [[heading[2]], []]
    elif _UNDERLINE.match(line) or not line or line.startswith(("```", "~~~")):
        headline = blocks[-1].pop() if line[:1] == "=" and len(blocks) == 1 and len(blocks[0]) == 1 else ""
        blocks.append([])
        return headline
    else:
        if _ITEM.match(line):
            blocks.append([])
        blocks[-1].append(_BULLET.sub("", line, count=1) if _BULLET.match(line) else line)
        if raw.endswith(_BREAKS):
            blocks.append([])
    return ""


def _inline(text: str) -> str:
    if "[" in text or "<" in text:
        text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    if "*" in text:
        text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    if "_" in text:
        text = _UNDERSCORES.sub(r"\2", text)
    return (_ESCAPE.sub(r"\1", text) if "\\" in text else text).strip()


def _head(text: str) -> Head:
    fields = _yaml(text)
    return Head(
        title=_words(fields, "title") or "",
        source=_words(fields, "source"),
        url=web_address(_words(fields, "url")),
        published=_day(fields),
        author=_words(fields, "author"),
    )


def _yaml(text: str) -> Mapping[object, object]:
    if len(text) > _LONGEST_HEAD:
        raise UnreadableError("The front matter is longer than 16 KB: is its closing line missing?")
    try:
        _refuse_traps(text)
        fields = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 2}" if error.problem_mark else ""
        why = error.problem or "this is not YAML"
        raise UnreadableError(
            f"The front matter is broken{line}: {why}; a value with a colon or quotes in it has to be quoted."
        ) from error
    except ValueError as error:  # from the calendar: YAML reads what looks like a date as one
        found = _NO_DATE.search(text)
        where = f", {found[1]}" if found else ""
        raise UnreadableError(f"Front matter{where}: this is not a date; write it as 2022-03-24.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableError("The front matter is broken: it holds something that is not YAML.") from error
    if fields is None:
        return {}
    if not isinstance(fields, Mapping):
        raise UnreadableError("The front matter has to be lines of the form `field: value`.")
    return fields


def _refuse_traps(text: str) -> None:
    """Aliases of aliases stand for more than fits in memory, and deep nesting takes for ever to read."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableError("The front matter uses a YAML alias (*name), which is not read.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST_HEAD:
            raise UnreadableError("The front matter is nested too deeply: it has to be plain fields.")


def _words(fields: Mapping[object, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise UnreadableError(f"Front matter, {name}: this has to be text; put the value in quotes.")
    return one_line(value) or None


def _day(fields: Mapping[object, object]) -> date | None:
    value = fields.get("published")
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    day = parse_day(value) if isinstance(value, str) else None
    if day is None:
        raise UnreadableError("Front matter, published: this is not a date; write it as 2022-03-24.")
    return day
