"""What README, CONTRIBUTING and CHANGELOG say about the program is held against the program."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner

from bot import group
from bot.cli import footnote
from bot.group import Surroundings
from bot.settings import BotSettings
from corpus.files import KINDS
from index.errors import IndexBusy
from index.settings import Settings, variables

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PAGES = {"README.md": README, "CONTRIBUTING.md": CONTRIBUTING, "CHANGELOG.md": CHANGELOG}
GUIDES = {
    name: (ROOT / "docs" / name).read_text("utf-8")
    for name in ("members.md", "moderators.md", "running.md", "llama-index.md")
}
SAFETY = (ROOT / "docs" / "safety.md").read_text("utf-8")
PACKAGES = ("bot", "corpus", "index")
SAMPLE = sorted((ROOT / "corpus" / "articles").glob("*.md"))


def table(page: str, first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading."""
    rows: list[list[str]] = []
    for line in page.split(f"\n| {first_heading} |", 1)[1].splitlines()[2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def blocks(page: str, language: str) -> Iterator[str]:
    """The lines of the code blocks in a language, without comments."""
    for block in re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S):
        for line in block.splitlines():
            if line.strip() and not line.startswith("#"):
                yield line


def spans(page: str) -> list[str]:
    """What stands in backticks within the text, outside code blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.M | re.S))


def commands_shown() -> list[tuple[str, ...]]:
    """The arguments of every `footnote …` that the README's code blocks run."""
    shown = []
    for line in [*blocks(README, "sh"), *blocks(README, "bat"), *blocks(README, "text")]:
        for part in re.split(r"\s\|\s", line.removeprefix("$ ")):
            if re.match(r"(?:\.venv[/\\]\w+[/\\])?footnote\s", part):
                shown.append(tuple(shlex.split(part.replace("\\", "/"), comments=True)[1:]))
    return shown


