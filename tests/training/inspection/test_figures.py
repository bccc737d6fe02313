import numpy as np
import pytest

from tests.training.inspection import conftest
from training import config, dataset, labels, study
from training.inspection import figures, files


def test_counts_what_training_drops_as_training_does(messy, tmp_path):
    asked = messy.settings()
    found = messy.inspected()

    trained = dataset.read(
        config.TrainConfig(
            sources=asked.sources,
            output=tmp_path / "unused",
            image_size=32,
            face_crop="none",
        ),
        tmp_path / "cache",
    )

    assert figures.dropped(found.scanned) == dict(trained.dropped)
    kept = [one.name for one in found.scanned.seen if one.is_kept]
    assert kept == trained.names.tolist()
    assert [split for split in found.splits if split] == trained.splits.tolist()


def test_duplicates_are_dealt_to_one_side(shelf):
    for number in range(60):
        shelf.put(f"{number}.png", conftest.soft(number), 30)
        shelf.put(f"again_{number}.png", conftest.soft(number), 50)

    found = shelf.inspected()

    split = dict(
        zip([one.name for one in found.scanned.seen], found.splits, strict=True)
    )
    assert len(set(split.values())) == 4
    for number in range(60):
        assert split[f"{number}.png"] == split[f"again_{number}.png"]


def test_a_split_that_is_asked_for_is_kept(shelf):
    for number in range(12):
        shelf.put(f"{number}.png", conftest.soft(number), 30, split="test")

    assert shelf.inspected().splits == ["test"] * 12


def test_age_groups_are_counted(shelf):
    for number, age_years in enumerate([0, 12, 13, 24.5, 25, 80, 110]):
        shelf.put(f"{number}.png", conftest.soft(number), age_years)
    shelf.put("broken.png", conftest.soft(9), 80)
    (shelf.folder / "broken.png").write_bytes(b"")

    groups = figures.by_age_group(shelf.inspected())

    assert [one.age_group for one in groups] == [
        "0-12",
        "13-17",
        "18-24",
        "25-34",
        "35-44",
        "45-54",
        "55-64",
        "65-74",
        "75+",
    ]
    assert [one.photos for one in groups] == [2, 1, 1, 1, 0, 0, 0, 0, 3]
    assert [one.kept for one in groups] == [2, 1, 1, 1, 0, 0, 0, 0, 2]
    assert sum(one.study_share for one in groups) == pytest.approx(1, abs=1e-3)
    counts = study.photos_by_age()
    assert groups[1].study_share == pytest.approx(counts[13:18].sum() / 7591, abs=1e-4)
    assert sum(sum(one.splits.values()) for one in groups) == 7
    found = shelf.inspected()
    assert figures.empty_groups(found) == ["35-44", "45-54", "55-64", "65-74"]
    assert "75+" in figures.thin_groups(found)


@pytest.mark.parametrize(
    ("ages_years", "index"),
    [
        (np.arange(23.0, 63), 100),
        (np.array([25.0, 30, 35, 60]), 500),
        (np.array([26.0, 31]), 0),
        (np.array([3.0, 70]), None),
        (np.array([]), None),
    ],
)
def test_heaping_of_ages(ages_years, index):
    assert figures.heaping(ages_years) == index


def test_bands_hold_everybody():
    counts = figures.band_counts(np.array([0.0, 4.9, 5, 99, 100, 104.9, 120]))

    assert counts[[0, 1, 19, 20]].tolist() == [2, 1, 1, 3]
    assert counts.sum() == 7
    assert figures.study_counts().sum() == 7591
    assert len(counts) == len(figures.study_counts()) == 21


def test_columns_that_group_nobody_are_left_out(shelf):
    for number in range(30):
        shelf.put(
            f"{number}.png",
            conftest.soft(number),
            number,
            person=f"p{number}",
            empty="",
            light="dim" if number % 3 else "",
        )

    found = shelf.inspected()

    assert list(found.columns()) == ["light"]
    values = figures.by_value(found, found.columns()["light"])
    assert [(one.value, one.photos) for one in values] == [("dim", 20), ("", 10)]
    assert values[0].median_shorter_px == 90


def test_the_figures_are_plain_and_complete(messy):
    told = files.to_json(messy.inspected())

    assert (told["photos"], told["kept"]) == (10, 9)
    assert told["dropped"] == {
        "labels_without_photo": 1,
        "photos_without_label": 1,
        "plain_photos_undecodable": 1,
    }
    assert told["stops_training"] == []
    kinds = {one["kind"]: one for one in told["findings"]}
    assert (kinds["two_ages"]["count"], kinds["two_ages"]["groups"]) == (2, 1)
    assert kinds["undecodable"]["dropped"] == 1
    assert sum(told["splits"].values()) == 9
    assert [one["value"] for one in told["by_source"]] == ["b", "a"]
    assert told["sizes"]["shorter_side_px"]["min"] == 40
    assert sum(one["study_photos"] for one in told["age_histogram"]) == 7591
    assert sum(one["kept"] for one in told["age_histogram"]) == 9


def test_a_set_of_which_nothing_can_be_read_has_figures_too(shelf):
    shelf.put("a.png", conftest.soft(1), 30)
    (shelf.folder / "a.png").write_bytes(b"")

    told = files.to_json(shelf.inspected())

    assert (told["photos"], told["kept"]) == (1, 0)
    assert told["ages_years"] == {}
    assert told["sizes"] == {}


def test_the_splits_are_labels(messy, tmp_path):
    found = messy.inspected()

    (written,) = files.write(found, tmp_path)

    again = labels.read_labels(written)
    kept = [one for one in found.scanned.seen if one.is_kept]
    assert list(again) == [one.name for one in kept]
    assert [one.age_years for one in again.values()] == [
        one.label.age_years for one in kept
    ]
    assert [one.source for one in again.values()] == [one.label.source for one in kept]
    assert [one.split for one in again.values()] == [one for one in found.splits if one]


def test_findings_are_listed_for_a_spreadsheet(messy, tmp_path):
    files.write(messy.inspected(), tmp_path)

    lines = (tmp_path / "findings.csv").read_text().splitlines()

    assert lines[0] == (
        "finding,group,file_name,real_age,gap_years,outcome,split,detail"
    )
    assert lines[1].startswith("two_ages,1,old.png,70,49,kept,")
    assert "undecodable,,broken.jpg,33,,dropped,," in lines[7]
    assert len(lines) == 1 + len(messy.inspected().listed)
