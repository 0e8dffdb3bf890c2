"""The fixed texts in the reader's language. What an article says stays in its own language.

The texts lie in `locale/*.toml`, each key with all languages side by side. They are read at first use.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from bot import text
from bot.markup import escape
from index.errors import FootnoteError

LANGUAGES = ("en", "de", "es", "uk", "lt")
FOLDER = Path(__file__).parent / "locale"


@lru_cache(maxsize=1)
def _all() -> Mapping[str, Mapping[str, Any]]:
    """Key -> language -> the text, or its plural forms by CLDR category."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        if file.name == "commands.toml":  # for `translating.py`
            continue
        for key, languages in tomllib.loads(file.read_text("utf-8")).items():
            if key in found:
                raise ValueError(f"the text {key!r} stands twice, once in {file.name}")
            found[key] = languages
    return found


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language. Call it with a key and the values that the text needs."""

    language: str

    @classmethod
    def of(cls, locale: object) -> Texts:
        """The texts for a locale as Discord names it, such as "es-419"; English for all that we lack."""
        language = str(locale or "en").split("-", maxsplit=1)[0]
        return cls(language if language in LANGUAGES else "en")

    def __call__(self, key: str, **values: object) -> str:
        """The text. Raises KeyError for an unknown key or a value that is missing."""
        return str(_all()[key][self.language]).format(**values)

    @staticmethod
    def knows(key: str) -> bool:
        """Whether there is such a text."""
        return key in _all()

    def count(self, noun: str, number: int) -> str:
        """3 articles: the noun in the plural form that the number takes in this language (CLDR)."""
        forms = _all()[f"count_{noun}"][self.language]
        form = forms.get(self._locale.plural_form(number), forms["other"])
        return str(form).format(n=self.number(number))

    def number(self, number: int) -> str:
        """1,200 in English; other languages write it their way."""
        return format_decimal(number, locale=self._locale)

    def share(self, value: float) -> str:
        """87%, as the language writes it."""
        return format_percent(value, locale=self._locale)

    def day(self, value: date | None) -> str:
        """24 Mar 2022, 24. März 2022, 2022-03-24 in Lithuanian; empty for None."""
        if value is None or self.language == "en":
            return text.day(value)
        return format_skeleton("yMMMd", value, locale=self._locale)

    def month(self, value: date) -> str:
        """March 2022."""
        return format_skeleton("yMMMM", value, locale=self._locale)

    def ago(self, then: datetime, now: datetime) -> str:
        """3 hours ago."""
        return format_timedelta(then - now, add_direction=True, locale=self._locale)

    def duration(self, seconds: float) -> str:
        """12 s, 3 min: rounded up, so that nobody comes too early."""
        whole = max(1, -int(-seconds // 1))
        if self.language == "en":
            return f"{whole} s" if whole < 90 else f"{-(-whole // 60)} min"
        number, unit = (whole, "second") if whole < 90 else (-(-whole // 60), "minute")
        return format_unit(number, f"duration-{unit}", length="short", locale=self._locale)

    def error(self, error: FootnoteError) -> str:
        """The sentence of an error, in this language where there is one, fit for a message.

        An error's own sentence may name an address or a file: it is escaped.
        """
        key, reason = f"error_{type(error).__name__}", escape(str(error))
        return self(key, reason=reason) if self.knows(key) else reason

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)
