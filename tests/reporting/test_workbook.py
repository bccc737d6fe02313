import datetime
import decimal
import math

import openpyxl
import pyarrow as pa
import pytest

from pipelines.reporting import texts, workbook
from schemas import (
    age_group_affinity,
    cashier_audit,
    data_quality,
    fields,
    offers,
    restricted_sales_by_hour,
    store_drift,
)

_DAY = datetime.date(2026, 11, 2)
_FACTS = workbook.Facts(
    title="Report of autumn",
    notes=("1 of 90 days is not published: 2026-10-01.",),
    settings={"period_days": 28, "level": "category"},
    last_day=_DAY,
)


def _columns(**columns):
    """Makes a table of one or more rows; each column is (values, type, unit)."""
    schema = fields.schema(
        1,
        [
            fields.optional(name, kind, f"meaning of {name}", unit)
            for name, (_, kind, unit) in columns.items()
        ],
    )
    given = {name: values for name, (values, _, _) in columns.items()}
    return pa.table(given, schema=schema)


def _read(tmp_path, table, name="offers", **more):
    path = tmp_path / "report.xlsx"
    workbook.write(path, {name: table}, _FACTS, **more)
    return openpyxl.load_workbook(path)


def _sheet(tmp_path, table, **more):
    return _read(tmp_path, table, **more)[texts.TABLES["offers"].title]


def test_columns_have_types_and_formats(tmp_path):
    time = datetime.datetime(2026, 11, 2, 3, 4, 5, tzinfo=datetime.UTC)
    sheet = _sheet(
        tmp_path,
        _columns(
            name=(["Müsli"], pa.string(), ""),
            reliable=([True], pa.bool_(), ""),
            baskets=([12345], pa.int64(), ""),
            penetration=([0.125], pa.float64(), "share"),
            age_years=([31.5], pa.float64(), "years"),
            q_value=([0.0001], pa.float64(), ""),
            spend=([decimal.Decimal("12.5")], fields.MONEY, "currency"),
            from_date=([_DAY], pa.date32(), ""),
            seen_at=([time], fields.TIMESTAMP_UTC, ""),
        ),
    )
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("Müsli", "s"),
        (True, "b"),
        (12345, "n"),
        (0.125, "n"),
        (31.5, "n"),
        (0.0001, "n"),
        (12.5, "n"),
        (datetime.datetime(2026, 11, 2), "d"),
        (time.replace(tzinfo=None), "d"),
    ]
    assert [cell.number_format for cell in sheet[2]] == [
        "@",
        '"TRUE";"TRUE";"FALSE"',
        "#,##0",
        "0.0%",
        "#,##0.00",
        "0.0000",
        "#,##0.00",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
    ]
    assert [cell.value for cell in sheet[1]] == [
        "name",
        "reliable",
        "baskets",
        "penetration [%]",
        "age_years [years]",
        "q_value",
        "spend [currency]",
        "from_date",
        "seen_at [UTC]",
    ]


@pytest.mark.parametrize(
    ("codes", "pattern"),
    [(["EUR", "EUR"], '#,##0.00 "EUR"'), (["EUR", "CHF"], "#,##0.00")],
)
def test_money_shows_its_currency_where_there_is_one(tmp_path, codes, pattern):
    sheet = _sheet(
        tmp_path,
        _columns(
            currency=(codes, pa.string(), ""),
            spend=([decimal.Decimal(1)] * 2, fields.MONEY, "currency"),
        ),
    )
    assert sheet["B2"].number_format == pattern


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@x",
        "{=1}",
        "http://x.test",
        "0042",
        "1e5",
        "a\x07b",
    ],
)
def test_text_stays_text(tmp_path, text):
    sheet = _sheet(tmp_path, _columns(name=([text], pa.string(), "")))
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert openpyxl.utils.escape.unescape(cell.value) == text


def test_a_null_and_nan_are_empty_and_infinity_is_written(tmp_path):
    sheet = _sheet(
        tmp_path,
        _columns(
            name=([None, "", "x"], pa.string(), ""),
            ratio=([None, math.nan, math.inf], pa.float64(), ""),
        ),
    )
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[1] for row in rows] == [None, None, "∞"]
    assert rows[0][0] is None


