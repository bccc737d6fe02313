import io
import os
import stat
import tarfile

import pytest

from pipelines.storage import photo_files, roots
from tests.fuzz import batches

_DAY = "photos/date=2026-11-21"


def _member(name, content=b"", kind=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = len(content), kind, link
    return member, content


def _write_tar(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as batch:
        for member, content in members:
            batch.addfile(member, io.BytesIO(content))


@pytest.fixture
def day(tmp_path):
    folder = tmp_path / _DAY
    (folder / "store=0001").mkdir(parents=True)
    return folder


def _find(tmp_path, folder="store=0001"):
    return photo_files.find_photos(roots.at(str(tmp_path)), _DAY, folder)


def test_folders_are_the_day_itself_and_each_store(tmp_path, day):
    (day / "store=0002").mkdir()
    root = roots.at(str(tmp_path))
    assert photo_files.folders_of(root, _DAY) == ["", "store=0001", "store=0002"]


def test_finds_loose_photos_with_their_bytes(tmp_path, day):
    (day / "store=0001" / "R01_b.JPG").write_bytes(b"second")
    (day / "store=0001" / "R01_a.webp").write_bytes(b"first")
    found = _find(tmp_path)
    assert [ref.photo for ref in found.refs] == [
        "store=0001/R01_a.webp",
        "store=0001/R01_b.JPG",
    ]
    assert found.rejections == []
    ref = found.refs[0]
    assert roots.at(str(tmp_path)).read(ref.file, ref.offset, ref.size) == b"first"


def test_finds_tar_members_with_their_bytes(tmp_path, day):
    batch = day / "store=0001" / "batch-0001.tar"
    _write_tar(batch, [_member("R01_a.jpg", b"aaa"), _member("in/R01_b.jpg", b"bb")])
    found = _find(tmp_path)
    root = roots.at(str(tmp_path))
    contents = {
        ref.photo: root.read(ref.file, ref.offset, ref.size) for ref in found.refs
    }
    assert contents == {
        "store=0001/batch-0001.tar/R01_a.jpg": b"aaa",
        "store=0001/batch-0001.tar/in/R01_b.jpg": b"bb",
    }


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (_member("../up.jpg", b"x"), "leads out"),
        (_member("/etc/cron.jpg", b"x"), "leads out"),
        (_member("a\\..\\b.jpg", b"x"), "leads out"),
        (_member("link.jpg", kind=tarfile.SYMTYPE, link="/etc/passwd"), "plain file"),
        (_member("hard.jpg", kind=tarfile.LNKTYPE, link="good.jpg"), "plain file"),
        (_member("device.jpg", kind=tarfile.CHRTYPE), "plain file"),
        (_member("good.jpg", b"again"), "second tar member"),
        (_member("run.sh", b"x"), "not a photo"),
        (_member("huge.jpg", bytes((64 << 20) + 1)), "more than a photo may have"),
    ],
)
def test_unsafe_tar_member_is_rejected_and_the_rest_goes_on(
    tmp_path, day, member, reason
):
    batch = day / "store=0001" / "batch-0001.tar"
    _write_tar(batch, [_member("good.jpg", b"x"), member, _member("last.jpg", b"y")])
    found = _find(tmp_path)
    assert [ref.photo.rsplit("/", 1)[-1] for ref in found.refs] == [
        "good.jpg",
        "last.jpg",
    ]
    assert len(found.rejections) == 1
    assert reason in found.rejections[0].reason


def test_name_with_a_nul_byte_is_rejected(tmp_path, day):
    content = batches.pax({b"path": b"a\0b.jpg"}) + batches.header("c.jpg")
    (day / "store=0001" / "batch-0001.tar").write_bytes(content + batches.END)
    [rejection] = _find(tmp_path).rejections
    assert rejection.source == "store=0001/batch-0001.tar/a\\0b.jpg"
    assert "NUL" in rejection.reason


def test_cut_tar_gives_its_whole_members_and_one_rejection(tmp_path, day):
    batch = day / "store=0001" / "batch-0001.tar"
    _write_tar(batch, [_member("a.jpg", b"a" * 5000), _member("b.jpg", b"b" * 5000)])
    batch.write_bytes(batch.read_bytes()[:8000])
    found = _find(tmp_path)
    assert [ref.photo for ref in found.refs] == ["store=0001/batch-0001.tar/a.jpg"]
    assert len(found.rejections) >= 1
    assert all(
        rejection.source.startswith("store=0001/batch-0001.tar")
        for rejection in found.rejections
    )


def test_text_named_tar_is_one_rejection(tmp_path, day):
    (day / "store=0001" / "batch-0001.tar").write_text("not a tar at all" * 100)
    found = _find(tmp_path)
    assert found.refs == []
    assert [rejection.source for rejection in found.rejections] == [
        "store=0001/batch-0001.tar"
    ]


def test_stray_file_is_rejected_and_hidden_file_left_out(tmp_path, day):
    (day / "store=0001" / "notes.txt").write_text("x")
    (day / "store=0001" / ".R01_upload.jpg").write_text("x")
    found = _find(tmp_path)
    assert found.refs == []
    assert [rejection.source for rejection in found.rejections] == [
        "store=0001/notes.txt"
    ]


