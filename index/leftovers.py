"""Files and folders that a process which was killed has left, and that nothing uses."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from index.settings import Settings
from index.snapshot import Snapshot
from index.store import FOLDER

_HALF_WRITTEN = re.compile(r"\.footnote-[0-9a-f]{16}")
"""What `folder.py` names a file of the corpus while it writes it."""
_HALF_MADE = ("library.mending", "library.mending-wal", "library.mending-shm")


def leftovers(settings: Settings, known: Snapshot) -> list[Path]:
    """What can go: it is not what the library names."""
    data = settings.data_folder
    in_use = (known.meta(FOLDER), f"matrix-{known.matrix()}-{known.dimensions()}")
    made = (*data.glob("vectors-*"), *data.glob("matrix-*-*"))
    found = [folder for folder in made if folder.name not in in_use]
    found += [data / name for name in _HALF_MADE if (data / name).exists()]
    for place, _, names in os.walk(settings.corpus):
        found += [Path(place) / name for name in names if _HALF_WRITTEN.fullmatch(name)]
    return sorted(found)


def remove(found: Sequence[Path]) -> str:
    """Remove them; their names."""
    for path in found:
        with suppress(OSError):  # who looks next finds it again
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return ", ".join(path.name for path in found)
