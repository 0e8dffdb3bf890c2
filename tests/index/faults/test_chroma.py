"""Any file of Chroma's folder is damaged, even while it is in use: it is filled, and nothing is embedded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from corpus.article import Article
from index.embedding import PassageVectors
from index.library import Library
from index.store import VectorStore
from index.types import Passage, Span
from tests.index.faults.conftest import MORE, sound
from tests.index.workshop import ROOT, Workshop, town

ROWS = 260
"""So many that Chroma keeps neighbours in files of their own."""
PROCESS = """
import os, sys
from pathlib import Path
import chromadb
from index import building
from index.library import Library
from index.store import VectorStore
from index.vectors import VectorsBroken
from tests.index.faults.test_chroma import DAMAGE

building.FEW = 2000  # filled here, where Chroma is loaded already

def right(store, rows):
    return all(store.nearest(row[1], 1)[0][0] == row[0] for row in rows)

def use(folder, damage, repair):
    library = Library(folder / "library.db")
    store = VectorStore(library, folder)
    with library.snapshot() as known:
        rows = next(known.vectors(500))
    if repair and (wrong := store.deadly()):
        store.fill(wrong)
    fine = right(store, rows)
    if damage:
        DAMAGE[damage](folder / sys.argv[2])
    fine = fine and right(store, rows)
    try:
        with store.changing() as vectors:
            vectors.replace(rows[:5])
    except VectorsBroken as error:
        store.fill(str(error))
    fine = fine and right(store, rows)
    if not damage and (wrong := store.differences()):  # what no search has met
        store.fill(wrong)
    fine = fine and (damage or store.differences() == "")
    store.close()
    library.close()
    os._exit(0 if fine else 1)

for damage in sys.argv[3:]:
    code = 0
    for turn in range(3):  # while it is in use; the next process; and the doctor, if that died
        sys.stdout.flush()
        if turn == 2 and code == 0:
            print(0)
            continue
        child = os.fork()
        if not child:
            use(Path(sys.argv[1]) / damage, damage if turn == 0 else None, turn == 2)
        _, code = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(code))
"""
DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: file.unlink(),
    "cut in half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "emptied": lambda file: file.write_bytes(b""),
    "garbage": lambda file: file.write_bytes(np.random.default_rng(1).bytes(file.stat().st_size)),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of 260 passages with vectors of eight numbers, and its vector index."""
    folder = tmp_path_factory.mktemp("made")
    library = Library(folder / "library.db")
    passages = [Passage(f"p{n}", "a", n, n + 1, str(n), "", (Span(n, n + 1),)) for n in range(ROWS)]
    rows = np.random.default_rng(1).normal(size=(ROWS, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    library.add_vectors(
        (p.id, PassageVectors(row, row[np.newaxis])) for p, row in zip(passages, rows, strict=True)
    )
    article = Article("a", "", "text", None, None, None, None, "a")
    library.switch(put=[(article, [(p, p.id) for p in passages])], drop=[], files={}, entries=[], meta={})
    store = VectorStore(library, folder)
    store.fill("test")
    store.close()
    library.close()
    return folder


def test_each_file_while_it_is_in_use(made: Path, tmp_path: Path) -> None:
    """No row is ever missed. Where Chroma ends a process over it, the next one mends it, or the doctor."""
    files = [file.relative_to(made) for file in made.rglob("*") if file.is_file() and "vectors-" in str(file)]
    assert len(files) >= 5
    for number, file in enumerate(sorted(files)):
        if not MORE and number != 4:  # the links between neighbours: what kills most often
            continue
        damages = list(DAMAGE) if MORE else list(DAMAGE)[number % len(DAMAGE) :][:1]
        for damage in damages:
            shutil.copytree(made, tmp_path / str(number) / damage)
        done = subprocess.run(
            [sys.executable, "-c", PROCESS, str(tmp_path / str(number)), str(file), *damages],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        codes = list(map(int, done.stdout.split()))
        assert all(code <= 0 for code in codes), f"{file.name}: a wrong answer"
        assert codes[2::3] == [0] * len(damages), f"{file.name}: not mended"


REPAIR = """
import sys
from pathlib import Path
from index import building
from index.library import Library
from index.store import VectorStore

building.FEW = 2000
library = Library(Path(sys.argv[1]) / "library.db")
store = VectorStore(library, Path(sys.argv[1]))
wrong = store.deadly()
if wrong:
    store.fill(wrong)
print(store.differences() == "", wrong != "")
"""


def test_the_doctor_is_not_killed_by_what_it_mends(made: Path, tmp_path: Path) -> None:
    """Garbage among the neighbours makes Chroma end the process which searches."""
    shutil.copytree(made, tmp_path / "data")
    (file,) = (tmp_path / "data").rglob("data_level0.bin")
    DAMAGE["garbage"](file)
    done = subprocess.run(
        [sys.executable, "-c", REPAIR, str(tmp_path / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "True True\n")


@pytest.mark.parametrize("how", ["gone", "emptied"])
def test_the_folder_goes_while_the_bot_answers(sixty: Workshop, how: str) -> None:
    sixty.open()
    assert sixty.ask("What was spoken of in Town007?").sentences
    (folder,) = sixty.data.glob("vectors-*")
    shutil.rmtree(folder)
    if how == "emptied":
        folder.mkdir()
    assert "Town009" in sixty.ask("What was spoken of in Town009?").sentences[0].text
    sixty.write("town-003.md", town(3, "tunnel"), title="Town003 mends its tunnel")
    assert sixty.refresh().embedded == 1
    assert "tunnel" in sixty.ask("What was spoken of in Town003?").sentences[0].text
    assert len(sixty.embedded()) == 1
    sixty.close()
    sound(sixty)
    assert sixty.embedded() == []