def test_link_out_of_the_root_is_not_followed(tmp_path_factory, tmp_path, day):
    outside = tmp_path_factory.mktemp("outside") / "secret.jpg"
    outside.write_bytes(b"secret")
    (day / "store=0001" / "R01_a.jpg").symlink_to(outside)
    found = _find(tmp_path)
    assert found.refs == []
    [rejection] = found.rejections
    assert (rejection.source, rejection.reason) == (
        "store=0001/R01_a.jpg",
        "link that leads out of the input folder",
    )


def test_linked_store_folder_is_not_followed(tmp_path_factory, tmp_path, day):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "R01_a.jpg").write_bytes(b"secret")
    (day / "store=0009").symlink_to(outside)
    root = roots.at(str(tmp_path))
    assert photo_files.folders_of(root, _DAY) == ["", "store=0001"]
    [rejection] = _find(tmp_path, "").rejections
    assert rejection.source == "store=0009"


def test_name_that_is_not_utf8_is_rejected_with_escapes(tmp_path, day):
    (day / "store=0001" / "R01_b.jpg").write_bytes(b"x")
    for folder in ("store=0001", os.fsdecode(b"store=\xe9")):
        (day / folder).mkdir(exist_ok=True)
        (day / folder / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    root = roots.at(str(tmp_path))
    assert photo_files.folders_of(root, _DAY) == ["", "store=0001"]
    found = _find(tmp_path)
    assert [ref.photo for ref in found.refs] == ["store=0001/R01_b.jpg"]
    sources = [r.source for r in found.rejections + _find(tmp_path, "").rejections]
    assert sources == ["store=0001/caf\\udce9.jpg", "store=\\udce9/caf\\udce9.jpg"]
    assert all(source.encode() for source in sources)


def test_batch_right_below_the_day_is_listed_by_its_own_name(tmp_path, day):
    _write_tar(day / "batch.tar", [_member("a.jpg", b"a")])
    (day / "b.jpg").write_bytes(b"b")
    root = roots.at(str(tmp_path))
    assert photo_files.folders_of(root, _DAY) == ["", "store=0001", "batch.tar"]
    photos = {
        folder: [ref.photo for ref in _find(tmp_path, folder).refs]
        for folder in photo_files.folders_of(root, _DAY)
    }
    assert photos == {
        "": ["b.jpg"],
        "store=0001": [],
        "batch.tar": ["batch.tar/a.jpg"],
    }


def test_loose_files_of_the_day_do_not_repeat_the_stores(tmp_path, day):
    (day / "R01_a.jpg").write_bytes(b"x")
    (day / "store=0001" / "R01_b.jpg").write_bytes(b"x")
    assert [ref.photo for ref in _find(tmp_path, "").refs] == ["R01_a.jpg"]


def _pipe(path):
    os.mkfifo(path)


def _socket(path):
    os.mknod(path, stat.S_IFSOCK | 0o600)


def _link_to(target):
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_pipe, "neither a file nor a folder"),
        (_socket, "neither a file nor a folder"),
        (_link_to("/dev/zero"), "leads out"),
        (_link_to("a.jpg"), "leads nowhere"),
        (_link_to("gone.jpg"), "leads nowhere"),
        (_link_to("."), "folder that it lies in"),
        (_link_to(".."), "folder that it lies in"),
        (_link_to("../../../.."), "leads out"),
    ],
)
def test_what_is_no_file_is_rejected_and_never_opened(tmp_path, day, make, reason):
    (day / "store=0001" / "R01_b.jpg").write_bytes(b"x")
    make(day / "store=0001" / "a.jpg")
    make(day / "a.jpg")
    found = _find(tmp_path)
    assert [ref.photo for ref in found.refs] == ["store=0001/R01_b.jpg"]
    for rejection in (*found.rejections, *_find(tmp_path, "").rejections):
        assert rejection.source.endswith("a.jpg")
        assert reason in rejection.reason


def test_folders_that_link_to_each_other_are_listed_once_for_each_link(tmp_path, day):
    for store, other in (("store=0001", "store=0002"), ("store=0002", "store=0001")):
        (day / store).mkdir(exist_ok=True)
        (day / store / "other").symlink_to(f"../{other}")
        (day / store / "R01_a.jpg").write_bytes(b"x")
    found = _find(tmp_path)
    assert [ref.photo for ref in found.refs] == [
        "store=0001/R01_a.jpg",
        "store=0001/other/R01_a.jpg",
    ]
    [rejection] = found.rejections
    assert rejection.source == "store=0001/other/other"


def test_a_folder_of_photos_may_have_the_name_of_one(tmp_path, day):
    (day / "store=0001" / "a.jpg").mkdir()
    (day / "store=0001" / "a.jpg" / "R01_b.jpg").write_bytes(b"x")
    assert [ref.photo for ref in _find(tmp_path).refs] == ["store=0001/a.jpg/R01_b.jpg"]


def test_folders_nested_too_deep_are_one_rejection(tmp_path, day):
    folder = day / "store=0001"
    for _ in range(80):
        folder = folder / "in"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"x")
    [rejection] = _find(tmp_path).rejections
    assert "folder below 64 others" in rejection.reason


def test_generation_changes_with_the_bytes(tmp_path, day):
    photo = day / "store=0001" / "R01_a.jpg"
    photo.write_bytes(b"x")
    before = _find(tmp_path).refs[0].generation
    photo.write_bytes(b"xy")
    assert _find(tmp_path).refs[0].generation != before
