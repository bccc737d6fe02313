import collections

import cv2
import numpy as np
import pytest

from tests.training.inspection import conftest
from training import labels, photo_files
from training.inspection import findings, scan


def _kinds(listed):
    found = collections.defaultdict(list)
    for one in listed:
        found[one.kind].append(one.file_name)
    return dict(found)


def test_finds_all_that_is_wrong_with_a_messy_set(messy):
    listed = messy.inspected().listed

    assert _kinds(listed) == {
        "two_ages": ["old.png", "old_small.jpg"],
        "exact_duplicate": ["deeper/same_again.png", "same.png"],
        "near_duplicate": ["dark.jpg", "light.png"],
        "undecodable": ["broken.jpg"],
        "tiny": ["tiny.png"],
        "grey": ["grey.png"],
        "label_without_photo": ["missing.jpg"],
        "photo_without_label": ["stranger.png"],
    }


def test_finds_nothing_in_a_clean_set(shelf):
    for number in range(12):
        shelf.put(f"{number}.png", conftest.soft(number), 20 + number)

    assert shelf.inspected().listed == []


def test_says_what_happens_to_each(messy):
    listed = messy.inspected().listed

    outcomes = {one.file_name: one.outcome for one in listed}
    assert outcomes["broken.jpg"] == findings.DROPPED
    assert outcomes["missing.jpg"] == findings.DROPPED
    assert outcomes["stranger.png"] == findings.DROPPED
    assert outcomes["old.png"] == findings.KEPT
    # Whole photos are taken as crops here, however small.
    assert outcomes["tiny.png"] == findings.KEPT


def test_tells_the_gap_and_the_likeness_of_a_pair(messy):
    first, second = (one for one in messy.inspected().listed if one.kind == "two_ages")

    assert first.group == second.group
    assert (first.gap_years, second.gap_years) == (49, 49)
    assert (first.age_years, second.age_years) == (70, 21)
    word, likeness = first.detail.split()
    assert word == "likeness"
    assert 0.95 <= float(likeness) <= 1


def test_exact_duplicates_under_two_ages_are_called_so(shelf):
    shelf.put("a.png", conftest.soft(1), 20)
    shelf.put("b.png", conftest.soft(1), 21)

    listed = shelf.inspected().listed

    assert [one.kind for one in listed] == ["two_ages", "two_ages"]
    assert {one.detail for one in listed} == {"the same pixels"}


def test_the_widest_gap_comes_first(shelf):
    for number, gap in enumerate([2, 30, 9]):
        shelf.put(f"{number}.png", conftest.soft(number), 20)
        brighter = np.clip(conftest.soft(number) * 0.8 + 30, 0, 255).astype(np.uint8)
        shelf.put(f"{number}_again.png", brighter, 20 + gap)

    listed = shelf.inspected().listed

    assert [one.gap_years for one in listed] == [30, 30, 9, 9, 2, 2]
    assert [one.group for one in listed] == [1, 1, 2, 2, 3, 3]


def test_a_group_may_have_more_than_two(shelf):
    for number in range(4):
        shelf.put(f"{number}.png", conftest.soft(1), 20)

    listed = shelf.inspected().listed

    assert [one.group for one in listed] == [1] * 4


def test_bad_labels_and_second_names_stop_training(shelf):
    shelf.put("a.png", conftest.soft(1), 30)
    shelf.put("b.png", conftest.soft(2), "young")
    shelf.put("c.png", conftest.soft(3), 130)
    shelf.put("deeper/a.png", conftest.soft(4))

    found = shelf.inspected()

    assert [(one.kind, one.file_name, one.detail) for one in found.stops] == [
        ("bad_label", "b.png", "labels.csv:3: real_age is not a number: 'young'"),
        (
            "bad_label",
            "c.png",
            "labels.csv:4: real_age must be 0 to 120 years. Received: 130",
        ),
        ("second_photo_of_name", "deeper/a.png", "in photos"),
    ]


@pytest.mark.parametrize(
    ("statuses", "kind", "outcome"),
    [
        ({"plain": "none"}, "no_face", findings.DROPPED),
        ({"plain": "several_faces"}, "several_faces", findings.DROPPED),
        ({"plain": "small"}, "small_face", findings.DROPPED),
        ({"plain": "blurred", "framed": "none"}, "blurred_face", findings.DROPPED),
        ({"plain": "none", "framed": "ok"}, "framed_only", findings.KEPT),
        ({"plain": "ok", "framed": "none"}, None, None),
    ],
)
def test_each_status_of_a_face_has_its_finding(shelf, statuses, kind, outcome):
    seen = scan.Seen(
        name="a.png",
        file=scan.File(place=shelf.folder, path="a.png", labels_file=shelf.folder),
        label=labels.Label(age_years=30),
        content=b"",
        num_bytes=1000,
        height_px=200,
        width_px=200,
        statuses=statuses,
    )
    found = scan.Scan(
        seen=[seen], strangers=[], namesakes=[], orphans=[], bad_labels=[]
    )
    shelf.label("a.png", 30)

    listed = findings.find(found, shelf.settings())

    assert [(one.kind, one.outcome) for one in listed] == (
        [(kind, outcome)] if kind else []
    )


def test_every_kind_has_its_words():
    names = [kind.name for kind in findings.KINDS]

    assert len(set(names)) == len(names)
    assert all(kind.title and kind.meaning.endswith(".") for kind in findings.KINDS)


@pytest.mark.real_data
def test_real_pairs_are_found(shared_data, shelf):
    wanted = {"aaf_10303.webp": 36, "aaf_12567.webp": 65, "aaf_05803.webp": 45}
    for path, read in photo_files.entries(shared_data / "faces" / "aaf.tar"):
        if path in wanted:
            encoded = np.frombuffer(read(), np.uint8)
            shelf.put(
                path.replace(".webp", ".png"),
                cv2.imdecode(encoded, cv2.IMREAD_COLOR),
                wanted[path],
            )

    listed = shelf.inspected(face_crop="auto").listed

    assert [(one.file_name, one.gap_years) for one in listed] == [
        ("aaf_10303.png", 29),
        ("aaf_12567.png", 29),
    ]
