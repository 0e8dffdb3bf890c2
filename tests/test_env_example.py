"""`.env.example` names every setting, with its default and what it means."""

from pathlib import Path

from dotenv import dotenv_values

from bot.settings import BotSettings
from index.settings import Settings, read_fields, read_settings, variable, variables

EXAMPLE = Path(__file__).parent.parent / ".env.example"
HEAD = """\
# The settings of Footnote, with their defaults. Copy this file to .env and change what you need;
# a variable of the same name in the environment wins over it.
"""


def expected() -> str:
    entries = (
        f"# {spec.metadata['meaning']}\n{name}={spec.metadata['shown']}\n"
        for kind in (Settings, BotSettings)
        for name, spec in variables(kind).items()
    )
    return "\n".join((HEAD, *entries))


def test_example_is_what_the_code_says() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == expected()


def test_example_as_it_stands_gives_the_defaults() -> None:
    values = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    read = read_settings({**values, variable("corpus"): ""}, variables(BotSettings))
    assert read == Settings()
    assert read_fields(BotSettings, values) == BotSettings()
    assert Path(values[variable("corpus")]).parts[-2:] == Settings().corpus.parts[-2:]
