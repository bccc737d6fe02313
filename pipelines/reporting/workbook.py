"""A report as an XLSX workbook: typed columns, what they mean, how they are made.

Written cell by cell as the type of its column, so that no text becomes a formula, a
link or a number. The same report gives the same bytes.
"""

import dataclasses
import datetime
import math
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter import format as xlsx_format
from xlsxwriter import worksheet as xlsx_worksheet

from pipelines.reporting import texts

MAX_ROWS = 1_048_575
"""Rows of a sheet below its header."""

_MAX_TEXT = 32_767
_MIN_WIDTH, _MAX_WIDTH = 9, 48
_WIDTH_ROWS = 500
_BATCH_ROWS = 10_000
_A4 = 9
_PROBABILITIES = ("p_value", "q_value")

_Sheet: TypeAlias = xlsx_worksheet.Worksheet


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a workbook says of the report as a whole.

    Attributes:
      title: Of the report.
      notes: Sentences, such as which days are missing.
      settings: By name, for the sheet of methods.
      last_day: Serves as the date of the file, so that a clock does not change it.
    """

    title: str
    notes: Sequence[str]
    settings: Mapping[str, object]
    last_day: datetime.date


def write(
    path: pathlib.Path,
    tables: Mapping[str, pa.Table],
    facts: Facts,
    max_rows: int = MAX_ROWS,
) -> None:
    """Writes a workbook: `Read me`, a sheet for each table, `Columns`, `Methods`.

    Args:
      path: File to write.
      tables: By names of `texts.TABLES`; flat columns.
      facts: About the report.
      max_rows: Of a sheet; further rows are left out, and `Read me` says so.

    Raises:
      ValueError: a column has a type that no cell can hold.
    """
    # Row by row through a temporary file: memory does not grow with the tables.
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        created = datetime.datetime.combine(facts.last_day, datetime.time())
        book.set_properties({"title": facts.title, "created": created})
        formats = _Formats(book)
        _write_read_me(book.add_worksheet("Read me"), tables, facts, max_rows, formats)
        for name, table in tables.items():
            sheet = book.add_worksheet(texts.TABLES[name].title)
            _write_table(sheet, table.slice(0, max_rows), formats)
        _write_columns(book.add_worksheet("Columns"), tables, formats)
        _write_methods(book.add_worksheet("Methods"), facts, formats)


class _Formats:
    """Formats of cells, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._numbers: dict[str, xlsx_format.Format] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.header = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        )
        self.text = book.add_format({"text_wrap": True, "valign": "top"})

    def number(self, pattern: str) -> xlsx_format.Format:
        """Gives the format that shows numbers by an Excel pattern."""
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({"num_format": pattern})
        return self._numbers[pattern]


@dataclasses.dataclass(frozen=True, slots=True)
class _Column:
    """How a column is written: its method of a sheet, its pattern, its unit."""

    write: Callable[..., Any]
    pattern: str
    unit: str


def _write_read_me(
    sheet: _Sheet,
    tables: Mapping[str, pa.Table],
    facts: Facts,
    max_rows: int,
    formats: _Formats,
) -> None:
    _lay_out(sheet, (26, 14, 70, 70))
    sheet.write_string(0, 0, facts.title, formats.title)
    row = 1
    for note in facts.notes:
        sheet.write_string(row, 0, note)
        row += 1
    about = (
        (
            texts.TABLES[name].title,
            _num_rows(name, table, max_rows),
            texts.TABLES[name].says,
            texts.TABLES[name].does_not_say,
        )
        for name, table in tables.items()
    )
    header = ("sheet", "rows", "what it says", "what it does not say")
    _write_texts(sheet, row + 1, header, about, formats)


def _num_rows(name: str, table: pa.Table, max_rows: int) -> str:
    if table.num_rows <= max_rows:
        return f"{table.num_rows:,}"
    return f"the first {max_rows:,} of {table.num_rows:,}; all are in csv/{name}.csv"


def _write_columns(
    sheet: _Sheet, tables: Mapping[str, pa.Table], formats: _Formats
) -> None:
    _lay_out(sheet, (26, 30, 12, 80))
    header = ("sheet", "column", "unit", "meaning")
    rows = (
        (texts.TABLES[name].title, field.name, *_notes(field))
        for name, table in tables.items()
        for field in table.schema
    )
    num_rows = _write_texts(sheet, 0, header, rows, formats)
    _make_readable(sheet, num_rows, len(header))


