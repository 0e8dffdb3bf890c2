"""Restores a backup again and again, each time in a child that dies by SIGKILL one step later.

A step is whatever changes names in a folder. Arguments: the folder of the index and the corpus, the
backup, and where the copies of the folder go, one for each death.
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

from index.locking import OneProcess
from index.moves import Records, RestoreOptions
from index.restoring import Restore
from index.settings import Settings
from index.types import Cancel

RECORDS = (Records("notes.db", 3),)


def main() -> None:
    """Print how many steps there are."""
    source, corpus, backup, target = map(Path, sys.argv[1:])
    step = 0
    while True:
        data = target / str(step)
        shutil.copytree(source, data)
        child = os.fork()
        if not child:
            die_at(step)
            OneProcess(data, "dying").acquire()
            options = RestoreOptions(replace=True, records=RECORDS)
            Restore(backup, replace(Settings(), corpus=corpus, data=data), options, Cancel())()
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != -signal.SIGKILL:
            sys.stdout.write(f"{step}\n")
            raise SystemExit(code)
        step += 1


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
