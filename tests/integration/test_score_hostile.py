"""A day that holds all of the hostile corpus at once, and what is left of it."""

import pathlib
import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.storage import roots
from schemas import tables
from tests.hostile import folders, logs
from tests.integration import commands

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spoilt(tills, tmp_path_factory) -> tuple[folders.Planted, pathlib.Path]:
    """What was added to a day, and its warehouse."""
    folder = tmp_path_factory.mktemp("hostile")
    day = pathlib.Path(shutil.copytree(tills, folder / "tills"))
    planted = folders.spoil(day, commands.DATE)
    warehouse = folder / "warehouse"
    ended = commands.score(day, warehouse, "--max-rejected-fraction=0.9")
    assert ended.code == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return planted, warehouse


def _run(warehouse):
    [run] = pd.read_parquet(warehouse / "runs").to_dict("records")
    return run


def test_every_input_is_in_a_table_or_a_rejection(spoilt):
    planted, warehouse = spoilt
    scored = set(pd.read_parquet(warehouse / "scores" / "photo_ages")["photo"])
    rejected = set(pd.read_parquet(warehouse / "rejections")["source"])
    assert {roots.escape(photo) for photo in planted.photos} <= scored | rejected
    assert planted.rejected <= rejected


def test_the_balance_holds(spoilt, scored):
    planted, warehouse = spoilt
    before, after = _run(scored), _run(warehouse)
    assert after["is_published"]
    assert after["lines_read"] == before["lines_read"] + planted.lines
    assert after["captures_read"] == before["captures_read"] + planted.captures
    assert after["photos_listed"] - before["photos_listed"] == planted.num_photos


def test_a_face_has_one_age_in_every_orientation(spoilt):
    rows = pd.read_parquet(spoilt[1] / "scores" / "photo_ages")
    turned = rows[rows["register_id"].str.startswith("turned-")]
    assert (turned["face_status"] == "ok").all()
    assert len(turned) == 24
    is_lossy = turned["photo"].str.endswith(".jpg")
    assert turned.loc[~is_lossy, "age_years"].nunique() == 1
    assert turned["age_years"].max() - turned["age_years"].min() < 1


@pytest.mark.parametrize(
    "table",
    [table for table in tables.PUBLISHED if "store_id" in table.schema.names],
    ids=lambda table: table.folder,
)
def test_other_stores_are_as_without_it(spoilt, scored, table):
    before, after = (
        pa.concat_tables(map(pq.read_table, (root / table.folder).glob("*/*.parquet")))
        for root in (scored, spoilt[1])
    )
    stores = pa.array(before["store_id"].unique())
    others = after.filter(pa.compute.is_in(after["store_id"], stores))
    assert logs.STORE not in stores.to_pylist()
    assert others.equals(before)


def test_a_report_has_no_formula(spoilt, tmp_path):
    flags = (f"--warehouse={spoilt[1]}", f"--output={tmp_path / 'report'}")
    days = (f"--from={commands.DATE}", f"--to={commands.DATE}", "--level=product")
    ended = commands.tillage("report", *flags, *days)
    assert ended.code == 0, ended.stderr
    for path in (tmp_path / "report" / "csv").iterdir():
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in rows.select_dtypes("str"):
            assert not rows[column].str.match(r"\s*[=+@]|\s*-\D").any(), (path, column)
