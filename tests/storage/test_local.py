import os
import stat

import pytest

from pipelines.storage import roots


def test_write_is_whole_private_and_leaves_no_temporary_file(tmp_path):
    root = roots.at(str(tmp_path))
    root.write("a/b/c.bin", b"content")
    target = tmp_path / "a/b/c.bin"
    assert target.read_bytes() == b"content"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    assert os.listdir(target.parent) == ["c.bin"]


def test_failed_write_leaves_the_old_file(tmp_path):
    root = roots.at(str(tmp_path))
    root.write("file", b"old")
    with pytest.raises(TypeError):
        root.write("file", "not bytes")
    assert os.listdir(tmp_path) == ["file"]
    assert root.read("file") == b"old"


def test_reads_a_part(tmp_path):
    root = roots.at(str(tmp_path))
    root.write("file", b"0123456789")
    assert root.read("file", 3, 4) == b"3456"
    assert root.read("file") == b"0123456789"


def test_lists_files_by_path_and_folders(tmp_path):
    root = roots.at(str(tmp_path))
    for path in ("b/2", "b/1", "a/c/3"):
        root.write(path, b"")
    assert [entry.path for entry in root.files("")] == ["a/c/3", "b/1", "b/2"]
    assert [entry.path for entry in root.files("b", recursive=False)] == ["b/1", "b/2"]
    assert root.folders("") == ["a", "b"]
    assert root.folders("missing") == []
    assert list(root.files("missing")) == []


def test_deletes_files_and_folders_and_what_is_gone(tmp_path):
    root = roots.at(str(tmp_path))
    root.write("a/b/c", b"")
    root.delete("a/b/c")
    assert not root.exists("a/b/c")
    root.delete("a")
    root.delete("a")
    assert not root.exists("a")


def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError, match="not a plain file"):
        roots.at(str(tmp_path)).read("pipe")


def test_unknown_storage_is_refused_by_name():
    with pytest.raises(roots.StorageError, match="s3://"):
        roots.at("s3://bucket/in")


def test_a_path_too_long_to_be_opened_is_listed_with_its_fault(tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(18):
        os.mkdir("n" * 250, dir_fd=handle)
        below = os.open("n" * 250, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)
    [entry] = roots.at(str(tmp_path)).files("")
    assert entry.fault == "path too long to be opened"
