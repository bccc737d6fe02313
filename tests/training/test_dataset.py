import dataclasses
import pathlib

import numpy as np
import pytest

from pipelines.domain import faces, photos
from pipelines.inference import face_finder
from pipelines.sample import frames, looks
from tests.training import builders
from training import config, dataset, photo_files, splitting


def _settings(*sources: tuple[pathlib.Path, pathlib.Path], **changes):
    return config.TrainConfig(
        sources=tuple(
            config.PhotoSource(images=images, labels=labels)
            for images, labels in sources
        ),
        output=pathlib.Path("unused"),
        image_size=32,
        **{"face_crop": "none"} | changes,
    )


@pytest.fixture
def labelled(tmp_path):
    """Twenty photos in a folder, with their labels."""
    rows = builders.write_photos(tmp_path / "photos", 20)
    return tmp_path / "photos", builders.write_labels(tmp_path / "labels.csv", rows)


def test_reads_a_folder(labelled, tmp_path):
    found = dataset.read(_settings(labelled), tmp_path / "cache")

    assert found.faces.shape == (20, 32, 32, 3)
    assert found.faces.dtype == np.uint8
    assert found.names.tolist() == [f"one_{number:04d}.jpg" for number in range(20)]
    # The pictures are as bright as their people are old.
    brightness = found.faces.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(brightness, 40 + 2 * found.ages_years, atol=3)
    dealt = splitting.assign(
        found.names.tolist(), found.ages_years, np.arange(20), [""] * 20
    )
    assert found.splits.tolist() == dealt.tolist()
    assert set(found.sources) == {"one"}
    assert found.dropped == {}


def test_a_tar_reads_like_a_folder(labelled, tmp_path):
    folder, labels = labelled
    packed = builders.pack(folder, tmp_path / "photos.tar")

    loose = dataset.read(_settings((folder, labels)), tmp_path / "cache")
    tarred = dataset.read(_settings((packed, labels)), tmp_path / "cache")

    np.testing.assert_array_equal(tarred.faces, loose.faces)
    assert tarred.sha256 == loose.sha256


def test_a_tar_within_a_folder_is_read(tmp_path):
    rows = builders.write_photos(tmp_path / "loose", 5)
    (tmp_path / "root" / "store=1").mkdir(parents=True)
    builders.pack(tmp_path / "loose", tmp_path / "root" / "store=1" / "batch.tar")
    named = [(f"store=1/batch.tar/{name}", *rest) for name, *rest in rows]
    labels = builders.write_labels(tmp_path / "labels.csv", named)

    found = dataset.read(_settings((tmp_path / "root", labels)), tmp_path / "cache")

    assert found.names.tolist() == [name for name, *_ in named]


def test_one_labels_file_may_serve_two_places(tmp_path):
    rows = builders.write_photos(tmp_path / "a", 5, source="a")
    rows += builders.write_photos(tmp_path / "b", 6, source="b")
    labels = builders.write_labels(tmp_path / "labels.csv", rows)

    found = dataset.read(
        _settings((tmp_path / "a", labels), (tmp_path / "b", labels)),
        tmp_path / "cache",
    )

    assert found.sources.tolist() == ["a"] * 5 + ["b"] * 6
    assert found.dropped == {}


def test_two_labels_files_may_use_one_name(tmp_path):
    pairs = []
    for place in ("a", "b"):
        rows = builders.write_photos(tmp_path / place, 3, seed=ord(place))
        labels = builders.write_labels(tmp_path / f"{place}.csv", rows)
        pairs.append((tmp_path / place, labels))

    found = dataset.read(_settings(*pairs), tmp_path / "cache")

    assert found.names.tolist() == [f"one_{number:04d}.jpg" for number in range(3)] * 2
    brightness = found.faces.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(brightness, 40 + 2 * found.ages_years, atol=3)


