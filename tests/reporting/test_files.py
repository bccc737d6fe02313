import csv
import datetime
import decimal
import io
import multiprocessing
import os
import signal
import stat

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from pipelines.reporting import files
from schemas import fields

_SCHEMA = fields.schema(
    1,
    [
        fields.required("product_name", pa.string(), "product, for people"),
        fields.optional("category", pa.string(), "product category"),
        fields.optional("index", pa.float64(), "100 is average"),
        fields.required("baskets", pa.int64(), "receipts"),
        fields.required("reliable", pa.bool_(), "enough"),
        fields.required("spend", fields.MONEY, "sum", "currency"),
        fields.required("from_date", pa.date32(), "first day"),
        fields.optional("seen_at", fields.TIMESTAMP_UTC, "when"),
    ],
)
_DAY = datetime.date(2026, 11, 2)


def _table(*names, category="", index=None):
    row = {
        "category": category,
        "index": index,
        "baskets": -3,
        "reliable": True,
        "spend": decimal.Decimal("1234.5"),
        "from_date": _DAY,
        "seen_at": None,
    }
    return pa.Table.from_pylist(
        [row | {"product_name": name} for name in names], schema=_SCHEMA
    )


def _written(tmp_path, table):
    files.write_tables(tmp_path, {"offers": table})
    return tmp_path / "csv" / "offers.csv", tmp_path / "parquet" / "offers.parquet"


def _names(path):
    text = path.read_text(encoding="utf-8-sig")
    return [row["product_name"] for row in csv.DictReader(io.StringIO(text))]


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8(tmp_path):
    path, _ = _written(tmp_path, _table("Müsli"))
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"product_name",')
    assert _names(path) == ["Müsli"]


def test_csv_tells_null_from_empty_text(tmp_path):
    empty, _ = _written(tmp_path, _table("a", category=""))
    assert empty.read_text("utf-8-sig").splitlines()[1] == (
        '"a","",,-3,true,1234.5000,2026-11-02,'
    )
    (tmp_path / "null").mkdir()
    null, _ = _written(tmp_path / "null", _table("a", category=None))
    assert null.read_text("utf-8-sig").splitlines()[1].startswith('"a",,,-3')


def test_programs_read_csv_as_it_was(tmp_path):
    path, _ = _written(tmp_path, _table("Müsli", "b", index=0.1))
    names = _SCHEMA.names
    assert pa_csv.read_csv(path).schema.names == names
    assert list(pd.read_csv(path).columns) == names
    found = duckdb.sql(f"SELECT product_name, baskets FROM '{path}'").fetchall()
    assert found == [("Müsli", -3), ("b", -3)]


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "=cmd|/C calc!A0",
        "+49 123",
        "-5 % Rabatt",
        "@SUM(A1)",
        "\tx",
        "\r=x",
        "\n=x",
        "  =HYPERLINK()",
        "\uff1d1+1",
        '=cmd|"/c calc"!A1',
    ],
)
def test_a_name_like_a_formula_is_text_in_csv_and_itself_in_parquet(tmp_path, name):
    comma, parquet = _written(tmp_path, _table(name, category=name))
    assert comma.read_bytes().count(b"'") == 2
    text = comma.read_bytes().decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert (row["product_name"], row["category"]) == (f"'{name}", f"'{name}")
    assert pq.read_table(parquet)["product_name"].to_pylist() == [name]


@pytest.mark.parametrize("name", ["7-Up", "<25", "a=b", "1+1", "'=x", "x@y", ""])
def test_a_harmless_name_is_left_alone(tmp_path, name):
    path, _ = _written(tmp_path, _table(name))
    assert _names(path) == [name]


def test_numbers_below_zero_stay_numbers(tmp_path):
    path, _ = _written(tmp_path, _table("a"))
    assert pa_csv.read_csv(path)["baskets"].to_pylist() == [-3]


def test_times_carry_their_zone(tmp_path):
    time = datetime.datetime(2026, 11, 2, 3, 4, 5, tzinfo=datetime.UTC)
    place = _SCHEMA.get_field_index("seen_at")
    times = pa.array([time], fields.TIMESTAMP_UTC)
    table = _table("a").set_column(place, _SCHEMA.field(place), times)
    path, _ = _written(tmp_path, table)
    assert path.read_text("utf-8-sig").endswith(",2026-11-02 03:04:05.000000Z\n")
    assert pd.read_csv(path, parse_dates=["seen_at"])["seen_at"].tolist() == [time]


def test_parquet_keeps_the_schema_with_units_and_version(tmp_path):
    _, path = _written(tmp_path, _table("a"))
    assert pq.read_schema(path).equals(_SCHEMA, check_metadata=True)
    assert pq.read_table(path).equals(_table("a"))


