"""Discord's limits of application commands, in all their languages, and of the choices of a completion."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

import discord

from tests.discord.measures import Body, Faults, count, length, text, unique


def choices(where: str, every: Sequence[Body]) -> Faults:
    """Of an option or of a completion: at most 25, of 1 to 100 units."""
    yield from count(where, every, 25)
    yield from unique(f"{where}.name", (choice.get("name") for choice in every))
    for index, choice in enumerate(every):
        for name in (choice.get("name"), *(choice.get("name_localizations") or {}).values()):
            yield from text(f"{where}[{index}].name", name, 100, 1)
        if isinstance(choice.get("value"), str):
            yield from text(f"{where}[{index}].value", choice["value"], 100, 1)


def commands(every: Sequence[Body]) -> Faults:
    """Of one request: all the commands of an application, or the one that it makes or edits."""
    kinds = Counter(command.get("type") or 1 for command in every)
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if kinds[kind] > most:
            yield f"commands: has {kinds[kind]} of type {kind}, at most {most} allowed"
    yield from unique("commands", ((command.get("type") or 1, command.get("name")) for command in every))
    for command in every:
        where = f"command {command.get('name')}"
        if (command.get("type") or 1) == 1:
            yield from _command(where, command)
            for locale, size in _sizes(command).items():
                if size > 8000:
                    yield f"{where}: has {size} in all ({locale}), at most 8000 allowed"
        else:
            yield from _in_languages(where, "name", command, 32)
            if command.get("description") or command.get("options"):
                yield f"{where}: a context menu has neither description nor options"


def _command(where: str, command: Body, depth: int = 0) -> Faults:
    """A command, a group or an option: all have names, descriptions and options."""
    options = command.get("options") or []
    yield from _in_languages(where, "name", command, 32)
    yield from _in_languages(where, "description", command, 100)
    for name in (command.get("name") or "", *(command.get("name_localizations") or {}).values()):
        if not _is_name(name):
            yield f"{where}.name: {name!r} is not a lower-case word of letters, digits, - and _"
    yield from count(f"{where}.options", options, 25)
    yield from unique(f"{where}.options", (option.get("name") for option in options))
    yield from choices(f"{where}.choices", command.get("choices") or [])
    if command.get("choices") and command.get("autocomplete"):
        yield f"{where}: has choices and completes as well"
    wanted = [bool(option.get("required")) for option in options]
    if wanted != sorted(wanted, reverse=True):
        yield f"{where}.options: required ones come first"
    for option in options:
        if option.get("type") in (1, 2) and depth == 2:
            yield f"{where}: is nested too deep"
        yield from _command(f"{where} {option.get('name')}", option, depth + 1)


def _in_languages(where: str, part: str, holder: Body, most: int) -> Faults:
    known = {locale.value for locale in discord.Locale}
    yield from text(f"{where}.{part}", holder.get(part), most, 1)
    for locale, word in (holder.get(f"{part}_localizations") or {}).items():
        yield from text(f"{where}.{part} ({locale})", word, most, 1)
        if locale not in known:
            yield f"{where}.{part}: {locale} is no language of Discord's"


def _is_name(name: str) -> bool:
    """Discord's rule: letters and numbers of any script, Devanagari and Thai marks, - _ '; no upper case."""
    return name == name.lower() and all(
        char in "-_'"
        or unicodedata.category(char)[0] in "LN"
        or unicodedata.name(char, "").startswith(("DEVANAGARI", "THAI"))
        for char in name
    )


def _sizes(command: Body) -> Counter[str]:
    """Units of names, descriptions and values of a command with all its options, for each language.

    Where a text is not translated, its default counts, as people see that one then.
    """
    locales = {locale for part in _nodes(command) for locale in _locales(part)} | {"default"}
    sizes: Counter[str] = Counter()
    for node in _nodes(command):
        for locale in locales:
            for part in ("name", "description"):
                texts = node.get(f"{part}_localizations") or {}
                sizes[locale] += length(texts.get(locale) or node.get(part) or "")
            sizes[locale] += length(node["value"]) if isinstance(node.get("value"), str) else 0
    return sizes


def _nodes(command: Body) -> Iterator[Body]:
    yield command
    yield from command.get("choices") or []
    for option in command.get("options") or []:
        yield from _nodes(option)


def _locales(node: Body) -> Iterator[str]:
    for part in ("name", "description"):
        yield from node.get(f"{part}_localizations") or {}
