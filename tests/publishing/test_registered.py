"""The views of docs/decisions/open-tables.md, on a published warehouse."""

import pathlib
import re

import duckdb
import pytest

from tests.reporting import warehouses

_DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "decisions" / "open-tables.md"


@pytest.fixture
def registered(tmp_path):
    """Two published days, and a database with the documented views of them."""
    root = tmp_path / "warehouse"
    root.mkdir()
    for number in range(2):
        warehouses.publish_day(root, warehouses.day(number))
    [views] = re.findall(r"```sql\n(.*?)```", _DOCUMENT.read_text(), flags=re.DOTALL)
    with duckdb.connect() as database:
        database.execute(views.replace("'warehouse/", f"'{root}/"))
        yield root, database


def _rows(database):
    return {
        view: database.sql(
            f"SELECT date, count(*) FROM {view} GROUP BY date ORDER BY date"
        ).fetchall()
        for view in ("purchase_ages", "photo_ages")
    }


def test_views_hold_the_published_days(registered):
    _, database = registered
    days = [warehouses.day(0), warehouses.day(1)]
    photos = len(warehouses.PHOTOS)
    assert _rows(database) == {
        "purchase_ages": [(day, 1) for day in days],
        "photo_ages": [(day, photos) for day in days],
    }


def test_views_follow_a_day_that_is_published_again_and_forget_what_was(registered):
    root, database = registered
    photos = warehouses.PHOTOS[:2]
    again = warehouses.publish_day(root, warehouses.day(1), photos=photos, run=1)
    assert again.is_published
    assert _rows(database)["photo_ages"][1] == (warehouses.day(1), 2)
    shown = database.sql(
        f"SELECT count(*) FROM read_parquet('{root}/scores/photo_ages/*/*.parquet')"
    ).fetchall()
    assert shown == [(len(warehouses.PHOTOS) + 2,)]
