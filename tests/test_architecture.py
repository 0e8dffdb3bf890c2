"""Who may know whom: bot -> index -> corpus, and no file that knows the machine it was written on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {"corpus": {"corpus"}, "index": {"index", "corpus"}, "bot": {"bot", "index", "corpus"}}
"""Of our own packages, those that a package may know."""
LLAMA = ("index/llama_nodes.py", "index/llama_pipeline.py")
"""For people who have llama-index loaded: classes of its kinds, which no other module of ours imports."""
ONE_PLACE = {
    "chromadb": "index/vectors.py",
    "llama_index": ("index/chunking.py", "index/providers.py", "index/writers.py", *LLAMA),
    "discord": "bot/",
}
"""Where a library stays: the rest of the house could do without it."""
HEAVY = {"chromadb", "llama_index", "onnxruntime", "tokenizers", "discord", "trafilatura", "dateparser"}


def sources(package: str) -> list[Path]:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    return files


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, but for type checkers."""
    tree = ast.parse(file.read_text("utf-8"))
    unseen = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield node.module or ""


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    for file in sources(package):
        ours = {name.partition(".")[0] for name in imported(file)} & MAY_IMPORT.keys()
        assert ours <= MAY_IMPORT[package], file


@pytest.mark.parametrize(("library", "place"), ONE_PLACE.items())
def test_a_library_stays_in_its_place(library: str, place: str | tuple[str, ...]) -> None:
    for package in MAY_IMPORT:
        for file in sources(package):
            name = file.relative_to(ROOT).as_posix()
            used = library in {module.partition(".")[0] for module in imported(file)}
            assert not used or name.startswith(place), f"{name} imports {library}"


LOADED = """
import sys
def refuse(event, args):
    if event.startswith("socket.") or (event == "open" and any(c in str(args[1]) for c in "wax+")):
        raise SystemExit(f"{event} {args[:2]} while importing")
sys.dont_write_bytecode = True
for name in filter(None, sys.argv[2].split(",")):
    __import__(name)
sys.addaudithook(refuse)
for name in sys.argv[3:]:
    __import__(name)
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1].split(","))))
"""


def loaded(*modules: str, first: Iterable[str] = ()) -> set[str]:
    """Which heavy libraries a fresh process has after these imports, which may write and connect nothing.

    What `first` names is there before, and may have done as it liked.
    """
    command = [sys.executable, "-c", LOADED, ",".join(HEAVY), ",".join(first), *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "modules", [("index", "index.types"), ("bot.cli",), ("bot.__main__",), ("index.service",)]
)
def test_an_import_loads_nothing_heavy(modules: tuple[str, ...]) -> None:
    assert loaded(*modules) == set()


def dotted(name: str) -> str:
    return name.removesuffix(".py").replace("/", ".")


def test_no_module_opens_anything_when_it_is_imported() -> None:
    names = [
        file.relative_to(ROOT).as_posix()
        for package in ("corpus", "index")
        for file in sources(package)
        if file.name != "__init__.py"
    ]
    assert not {"discord", "llama_index"} & loaded(*(dotted(name) for name in names if name not in LLAMA))


def test_what_is_for_llama_index_opens_nothing_beside_it() -> None:
    """llama-index itself opens a socket when it is imported, to see what the machine can do."""
    found = loaded(*map(dotted, LLAMA), first=["llama_index.core"])
    assert "llama_index" in found
    assert not {"chromadb", "onnxruntime", "discord"} & found


def test_nothing_of_ours_needs_what_is_for_llama_index() -> None:
    ours = set(map(dotted, LLAMA))
    for package in MAY_IMPORT:
        for file in sources(package):
            if file.relative_to(ROOT).as_posix() not in LLAMA:
                assert not ours & set(imported(file)), file


MACHINE = re.compile(r"(?<![\w.~/])/(?:home|Users|wor[k]|root|farm)/[\w.-]+")
HOSTS = re.compile(r"p[y]pi\.org|p[y]thonhosted|registry\.n[p]mjs|d[e]b\.debian|anaconda\.org/|--index-u[r]l")


def test_no_file_knows_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        file = ROOT / name
        if not file.is_file():
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        for pattern in (MACHINE, HOSTS):
            found += [f"{name}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_every_module_and_line_is_short_enough_to_read() -> None:
    for package in MAY_IMPORT:
        for file in sources(package):
            assert len(file.read_text("utf-8").splitlines()) <= 400, file
