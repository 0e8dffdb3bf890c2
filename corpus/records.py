"""Files with one article a line: `.jsonl`, and `.jsonl.gz` read as a stream with a limit; and such lines."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import date

from corpus.article import Article, Unread
from corpus.cleaning import clean
from corpus.dates import parse_day
from corpus.decoding import UnreadableError, decode
from corpus.plain import has_hidden, one_line, visible, web_address

MAX_UNPACKED = 1 << 30
"""How many bytes a compressed file may unpack to; a few kilobytes can hold terabytes of zeros."""
MAX_LINE = 16 << 20
"""The longest line, in bytes: an article of more than 16 MB is a mistake or an attack."""
NO_TEXT = "The record has no text."
CLEANED = "cleaned"
"""The field that is true where the others are an article as it was read before: none is cleaned again."""
_LONGEST_ID = 200
_LONGEST_PATH = 8192
"""The longest id of an article that was read before: it may be the path of its file."""
_BOM = b"\xef\xbb\xbf"


class _UnpackedTooMuchError(Exception):
    """The limit on what a compressed file unpacks to was passed."""


def as_line(article: Article) -> bytes:
    """An article as a line from which `read_records` makes it again, with the same id and digest."""
    fields = {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "url": article.url,
        "published": article.published.isoformat() if article.published else None,
        "author": article.author,
        CLEANED: True,
    }
    line = json.dumps(fields, ensure_ascii=False)
    # JSON allows them; programs that cut lines at every character that may end one do not.
    for separator in "\x85\u2028\u2029":
        line = line.replace(separator, f"\\u{ord(separator):04x}")
    return line.encode("utf-8", "replace") + b"\n"


def read_records(origin: str, content: bytes) -> Iterator[Article | Unread]:
    """Every record of a `.jsonl` file as an article, or why it is none; the others go on."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            content = decode(content).encode("utf-8", "replace")
        elif not content.strip():
            raise UnreadableError("The file is empty.")
    except UnreadableError as error:
        yield Unread(origin, str(error))
        return
    yield from _articles(origin, _lines(io.BytesIO(content), None))


def read_packed_records(origin: str, content: bytes) -> Iterator[Article | Unread]:
    """The same for `.jsonl.gz`. What comes before a break in the compressed data is kept."""
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        try:
            yield from _articles(origin, _lines(stream, MAX_UNPACKED))
        except _UnpackedTooMuchError:
            yield Unread(
                origin, f"It unpacks to more than {MAX_UNPACKED >> 20} MB; the rest was not read: split it."
            )
        except (EOFError, OSError, zlib.error):
            yield Unread(
                origin, "The compressed data is broken or ends early; what follows the break was not read."
            )


def _lines(
    stream: io.BufferedIOBase | gzip.GzipFile, limit: int | None
) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; None for one that is too long, of which no more than a part is ever held."""
    number, used = 0, 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        used += len(line)
        whole: bytes | None = line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            whole = None
            line = stream.readline(MAX_LINE + 1)
            used += len(line)
            if limit is not None and used > limit:
                raise _UnpackedTooMuchError
        if limit is not None and used > limit:
            raise _UnpackedTooMuchError
        yield number, whole


def _articles(origin: str, lines: Iterator[tuple[int, bytes | None]]) -> Iterator[Article | Unread]:
    first_lines: dict[str, int] = {}
    empty = True
    for number, line in lines:
        if line is not None and not line.removeprefix(_BOM if number == 1 else b"").strip():
            continue
        empty = False
        place = f"{origin}, line {number}"
        try:
            if line is None:
                raise UnreadableError(f"The line is longer than {MAX_LINE >> 20} MB.")
            article = _article(origin, _fields(line.removeprefix(_BOM) if number == 1 else line))
        except UnreadableError as error:
            yield Unread(place, str(error))
            continue
        first = first_lines.setdefault(article.id, number)
        if first == number:
            yield article
        else:
            yield Unread(
                place, f"The id {article.id!r} was used by line {first} already; only that one is kept."
            )
    if empty:
        yield Unread(origin, "The file is empty.")


def _fields(line: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableError("The line is not UTF-8 text: save the file as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"The line is not JSON: {error.msg} (column {error.colno}).") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            "The line holds JSON with a number too long or nested too deeply to read."
        ) from error
    if not isinstance(value, dict):
        raise UnreadableError('The line has to be a JSON object with a "text".')
    return value


def _article(origin: str, fields: Mapping[str, object]) -> Article:
    raw, title = _string(fields, "text"), one_line(_string(fields, "title"))
    if not raw.strip():
        raise UnreadableError(NO_TEXT)
    if fields.get(CLEANED) is True:
        return _as_it_was(origin, fields)
    cleaned = clean(raw, title=title)
    if not cleaned.text:
        raise UnreadableError("Nothing of the record's text is an article.")
    url, published = _string(fields, "url"), _string(fields, "published").strip()
    return Article(
        id=_id(fields) or f"{origin}#{_key(url, title, published, raw)}",
        title=cleaned.title,
        text=cleaned.text,
        source=one_line(_string(fields, "source")) or cleaned.source,
        url=web_address(url) or cleaned.url,
        # A string that is no date leaves the date unknown: the article is worth more than the field.
        published=parse_day(published) or cleaned.published,
        author=one_line(_string(fields, "author")) or cleaned.author,
        origin=origin,
    )


def _as_it_was(origin: str, fields: Mapping[str, object]) -> Article:
    """The article of a line that `as_line` made. Cleaning it again could take more away."""
    text, id_ = visible(_string(fields, "text")), _id(fields, _LONGEST_PATH)
    if id_ is None or not text.strip():
        raise UnreadableError(f'A record that is "{CLEANED}" needs an "id" and a "text" that can be seen.')
    try:
        day = date.fromisoformat(published) if (published := _string(fields, "published")) else None
    except ValueError:
        raise UnreadableError(
            f'The field "published" of a record that is "{CLEANED}" has to be YYYY-MM-DD.'
        ) from None
    return Article(
        id=id_,
        title=_one_line(fields, "title"),
        text=text,
        source=_one_line(fields, "source") or None,
        url=web_address(_string(fields, "url")),
        published=day,
        author=_one_line(fields, "author") or None,
        origin=origin,
    )


def _one_line(fields: Mapping[str, object], name: str) -> str:
    """A field without what is hidden; its spaces are as many as they were."""
    return visible(_string(fields, name)).replace("\n", " ").strip()


def _string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnreadableError(f'The field "{name}" has to be a string, not {_kind(value)}.')
    return value


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "something else")


def _id(fields: Mapping[str, object], longest: int = _LONGEST_ID) -> str | None:
    name = "id" if fields.get("id") not in (None, "") else "_id"
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnreadableError(f'The field "{name}" has to be a string, not {_kind(value)}.')
    if len(value) > longest or has_hidden(value) or not value.strip():
        raise UnreadableError(
            f'The field "{name}" has to be at most {longest} characters, none of them invisible.'
        )
    return value


def _key(url: str, title: str, published: str, text: str) -> str:
    """What names a record without an id: where it stands, else headline and day, else its words."""
    named = url.strip() or (f"{title}\0{published}" if title and published else text)
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:12]
