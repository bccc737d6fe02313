import pathlib

import numpy as np
import pytest

from tests.training import builders
from tests.training.assessment import builders as made
from training import config, labels
from training.assessment import predictions, settings


class Brightness:
    """Sees an age as `tests.training.builders.picture` draws it."""

    def __init__(self):
        self.shapes = []

    def predict(self, faces):
        self.shapes.append(faces.shape)
        ages = np.clip((faces.mean(axis=(1, 2, 3)) - 40) / 2, 0, 100).round()
        return np.eye(101, dtype=np.float32)[ages.astype(int)]


def _settings(images, labelled, **changes):
    source = config.PhotoSource(images=images, labels=labelled)
    return settings.EvaluateConfig(
        bundle="unused",
        sources=(source,),
        output=pathlib.Path("unused"),
        **{"face_crop": "none", "num_threads": 2, **changes},
    )


def _predict(given):
    return predictions.predict(given, made.packaged(), Brightness())


@pytest.fixture
def folder(tmp_path):
    """Photos of ten people, and rows for their labels."""
    rows = builders.write_photos(tmp_path / "photos", 10)
    return tmp_path / "photos", rows


def test_estimates_belong_to_their_photos(folder, tmp_path):
    photos, rows = folder
    given = _settings(photos, builders.write_labels(tmp_path / "l.csv", rows))

    found = _predict(given)

    assert list(found.names) == [row[0] for row in rows]
    assert list(found.ages_years) == [row[1] for row in rows]
    assert list(found.columns["source"]) == ["one"] * 10
    assert np.abs(found.estimates.mean_years - found.ages_years).max() <= 2
    assert found.distributions.sum(axis=1).tolist() == [65535] * 10


def test_photos_of_a_tar_give_the_same_as_those_of_a_folder(folder, tmp_path):
    photos, rows = folder
    labelled = builders.write_labels(tmp_path / "l.csv", rows)
    packed = builders.pack(photos, tmp_path / "photos.tar")

    loose, tarred = (_predict(_settings(place, labelled)) for place in (photos, packed))

    assert list(loose.names) == list(tarred.names)
    assert (loose.distributions == tarred.distributions).all()


def test_what_cannot_be_used_is_counted_and_kept_as_an_example(folder, tmp_path):
    photos, rows = folder
    (photos / "one_0003.jpg").write_bytes(b"torn")
    (photos / "stranger.jpg").write_bytes(b"no label")
    labelled = builders.write_labels(
        tmp_path / "l.csv", [*rows, ("gone.jpg", 30, "one")]
    )

    found = _predict(_settings(photos, labelled))

    assert found.statuses[3] == "undecodable"
    assert (found.is_found.sum(), len(found.distributions)) == (9, 9)
    assert [(shown.name, shown.status) for shown in found.lost] == [
        ("one_0003.jpg", "undecodable")
    ]
    assert found.unpaired.photos_without_label == 1
    assert found.unpaired.labels_without_photo == 1


def test_photos_without_a_face_say_so(folder, tmp_path):
    photos, rows = folder
    labelled = builders.write_labels(tmp_path / "l.csv", rows)

    with pytest.raises(
        predictions.NothingToJudgeError, match="10 labelled photos none has a"
    ):
        _predict(_settings(photos, labelled, face_crop="auto"))


def test_worst_photos_come_with_what_was_said_of_them(folder, tmp_path):
    photos, rows = folder
    wrong = [
        (name, (age + 40 * (place == 4)) % 110, "one")
        for place, (name, age, _) in enumerate(rows)
    ]
    labelled = builders.write_labels(tmp_path / "l.csv", wrong)

    found = _predict(_settings(photos, labelled, num_worst=2))

    worst = found.worst[0]
    assert len(found.worst) == 2
    assert worst.name == "one_0004.jpg"
    assert worst.encoded == (photos / "one_0004.jpg").read_bytes()
    assert abs(worst.mean_years - rows[4][1]) <= 2
    assert worst.low_years <= worst.mean_years <= worst.high_years


def test_no_worst_photos_are_kept_where_none_are_wanted(folder, tmp_path):
    photos, rows = folder
    labelled = builders.write_labels(tmp_path / "l.csv", rows)

    assert _predict(_settings(photos, labelled, num_worst=0)).worst == []


def test_a_split_keeps_to_its_photos(folder, tmp_path):
    photos, rows = folder
    split_rows = [
        (name, age, "test" if place < 4 else "train")
        for place, (name, age, _) in enumerate(rows)
    ]
    columns = ("file_name", "real_age", "split")
    labelled = builders.write_labels(tmp_path / "l.csv", split_rows, columns)

    found = _predict(_settings(photos, labelled, split="test"))

    assert list(found.names) == [row[0] for row in rows[:4]]
    assert found.unpaired.photos_without_label == 0
    assert found.columns == {}


def test_a_split_that_nobody_is_in_is_refused(folder, tmp_path):
    photos, rows = folder
    labelled = builders.write_labels(tmp_path / "l.csv", rows)

    with pytest.raises(predictions.NothingToJudgeError, match=r"'test' in the column"):
        _predict(_settings(photos, labelled, split="test"))


def test_labels_that_name_no_photo_are_refused(folder, tmp_path):
    photos, _ = folder
    labelled = builders.write_labels(tmp_path / "l.csv", [("a/b.jpg", 3, "x")])

    with pytest.raises(predictions.NothingToJudgeError, match="10 photos have no lab"):
        _predict(_settings(photos, labelled))


def test_empty_and_bad_labels_are_refused(folder, tmp_path):
    photos, _ = folder
    empty = builders.write_labels(tmp_path / "empty.csv", [])
    bad = builders.write_labels(tmp_path / "bad.csv", [("a.jpg", "old", "x")])

    with pytest.raises(predictions.NothingToJudgeError, match="holds no label"):
        _predict(_settings(photos, empty))
    with pytest.raises(labels.LabelsError, match=r"bad\.csv:2: real_age"):
        _predict(_settings(photos, bad))


def test_crops_are_those_of_the_bundle(folder, tmp_path):
    photos, rows = folder
    labelled = builders.write_labels(tmp_path / "l.csv", rows)
    bundle, predictor = made.packaged(), Brightness()

    predictions.predict(_settings(photos, labelled), bundle, predictor)

    size = bundle.card.height
    assert predictor.shapes == [(10, size, size, 3)]


def test_two_label_files_each_know_their_own_photos(tmp_path):
    first = builders.write_photos(tmp_path / "a", 3)
    second = builders.write_photos(tmp_path / "b", 3, seed=1)
    sources = (
        config.PhotoSource(
            images=tmp_path / "a",
            labels=builders.write_labels(tmp_path / "a.csv", first),
        ),
        config.PhotoSource(
            images=tmp_path / "b",
            labels=builders.write_labels(
                tmp_path / "b.csv",
                [(name, age, "f") for name, age, _ in second],
                ("file_name", "real_age", "sex"),
            ),
        ),
    )
    given = settings.EvaluateConfig(
        bundle="unused", sources=sources, output=tmp_path, face_crop="none"
    )

    found = _predict(given)

    # Both folders have photos of the same names.
    assert list(found.ages_years) == [row[1] for row in [*first, *second]]
    assert list(found.columns["source"]) == ["one"] * 3 + [""] * 3
    assert list(found.columns["sex"]) == [""] * 3 + ["f"] * 3
    assert len(found.worst) == 6
