"""`.env.example` names every setting, with its default and what it means."""

from dataclasses import fields
from pathlib import Path

from dotenv import dotenv_values

from index.settings import Settings, read_settings, variable

EXAMPLE = Path(__file__).parent.parent / ".env.example"
HEAD = """\
# The settings of Footnote, with their defaults. Copy this file to .env and change what you need;
# a variable of the same name in the environment wins over it.
"""


def expected() -> str:
    entries = (
        f"# {field.metadata['meaning']}\n{variable(field.name)}={field.metadata['shown']}\n"
        for field in fields(Settings)
    )
    return "\n".join((HEAD, *entries))


def test_example_is_what_the_code_says() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == expected()


def test_example_as_it_stands_gives_the_defaults() -> None:
    values = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    read = read_settings({**values, variable("corpus"): ""})
    assert read == Settings()
    assert Path(values[variable("corpus")]).parts[-2:] == Settings().corpus.parts[-2:]