def test_what_has_no_partner_is_left_out_and_counted(labelled, tmp_path):
    folder, labels = labelled
    (folder / "stranger.jpg").write_bytes(b"never opened")
    (folder / "one_0003.jpg").unlink()
    (folder / "one_0004.jpg").write_text("not a photo")

    found = dataset.read(_settings((folder, labels)), tmp_path / "cache")

    assert len(found.names) == 18
    assert found.dropped == {
        "photos_without_label": 1,
        "labels_without_photo": 1,
        "plain_photos_undecodable": 1,
    }


def test_faces_are_found_and_cropped(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    someone = frames.Rendered(look=looks.sample_look(rng), age_years=30)
    (folder / "a.jpg").write_bytes(
        frames.to_jpeg(frames.picture(np.random.default_rng(0), 5, [someone]))
    )
    (folder / "b.jpg").write_bytes(
        frames.to_jpeg(frames.picture(np.random.default_rng(0), 5, []))
    )
    labels = builders.write_labels(
        tmp_path / "labels.csv", [("a.jpg", 30, "r"), ("b.jpg", 40, "r")]
    )

    found = dataset.read(
        _settings((folder, labels), face_crop="auto"), tmp_path / "cache"
    )

    assert found.names.tolist() == ["a.jpg"]
    assert found.dropped == {"plain_photos_none": 1}


def test_a_wide_crop_holds_the_crop_in_its_middle(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    look = looks.sample_look(np.random.default_rng(0))
    someone = frames.Rendered(look=look, age_years=30)
    encoded = frames.to_jpeg(frames.picture(np.random.default_rng(0), 5, [someone]))
    (folder / "a.jpg").write_bytes(encoded)
    labels = builders.write_labels(tmp_path / "labels.csv", [("a.jpg", 30, "r")])
    settings = dataclasses.replace(
        _settings((folder, labels), face_crop="auto"), image_size=80
    )

    found = dataset.read(settings, tmp_path / "cache")

    rgb = photos.decode_photo(encoded)
    box = face_finder.FaceFinder().find(rgb).box
    np.testing.assert_array_equal(found.faces[0], faces.crop_face(rgb, box, 80, 0))
    assert found.wide.shape == (1, 128, 128, 3)
    middle = found.wide[0, 24:104, 24:104].astype(int)
    assert np.abs(middle - found.faces[0]).mean() < 6


def test_a_column_of_the_labels_deals_the_photos(tmp_path):
    rows = builders.write_photos(tmp_path / "photos", 12)
    asked = ["test", "train", "calibration", "validation"] * 3
    labels = builders.write_labels(
        tmp_path / "labels.csv",
        [(*row[:2], split) for row, split in zip(rows, asked, strict=True)],
        columns=("file_name", "real_age", "split"),
    )

    found = dataset.read(_settings((tmp_path / "photos", labels)), tmp_path / "cache")

    assert found.splits.tolist() == asked


def test_copies_of_a_photo_stay_on_one_side(tmp_path):
    rows = builders.write_photos(tmp_path / "photos", 30)
    for number in range(40):
        name = f"copy_{number:02d}.jpg"
        original = (tmp_path / "photos" / rows[0][0]).read_bytes()
        (tmp_path / "photos" / name).write_bytes(original)
        rows.append((name, number, "one"))
    labels = builders.write_labels(tmp_path / "labels.csv", rows)

    found = dataset.read(_settings((tmp_path / "photos", labels)), tmp_path / "cache")

    is_copy = np.char.startswith(found.names, "copy_")
    assert is_copy.sum() == 40
    assert len(set(found.splits[is_copy])) == 1


def test_further_columns_come_along(tmp_path):
    rows = builders.write_photos(tmp_path / "photos", 3)
    labels = builders.write_labels(
        tmp_path / "labels.csv",
        [(*row[:2], f"cam{number}") for number, row in enumerate(rows)],
        columns=("file_name", "real_age", "camera"),
    )

    found = dataset.read(_settings((tmp_path / "photos", labels)), tmp_path / "cache")

    assert found.columns["camera"].tolist() == ["cam0", "cam1", "cam2"]
    assert found.sources.tolist() == [""] * 3


def test_cropped_photos_are_framed_too(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    look = looks.sample_look(np.random.default_rng(0))
    someone = frames.Rendered(look=look, age_years=30)
    photo = frames.picture(np.random.default_rng(0), 5, [someone])
    (folder / "camera.jpg").write_bytes(frames.to_jpeg(photo))
    (folder / "cropped.jpg").write_bytes(frames.to_jpeg(photo[60:420, 120:520].copy()))
    labels = builders.write_labels(
        tmp_path / "labels.csv", [("camera.jpg", 30, "r"), ("cropped.jpg", 30, "r")]
    )

    found = dataset.read(
        _settings((folder, labels), face_crop="auto", framed_copies=True),
        tmp_path / "cache",
    )

    assert list(zip(found.names, found.views, strict=True)) == [
        ("camera.jpg", "plain"),
        ("cropped.jpg", "plain"),
        ("cropped.jpg", "framed"),
    ]
    # Both views of a face stay on one side of the split.
    assert found.splits[1] == found.splits[2]


def test_the_cache_is_used_until_something_changes(labelled, tmp_path):
    folder, _ = labelled
    cache = tmp_path / "cache"
    first = dataset.read(_settings(labelled), cache)
    again = dataset.read(_settings(labelled), cache)
    assert again.folder == first.folder
    assert again.sha256 == first.sha256

    (folder / "one_0000.jpg").write_bytes(
        builders.picture(np.random.default_rng(9), 50)
    )
    changed = dataset.read(_settings(labelled), cache)

    assert changed.folder != first.folder
    assert changed.sha256 != first.sha256


def test_an_unfinished_cache_is_made_anew(labelled, tmp_path):
    first = dataset.read(_settings(labelled), tmp_path / "cache")
    (first.folder / "index.json").unlink()
    (first.folder / "faces.uint8").write_bytes(b"half")

    again = dataset.read(_settings(labelled), tmp_path / "cache")

    np.testing.assert_array_equal(again.faces[0], first.faces[0])
    assert len(again.names) == 20


@pytest.mark.parametrize("threads", [1, 4])
def test_threads_change_nothing(labelled, tmp_path, threads):
    one = dataset.read(_settings(labelled, num_threads=1), tmp_path / "a")
    found = dataset.read(_settings(labelled, num_threads=threads), tmp_path / "b")

    np.testing.assert_array_equal(found.faces, one.faces)
    assert found.sha256 == one.sha256


def test_refuses_photos_without_any_label(tmp_path):
    builders.write_photos(tmp_path / "photos", 3)
    labels = builders.write_labels(tmp_path / "labels.csv", [("x.jpg", 3, "")])

    with pytest.raises(dataset.DatasetError, match="no usable photo with a label"):
        dataset.read(_settings((tmp_path / "photos", labels)), tmp_path / "cache")


def test_refuses_two_photos_of_one_name(labelled, tmp_path):
    folder, labels = labelled
    (folder / "deeper").mkdir()
    (folder / "deeper" / "one_0000.jpg").write_bytes(b"")

    with pytest.raises(
        photo_files.PhotosError, match=r"second photo is named one_0000"
    ):
        dataset.read(_settings((folder, labels)), tmp_path / "cache")


@pytest.mark.parametrize("content", [b"", b"no tar"])
def test_refuses_a_file_that_is_no_tar(labelled, tmp_path, content):
    place = tmp_path / "photos.tar"
    place.write_bytes(content)

    with pytest.raises(photo_files.PhotosError, match="neither a folder nor a tar"):
        dataset.read(_settings((place, labelled[1])), tmp_path / "cache")


def test_refuses_a_damaged_tar(labelled, tmp_path):
    folder, labels = labelled
    packed = builders.pack(folder, tmp_path / "photos.tar")
    packed.write_bytes(packed.read_bytes()[:5000])

    with pytest.raises(photo_files.PhotosError, match="damaged tar"):
        dataset.read(_settings((packed, labels)), tmp_path / "cache")