def test_a_text_longer_than_a_cell_is_cut(tmp_path):
    sheet = _sheet(tmp_path, _columns(name=(["x" * 40_000], pa.string(), "")))
    assert len(sheet["A2"].value) == 32_767


def test_header_stays_in_view_can_be_filtered_and_prints(tmp_path):
    sheet = _sheet(
        tmp_path,
        _columns(name=(["a" * 30, "b"], pa.string(), ""), n=([1, 2], pa.int64(), "")),
    )
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    assert sheet.column_dimensions["A"].width > 30
    assert sheet.column_dimensions["B"].width < 15
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9


def test_read_me_says_what_each_sheet_says_and_does_not(tmp_path):
    read_me = _read(tmp_path, _columns(n=([1, 2], pa.int64(), "")))["Read me"]
    rows = [tuple(cell.value for cell in row) for row in read_me.iter_rows()]
    assert rows[0][0] == "Report of autumn"
    assert rows[1][0] == _FACTS.notes[0]
    about = texts.TABLES["offers"]
    assert (about.title, "2", about.says, about.does_not_say) in rows


def test_columns_and_methods_are_explained(tmp_path):
    book = _read(tmp_path, _columns(age=([1.0], pa.float64(), "share")))
    assert book.sheetnames == ["Read me", "Offers", "Columns", "Methods"]
    columns = [tuple(cell.value for cell in row) for row in book["Columns"].iter_rows()]
    assert columns[1] == ("Offers", "age", "%", "meaning of age")
    methods = {row[0].value: row[1].value for row in book["Methods"].iter_rows()}
    assert methods["period_days"] == "28"
    assert methods["raw index"].startswith("100")


def test_rows_past_the_limit_of_a_sheet_are_left_out_and_told(tmp_path):
    path = tmp_path / "report.xlsx"
    table = _columns(n=([1, 2, 3], pa.int64(), ""))
    workbook.write(path, {"offers": table}, _FACTS, max_rows=2)
    book = openpyxl.load_workbook(path)
    assert book["Offers"].max_row == 3
    told = [row[1].value for row in book["Read me"].iter_rows()]
    assert "the first 2 of 3; all are in csv/offers.csv" in told


def test_the_same_report_gives_the_same_bytes(tmp_path):
    table = _columns(name=(["a"], pa.string(), ""), n=([1], pa.int64(), ""))
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    for path in (first, second):
        workbook.write(path, {"offers": table}, _FACTS)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_a_nested_column_is_a_mistake(tmp_path):
    nested = _columns(n=([[1]], pa.list_(pa.int64()), ""))
    with pytest.raises(ValueError, match="n must be flat"):
        workbook.write(tmp_path / "report.xlsx", {"offers": nested}, _FACTS)


def test_every_table_of_a_report_makes_a_sheet(tmp_path):
    schemas = {
        "age_group_affinity": age_group_affinity.SCHEMA,
        "offers": offers.SCHEMA,
        "cashier_audit": cashier_audit.SCHEMA,
        "cashier_audit_periods": cashier_audit.PERIODS_SCHEMA,
        "restricted_sales_by_hour": restricted_sales_by_hour.SCHEMA,
        "data_quality": data_quality.SCHEMA,
        "store_drift": store_drift.SCHEMA,
    }
    path = tmp_path / "report.xlsx"
    empty = {name: schema.empty_table() for name, schema in schemas.items()}
    workbook.write(path, empty, _FACTS)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[1:-2] == [texts.TABLES[name].title for name in schemas]
    assert [book[name].max_row for name in book.sheetnames[1:-2]] == [1] * len(schemas)


def test_each_printed_page_of_a_wide_sheet_repeats_the_keys(tmp_path):
    empty = {
        "cashier_audit": cashier_audit.SCHEMA.empty_table(),
        "restricted_sales_by_hour": restricted_sales_by_hour.SCHEMA.empty_table(),
    }
    path = tmp_path / "report.xlsx"
    workbook.write(path, empty, _FACTS)
    wide, narrow = (
        openpyxl.load_workbook(path)[texts.TABLES[name].title] for name in empty
    )
    assert wide.print_title_cols == "$A:$B"
    assert wide.page_setup.fitToWidth > 1
    assert narrow.print_title_cols is None
    assert narrow.page_setup.fitToWidth in (1, None)
