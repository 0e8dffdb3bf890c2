"""The power goes: what was not on the disk yet is lost, and it is never the articles.

Where a file system can be mounted from a file, the index lies on an ext4 of its own, and the cut is a copy of
that file while the process stands still: just what the kernel had given to the disk. Elsewhere, and in
addition, the write-ahead log loses its end at every place after the last point that SQLite waited for.

Not covered: a disk that lies about what it has written, and writes within a sector that are torn.
"""

from __future__ import annotations

import filecmp
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.index.faults.conftest import TOWNS, sound
from tests.index.faults.kills import Process
from tests.index.workshop import Workshop, town, towns

CUTS = int(os.environ.get("FOOTNOTE_KILLS", "12")) // 4
FRAME = 24 + 4096


def mounted(image: Path, place: Path) -> bool:
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-o", "loop", str(image), str(place)], capture_output=True, check=False)
    return done.returncode == 0


def unmounted(place: Path) -> None:
    subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def stands(child: int) -> bool:
    """Whether every thread of a process has stopped (`T` in proc_pid_stat(5)): a signal takes its time."""
    states = [(task / "stat").read_text() for task in Path(f"/proc/{child}/task").iterdir()]
    return all(state.rpartition(")")[2].split()[0] == "T" for state in states)


def copied(image: Path, copy: Path) -> None:
    """A copy of one moment: the kernel goes on writing while a process is stopped."""
    shutil.copy(image, copy)
    while not filecmp.cmp(image, copy, shallow=False):
        shutil.copy(image, copy)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An ext4 in a file, mounted; the file is beside it."""
    if shutil.which("mkfs.ext4") is None or os.geteuid() != 0:
        pytest.skip("no file system can be made and mounted here")
    image, place = tmp_path / "disk.img", tmp_path / "disk"
    with image.open("wb") as stream:
        stream.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    if not mounted(image, place):
        pytest.skip("no file system can be made and mounted here")
    yield place
    unmounted(place)


def test_the_power_goes(sixty: Workshop, disk: Path, process: Process) -> None:
    """Cut at moments of a refresh, and right after it has said that it is done."""
    data, corpus = disk / "data", sixty.corpus
    shutil.copytree(sixty.data, data)
    os.sync()
    image, after = disk.with_name("disk.img"), disk.with_name("after")
    seconds = random.Random(CUTS)
    for cut in range(CUTS + 1):
        # A file of its own: of one that is mounted again, the kernel may still show what stood there before.
        copy = disk.with_name(f"copy-{cut}.img")
        word = ("tunnel", "canal", "tower", "harbour")[cut % 4]
        towns(corpus, range(3, 9), word)
        towns(corpus, [100 + cut])
        out = str(sixty.data.parent / f"out-{cut}")
        order = {"corpus": str(corpus), "data": str(data), "out": out}
        steps = [["refresh"], ["touch", f"{out}.done"], ["until", f"{out}.never"]]
        child = int(process.order(steps=steps, start=True, **order)["child"])
        if cut:
            time.sleep(seconds.uniform(0.05, 0.9))
        else:
            while not Path(f"{out}.done").exists():
                time.sleep(0.01)
        os.kill(child, signal.SIGSTOP)
        while not stands(child):
            time.sleep(0.001)
        done = Path(f"{out}.done").exists()
        copied(image, copy)
        os.kill(child, signal.SIGKILL)
        process.order(wait=child)
        assert mounted(copy, after)
        try:
            seen = Workshop(corpus, after / "data", sixty.embedder)
            has = f"town-{100 + cut}.md" in seen.digests()
            assert has or not done, "what was said to be done is lost"
            assert len(seen.digests()) >= TOWNS + 1
            seen.whole()
            assert "Town020" in seen.ask("What was spoken of in Town020?").sentences[0].text
            seen.refresh()
            seen.whole()
            said = seen.ask("What was spoken of in Town003?").sentences[0].text
            assert word in said
            seen.close()
        finally:
            unmounted(after)
            copy.unlink()
    shutil.rmtree(sixty.data)
    shutil.copytree(data, sixty.data)
    sixty.open()
    sixty.refresh()
    sixty.close()
    sound(sixty)


def test_the_log_loses_its_end(sixty: Workshop) -> None:
    """At every place, also within a frame, and filled with zeros, as file systems leave what came last."""
    sixty.open()
    sixty.store.opened()
    towns(sixty.corpus, [3, 4], "tunnel")
    sixty.write("town-100.md", town(100), title="Town100 mends its bridge")
    sixty.refresh()
    snapshot = sixty.data.with_name("snapshot")
    shutil.copytree(sixty.data, snapshot)
    sixty.close()
    log = (snapshot / "library.db-wal").read_bytes()
    frames = len(log) // FRAME
    chance = random.Random(1)
    cuts: list[Callable[[], bytes]] = [
        lambda: log[: 32 + FRAME * chance.randrange(frames)],
        lambda: log[: chance.randrange(len(log))],
        lambda: log[: (at := chance.randrange(len(log)))] + b"\0" * (len(log) - at),
    ]
    for cut in [*cuts, *cuts][: max(3, CUTS)]:
        shutil.rmtree(sixty.data)
        shutil.copytree(snapshot, sixty.data)
        (sixty.data / "library.db-wal").write_bytes(cut())
        sixty.open()
        assert len(sixty.digests()) in (TOWNS + 1, TOWNS + 2)
        sixty.whole()
        assert "Town020" in sixty.ask("What was spoken of in Town020?").sentences[0].text
        sixty.refresh()
        assert "tunnel" in sixty.ask("What was spoken of in Town003?").sentences[0].text
        assert sixty.near.matrix.differing() == 0
        sixty.close()
        sound(sixty)
