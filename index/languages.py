"""Which language a text is in, where that is sure. Knows the forty languages of most readers of news."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

KNOWN = """ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv mk ms nl no pl pt ro ru
    sk sl sq sr sv ta th tl tr uk ur vi zh""".split()
"""By ISO 639-1, those that the identifier tells apart."""
SURE = 0.7
"""The identifier's probability from which it is believed. Of the 4,480 English questions of the development
sets one was taken for another language at that ("How are ergänzungsschulen funded?")."""
READ = 1000
"""Characters that are looked at."""
DENIALS = {
    "de": r"\b(?:nicht|kein\w*|nie|niemals|niemand|nichts|ohne|weder)\b",
    "en": r"\b(?:not|no|never|none|nobody|nothing|without|neither|nor|cannot)\b|n['’]t\b",
    "es": r"\b(?:no|nunca|jamás|nadie|nada|ningun\w*|ningún|sin|tampoco|ni)\b",
    "fr": r"\b(?:ne|pas|jamais|aucun\w*|personne|rien|sans|ni|non)\b|\bn['’]",
    "it": r"\b(?:non|mai|nessun\w*|niente|nulla|senza|né)\b",
    "lt": r"\b(?:ne\w{2,}|nė\w*|niek\w*|be)\b",
    "nl": r"\b(?:niet|geen|nooit|niemand|niets|zonder)\b",
    "pl": r"\b(?:nie|nigdy|nikt|nic|żad\w+|bez)\b",
    "pt": r"\b(?:não|nunca|jamais|ninguém|nada|nenhum\w*|sem|nem)\b",
    "ru": r"\b(?:не|нет|никогда|никто|ничего|ни|без|нельзя)\b",
    "sv": r"\b(?:inte|ingen|inget|inga|aldrig|utan|varken)\b",
    "uk": r"\b(?:не|нема\w*|ніколи|ніхто|нічого|ні|без|жод\w+)\b",
}
"""Words that say no, by language."""
_guard = threading.Lock()


def language(text: str) -> str:
    """The language of a text (ISO 639-1); empty where it is not sure."""
    found, sure = _identifier().classify(text[:READ])
    return str(found) if sure >= SURE else ""


def called(code: str) -> str:
    """The English name of a language: "German"."""
    from babel import Locale

    return str(Locale.parse(code).get_language_name("en"))


def denies(text: str, code: str) -> bool | None:
    """Whether a text says no; None for a language of which the words for it are not known here."""
    words = DENIALS.get(code)
    return None if words is None else re.search(words, text, re.IGNORECASE) is not None


def _identifier() -> LanguageIdentifier:
    with _guard:  # it takes half a second, once
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    made.set_languages(KNOWN)
    return made
