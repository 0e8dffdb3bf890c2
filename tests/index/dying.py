"""Restores a backup, or makes one, again and again, each time in a child that dies by SIGKILL a step later.

A step is whatever changes names in a folder, or brings a file to the disk. Arguments: "restore" or
"backup", the folder of the index and the corpus, the backup, and where copies of the folder (or of the
backup's) go, one for each death.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.backup import Backup
from index.locking import OneProcess
from index.moves import BackupOptions, Records, RestoreOptions
from index.reports import Cancel
from index.restoring import Restore
from index.settings import Settings

RECORDS = (Records("notes.db", 3),)


def main() -> None:
    """Print how many steps there are."""
    work = restore if sys.argv[1] == "restore" else back_up
    source, corpus, backup, target = map(Path, sys.argv[2:])
    step = 0
    while True:
        copy = target / str(step)
        shutil.copytree(source if work is restore else backup.parent, copy)
        child = os.fork()
        if not child:
            work(source, corpus, backup, copy, step)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != -signal.SIGKILL:
            sys.stdout.write(f"{step}\n")
            raise SystemExit(code)
        step += 1


def restore(_: Path, corpus: Path, backup: Path, data: Path, step: int) -> None:
    """Into a copy of the index."""
    die_at(step)
    owner = OneProcess(data, "dying")
    owner.acquire()
    options = RestoreOptions(replace=True, records=RECORDS)
    Restore(backup, replace(Settings(), corpus=corpus, data=data), options, Cancel())()


def back_up(data: Path, _: Path, backup: Path, folder: Path, step: int) -> None:
    """Over a copy of the backup."""
    die_at(step)
    Backup(data, folder / backup.name, BackupOptions(force=True, records=RECORDS), Cancel())()


def die_at(step: int) -> None:
    """Before the step of this number."""
    met = 0

    def dying(work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **named: Any) -> Any:
            nonlocal met
            if met == step:
                os.kill(os.getpid(), signal.SIGKILL)
            met += 1
            return work(*args, **named)

        return wrapped

    for name in ("mkdir", "rename", "replace", "link", "unlink", "rmdir", "fsync"):
        setattr(os, name, dying(getattr(os, name)))


if __name__ == "__main__":
    main()
