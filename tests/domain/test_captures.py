import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import captures, columns, local_times
from schemas import scored_photos
from tests.domain import days

NAME = "R03_20261121T120000000Z_T7.jpg"
IN_FOLDER = f"store=0042/{NAME}"
IN_BATCH = f"store=0042/batch-0001.tar/{NAME}"


def scored(*photos, reason=None):
    rows = [
        {
            "photo": photo,
            "generation": "1",
            "face_status": "undecodable" if reason else "none",
            "reason": reason,
        }
        for photo in photos
    ]
    return pa.Table.from_pylist(rows, schema=scored_photos.SCHEMA)


def told(*rows):
    full = [
        {
            "photo": NAME,
            "store_id": "0042",
            "register_id": "K9",
            "captured_at": days.at(5),
            "transaction_id": None,
            "source_file": "a.csv",
            "source_row": number,
            **row,
        }
        for number, row in enumerate(rows, 2)
    ]
    return pa.Table.from_pylist(full, schema=captures.ROWS_SCHEMA)


def places(attributed):
    return [
        (row["store_id"], row["register_id"], row["transaction_id"])
        for row in attributed.photos.to_pylist()
    ]


def test_without_captures_the_path_speaks():
    attributed = captures.attribute(scored(IN_FOLDER, IN_BATCH), told())
    assert places(attributed) == [("0042", "R03", "7")] * 2
    assert attributed.photos["captured_at_utc"].to_pylist() == [days.NOON] * 2
    assert attributed.photos.schema.equals(
        captures.ATTRIBUTED_SCHEMA, check_metadata=True
    )


@pytest.mark.parametrize(
    ("photo", "row", "is_told"),
    [
        (IN_FOLDER, {}, True),
        (IN_BATCH, {}, True),
        (IN_FOLDER, {"photo": IN_FOLDER}, True),
        (IN_BATCH, {"photo": IN_BATCH, "store_id": "9"}, True),
        (NAME, {}, True),
        (IN_FOLDER, {"store_id": "9"}, False),
        (IN_BATCH, {"photo": IN_FOLDER}, False),
        (IN_FOLDER, {"photo": "other.jpg"}, False),
    ],
)
def test_a_row_speaks_for_its_path_or_for_its_name_in_the_store(photo, row, is_told):
    attributed = captures.attribute(scored(photo), told(row))
    assert attributed.num_captures_unused == (not is_told)
    if is_told:
        assert places(attributed) == [(row.get("store_id", "0042"), "K9", None)]
        assert attributed.photos["captured_at_utc"].to_pylist() == [days.at(5)]


@pytest.mark.parametrize(
    ("rows", "register", "num_duplicate"),
    [
        ([{}, {}], "K9", 1),
        ([{"register_id": "A"}, {"register_id": "B"}], "B", 1),
        (
            [{"register_id": "A", "source_file": "z.csv"}, {"register_id": "B"}],
            "A",
            1,
        ),
    ],
)
def test_the_last_row_for_a_photo_wins(rows, register, num_duplicate):
    for order in (rows, rows[::-1]):
        table = days.shuffled(told(*rows), len(order))
        attributed = captures.attribute(scored(IN_FOLDER), table)
        assert places(attributed) == [("0042", register, None)]
        assert attributed.num_captures_duplicate == num_duplicate
        assert attributed.num_captures_unused == 0


def test_a_photo_without_a_place_is_rejected():
    photos = ("store=0042/x.jpg", NAME.replace("R03", "R04"), "store=1/y.jpg")
    attributed = captures.attribute(
        scored(*photos), told({"photo": "y.jpg", "store_id": "1"})
    )
    assert places(attributed) == [("1", "K9", None)]
    assert [(r.stage, r.source) for r in attributed.rejections] == [
        ("attribute", photos[0]),
        ("attribute", photos[1]),
    ]
    assert attributed.rejections[0].reason.startswith("file name 'x.jpg' is not")
    assert attributed.rejections[1].reason.startswith("no store:")


@pytest.mark.parametrize("order", [1, -1])
def test_a_photo_that_rows_of_two_stores_name_is_left_without_a_store(order):
    rows = [{"store_id": "1"}, {"store_id": "2"}][::order]
    attributed = captures.attribute(scored(NAME, f"store=1/{NAME}"), told(*rows))
    assert places(attributed) == [("1", "K9", None)]
    assert [(r.source, r.reason) for r in attributed.rejections] == [
        (NAME, "no store: named by two captures rows, of different stores")
    ]
    assert attributed.num_captures_unused == 1


def test_a_photo_that_two_rows_of_one_store_name_is_the_stores():
    attributed = captures.attribute(scored(NAME), told({}, {}))
    assert places(attributed) == [("0042", "K9", None)]


def test_a_photo_rejected_before_is_not_rejected_again():
    attributed = captures.attribute(scored("store=1/x.jpg", reason="cut"), told())
    assert (attributed.photos.num_rows, attributed.rejections) == (0, [])


def test_no_photos_leave_all_captures_unused():
    attributed = captures.attribute(scored(), told({}, {"photo": "b.jpg"}))
    assert attributed.num_captures_unused == 2


def parse(*rows):
    names = ["photo", "store_id", "register_id", "captured_at"]
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    zones = local_times.StoreZones(by_store={"1": "Europe/Berlin"})
    return captures.parse(table, "c.csv", np.arange(2, len(rows) + 2), zones)


def test_rows_are_checked_one_by_one():
    parsed = parse(
        ("a.jpg", "1", "R1", "2026-11-21T13:00:00"),
        ("b.jpg", "2", "R1", "2026-11-21T13:00:00"),
        (None, "1", "R1", "2026-11-21T13:00:00Z"),
        ("d.jpg", "2", "R1", "2026-11-21T12:00:00Z"),
    )
    assert parsed.rows.schema.equals(captures.ROWS_SCHEMA, check_metadata=True)
    # A camera's time needs no local hour: UTC will do where no zone is known.
    assert parsed.rows["captured_at"].to_pylist() == [days.NOON] * 2
    assert [(r.source, r.reason[:21]) for r in parsed.rejections] == [
        ("c.csv:3", "captured_at '2026-11-"),
        ("c.csv:4", "photo is missing"),
    ]


def test_a_missing_column_stops_the_run():
    given = pa.schema([("photo", pa.string()), ("store_id", pa.string())])
    with pytest.raises(columns.MissingColumnError, match="register_id, captured_at"):
        captures.LAYOUT.check_columns(given, "c.csv")


def test_a_time_that_python_cannot_write_is_said():
    far = pa.array([2**62], pa.int64()).cast(pa.timestamp("us"))
    text = pa.array(["x"])
    table = pa.table(
        {"photo": text, "store_id": text, "register_id": text, "captured_at": far}
    )
    checked = captures.parse(table, "c", np.array([1]), local_times.StoreZones())
    [rejection] = checked.rejections
    assert "captured_at of the shape '999999-99-99 99:99" in rejection.reason


def test_a_text_of_megabytes_is_no_name():
    long = pa.array(["x" * 5_000, "x" * 4_096])
    other = pa.array(["x"] * 2)
    at = pa.array(["2026-11-21T10:00:00Z"] * 2)
    table = pa.table(
        {"photo": long, "store_id": other, "register_id": other, "captured_at": at}
    )
    checked = captures.parse(table, "c", np.array([1, 2]), local_times.StoreZones())
    [rejection] = checked.rejections
    assert rejection.source == "c:1"
    assert "is not text of at most 4,096 bytes" in rejection.reason
    assert len(rejection.reason) < 200
