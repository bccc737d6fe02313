import cv2
import numpy as np
import pytest

from pipelines.sample import frames, looks
from tests.training import builders
from tests.training.inspection import conftest
from training import config, crops, photo_files
from training.inspection import scan, settings


def test_notes_what_can_be_said_of_a_photo(shelf):
    shelf.put("a.png", conftest.soft(1), 30, source="mine")

    (seen,) = scan.scan(shelf.settings()).seen

    assert (seen.name, seen.label.age_years, seen.label.source) == ("a.png", 30, "mine")
    assert (seen.height_px, seen.width_px, seen.shorter_px) == (100, 90, 90)
    assert seen.num_bytes == (shelf.folder / "a.png").stat().st_size
    assert not seen.is_grey
    assert seen.is_kept
    assert dict(seen.statuses) == {"plain": "ok"}


def test_says_why_a_photo_cannot_be_read(shelf):
    shelf.put("a.png", conftest.soft(1), 30)
    (shelf.folder / "a.png").write_bytes(b"")

    (seen,) = scan.scan(shelf.settings()).seen

    assert seen.problem == "is empty"
    assert dict(seen.statuses) == {"plain": "undecodable"}
    assert not seen.is_kept
    assert seen.fingerprint is None


def test_content_is_told_by_pixels(shelf):
    shelf.put("a.png", conftest.soft(1), 30)
    shelf.put("b.bmp.png", conftest.soft(1), 30)
    shelf.put("c.png", conftest.soft(2), 30)

    first, again, other = scan.scan(shelf.settings()).seen

    assert first.content == again.content
    assert first.content != other.content


@pytest.mark.parametrize(
    ("picture", "is_grey"),
    [
        (conftest.soft(1), False),
        (conftest.grey_of(conftest.soft(1)), True),
        (np.full((50, 50, 3), 255, np.uint8), True),
        (np.full((50, 50, 3), (90, 100, 120), np.uint8), False),
    ],
    ids=["colour", "grey", "white", "sepia"],
)
def test_tells_grey_from_colour_also_after_jpeg(picture, is_grey):
    encoded = cv2.imencode(".jpg", picture)[1]

    assert scan.is_grey(picture) == is_grey
    assert scan.is_grey(cv2.imdecode(encoded, cv2.IMREAD_COLOR)) == is_grey


def test_sets_apart_what_has_no_partner(messy):
    (messy.folder / "more").mkdir()
    (messy.folder / "more" / "plain.png").write_bytes(b"no picture")

    found = scan.scan(messy.settings())

    assert [file.path for file in found.strangers] == ["stranger.png"]
    assert [file.path for file in found.namesakes] == ["plain.png"]
    assert [name for _, name in found.orphans] == ["missing.jpg"]
    assert len(found.seen) == 10


def test_sets_bad_labels_apart(shelf):
    shelf.put("a.png", conftest.soft(1), 30)
    shelf.put("b.png", conftest.soft(2), "young")

    found = scan.scan(shelf.settings())

    assert [one.name for one in found.seen] == ["a.png"]
    assert [bad.problem.file_name for bad in found.bad_labels] == ["b.png"]


def test_a_tar_is_inspected_like_a_folder(messy, tmp_path):
    (messy.folder / "deeper" / "same_again.png").rename(messy.folder / "same_again.png")
    (messy.folder / "deeper").rmdir()
    packed = builders.pack(messy.folder, tmp_path / "photos.tar")
    messy.rows[2]["file_name"] = "same_again.png"

    loose = scan.scan(messy.settings())
    source = config.PhotoSource(images=packed, labels=messy.labels())
    tarred = scan.scan(
        settings.InspectConfig(
            sources=(source,), output=tmp_path / "report", face_crop="none"
        )
    )

    assert [one.name for one in tarred.seen] == [one.name for one in loose.seen]
    assert [one.content for one in tarred.seen] == [one.content for one in loose.seen]


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(messy, threads):
    found = scan.scan(messy.settings(num_threads=threads))

    assert [one.name for one in found.seen] == [
        one.name for one in scan.scan(messy.settings()).seen
    ]


def test_refuses_what_is_no_place_of_photos(shelf, tmp_path):
    shelf.label("a.png", 30)
    (tmp_path / "photos.tar").write_bytes(b"no tar")
    source = config.PhotoSource(images=tmp_path / "photos.tar", labels=shelf.labels())
    asked = settings.InspectConfig(sources=(source,), output=tmp_path / "report")

    with pytest.raises(photo_files.PhotosError, match="neither a folder nor a tar"):
        scan.scan(asked)


@pytest.mark.parametrize("framed_copies", [False, True])
def test_faces_are_judged_as_in_training(shelf, framed_copies):
    rng = np.random.default_rng(0)
    someone = frames.Rendered(look=looks.sample_look(rng), age_years=30)
    shown = frames.picture(np.random.default_rng(0), 5, [someone])
    empty = frames.picture(np.random.default_rng(0), 5, [])
    shelf.put("camera.jpg", shown[..., ::-1], 30)
    shelf.put("cropped.jpg", shown[60:420, 120:520, ::-1], 30)
    shelf.put("nobody.jpg", empty[..., ::-1], 40)
    asked = shelf.settings(face_crop="auto", framed_copies=framed_copies)

    found = {one.name: dict(one.statuses) for one in scan.scan(asked).seen}

    trained: dict[str, dict[str, str]] = {}
    train = config.TrainConfig(
        sources=asked.sources,
        output=asked.output,
        image_size=32,
        framed_copies=framed_copies,
    )
    photos = [
        photo_files.LabelledPhoto(
            name=one.name,
            encoded=(shelf.folder / one.name).read_bytes(),
            label=one.label,
        )
        for one in scan.scan(asked).seen
    ]
    for look in crops.looks(photos, train):
        trained.setdefault(look.photo.name, {})[look.view] = look.status
    assert found == trained
    assert found["camera.jpg"] == {"plain": "ok"}
    assert found["nobody.jpg"] == {"plain": "none"}
    assert ("framed" in found["cropped.jpg"]) == framed_copies