def test_a_table_without_a_version_is_a_mistake(tmp_path):
    with pytest.raises(ValueError, match="offers must carry"):
        files.write_tables(tmp_path, {"offers": pa.table({"a": [1]})})


def _write(output, text="new", record="{}"):
    files.check_output(str(output))
    with files.replacing(str(output), record) as folder:
        (folder / "page").write_text(text)


def _around(output):
    return sorted(path.name for path in output.parent.iterdir())


def test_a_report_is_written_with_its_record_for_its_owner_alone(tmp_path):
    output = tmp_path / "below" / "report"
    _write(output, record='{"seed": 0}')
    assert sorted(path.name for path in output.iterdir()) == ["page", files.RECORD]
    assert (output / files.RECORD).read_text() == '{"seed": 0}'
    assert stat.S_IMODE(output.stat().st_mode) == 0o700
    assert stat.S_IMODE((output / "page").stat().st_mode) == 0o600
    assert _around(output) == ["report"]


def test_an_older_report_is_replaced_as_a_whole_and_its_mode_kept(tmp_path):
    output = tmp_path / "report"
    _write(output, "old")
    (output / "only in the old").write_text("")
    output.chmod(0o750)
    _write(output)
    assert sorted(path.name for path in output.iterdir()) == ["page", files.RECORD]
    assert (output / "page").read_text() == "new"
    assert stat.S_IMODE(output.stat().st_mode) == 0o750
    assert stat.S_IMODE((output / "page").stat().st_mode) == 0o640


def test_a_link_to_a_report_stays_a_link(tmp_path):
    _write(tmp_path / "autumn", "old")
    (tmp_path / "latest").symlink_to("autumn")
    _write(tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "autumn" / "page").read_text() == "new"


def test_an_error_leaves_the_older_report_and_nothing_beside_it(tmp_path):
    output = tmp_path / "report"
    _write(output, "old")
    with pytest.raises(ValueError, match="must carry"):
        _write_half(output)
    assert (output / "page").read_text() == "old"
    assert _around(output) == ["report"]


@pytest.mark.parametrize("has_older", [True, False])
def test_a_killed_writer_leaves_the_older_report_and_no_obstacle(tmp_path, has_older):
    output = tmp_path / "report"
    if has_older:
        _write(output, "old")

    def be_killed():
        with files.replacing(str(output), "{}") as folder:
            (folder / "csv").mkdir()
            (folder / "half").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)

    _in_process(be_killed)
    assert output.exists() == has_older
    assert not has_older or (output / "page").read_text() == "old"
    _write(output)
    assert sorted(path.name for path in output.iterdir()) == ["page", files.RECORD]
    assert _around(output) == ["report"]


def test_an_older_report_is_put_back_after_a_kill_between_the_renames(tmp_path):
    output = tmp_path / "report"
    _write(output, "old")
    output.rename(tmp_path / ".report.old")
    with pytest.raises(ZeroDivisionError), files.replacing(str(output), "{}"):
        raise ZeroDivisionError
    assert (output / "page").read_text() == "old"
    assert _around(output) == ["report"]


def test_what_a_kill_after_the_renames_left_is_deleted(tmp_path):
    output = tmp_path / "report"
    _write(output)
    (tmp_path / ".report.old").mkdir()
    (tmp_path / ".report.old" / "page").write_text("older")
    _write(output, "newest")
    assert (output / "page").read_text() == "newest"
    assert _around(output) == ["report"]


def test_two_reports_cannot_be_written_to_one_place_at_once(tmp_path):
    output = tmp_path / "report"
    with files.replacing(str(output), "{}") as folder:
        with (
            pytest.raises(files.OutputError, match="another report is being written"),
            files.replacing(str(output), "{}"),
        ):
            pass
        (folder / "page").write_text("first")
    assert (output / "page").read_text() == "first"


def _say(output):
    with pytest.raises(files.OutputError) as refusal:
        files.check_output(str(output))
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_place_that_is_no_report_is_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    assert "is no folder" in _say(tmp_path / "file")
    assert "cannot be made" in _say(tmp_path / "file" / "report")
    assert "holds something else than a report" in _say(tmp_path)
    assert "is a mount point" in _say("/proc")


def test_an_empty_folder_may_become_a_report(tmp_path):
    (tmp_path / "report").mkdir()
    _write(tmp_path / "report")
    assert (tmp_path / "report" / "page").read_text() == "new"


def _write_half(output):
    with files.replacing(str(output), "{}") as folder:
        (folder / "page").write_text("half")
        files.write_tables(folder, {"offers": pa.table({"a": [1]})})


def _in_process(target):
    process = multiprocessing.get_context("fork").Process(target=target)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
