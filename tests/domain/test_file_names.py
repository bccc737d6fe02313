import datetime

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import strategies

from pipelines.domain import file_names

AT = datetime.datetime(2026, 11, 21, 17, 45, 12, 345_000, tzinfo=datetime.UTC)


def read(*photos):
    table = file_names.parse_photo_names(pa.array(photos, pa.string()))
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        (
            "store=0042/R03_20261121T174512345Z.jpg",
            ("0042", "R03", AT, None),
        ),
        (
            "store=0042/batch-0001.tar/R03_20261121T174512345Z_T881.webp",
            ("0042", "R03", AT, "881"),
        ),
        (
            "store=0042/batch-0001.tar/sub/R_3_20261121T174512345Z_T8_8.PNG",
            ("0042", "R_3", AT, "8_8"),
        ),
        ("R03_20261121T174512Z.jpeg", (None, "R03", AT.replace(microsecond=0), None)),
        (
            "store=1/R_20261121T174512345678Z.jpg",
            ("1", "R", AT.replace(microsecond=345_678), None),
        ),
    ],
)
def test_a_path_tells_store_register_time_and_transaction(photo, expected):
    assert read(photo) == [expected]


@pytest.mark.parametrize(
    "name",
    [
        "x.jpg",
        "R03_20261121T174512345Z.txt",
        "R03_20261121T174512345.jpg",
        "R03_20261321T174512345Z.jpg",
        "R03_20260230T174512345Z.jpg",
        "R03_20261121T244512345Z.jpg",
        "R03_20261121T174560345Z.jpg",
        "_20261121T174512345Z.jpg",
        "R03_00000101T000000Z.jpg",
        "R03_00010101T000000Z.jpg",
        "R03_99991231T235959Z.jpg",
        "R03_20261121T174512345Z_T.jpg",
        "R03_20261121T1745123456789Z.jpg",
        "",
    ],
)
def test_a_bad_name_says_what_it_should_be(name):
    assert read(f"store=0042/{name}") == [("0042", None, None, None)]
    assert "REGISTER_YYYYMMDD" in file_names.explain(f"store=0042/{name}")


def test_bad_names_leave_the_others_alone():
    names = ["store=1/R_20261121T174512345Z.jpg", "store=2/x.jpg"]
    assert read(*names) == [("1", "R", AT, None), ("2", None, None, None)]


@hypothesis.given(strategies.text(max_size=60))
@hypothesis.settings(max_examples=100, deadline=None)
def test_any_text_is_a_whole_name_or_none(text):
    ((_, register_id, captured_at_utc, _),) = read(text)
    assert (register_id is None) == (captured_at_utc is None)
    assert register_id is None or register_id in text
