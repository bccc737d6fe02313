import os
import pathlib
import tempfile
import threading

import pytest

from pipelines import records
from pipelines.storage import local, read_ahead, roots

_NOBODY = 65_534


class _FarRoot(local.LocalRoot):
    """A folder read as a bucket is: several at once, and each when it is let."""

    reads_at_once = 3

    def __init__(self, root):
        super().__init__(root)
        self.may_read = threading.Event()
        self.may_read.set()

    def read(self, path, offset=0, size=None):
        assert self.may_read.wait(10)
        if path.endswith("broken.jpg"):
            raise roots.StorageError("out of order")
        return super().read(path, offset, size)


def _ref(name, offset=0, size=1):
    return records.PhotoRef(
        photo=name, file=name, generation="1", offset=offset, size=size
    )


@pytest.fixture
def photos(tmp_path):
    names = [f"{number}.jpg" for number in range(8)]
    for name in names:
        (tmp_path / name).write_bytes(name[0].encode())
    return names


@pytest.mark.parametrize("kind", [local.LocalRoot, _FarRoot])
def test_photos_come_in_the_order_in_which_they_were_added(tmp_path, photos, kind):
    queue = read_ahead.ReadAhead(kind(str(tmp_path)))
    given = [_ref(name) for name in [*photos, "gone.jpg"]]
    came = [arrived for ref in given for arrived in queue.add(ref)] + [*queue.rest()]
    queue.close()
    assert [arrived.ref for arrived in came] == given
    contents = [arrived.encoded for arrived in came]
    assert contents == [*map(str.encode, "01234567"), None]


def test_as_many_are_read_at_once_as_pay_and_no_more_wait(tmp_path, photos):
    root = _FarRoot(str(tmp_path))
    root.may_read.clear()
    queue = read_ahead.ReadAhead(root)
    assert [[*queue.add(_ref(name))] for name in photos[:3]] == [[], [], []]
    root.may_read.set()
    [arrived] = queue.add(_ref(photos[3]))
    assert (arrived.ref.photo, arrived.encoded) == ("0.jpg", b"0")
    assert len([*queue.rest()]) == 3
    queue.close()


def test_a_storage_that_fails_is_no_photo_gone(tmp_path):
    queue = read_ahead.ReadAhead(_FarRoot(str(tmp_path)))
    assert [*queue.add(_ref("broken.jpg"))] == []
    with pytest.raises(roots.StorageError, match="out of order"):
        list(queue.rest())
    queue.close()


def test_a_part_of_a_batch_is_read(tmp_path):
    (tmp_path / "batch.tar").write_bytes(b"0123456789")
    queue = read_ahead.ReadAhead(_FarRoot(str(tmp_path)))
    assert [*queue.add(_ref("batch.tar", offset=3, size=4))] == []
    assert [arrived.encoded for arrived in queue.rest()] == [b"3456"]
    queue.close()


@pytest.fixture
def folder():
    """A folder that any user may enter, with a photo that no other may read."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        for name in ("good.jpg", "secret.jpg"):
            pathlib.Path(made, name).write_bytes(b"x")
        os.mkfifo(pathlib.Path(made, "pipe.jpg"))
        # Whatever umask the tests before have left.
        for name, mode in (("good.jpg", 0o644), ("secret.jpg", 0), ("pipe.jpg", 0o644)):
            os.chmod(pathlib.Path(made, name), mode)
        yield made


@pytest.fixture
def without_privileges():
    """No superuser, who may read everything."""
    before = os.geteuid()
    if not before:
        os.seteuid(_NOBODY)
    yield
    os.seteuid(before)


@pytest.mark.parametrize(
    ("name", "encoded", "reason"),
    [
        ("gone.jpg", None, records.VANISHED),
        ("pipe.jpg", None, records.VANISHED),
        ("secret.jpg", None, "photo could not be read: Permission denied"),
        ("good.jpg", b"x", ""),
    ],
)
def test_what_cannot_be_read_has_a_reason(
    folder, without_privileges, name, encoded, reason
):
    ref = _ref(name)
    photos = read_ahead.ReadAhead(roots.at(folder))
    assert list(photos.add(ref)) == [read_ahead.Arrived(ref, encoded, reason)]
