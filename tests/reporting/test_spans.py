import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.publishing import partitions
from pipelines.reporting import spans
from schemas import tables
from tests.reporting import warehouses

day = warehouses.day


def _read(root, first=0, last=3, level="product"):
    return spans.read(str(root), day(first), day(last), level)


def _sorted(table):
    return sorted(tuple(row.values()) for row in table.to_pylist())


def test_demand_is_summed_over_days_and_stores(published):
    span = _read(published)
    assert _sorted(span.demand.select(["product_id", "age_band_order", "baskets"])) == [
        ("beer", 4, 3),
        ("tea", 4, 3),
        ("tea", 13, 4),
        ("tea", 20, 3),
    ]
    assert _sorted(span.demand_total) == [(4, 3), (13, 4), (20, 3)]
    assert span.store_baskets.to_pylist() == [
        {"store_id": "1", "age_band_order": 4, "baskets": 3},
        {"store_id": "1", "age_band_order": 20, "baskets": 3},
        {"store_id": "2", "age_band_order": 13, "baskets": 4},
    ]


def test_a_category_has_a_row_for_restricted_products_and_one_for_others(published):
    span = _read(published, level="category")
    assert _sorted(span.demand) == [
        ("drinks", False, 4, 3),
        ("drinks", False, 13, 4),
        ("drinks", False, 20, 3),
        ("drinks", True, 4, 3),
    ]


def test_sums_do_not_depend_on_when_they_are_added_up(published, monkeypatch):
    at_once = _read(published)
    monkeypatch.setattr(spans, "_MAX_WAITING_ROWS", 0)
    bit_by_bit = _read(published)
    assert _sorted(bit_by_bit.demand) == _sorted(at_once.demand)


def test_missing_days_are_listed_and_no_error(published):
    span = _read(published, first=-1, last=5)
    assert span.dates == (day(0), day(1), day(3))
    assert span.dates_missing == (day(-1), day(2), day(4), day(5))
    assert span.notes() == [
        "4 of 7 days are not published: 2026-11-01, 2026-11-04, "
        "2026-11-06 to 2026-11-07."
    ]


def test_one_missing_day_is_singular(published):
    span = _read(published, first=0, last=3)
    assert span.notes() == ["1 of 4 days is not published: 2026-11-04."]


def test_a_whole_span_needs_no_note(published):
    assert _read(published, first=0, last=1).notes() == []


def test_only_the_days_asked_for_are_read(three_days):
    damaged = warehouses.published_file(three_days, tables.DEMAND_TOTAL.folder, day(3))
    damaged.write_bytes(b"")
    assert _read(three_days, last=1).dates == (day(0), day(1))


def test_restricted_sales_keep_each_row_with_its_date(published):
    sales = _read(published).restricted_sales
    assert sales.schema.names == list(spans.SALES_COLUMNS)
    assert sales["date"].to_pylist() == [day(0), day(1), day(3)]
    assert sales["local_hour"].to_pylist() == [18] * 3


def test_the_newest_published_run_of_each_day_is_kept(three_days):
    warehouses.publish_day(three_days, day(1), run=2, transactions=7)
    refused = warehouses.publish_day(three_days, day(1), run=3, photos_listed=99)
    assert not refused.is_published
    found = _read(three_days).runs
    assert found.select(["date", "run_id", "transactions"]).to_pylist() == [
        {"date": day(0), "run_id": "run-0", "transactions": 0},
        {"date": day(1), "run_id": "run-2", "transactions": 7},
        {"date": day(3), "run_id": "run-0", "transactions": 0},
    ]


@pytest.mark.parametrize(
    ("history_days", "dates"), [(0, []), (2, [1]), (3, [0, 1]), (50, [0, 1])]
)
def test_runs_of_the_days_before_can_be_had(published, history_days, dates):
    span = spans.read(str(published), day(3), day(3), "category", history_days)
    assert span.earlier_runs["date"].to_pylist() == [day(number) for number in dates]
    assert span.runs["date"].to_pylist() == [day(3)]
    assert span.dates_missing == ()


def test_a_day_without_a_run_is_noted(three_days):
    for file in (three_days / "runs" / f"date={day(1)}").iterdir():
        file.unlink()
    span = _read(three_days)
    assert span.dates_unrecorded == (day(1),)
    assert "not known which model scored them: 2026-11-03." in span.notes()[-1]


def test_a_day_that_was_refused_is_not_published(tmp_path):
    warehouses.publish_day(tmp_path, day(0))
    warehouses.publish_day(tmp_path, day(1), photos_listed=99)
    assert _read(tmp_path, last=1).dates == (day(0),)


def test_no_published_day_says_which_there_are(published):
    with pytest.raises(partitions.WarehouseError) as refusal:
        _read(published, first=10, last=20)
    assert str(refusal.value).endswith(
        "no day from 2026-11-12 to 2026-11-22 is published; published are "
        "2026-11-02 to 2026-11-03, 2026-11-05"
    )


def _say(root):
    with pytest.raises(partitions.WarehouseError) as refusal:
        _read(root)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_what_is_no_warehouse_is_refused(tmp_path):
    assert "not there; name the folder that tillage score" in _say(tmp_path / "none")
    assert "marketing/demand_total: not there" in _say(tmp_path)
    (tmp_path / "marketing").write_text("")
    assert "marketing/demand_total: not there" in _say(tmp_path)


