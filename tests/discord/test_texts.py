"""The fixed texts: complete in every language, whole sentences, valid for Discord's menus."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from string import Formatter
from typing import Any

import discord
import pytest
from babel import Locale

from bot.texts import FOLDER, LANGUAGES, Texts
from bot.translating import Translator, commands
from index import errors
from tests.discord.conftest import Footnote

FILES = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in FOLDER.glob("*.toml")}
TEXTS = [(f"{area}.{key}", found) for area, keys in FILES.items() for key, found in keys.items()]
FIXED = [(key, found) for key, found in TEXTS if not key.startswith("commands.")]
NAME = re.compile(r"[-_\w]{1,32}")
"""https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming"""
MARCH = date(2022, 3, 24)


def holes(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def forms(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


@pytest.mark.parametrize(("key", "found"), FIXED, ids=[key for key, _ in FIXED])
def test_a_text_is_there_in_every_language_with_the_same_values(key: str, found: dict[str, Any]) -> None:
    assert list(found) == list(LANGUAGES)
    for language in LANGUAGES:
        for form in forms(found[language]):
            # {reason} is an error's own sentence, which some languages replace and some quote.
            assert holes(form) - {"reason"} == holes(forms(found["en"])[0]) - {"reason"}
            assert form.strip()


@pytest.mark.parametrize(("key", "found"), [pair for pair in FIXED if isinstance(pair[1]["en"], dict)])
def test_a_noun_has_every_plural_of_its_language(key: str, found: dict[str, Any]) -> None:
    for language in LANGUAGES:
        needed = Locale.parse(language).plural_form.tags | {"other"}
        assert set(found[language]) >= needed - ({"many"} if language == "es" else set())


def test_plurals() -> None:
    def all_of(language: str) -> list[str]:
        return [Texts(language).count("article", number) for number in (1, 3, 5, 11, 21, 22)]

    assert all_of("en") == [f"{n} article{'' if n == 1 else 's'}" for n in (1, 3, 5, 11, 21, 22)]
    assert all_of("uk") == ["1 стаття", "3 статті", "5 статей", "11 статей", "21 стаття", "22 статті"]
    assert all_of("lt") == [
        "1 straipsnis",
        "3 straipsniai",
        "5 straipsniai",
        "11 straipsnių",
        "21 straipsnis",
        "22 straipsniai",
    ]


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        (discord.Locale.american_english, "en"),
        (discord.Locale.british_english, "en"),
        (discord.Locale.german, "de"),
        (discord.Locale.spain_spanish, "es"),
        (discord.Locale.latin_american_spanish, "es"),
        (discord.Locale.ukrainian, "uk"),
        (discord.Locale.lithuanian, "lt"),
        (discord.Locale.french, "en"),
        ("de", "de"),
        ("xx", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_people_read_their_language_or_english(locale: object, language: str) -> None:
    assert Texts.of(locale).language == language


def test_days_and_numbers_are_written_as_each_language_does() -> None:
    assert [Texts(each).day(MARCH) for each in LANGUAGES] == [
        "24 Mar 2022",
        "24. März 2022",
        "24 mar 2022",
        "24 бер. 2022\u202fр.",
        "2022-03-24",
    ]
    assert [Texts(each).month(MARCH) for each in LANGUAGES] == [
        "March 2022",
        "März 2022",
        "marzo de 2022",
        "березень 2022\u202fр.",
        "2022 m. kovas",
    ]
    assert Texts("en").number(12345) == "12,345"
    assert Texts("de").number(12345) == "12.345"
    assert Texts("en").day(None) == ""


def test_a_wait_is_never_told_too_short() -> None:
    assert [Texts("en").duration(seconds) for seconds in (0, 11.2, 89, 90, 121)] == [
        "1 s",
        "12 s",
        "89 s",
        "2 min",
        "3 min",
    ]
    assert Texts("uk").duration(12) == "12 с"


def test_how_long_ago() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert Texts("en").ago(now - timedelta(hours=3), now) == "3 hours ago"
    assert Texts("lt").ago(now - timedelta(hours=3), now) == "prieš 3 valandas"


def test_an_unknown_text_or_a_missing_value_is_an_error_at_once() -> None:
    with pytest.raises(KeyError):
        Texts("en")("no_such_text")
    with pytest.raises(KeyError):
        Texts("en")("as_of")


def test_a_value_is_put_in_as_it_is() -> None:
    assert Texts("en")("search_title", query="{query} %s {0}") == "Search: {query} %s {0}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_names_no_folder_and_forges_nothing(language: str) -> None:
    texts = Texts(language)
    for kind in (errors.CorpusMissing, errors.IndexBroken, errors.IndexMismatch, errors.IndexBusy):
        assert "secret" not in texts.error(kind("The folder /srv/secret is not there."))
    refused = texts.error(errors.PageRefused("The page https://a.example/*x* says @everyone."))
    assert "https://" not in refused
    assert "@everyone" not in refused
    assert r"\*x\*" in refused
    assert texts.error(errors.QuestionError("Too short.")).strip()


def test_english_keeps_what_is_wrong_with_a_question() -> None:
    said = "The question has 1200 characters; at most 1000 are read."
    assert Texts("en").error(errors.QuestionError(said)) == said


@pytest.mark.parametrize("key", commands())
def test_a_command_text_is_there_in_every_language(key: str) -> None:
    found = commands()[key]
    assert list(found) == [language for language in LANGUAGES if language != "en"]
    assert all(1 <= len(text) <= 100 and text == text.strip() for text in found.values())


def walk(made: dict[str, Any]) -> Any:
    yield made
    for option in made.get("options", ()):
        yield from walk(option)


async def test_every_command_that_is_synced_is_valid_in_every_language(footnote: Footnote) -> None:
    tree = footnote.bot.tree
    assert isinstance(tree.translator, Translator)
    sent = [await command.get_translated_payload(tree, tree.translator) for command in tree.get_commands()]
    assert {made["name"] for made in sent} >= {"ask", "search", "article", "articles", "timeline", "index"}
    for locale in ("de", "es-ES", "es-419", "uk", "lt"):
        assert_distinct(sent, locale)
        for made in sent:
            menu = made["type"] != discord.AppCommandType.chat_input.value
            for each in walk(made):
                name = each["name_localizations"][locale]
                assert len(name) <= 32 if menu else NAME.fullmatch(name) and name == name.lower(), name
                assert menu or 1 <= len(each["description_localizations"][locale]) <= 100
                assert_distinct(each.get("options", []), locale)


def assert_distinct(made: list[dict[str, Any]], locale: str) -> None:
    for kind in {each["type"] for each in made}:
        names = [each["name_localizations"][locale] for each in made if each["type"] == kind]
        assert len(names) == len(set(names)), names


SAID = re.compile(r"(?<![\w/.<])/([^\W\d_]{3,})(?: ([^\W\d_]+))?")


@pytest.mark.parametrize("area", ["answer", "asking", "errors", "lookups"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_commands_as_the_reader_finds_them(area: str, language: str) -> None:
    shown = {english: found.get(language, english) for english, found in commands().items()}
    names = {shown[name] for name in ("ask", "search", "article", "articles", "timeline", "help", "about")}
    for key, found in FILES[area].items():
        for form in forms(found[language]):
            assert {command for command, _ in SAID.findall(form)} <= names, key
