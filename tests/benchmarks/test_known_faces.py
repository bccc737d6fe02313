import csv

import numpy as np

from benchmarks import known_faces
from pipelines.domain import splits
from tests.training import builders


def test_only_unseen_photos_are_predicted_and_kept_without_names(tmp_path):
    rows = builders.write_photos(tmp_path / "photos", 24)
    labelled = builders.write_labels(tmp_path / "labels.csv", rows)
    with labelled.open(newline="") as file:
        real = {row["file_name"]: row["real_age"] for row in csv.DictReader(file)}
    unseen = [name for name in real if splits.split_of(name) in known_faces.UNSEEN]

    exit_code = known_faces.main(
        [
            f"--images={tmp_path / 'photos'}",
            f"--labels={labelled}",
            f"--output={tmp_path / 'known.npz'}",
            "--face-crop=none",
        ]
    )

    known = known_faces.load(tmp_path / "known.npz")
    assert exit_code == 0
    assert 0 < len(unseen) < 24
    assert sorted(known.ages_years) == sorted(int(float(real[n])) for n in unseen)
    assert (known.weights.sum(axis=1) == np.iinfo(np.uint16).max).all()
    assert sorted(known.split) == sorted(splits.split_of(name) for name in unseen)
    with np.load(tmp_path / "known.npz") as stored:
        assert set(stored) == {"ages_years", "weights", "split"}


def test_a_split_in_the_labels_counts(tmp_path):
    rows = builders.write_photos(tmp_path / "photos", 4)
    labelled = builders.write_labels(tmp_path / "labels.csv", rows)
    with labelled.open(newline="") as file:
        read = list(csv.DictReader(file))
    with labelled.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*read[0], "split"])
        writer.writeheader()
        for place, row in enumerate(read):
            writer.writerow(row | {"split": "test" if place < 3 else "train"})

    known_faces.main(
        [
            f"--images={tmp_path / 'photos'}",
            f"--labels={labelled}",
            f"--output={tmp_path / 'known.npz'}",
            "--face-crop=none",
        ]
    )

    assert known_faces.load(tmp_path / "known.npz").split.tolist() == ["test"] * 3
