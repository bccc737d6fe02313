"""The workbook as LibreOffice opens it."""

import datetime
import re

import openpyxl
import pytest

from pipelines.reporting import page, texts, workbook
from tests import office
from tests.reporting import hand_made

_MOST_POINTS = 409  # Excel's tallest row.


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    found = hand_made.make()
    path = tmp_path_factory.mktemp("workbook") / "report.xlsx"
    facts = workbook.Facts(
        title=page.make(found).title,
        notes=found.notes,
        settings={"level": "category"},
        last_day=found.settings.last_day,
    )
    workbook.write(path, found.tables(), facts)
    return path


@pytest.fixture(scope="module")
def reopened(saved, tmp_path_factory):
    """What LibreOffice made of it, saved again."""
    converted = office.convert(saved, "xlsx", tmp_path_factory.mktemp("office"))
    return openpyxl.load_workbook(converted)


# LibreOffice saves a truth value as a formula.
_TRUTHS = {"=TRUE()": (True, "b"), "=FALSE()": (False, "b")}


def _cell(cell):
    value, kind = _TRUTHS.get(cell.value, (cell.value, cell.data_type))
    # It keeps 15 digits.
    return (float(f"{value:.14g}") if isinstance(value, float) else value), kind


def _cells(book, sheet):
    return [list(map(_cell, row)) for row in book[sheet].rows]


def _kinds(book, name, row=2):
    sheet = book[texts.TABLES[name].title]
    return {
        sheet.cell(1, cell.column).value: (_cell(cell)[1], cell.number_format)
        for cell in sheet[row]
        if cell.value is not None
    }


def test_every_sheet_and_cell_is_understood(saved, reopened):
    written = openpyxl.load_workbook(saved)

    assert reopened.sheetnames == written.sheetnames
    for sheet in written.sheetnames:
        assert _cells(reopened, sheet) == _cells(written, sheet), sheet


def test_columns_keep_their_types_and_formats(reopened):
    shares = ("penetration", "penetration_low", "penetration_high")
    groups = _kinds(reopened, "age_group_affinity")
    for name in shares:
        assert groups[f"{name} [%]"] == ("n", "0.0%")
    assert groups["baskets"] == ("n", "#,##0")
    assert groups["corrected_index"] == ("n", "#,##0.00")
    assert groups["q_value"] == ("n", "0.0000")
    assert groups["reliable"][0] == "b"
    assert groups["category"][0] == "s"
    audit = _kinds(reopened, "cashier_audit")
    assert audit["from_date"][0] == "d"
    assert audit["store_id"][0] == "s"
    assert audit["needs_review"][0] == "b"
    for name in ("face_loss [%]", "match_rate [%]", "age_known [%]"):
        assert _kinds(reopened, "data_quality")[name] == ("n", "0.0%")


def test_dates_and_names_with_leading_zeros_stay_what_they_are(reopened):
    sheet = reopened[texts.TABLES["cashier_audit"].title]
    row = {sheet.cell(1, cell.column).value: cell.value for cell in sheet[2]}

    assert row["store_id"] == "0001"
    assert row["from_date"] == datetime.datetime(2026, 9, 1)


def test_rows_are_high_enough_for_their_text(saved):
    sheet = openpyxl.load_workbook(saved)["Methods"]

    for number in range(2, len(texts.METHODS) + 2):
        text = sheet.cell(number, 2).value
        height = sheet.row_dimensions[number].height or 15
        assert 15 * len(text) / 90 <= height <= _MOST_POINTS


def test_it_prints_to_a4_across(saved, tmp_path):
    printed = office.convert(saved, "pdf", tmp_path).read_bytes()

    boxes = set(re.findall(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+)", printed))
    sizes = {(round(float(width)), round(float(height))) for width, height in boxes}
    assert sizes == {(842, 595)}
