"""A bucket as a storage root, beside a local folder with the same files."""

import pathlib

import pytest

from pipelines.storage import gcs, local, roots
from tests import buckets

_FILES = {
    "photos/date=2026-11-21/store=0001/a.jpg": b"first",
    "photos/date=2026-11-21/store=0001/deep/b.jpg": b"second",
    "photos/date=2026-11-21/store=0002/c.jpg": b"",
    "photos/date=2026-11-21/loose.jpg": b"loose",
    "photos/date=2026-11-21/.hidden/d.jpg": b"hidden",
    "stores.csv": b"store_id,timezone\n",
    "Filiale Köln.txt": b"umlaut",
}
_DAY = "photos/date=2026-11-21"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    """A local folder with the files."""
    found = tmp_path_factory.mktemp("files")
    for path, content in _FILES.items():
        (found / path).parent.mkdir(parents=True, exist_ok=True)
        (found / path).write_bytes(content)
    return found


@pytest.fixture(params=["", "in/day/"])
def both(request, bucket, folder):
    """The bucket's root and the folder's."""
    url = buckets.upload(folder, bucket, request.param)
    return roots.at(url), local.LocalRoot(str(folder))


@pytest.mark.parametrize("path", ["", "photos", _DAY, f"{_DAY}/store=0001", "nowhere"])
def test_a_bucket_lists_what_a_folder_lists(both, path):
    bucket, folder = both

    assert bucket.folders(path) == folder.folders(path)
    for recursive in (True, False):
        found = [(one.path, one.size) for one in bucket.files(path, recursive)]
        wanted = [(one.path, one.size) for one in folder.files(path, recursive)]
        assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("path", ["", "photos", "stores.csv", "stores", "photos/x"])
def test_a_bucket_holds_what_a_folder_holds(both, path):
    bucket, folder = both

    assert bucket.exists(path) == folder.exists(path)


@pytest.mark.parametrize(
    ("offset", "size"), [(0, None), (2, None), (1, 3), (0, 0), (3, 99)]
)
def test_a_part_of_an_object_is_read(both, offset, size):
    bucket, folder = both
    path = f"{_DAY}/store=0001/deep/b.jpg"

    assert bucket.read(path, offset, size) == folder.read(path, offset, size)


def test_an_object_is_opened_with_seek(both):
    bucket, _ = both

    with bucket.open("Filiale Köln.txt") as file:
        file.seek(2)
        assert file.read(3) == b"lau"
        file.seek(0)
        assert file.read() == b"umlaut"


def test_what_is_gone_is_not_found(both):
    bucket, _ = both

    with pytest.raises(FileNotFoundError):
        bucket.read("gone.jpg")
    with pytest.raises(FileNotFoundError):
        bucket.open("gone.csv")


def test_an_object_that_is_replaced_has_a_later_generation(bucket):
    root = roots.at(f"gs://{bucket.name}/out")

    root.write("a/b.bin", b"old")
    [before] = root.files("a")
    root.write("a/b.bin", b"newer")
    [after] = root.files("a")

    assert root.read("a/b.bin") == b"newer"
    assert (before.size, after.size) == (3, 5)
    assert before.generation < after.generation


def test_a_folder_is_deleted_with_all_in_it(bucket):
    root = roots.at(f"gs://{bucket.name}")
    for path in ("a/b/c", "a/d", "ab"):
        root.write(path, b"x")

    root.delete("a")
    root.delete("a")

    assert [one.path for one in root.files("")] == ["ab"]


def test_a_folder_marked_by_a_console_is_no_file(bucket):
    bucket.blob("photos/").upload_from_string(b"")

    root = roots.at(f"gs://{bucket.name}")

    assert list(root.files("")) == []
    assert root.folders("") == ["photos"]


def test_a_bucket_that_is_not_there_is_named(bucket):
    root = roots.at("gs://tests-no-such-bucket/in")

    with pytest.raises(roots.StorageError, match="gs://tests-no-such-bucket: no such"):
        root.folders("")


def test_a_bucket_has_a_name():
    with pytest.raises(roots.StorageError, match="gs:///in: name a bucket"):
        roots.at("gs:///in")


def test_a_place_is_named_as_people_write_it(bucket):
    root = roots.at("gs://chain-in/tills/")

    assert root.describe("photos") == "gs://chain-in/tills/photos"
    assert root.describe() == "gs://chain-in/tills"


def test_an_object_is_written_only_over_the_one_that_was_seen(bucket):
    root = gcs.GcsRoot(f"gs://{bucket.name}/state")

    first = root.write_if("pointer", b"1", 0)
    second = root.write_if("pointer", b"2", first)

    for seen in (0, first):
        with pytest.raises(gcs.ChangedError):
            root.write_if("pointer", b"3", seen)
    assert root.fetch("pointer")[:2] == (b"2", second)
    assert root.fetch("other") is None


def test_copies_have_the_same_checksum(bucket):
    root = gcs.GcsRoot(f"gs://{bucket.name}/state")
    root.write(".hidden/a", b"content")

    root.copy(".hidden/a", "b/a")

    [original] = root.checksums(".hidden").values()
    assert root.checksums("b") == {"b/a": original}
    with pytest.raises(FileNotFoundError):
        root.copy("gone", "b/c")
