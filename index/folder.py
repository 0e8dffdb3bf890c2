"""Changes of the corpus folder: a file comes in whole or not at all, and nothing that goes is lost."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from corpus import reading
from corpus.article import Article
from corpus.naming import ADDED, added_name
from corpus.reading import CorpusFile
from corpus.records import MAX_UNPACKED, read_records
from index.errors import CorpusMissing, SettingsError, UnknownArticle, UnreadableDraft
from index.reports import Draft
from index.whole import appear, settle, sync_folder, whole

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def write(draft: Draft, corpus: Path) -> frozenset[str]:
    """Put the draft's file into the corpus folder; the origins that changed, for `RefreshOptions.only`.

    It appears whole, and never in place of another file. Raises UnreadableDraft where it is there
    already, CorpusMissing where the folder cannot be written.
    """
    if draft.name != added_name(draft.name, draft.content):  # a path of somebody else's making
        raise UnreadableDraft("This draft is damaged. Add the page or the file again.")
    file = PurePosixPath(draft.name).name
    with _writing(corpus):
        folder = corpus.resolve(strict=True) / ADDED
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise CorpusMissing(
                f"The folder {ADDED} in the corpus folder is a symbolic link. Put a real folder there."
            )
        with whole(folder) as (temporary, place):
            temporary.write(draft.content)
            settle(temporary)
            _appear(place, folder / file)
            sync_folder(folder)
    return frozenset({draft.name})


def _appear(temporary: Path, target: Path) -> None:
    """Give a file its name, unless another has it."""
    try:
        appear(temporary, target)
    except FileExistsError:
        raise UnreadableDraft(
            "This is in the corpus folder already. If the index does not show it, run a refresh."
        ) from None


def take_out(article: Article, corpus: Path, kept: Path) -> frozenset[str]:
    """Take an article out of the corpus folder into the folder `kept`; the origins that changed.

    A file without another article is moved; of a file with more, the article's lines are moved,
    and the other bytes stay. Raises UnknownArticle where the file is not as it was indexed,
    CorpusMissing where a folder cannot be written, SettingsError where `kept` would be read.
    """
    with _writing(corpus):
        root = corpus.resolve(strict=True)
        _refuse_inside(kept, root)
        file = _find(article, root)
        if file.origin.lower().endswith((".jsonl", ".jsonl.gz")):
            _take_record(article, file, kept)
        else:
            before = file.path.stat()
            content = file.path.read_bytes()
            if article.digest not in _digests(file.origin, content):
                raise _changed(article)
            _move(file, before, content, kept)
    return frozenset({file.origin})


def _find(article: Article, root: Path) -> CorpusFile:
    found, _ = reading.walk(root)
    file = next((file for file in found if file.origin == article.origin), None)
    if file is None:
        raise UnknownArticle(
            f"The file {article.origin} is no longer in the corpus folder, or leads out of it. Run a refresh."
        )
    if file.path.resolve() != file.path:
        raise UnknownArticle(
            f"The file {article.origin} is reached by a symbolic link. Remove it by hand, then run a refresh."
        )
    return file


def _digests(origin: str, content: bytes) -> set[str]:
    return {article.digest for article in reading.parse(origin, content).articles}


def _changed(article: Article) -> UnknownArticle:
    return UnknownArticle(
        f"The file {article.origin} has changed since it was indexed. Run a refresh, then try again."
    )


def _take_record(article: Article, file: CorpusFile, kept: Path) -> None:
    """Take a record out of its file, with later ones of the same id, which would take its place."""
    before = file.path.stat()
    content = file.path.read_bytes()
    packed = file.origin.lower().endswith(".gz")
    lines = _lines(file, content, packed)
    gone: list[bytes] = []
    first: Article | None = None
    others = False
    with whole(file.path.parent) as (temporary, place):
        with _packing(temporary) if packed else _plainly(temporary) as rest:
            for number, line in enumerate(lines):
                # A line of its own keeps its id; a line break before it keeps it from being the file's first.
                found = _record(file.origin, line if number == 0 else b"\n" + line)
                if found is not None and found.id == article.id:
                    first = first or found
                    gone.append(line.removeprefix(b"\xef\xbb\xbf"))
                else:
                    others = others or found is not None
                    rest.write(line)
        if first is None or first.digest != article.digest:
            raise _changed(article)
        if not others:  # a file in which nothing can be read would keep its articles in the index
            _move(file, before, content, kept)
            return
        _append(kept / (file.origin[: -len(".gz")] if packed else file.origin), gone)
        place.chmod(stat.S_IMODE(before.st_mode))
        settle(temporary)
        _refuse_changed(file, before)
        place.replace(file.path)
        sync_folder(file.path.parent)


def _record(origin: str, line: bytes) -> Article | None:
    """The article of one line."""
    return next((found for found in read_records(origin, line) if isinstance(found, Article)), None)


def _lines(file: CorpusFile, content: bytes, packed: bool) -> Iterator[bytes]:
    if content.startswith(_UTF16):
        raise UnknownArticle(f"The file {file.origin} is UTF-16 text: save it as UTF-8, then run a refresh.")
    if not packed:
        yield from io.BytesIO(content)
        return
    used = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while line := stream.readline(MAX_UNPACKED + 1 - used):
                used += len(line)
                if used > MAX_UNPACKED:
                    raise EOFError
                yield line
    except (EOFError, OSError, zlib.error) as error:
        raise UnknownArticle(
            f"The compressed file {file.origin} is broken or too large to be changed. Mend it by hand."
        ) from error


def _move(file: CorpusFile, before: os.stat_result, content: bytes, kept: Path) -> None:
    """Copy first, which works between disks too; then the original goes."""
    target = kept / file.origin
    target.parent.mkdir(parents=True, exist_ok=True)
    stem = target.name.partition(".")[0]
    number = 1
    while True:
        try:
            stream = target.open("xb")
            break
        except FileExistsError:
            number += 1
            target = target.with_name(f"{stem}-{number}{(PurePosixPath(file.origin).name)[len(stem) :]}")
    with stream:
        stream.write(content)
        settle(stream)
    sync_folder(target.parent)
    _refuse_changed(file, before)
    file.path.unlink()
    sync_folder(file.path.parent)


def _append(target: Path, lines: list[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab") as stream:
        for line in lines:
            stream.write(line if line.endswith(b"\n") else line + b"\n")
        settle(stream)
    sync_folder(target.parent)


def _refuse_changed(file: CorpusFile, before: os.stat_result) -> None:
    """The last look: somebody may have saved the file while it was read."""
    now = file.path.stat()
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
        raise UnknownArticle(f"The file {file.origin} changed just now. Run a refresh, then try again.")


def _refuse_inside(kept: Path, root: Path) -> None:
    place = kept.resolve()
    if place.is_relative_to(root) and not any(part.startswith(".") for part in place.relative_to(root).parts):
        raise SettingsError(
            "The folder of the index lies inside the corpus folder, where what is removed would be read "
            "again. Set FOOTNOTE_DATA to a folder elsewhere."
        )


@contextmanager
def _writing(corpus: Path) -> Iterator[None]:
    """What the system refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        raise CorpusMissing(
            f"The corpus folder {corpus} could not be changed ({error.strerror or 'the system refused'}). "
            "Check that it is there and may be written, and that the disk is not full."
        ) from error


@contextmanager
def _packing(stream: BinaryIO) -> Iterator[BinaryIO]:
    with gzip.GzipFile(fileobj=stream, mode="wb", filename="", mtime=0) as packed:
        yield packed  # type: ignore[misc]  # typeshed does not say that it is a BinaryIO


@contextmanager
def _plainly(stream: BinaryIO) -> Iterator[BinaryIO]:
    yield stream
