"""Published warehouses that the tests of reports read."""

import pathlib
import shutil

import pytest

from tests.reporting import warehouses


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> pathlib.Path:
    """Days 0, 1 and 3 are published; day 1 sold one tea more. Read, never written."""
    root = tmp_path_factory.mktemp("published") / "warehouse"
    root.mkdir()
    more = [{"store_id": "2", "receipt": 9, "age": 66.0, "product_id": "tea"}]
    warehouses.publish_day(root, warehouses.day(0))
    warehouses.publish_day(
        root, warehouses.day(1), sales=warehouses.SALES + more, transactions=5
    )
    warehouses.publish_day(root, warehouses.day(3))
    return root


@pytest.fixture
def three_days(published, tmp_path) -> pathlib.Path:
    """A copy of these days, to be changed."""
    return pathlib.Path(
        shutil.copytree(published, tmp_path / "warehouse", symlinks=True)
    )
