"""Steps that a child follows with a desk of its own, in surroundings of its own: few rights, a small disk."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from index import locking
from index.errors import FootnoteError
from index.reports import Progress, RefreshOptions
from index.service import IndexDesk
from index.settings import Settings
from index.types import Question
from tests.index.workshop import CountingEmbedder

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
CAPABILITIES = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3."""
OVERRIDES = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: by these the superuser passes over permissions."""
NO_MOUNT = "no file system can be mounted here"


def follow(order: dict[str, Any], model: CountingEmbedder) -> None:
    """Follow the steps of an order, write what each gave; never returns."""
    locking.WAIT = 0.3
    settings = Settings(corpus=Path(order["corpus"]), data=Path(order["data"]))
    gave: list[str] = []
    out = open(order["out"], "w")  # noqa: PTH123, SIM115  # before what may hide its folder
    asyncio.run(_all(order["steps"], settings, model, gave, out))
    os._exit(0)


async def _all(steps: Any, settings: Settings, model: CountingEmbedder, gave: list[str], out: Any) -> None:
    desk = IndexDesk(settings, "child")
    desk._parts.models.now = model
    for name, *args in steps:
        try:
            if name == "reopen":
                await desk.close()
                desk = IndexDesk(settings, "child")
                desk._parts.models.now = model
            gave.append(str(await STEPS[name](desk, *args)))
        except (FootnoteError, OSError) as error:
            gave.append(f"{type(error).__name__}: {error}")
        out.seek(0)
        out.truncate()
        json.dump(gave, out)
        out.flush()
    await desk.close()


async def _ask(desk: IndexDesk, number: int) -> str:
    answer = await desk.ask(Question(f"What was spoken of in Town{number:03}?", careful=0.0))
    return answer.sentences[0].text if answer.sentences else "nothing"


async def _refresh(desk: IndexDesk) -> str:
    report = await desk.refresh(RefreshOptions())
    return f"added {len(report.added)}, changed {len(report.changed)}, removed {len(report.removed)}"


async def _hold(desk: IndexDesk, there: str, go: str) -> str:
    """Refresh, and wait in the middle, asking meanwhile."""

    def on_progress(progress: Progress) -> None:
        if progress.phase == "embedding" and not Path(there).exists():
            Path(there).touch()
            _wait(go)

    work = asyncio.ensure_future(desk.refresh(RefreshOptions(on_progress=on_progress)))
    await asyncio.to_thread(_wait, there)
    said = await _ask(desk, 7)
    await work
    return said


async def _until(_: IndexDesk, file: str) -> str:
    await asyncio.to_thread(_wait, file)
    return "there"


def _wait(file: str) -> None:
    while not Path(file).exists():
        time.sleep(0.01)


async def _doctor(desk: IndexDesk, repair: bool = False) -> str:
    checks = await desk.doctor(repair=repair)
    return "; ".join(f"{check.name}: {check.detail}" for check in checks if not check.ok)


async def _reopen(_: IndexDesk) -> str:
    return "open"


async def _touch(_: IndexDesk, file: str) -> str:
    Path(file).touch()
    return "touched"


async def _chmod(_: IndexDesk, path: str, mode: int) -> str:
    Path(path).chmod(mode)
    return oct(mode)


async def _stripped(_: IndexDesk) -> str:
    """Without what lets the superuser pass over permissions; for others there is nothing to take."""
    libc = ctypes.CDLL(None, use_errno=True)
    head, sets = (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
    _checked(libc.capget(head, sets))
    sets[0], sets[1] = sets[0] & ~OVERRIDES, sets[1] & ~OVERRIDES
    _checked(libc.capset(head, sets))
    return "stripped"


async def _small_disk(desk: IndexDesk, megabytes: int) -> str:
    """The data folder on a file system of its own, which this process alone sees."""
    data = desk._parts.data
    aside = data.with_name("aside")
    shutil.copytree(data, aside)
    if not _own_mounts():
        return NO_MOUNT
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.mount(b"none", os.fsencode(data), b"tmpfs", 0, f"size={megabytes}m".encode()))
    shutil.copytree(aside, data, dirs_exist_ok=True)
    return "mounted"


async def _read_only(desk: IndexDesk) -> str:
    """The data folder as a disk with errors is mounted: nothing can be written."""
    if not _own_mounts():
        return NO_MOUNT
    libc = ctypes.CDLL(None, use_errno=True)
    place = os.fsencode(desk._parts.data)
    _checked(libc.mount(place, place, None, MS_BIND, None))
    _checked(libc.mount(None, place, None, MS_REMOUNT | MS_BIND | MS_RDONLY, None))
    return "mounted"


def _own_mounts() -> bool:
    """Whether this process has mounts of its own now; where it is not the superuser, as a guest of itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS):
        if libc.unshare(CLONE_NEWNS | CLONE_NEWUSER):
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0


def _checked(code: int) -> None:
    if code:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


async def _fill(desk: IndexDesk, leave: int) -> str:
    """Take all room of the data folder's disk but so many bytes."""
    free = os.statvfs(desk._parts.data)
    with (desk._parts.data / "ballast").open("wb") as ballast:
        ballast.write(b"\0" * max(0, free.f_bavail * free.f_frsize - leave))
    return "full"


async def _room(desk: IndexDesk) -> str:
    (desk._parts.data / "ballast").unlink()
    return "room"


async def _back(desk: IndexDesk) -> str:
    """Copy the data folder to where everybody sees it."""
    await desk.close()
    aside = desk._parts.data.with_name("aside")
    shutil.rmtree(aside)
    shutil.copytree(desk._parts.data, aside)
    return "copied"


STEPS: dict[str, Callable[..., Awaitable[object]]] = {
    "ask": _ask,
    "refresh": _refresh,
    "hold": _hold,
    "until": _until,
    "doctor": _doctor,
    "reopen": _reopen,
    "touch": _touch,
    "chmod": _chmod,
    "stripped": _stripped,
    "small disk": _small_disk,
    "read only": _read_only,
    "fill": _fill,
    "room": _room,
    "back": _back,
}