def _write_methods(sheet: _Sheet, facts: Facts, formats: _Formats) -> None:
    _lay_out(sheet, (30, 90, 50))
    methods = [dataclasses.astuple(method) for method in texts.METHODS]
    header = ("figure", "how it is made", "source")
    row = _write_texts(sheet, 0, header, methods, formats) + 2
    settings = [(name, str(value)) for name, value in sorted(facts.settings.items())]
    _write_texts(sheet, row, ("setting", "value"), settings, formats)


def _write_texts(
    sheet: _Sheet,
    start: int,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    formats: _Formats,
) -> int:
    """Writes a table of texts; gives the number of its rows below the header."""
    for place, name in enumerate(header):
        sheet.write_string(start, place, name, formats.header)
    number = 0
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row):
            sheet.write_string(start + number, place, text, formats.text)
    return number


def _write_table(sheet: _Sheet, table: pa.Table, formats: _Formats) -> None:
    columns = [_column(field, table) for field in table.schema]
    for place, field in enumerate(table.schema):
        unit = columns[place].unit
        name = f"{field.name} [{unit}]" if unit else field.name
        sheet.write_string(0, place, name, formats.header)
        width = _width(name, table[field.name], columns[place])
        sheet.set_column(place, place, width)
    row = 1
    shown = [formats.number(column.pattern) for column in columns]
    for batch in table.to_batches(_BATCH_ROWS):
        for values in zip(*(part.to_pylist() for part in batch.columns), strict=True):
            for place, value in enumerate(values):
                if value is not None:
                    columns[place].write(sheet, row, place, value, shown[place])
            row += 1
    _make_readable(sheet, table.num_rows, len(columns))


def _column(field: pa.Field, table: pa.Table) -> _Column:
    kind, (unit, _) = field.type, _notes(field)
    if pa.types.is_string(kind):
        return _Column(_write_text, "@", unit)
    if pa.types.is_boolean(kind):
        return _Column(_Sheet.write_boolean, "General", unit)
    if pa.types.is_integer(kind):
        return _Column(_Sheet.write_number, "#,##0", unit)
    if pa.types.is_floating(kind):
        return _Column(_write_float, _float_pattern(field.name, unit), unit)
    if pa.types.is_decimal(kind):
        return _Column(_write_float, _money_pattern(table), unit)
    if pa.types.is_date(kind):
        return _Column(_Sheet.write_datetime, "yyyy-mm-dd", unit)
    if pa.types.is_timestamp(kind):
        return _Column(_write_time, "yyyy-mm-dd hh:mm:ss", unit or "UTC")
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


def _notes(field: pa.Field) -> tuple[str, str]:
    """Gives a column's unit, as shown, and its meaning."""
    notes = field.metadata or {}
    unit = notes.get(b"unit", b"").decode()
    return "%" if unit == "share" else unit, notes.get(b"meaning", b"").decode()


def _write_text(
    sheet: _Sheet, row: int, place: int, text: str, shown: xlsx_format.Format
) -> None:
    sheet.write_string(row, place, text[:_MAX_TEXT], shown)


def _write_float(
    sheet: _Sheet, row: int, place: int, value: Any, shown: xlsx_format.Format
) -> None:
    number = float(value)
    if math.isfinite(number):
        sheet.write_number(row, place, number, shown)
    elif not math.isnan(number):
        sheet.write_string(row, place, "∞" if number > 0 else "-∞")


def _write_time(
    sheet: _Sheet,
    row: int,
    place: int,
    time: datetime.datetime,
    shown: xlsx_format.Format,
) -> None:
    utc = time.astimezone(datetime.UTC) if time.tzinfo else time
    sheet.write_datetime(row, place, utc.replace(tzinfo=None), shown)


def _width(header: str, values: pa.ChunkedArray, column: _Column) -> int:
    """Fits the longest word of the header, which wraps, and the longest value."""
    longest = len(header) * 0.6
    if column.write is _write_text:
        lengths = pc.utf8_length(values.slice(0, _WIDTH_ROWS))
        longest = max(longest, pc.max(lengths).as_py() or 0)
    elif "yyyy" in column.pattern:
        longest = max(longest, len(column.pattern))
    return int(min(max(longest + 2, _MIN_WIDTH), _MAX_WIDTH))


def _lay_out(sheet: _Sheet, widths: Sequence[int]) -> None:
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    _set_print(sheet)


def _make_readable(sheet: _Sheet, num_rows: int, num_columns: int) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, num_rows, num_columns - 1)
    sheet.repeat_rows(0)
    _set_print(sheet)


def _set_print(sheet: _Sheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
