"""The files of a folder: in order, once, never outside of it, and every other one named."""

import os
import sys

import pytest

from corpus.article import Unread
from corpus.files import CorpusFile, load, walk

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and permissions of POSIX systems")


def put(path, content="The ferry stopped."):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def origins(folder):
    files, unread = walk(folder)
    return [file.origin for file in files], {miss.origin: miss.reason for miss in unread}


def test_files_are_found_in_the_order_of_their_origins(tmp_path):
    for name in ("b.txt", "a/z.md", "a/b/c.html", "a.jsonl", "c.JSONL.GZ", "d.htm", "e.markdown"):
        put(tmp_path / name)
    found, unread = origins(tmp_path)
    assert found == ["a.jsonl", "a/b/c.html", "a/z.md", "b.txt", "c.JSONL.GZ", "d.htm", "e.markdown"]
    assert not unread


def test_dot_files_and_folders_are_no_part_of_the_corpus(tmp_path):
    put(tmp_path / ".git/a.txt")
    put(tmp_path / ".a.txt")
    put(tmp_path / "sub/.DS_Store")
    assert origins(tmp_path) == ([], {})


def test_other_kinds_are_named_with_the_kinds_that_are_read(tmp_path):
    put(tmp_path / "sub/a.pdf")
    put(tmp_path / "README")
    put(tmp_path / "a.txt.gz")
    found, unread = origins(tmp_path)
    assert found == []
    assert set(unread) == {"sub/a.pdf", "README", "a.txt.gz"}
    assert all(".md" in reason and ".jsonl" in reason for reason in unread.values())
    assert ".pdf" in unread["sub/a.pdf"]


def test_names_are_in_one_unicode_form(tmp_path):
    put(tmp_path / "cafe\u0301.txt")
    assert origins(tmp_path)[0] == ["caf\u00e9.txt"]


@posix
def test_two_unicode_forms_of_one_name_are_not_mixed_up(tmp_path):
    put(tmp_path / "cafe\u0301.txt")
    put(tmp_path / "caf\u00e9.txt")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system keeps one form only")
    found, unread = origins(tmp_path)
    assert found == ["caf\u00e9.txt"]
    assert "Unicode" in unread["caf\u00e9.txt"]


@posix
@pytest.mark.parametrize("name", [b"a\nb.txt", b"a\x1b[31m.txt", "a\u202eb.txt".encode(), b"a\xff.txt"])
def test_names_that_would_deceive_are_reported_legibly(tmp_path, name):
    try:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:  # noqa: PTH118, PTH123  # bytes, not a Path
            file.write(b"The ferry stopped.")
    except OSError:
        pytest.skip("this file system refuses such names")
    found, unread = origins(tmp_path)
    assert found == []
    (origin,) = unread
    assert origin.isprintable()
    origin.encode()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        walk(tmp_path / "none")
    with pytest.raises(NotADirectoryError):
        walk(put(tmp_path / "a.txt"))


@posix
def test_links_that_leave_the_folder_are_reported(tmp_path):
    put(tmp_path / "outside/secret.txt")
    corpus = tmp_path / "corpus"
    put(corpus / "a.txt")
    (corpus / "file.txt").symlink_to(tmp_path / "outside/secret.txt")
    (corpus / "folder").symlink_to(tmp_path / "outside")
    (corpus / "up.txt").symlink_to("../outside/secret.txt")
    (corpus / "nothing.txt").symlink_to("gone.txt")
    (corpus / "self.txt").symlink_to("self.txt")
    found, unread = origins(corpus)
    assert found == ["a.txt"]
    assert set(unread) == {"file.txt", "folder", "up.txt", "nothing.txt", "self.txt"}
    assert all("link" in reason for reason in unread.values())


@posix
def test_links_inside_neither_loop_nor_double(tmp_path):
    put(tmp_path / "a/b/c.txt")
    (tmp_path / "a/b/up").symlink_to("../..")
    (tmp_path / "a/again").symlink_to("b")
    (tmp_path / "copy.txt").symlink_to("a/b/c.txt")
    assert origins(tmp_path) == (["a/b/c.txt"], {})


@posix
def test_links_to_hidden_places_are_read_once(tmp_path):
    # As container platforms mount files: `a.txt -> ..data/a.txt`, `..data -> ..2022`.
    put(tmp_path / "..2022/a.txt")
    put(tmp_path / "..2022/sub/b.txt")
    (tmp_path / "..2022/sub/loop").symlink_to("..")
    (tmp_path / "..data").symlink_to("..2022")
    (tmp_path / "a.txt").symlink_to("..data/a.txt")
    (tmp_path / "a2.txt").symlink_to("..data/a.txt")
    (tmp_path / "sub").symlink_to("..data/sub")
    found, unread = origins(tmp_path)
    assert found[:1] == ["a.txt"]
    assert "sub/b.txt" in found
    assert "a2.txt" not in found
    assert not unread


@posix
def test_a_corpus_folder_may_itself_be_a_link(tmp_path):
    put(tmp_path / "real/a.txt")
    (tmp_path / "link").symlink_to("real")
    assert origins(tmp_path / "link") == (["a.txt"], {})


@posix
def test_what_is_not_a_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    found, unread = origins(tmp_path)
    assert found == []
    assert "regular" in unread["pipe.txt"]


@posix
def test_a_folder_without_permission_is_reported(tmp_path):
    put(tmp_path / "closed/a.txt")
    put(tmp_path / "b.txt")
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        assert origins(tmp_path)[1].keys() == {"closed"}
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_deep_folder_is_walked(tmp_path):
    folder = tmp_path
    for _ in range(120):
        folder = folder / "d"
    put(folder / "a.txt")
    assert len(origins(tmp_path)[0]) == 1


def test_load_gives_the_bytes_up_to_the_limit(tmp_path):
    file = CorpusFile("a.txt", put(tmp_path / "a.txt", "12345"))
    assert load(file, 5) == b"12345"
    miss = load(file, 4)
    assert isinstance(miss, Unread)
    assert (miss.origin, "limit" in miss.reason) == ("a.txt", True)


def test_load_reports_what_went_away(tmp_path):
    miss = load(CorpusFile("a.txt", tmp_path / "a.txt"), 100)
    assert isinstance(miss, Unread)
    assert "went away" in miss.reason


def test_load_reports_a_folder_in_place_of_a_file(tmp_path):
    assert isinstance(load(CorpusFile("a.txt", tmp_path), 100), Unread)


@posix
def test_load_reports_a_file_without_permission(tmp_path):
    path = put(tmp_path / "a.txt")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    miss = load(CorpusFile("a.txt", path), 100)
    assert isinstance(miss, Unread)
    assert "permission" in miss.reason
