"""The composition root: reads the settings once, sets up logging, runs the command line."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.cli import footnote
from bot.group import Surroundings
from bot.settings import BotSettings
from index import desk
from index.errors import SettingsError
from index.settings import Settings, read_fields, read_settings, variables

QUIET = (
    "chromadb",
    "llama_index",
    "openai",
    "anthropic",
    "ollama",
    "httpx",
    "httpcore",
    "urllib3",
    "trafilatura",
    "asyncio",
    "fsspec",
)


def main() -> None:
    """Run `footnote`."""
    _set_up_logging()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows a question mark instead of a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    footnote.main(prog_name="footnote", obj=Surroundings(_read_settings, _open_desk, _read_bot_settings))


def read_env_file(path: Path, known: Iterable[str]) -> Mapping[str, str]:
    """The settings in a `.env` file; none where there is no file.

    Raises SettingsError for a name that is not in `known`, and for a line that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {path} cannot be read: {error}.") from None
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            wrong = binding.original.string.strip()
            raise SettingsError(f"Line {binding.original.line} of {path} is not NAME=value: {wrong!r}.")
    values = dotenv_values(stream=io.StringIO(text))
    for name in values:
        if name not in known:
            raise SettingsError(f"The setting {name} in {path} is unknown. Known are: {', '.join(known)}.")
    return {name: value or "" for name, value in values.items()}


def _values() -> Mapping[str, str]:
    known = [*variables(Settings), *variables(BotSettings)]
    return {**read_env_file(Path(".env"), known), **os.environ}


def _read_settings() -> Settings:
    return read_settings(_values(), variables(BotSettings))


def _read_bot_settings() -> BotSettings:
    return read_fields(BotSettings, _values())


def _open_desk(settings: Settings, *, purpose: str) -> desk.Desk:
    # Whatever the index imports must not be paid by --help.
    from index import open_desk

    return open_desk(settings, purpose=purpose)


def _set_up_logging(stream: TextIO | None = None) -> None:
    logging.basicConfig(
        stream=stream or sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


if __name__ == "__main__":
    main()