def words(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def test_settings_are_those_of_the_code() -> None:
    expected = [
        [
            f"`{name}`",
            f"`{spec.metadata['shown']}`" if spec.metadata["shown"] else "",
            spec.metadata["meaning"],
        ]
        for kind in (Settings, BotSettings)
        for name, spec in variables(kind).items()
    ]
    assert table(README, "setting") == expected


def test_every_command_stands_in_the_table() -> None:
    listed = [row[0].strip("`").split()[1] for row in table(README, "command")]
    assert sorted(listed) == sorted(footnote.commands)


def test_commands_named_in_the_text_exist() -> None:
    named = {found[1] for page in PAGES.values() for found in re.finditer(r"`footnote ([a-z]+)", page)}
    assert named
    assert named <= footnote.commands.keys()


def test_options_named_in_the_text_exist() -> None:
    known = {
        name
        for command in (footnote, *footnote.commands.values())
        for parameter in command.params
        for name in parameter.opts
    } | {"--help"}
    named = {option for span in spans(README) for option in re.findall(r"(?<!\S)--[a-z-]+", span)}
    assert named
    assert named <= known


def test_commands_in_code_blocks_can_be_typed() -> None:
    """Each is understood as far as the desk, which here is in use."""

    def busy(settings: Settings, *, purpose: str) -> Any:
        raise IndexBusy("in use")

    shown = commands_shown()
    assert len(shown) >= 8
    for arguments in shown:
        result = CliRunner().invoke(
            footnote, arguments, input="", obj=Surroundings(Settings, busy), catch_exceptions=False
        )
        assert (arguments, result.exit_code, result.stderr) == (arguments, group.BROKEN, "in use\n")


def test_exit_codes_are_those_of_the_code() -> None:
    codes = {0} | {value for name, value in vars(group).items() if name.isupper() and isinstance(value, int)}
    assert {int(row[0]) for row in table(README, "exit code")} == codes


def test_kinds_of_files_are_those_of_the_code() -> None:
    assert [kind for kind in KINDS if f"`{kind}`" not in README] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    page = PAGES[name]
    targets = re.findall(r"\]\(([^)\s]+)\)", page) + re.findall(r'(?:src|href)="([^"]+)"', page)
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page, re.M)
    }
    for target in targets:
        if target.startswith("#"):
            assert target[1:] in headings
        elif "://" not in target:
            assert (ROOT / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("name", GUIDES)
def test_links_of_the_guides_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", GUIDES[name])
    assert targets
    assert [
        target for target in targets if "://" not in target and not (ROOT / "docs" / target).exists()
    ] == []


def test_the_guides_name_the_commands_of_the_bot() -> None:
    """Every command stands in a guide, and a guide names no other."""
    translated = tomllib.loads((ROOT / "bot" / "locale" / "commands.toml").read_text("utf-8"))
    cogs = "".join(file.read_text("utf-8") for file in (ROOT / "bot" / "cogs").glob("*.py"))
    known = set(re.findall(r'command\(\s*name=locale_str\("(\w+)"\)', cogs))
    assert known <= translated.keys()
    guides = GUIDES["members.md"] + GUIDES["moderators.md"]
    named = {name for found in re.findall(r"`/([a-z ]+)`", guides) for name in found.split()}
    assert known <= named
    assert named <= known | {"index", "add", "remove", "question"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_targets_of_make_exist(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    code = [*spans(PAGES[name]), *blocks(PAGES[name], "sh")]
    named = {found[1] for line in code if (found := re.match(r"make ([a-z]+)", line))}
    assert named
    assert named <= targets


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_that_commands_name_exist(name: str) -> None:
    code = [*blocks(PAGES[name], "sh"), *blocks(PAGES[name], "bat")]
    named = [
        file
        for line in code
        for file in re.findall(r"(?<![\w/.])(?!\.venv)[\w.-]+(?:/[\w.-]+)*\.(?:lock|py)\b", line)
    ]
    assert named
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_files_named_by_their_path_exist() -> None:
    named = [
        span for page in PAGES.values() for span in spans(page) if re.fullmatch(r"[\w.]+(?:/[\w.]+)+", span)
    ]
    assert named
    made = (".venv/",)
    assert [name for name in named if not name.startswith(made) and not (ROOT / name).exists()] == []


def test_the_table_of_modules_is_complete() -> None:
    """A new module has its place in CONTRIBUTING.md, under its package."""
    listed: dict[str, set[str]] = {}
    package = ""
    for names, *_ in table(CONTRIBUTING, "module"):
        if names.startswith("**"):
            package = names.strip("*").partition("/")[0]
        else:
            listed.setdefault(package, set()).update(re.findall(r"`([^`]+)`", names))
    modules = {
        package: {file.name for file in (ROOT / package).glob("*.py")} - {"__init__.py"}
        for package in PACKAGES
    }
    assert listed == modules


def test_every_fault_of_the_promise_has_a_test_that_exists() -> None:
    faults = table(SAFETY, "fault")
    assert len(faults) >= 15
    for fault, *_, shown in faults:
        named = re.findall(r"`(index/[\w/]+\.py)::(\w+)`", shown)
        assert named, fault
        for file, function in named:
            assert f"def {function}(" in (ROOT / "tests" / file).read_text("utf-8"), (fault, function)


def test_every_test_of_a_fault_is_in_the_promise_or_belongs_to_one() -> None:
    """A file of faults that the page does not name would be a promise that nobody reads."""
    files = {file.name for file in (ROOT / "tests" / "index" / "faults").glob("test_*.py")}
    assert files
    assert {name for name in files if f"index/faults/{name}::" not in SAFETY} == set()


def test_changelog_begins_with_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first = re.search(r"^## \[([^\]]+)\]", CHANGELOG, re.M)
    assert first is not None
    assert first[1] == project["version"]


def test_the_picture_quotes_the_sample_articles_and_fetches_nothing() -> None:
    """When this fails: .venv/bin/python docs/make_images.py."""
    svg = (ROOT / "docs" / "images" / "ask.svg").read_text(encoding="utf-8")
    assert not re.search(r"@import|@font-face|url\((?!#)|<(?:image|script|use)\b|href", svg)
    articles = words(" ".join(file.read_text(encoding="utf-8") for file in SAMPLE))
    styles = dict(re.findall(r"\.(footnote-r\d+) \{ ([^}]*) \}", svg))
    shown: dict[str, str] = {}
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        name = element.get("class", "")
        for look in ("bold", "italic"):
            if look in styles.get(name, ""):
                shown[look] = shown.get(look, "") + (element.text or "") + " "
    quotes = re.findall(r"“(.+?)”(?=\s*(?:“|$))", words(shown["italic"]))
    assert quotes
    assert [quote for quote in [words(shown["bold"]), *quotes] if quote not in articles] == []


def test_every_sample_article_that_names_an_outlet_says_that_it_is_ours() -> None:
    for file in SAMPLE:
        text = file.read_text(encoding="utf-8")
        if "source: Footnote" not in text:
            assert re.search(r"^# .*(our own words|by us).*this is not", text, re.M), file.name


def test_help_of_every_command_can_be_read() -> None:
    for name, command in footnote.commands.items():
        assert isinstance(command, click.Command)
        result = CliRunner().invoke(footnote, [name, "--help"])
        assert result.exit_code == 0
        assert command.get_short_help_str()
