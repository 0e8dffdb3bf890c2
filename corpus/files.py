"""The files of a corpus folder: found in one order on every machine, and read up to a limit."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus.article import Unread
from corpus.plain import has_hidden

KINDS = (".txt", ".md", ".markdown", ".html", ".htm", ".jsonl", ".jsonl.gz")
"""What the names of files end with that are read."""

_KINDS_READ = "this kind of file is not read; .txt, .md, .html, .jsonl and .jsonl.gz are."


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file that can be read."""

    origin: str
    """POSIX path relative to the corpus folder, in Unicode form NFC: the same on every machine."""
    place: str
    """Where it is."""

    @property
    def path(self) -> Path:
        """Where it is, as a path; made when asked for, since most files only need to be opened."""
        return Path(self.place)


def walk(folder: Path) -> tuple[tuple[CorpusFile, ...], tuple[Unread, ...]]:
    """The files under the folder that can be read, by origin, and those that cannot, with the reason.

    What begins with a dot is not part of the corpus. A symbolic link is followed only where its
    target is inside the folder and would not be met otherwise, each target once. A folder that
    is not there raises `FileNotFoundError` or `NotADirectoryError`.
    """
    root = folder.resolve(strict=True)
    if not root.is_dir():
        raise NotADirectoryError(str(folder))
    found = _Walk(root)
    found.enter(root, "", frozenset({root}))
    return tuple(sorted(found.files.values(), key=lambda file: file.origin)), tuple(
        sorted(found.unread, key=lambda unread: unread.origin)
    )


def load(file: CorpusFile, limit_bytes: int) -> bytes | Unread:
    """The bytes of a file, or why they cannot be had: too many, forbidden, gone."""
    try:
        with open(file.place, "rb", buffering=0) as stream:  # noqa: PTH123  # no Path for each of many files
            size = os.fstat(stream.fileno()).st_size
            if size <= limit_bytes:
                # Not the limit: Python makes room for all that is asked for, at every file.
                content = stream.read(size + 1)
                while len(content) != size and len(content) <= limit_bytes:  # it changed meanwhile
                    more = stream.read(limit_bytes + 1 - len(content))
                    content += more
                    if not more:
                        break
                if len(content) <= limit_bytes:
                    return content
    except OSError as error:
        return Unread(file.origin, _why(error))
    return Unread(
        file.origin,
        f"The file is larger than the limit of {_size(limit_bytes)}: split it or raise the limit.",
    )


def _size(count: int) -> str:
    return f"{count / (1 << 20):.3g} MB" if count >= 1 << 20 else f"{count} bytes"


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "This may not be read: its permissions forbid it."
    if isinstance(error, FileNotFoundError):
        return "The file went away while the corpus was read."
    return f"It could not be read: {error.strerror or 'the system gave an error'}."


@dataclass(slots=True)
class _Walk:
    """One walk through the folder, and what it met."""

    root: Path
    files: dict[str, CorpusFile] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    linked: set[Path] = field(default_factory=set)

    def enter(self, folder: Path, prefix: str, above: frozenset[Path]) -> None:
        """Take in a folder whose origin is `prefix`; `above` are the real folders that lead here."""
        pending = [(folder, prefix, above)]
        while pending:
            place, origin, parents = pending.pop()
            for entry, name in self._entries(place, origin):
                if entry.is_file(follow_symlinks=False):  # the listing tells, without a call for each
                    self._take_file(entry.path, name, stat.S_IFREG)
                    continue
                path = Path(entry.path)
                inner = self._take(path, name)
                if inner is not None and inner not in parents:
                    pending.append((path, f"{name}/", parents | {inner}))

    def _entries(self, folder: Path, prefix: str) -> Iterator[tuple[os.DirEntry[str], str]]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.unread.append(Unread(prefix.rstrip("/") or ".", _why(error)))
            return
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if name.isascii() and name.isprintable():  # nearly always, and much faster
                yield entry, prefix + name
                continue
            shown = unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode("utf-8"))
            if has_hidden(name):
                safe = shown.encode("unicode_escape").decode("ascii")
                self.unread.append(Unread(prefix + safe, "Its name holds invisible characters: rename it."))
            else:
                yield entry, prefix + shown

    def _take(self, path: Path, origin: str) -> Path | None:
        """Take in one entry; returns its real path when it is a folder to enter."""
        try:
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                target = self._target(path, origin)
                if target is None:
                    return None
                mode = target.stat().st_mode
            if stat.S_ISDIR(mode):
                return path.resolve()
        except (OSError, RuntimeError) as error:
            self.unread.append(
                Unread(origin, _why(error) if isinstance(error, OSError) else "The link is a loop.")
            )
            return None
        self._take_file(str(path), origin, mode)
        return None

    def _take_file(self, place: str, origin: str, mode: int) -> None:
        if not stat.S_ISREG(mode):
            reason = "This is not a regular file."
        elif not origin.lower().endswith(KINDS):
            suffix = Path(place).suffix
            reason = f"{suffix}: {_KINDS_READ}" if suffix else f"No suffix: {_KINDS_READ}"
        elif origin in self.files:
            reason = "Another file has the same name in another Unicode form: rename one of them."
        else:
            self.files[origin] = CorpusFile(origin, place)
            return
        self.unread.append(Unread(origin, reason))

    def _target(self, path: Path, origin: str) -> Path | None:
        """Where a link leads, if it is to be followed."""
        try:
            target = path.resolve(strict=True)
        except FileNotFoundError:
            self.unread.append(Unread(origin, "This symbolic link leads to nothing."))
            return None
        except (OSError, RuntimeError):
            self.unread.append(
                Unread(origin, "This symbolic link leads back to itself or may not be followed.")
            )
            return None
        if not target.is_relative_to(self.root):
            self.unread.append(
                Unread(origin, "This symbolic link leaves the corpus folder: put the file itself there.")
            )
            return None
        hidden = any(part.startswith(".") for part in target.relative_to(self.root).parts)
        # What is not hidden is met at its own place; a hidden target (as container platforms
        # mount files) is read by its first link.
        if not hidden or target in self.linked:
            return None
        self.linked.add(target)
        return target