@pytest.mark.parametrize("table", ["marketing/demand_by_product", "runs"])
@pytest.mark.parametrize("keep", [0, 200])
def test_a_damaged_file_is_named(three_days, table, keep):
    file = warehouses.published_file(three_days, table, day(1))
    file.write_bytes(file.read_bytes()[:keep])
    said = _say(three_days)
    assert f"{table}/date=2026-11-03/" in said
    assert "damaged or not readable; run tillage score for 2026-11-03 again" in said


def test_a_file_damaged_inside_is_named(three_days):
    file = warehouses.published_file(
        three_days, tables.DEMAND_BY_PRODUCT.folder, day(1)
    )
    content = bytearray(file.read_bytes())
    content[4:400] = bytes(396)
    file.write_bytes(content)
    assert "damaged or not readable" in _say(three_days)


@pytest.mark.parametrize("version", ["0", "2"])
def test_another_version_of_a_schema_is_refused(three_days, version):
    file = warehouses.published_file(three_days, tables.RESTRICTED_SALES.folder, day(0))
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(
        rows.replace_schema_metadata({"tillage_schema_version": version}), file
    )
    assert f"schema version {version}, this Tillage reads 1" in _say(three_days)


def test_a_run_from_before_cameras_were_judged_is_read(three_days):
    file = warehouses.published_file(three_days, tables.RUNS_FOLDER, day(1))
    rows = pq.read_table(file, partitioning=None).drop_columns("store_drift")
    assert rows.num_rows == 1
    pq.write_table(rows.replace_schema_metadata({"tillage_schema_version": "1"}), file)
    span = _read(three_days)
    assert span.runs["date"].to_pylist() == [day(0), day(1), day(3)]
    assert span.runs["store_drift"].to_pylist() == [None] * 3
    assert span.runs["store_health"].null_count == 0


@pytest.mark.parametrize("version", ["0", "4"])
def test_other_versions_of_runs_are_refused(three_days, version):
    file = warehouses.published_file(three_days, tables.RUNS_FOLDER, day(1))
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(
        rows.replace_schema_metadata({"tillage_schema_version": version}), file
    )
    assert f"schema version {version}, this Tillage reads 1 to 3" in _say(three_days)


@pytest.mark.parametrize("column", ["store_drift", "run_id"])
def test_a_run_of_the_newest_version_lacks_no_column(three_days, column):
    file = warehouses.published_file(three_days, tables.RUNS_FOLDER, day(1))
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(
        rows.drop_columns(column).replace_schema_metadata(rows.schema.metadata), file
    )
    assert f"column {column} is missing" in _say(three_days)


def test_a_file_of_another_program_is_refused(three_days):
    file = warehouses.published_file(three_days, tables.DEMAND_TOTAL.folder, day(0))
    pq.write_table(pa.table({"store_id": ["1"]}), file)
    assert "schema version none" in _say(three_days)


@pytest.mark.parametrize("change", ["drop", "retype"])
def test_a_column_that_is_missing_or_of_another_type_is_refused(three_days, change):
    file = warehouses.published_file(three_days, tables.DEMAND_TOTAL.folder, day(0))
    rows = pq.read_table(file, partitioning=None)
    place = rows.schema.get_field_index("baskets")
    changed = (
        rows.remove_column(place)
        if change == "drop"
        else rows.set_column(place, "baskets", rows["baskets"].cast(pa.float64()))
    )
    pq.write_table(changed.replace_schema_metadata(rows.schema.metadata), file)
    assert "column baskets is missing or not int64" in _say(three_days)


def test_a_published_day_that_lacks_a_table_is_refused(three_days):
    folder = three_days / tables.RESTRICTED_SALES.folder / f"date={day(3)}"
    for link in folder.iterdir():
        link.unlink()
    assert "no files, although the day is published" in _say(three_days)


def test_a_link_that_leads_nowhere_yet_is_skipped(three_days):
    folder = three_days / tables.DEMAND_TOTAL.folder / f"date={day(0)}"
    (folder / "part-00001.parquet").symlink_to("nowhere.parquet")
    assert _read(three_days).dates == (day(0), day(1), day(3))


def test_what_is_no_day_is_passed_over(three_days):
    for name in ("date=soon", ".tmp", "notes.txt"):
        (three_days / tables.DEMAND_TOTAL.folder / name).mkdir()
    assert len(_read(three_days).dates) == 3


def test_a_day_published_anew_while_it_is_read_is_refused(three_days):
    dates = [day(0), day(1)]
    before = spans._versions(str(three_days), dates)
    spans._check_unchanged(before, spans._versions(str(three_days), dates))
    warehouses.publish_day(three_days, day(1), sales=warehouses.SALES[:1], run=1)
    after = spans._versions(str(three_days), dates)
    with pytest.raises(partitions.WarehouseError, match=r"read: 2026-11-03; start the"):
        spans._check_unchanged(before, after)


def test_many_ranges_are_cut_short():
    dates = [datetime.date(2026, 1, 1 + 2 * number) for number in range(9)]
    assert spans.ranges(dates).endswith("2026-01-11, and 3 more")
    assert spans.ranges([]) == ""
