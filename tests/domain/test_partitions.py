import pyarrow as pa
import pytest

from pipelines.domain import partitions


def _rows(num_rows):
    return pa.table(
        {
            "store_id": pa.array(
                [str(row % 7) for row in range(num_rows)], pa.string()
            ),
            "register_id": pa.array(
                [f"R{row % 5}" for row in range(num_rows)], pa.string()
            ),
            "photo": pa.array(
                [f"store={row % 3}/{row % 11}.jpg" for row in range(num_rows)],
                pa.string(),
            ),
            "row": pa.array(range(num_rows), pa.int64()),
        }
    )


@pytest.mark.parametrize("num_parts", [1, 4, 64])
@pytest.mark.parametrize("num_rows", [0, 1, 300])
def test_every_row_is_in_one_part_in_its_order(num_rows, num_parts):
    parts = dict(partitions.by_register(_rows(num_rows), num_parts))
    rows = [table["row"].to_pylist() for table in parts.values()]
    assert sorted(row for part in rows for row in part) == list(range(num_rows))
    assert all(part == sorted(part) for part in rows)
    assert all(rows)


def test_a_register_is_in_one_part_however_the_rows_are_cut():
    rows = _rows(300)
    places = {}
    for cut in (rows, rows.slice(0, 100), rows.slice(100, 200)):
        for name, table in partitions.by_register(cut, 8):
            for row in table.select(["store_id", "register_id"]).to_pylist():
                places.setdefault(tuple(row.values()), set()).add(name)
    assert len(places) == 35
    assert all(len(names) == 1 for names in places.values())
    assert len(set.union(*places.values())) > 1


def test_photos_of_one_name_meet_whatever_their_folder():
    rows = _rows(300)
    bare = rows.set_column(
        2, "photo", pa.array([f"{row % 11}.jpg" for row in range(300)])
    )
    with_folder = dict(partitions.by_photo_name(rows, 6))
    without = dict(partitions.by_photo_name(bare, 6))
    assert {name: table["row"] for name, table in with_folder.items()} == {
        name: table["row"] for name, table in without.items()
    }


def test_rows_are_cut_by_store_folder():
    photos = ["store=2/a.jpg", "b.jpg", "store=1/batch.tar/c.jpg", "store=2/d.jpg"]
    rows = pa.table({"photo": photos})
    parts = {
        name: part["photo"].to_pylist() for name, part in partitions.by_folder(rows)
    }
    assert parts == {
        "": ["b.jpg"],
        "store=1": ["store=1/batch.tar/c.jpg"],
        "store=2": ["store=2/a.jpg", "store=2/d.jpg"],
    }
    assert list(partitions.by_folder(rows.slice(0, 0))) == []
