"""Names and descriptions of commands in the reader's language, for Discord's own menus."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache

import discord
from discord import app_commands

from bot.texts import FOLDER, LANGUAGES


@lru_cache(maxsize=1)
def commands() -> Mapping[str, Mapping[str, str]]:
    """English text -> language -> text."""
    return tomllib.loads((FOLDER / "commands.toml").read_text("utf-8"))


class Translator(app_commands.Translator):
    """Translates a `locale_str` by its English text."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text in a language, or None where it stays English."""
        language = locale.value.split("-", maxsplit=1)[0]
        if language == "en" or language not in LANGUAGES:
            return None
        return commands()[string.message][language]
