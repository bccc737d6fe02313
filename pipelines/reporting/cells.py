"""Columns of a table as columns of a sheet: type, format, unit, width."""

import dataclasses
import datetime
import math
from collections.abc import Callable
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter import format as xlsx_format
from xlsxwriter import worksheet as xlsx_worksheet

TEXT = "@"
"""Excel's pattern of cells that stay text."""

# LibreOffice shows a plain truth value as 0 or 1.
_BOOLEAN = '"TRUE";"TRUE";"FALSE"'
_MAX_TEXT = 32_767
_MIN_WIDTH, _MAX_WIDTH = 9, 48
_WIDTH_ROWS = 500
_PROBABILITIES = ("p_value", "q_value")

Sheet: TypeAlias = xlsx_worksheet.Worksheet


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """How a column is written.

    Attributes:
      write: Method of a sheet: row, column, value, format.
      pattern: Of its numbers, for Excel.
      unit: As shown.
    """

    write: Callable[..., Any]
    pattern: str
    unit: str

    def width(self, name: str, values: pa.ChunkedArray) -> int:
        """Fits the name, beside a filter's button, and the values, in characters."""
        longest = len(name) + 1
        if self.write is _write_text:
            lengths = pc.utf8_length(values.slice(0, _WIDTH_ROWS))
            longest = max(longest, pc.max(lengths).as_py() or 0)
        elif "yyyy" in self.pattern:
            longest = max(longest, len(self.pattern))
        return min(max(longest + 2, _MIN_WIDTH), _MAX_WIDTH)


def column(field: pa.Field, table: pa.Table) -> Column:
    """Chooses how a column is written.

    Raises:
      ValueError: its type is one that no cell can hold.
    """
    kind, (unit, _) = field.type, notes(field)
    if pa.types.is_string(kind):
        return Column(_write_text, TEXT, unit)
    if pa.types.is_boolean(kind):
        return Column(Sheet.write_boolean, _BOOLEAN, unit)
    if pa.types.is_integer(kind):
        return Column(Sheet.write_number, "#,##0", unit)
    if pa.types.is_floating(kind):
        return Column(_write_float, _float_pattern(field.name, unit), unit)
    if pa.types.is_decimal(kind):
        return Column(_write_float, _money_pattern(table), unit)
    if pa.types.is_date(kind):
        return Column(Sheet.write_datetime, "yyyy-mm-dd", unit)
    if pa.types.is_timestamp(kind):
        return Column(_write_time, "yyyy-mm-dd hh:mm:ss", unit or "UTC")
    raise ValueError(f"{field.name} must be flat. Received: {kind}")


def _float_pattern(name: str, unit: str) -> str:
    if unit == "%":
        return "0.0%"
    return "0.0000" if name in _PROBABILITIES else "#,##0.00"


def _money_pattern(table: pa.Table) -> str:
    codes = (
        pc.unique(table["currency"]).to_pylist()
        if "currency" in table.schema.names
        else []
    )
    if len(codes) == 1 and str(codes[0]).isalpha():
        return f'#,##0.00 "{codes[0]}"'
    return "#,##0.00"


def notes(field: pa.Field) -> tuple[str, str]:
    """Gives a column's unit, as shown, and its meaning."""
    noted = field.metadata or {}
    unit = noted.get(b"unit", b"").decode()
    return "%" if unit == "share" else unit, noted.get(b"meaning", b"").decode()


def _write_text(
    sheet: Sheet, row: int, place: int, text: str, shown: xlsx_format.Format
) -> None:
    sheet.write_string(row, place, text[:_MAX_TEXT], shown)


def _write_float(
    sheet: Sheet, row: int, place: int, value: Any, shown: xlsx_format.Format
) -> None:
    number = float(value)
    if math.isfinite(number):
        sheet.write_number(row, place, number, shown)
    elif not math.isnan(number):
        sheet.write_string(row, place, "∞" if number > 0 else "-∞")


def _write_time(
    sheet: Sheet,
    row: int,
    place: int,
    time: datetime.datetime,
    shown: xlsx_format.Format,
) -> None:
    utc = time.astimezone(datetime.UTC) if time.tzinfo else time
    sheet.write_datetime(row, place, utc.replace(tzinfo=None), shown)
