"""A report as an XLSX workbook: typed columns, what they mean, how they are made.

Written cell by cell as the type of its column, so that no text becomes a formula, a
link or a number. The same report gives the same bytes.
"""

import dataclasses
import datetime
import math
import pathlib
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import xlsxwriter
from xlsxwriter import format as xlsx_format

from pipelines.reporting import cells, texts

MAX_ROWS = 1_048_575
"""Rows of a sheet below its header."""

_BATCH_ROWS = 10_000
_A4 = 9
_LINE_POINTS = 15
_PAGE_WIDTH = 180
"""Characters across a printed page that is still readable."""
_MOST_KEYS = 6
"""Leading columns, up to the last text, that each page of a wide sheet repeats."""


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
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def number(self, pattern: str) -> xlsx_format.Format:
        """Gives the format that shows numbers by an Excel pattern."""
        if pattern not in self._numbers:
            # A text does not touch the number at its left.
            indent = {"indent": 1} if pattern == cells.TEXT else {}
            self._numbers[pattern] = self._book.add_format(
                {"num_format": pattern, **indent}
            )
        return self._numbers[pattern]


def _write_read_me(
    sheet: cells.Sheet,
    tables: Mapping[str, pa.Table],
    facts: Facts,
    max_rows: int,
    formats: _Formats,
) -> None:
    widths = (26, 14, 70, 70)
    _lay_out(sheet, widths)
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
    _write_texts(sheet, row + 1, header, about, widths, formats)


def _num_rows(name: str, table: pa.Table, max_rows: int) -> str:
    if table.num_rows <= max_rows:
        return f"{table.num_rows:,}"
    return f"the first {max_rows:,} of {table.num_rows:,}; all are in csv/{name}.csv"


def _write_columns(
    sheet: cells.Sheet, tables: Mapping[str, pa.Table], formats: _Formats
) -> None:
    widths = (26, 30, 12, 80)
    _lay_out(sheet, widths)
    header = ("sheet", "column", "unit", "meaning")
    rows = (
        (texts.TABLES[name].title, field.name, *cells.notes(field))
        for name, table in tables.items()
        for field in table.schema
    )
    num_rows = _write_texts(sheet, 0, header, rows, widths, formats)
    _make_readable(sheet, num_rows, widths)


def _write_methods(sheet: cells.Sheet, facts: Facts, formats: _Formats) -> None:
    widths = (30, 90, 50)
    _lay_out(sheet, widths)
    methods = [dataclasses.astuple(method) for method in texts.METHODS]
    header = ("figure", "how it is made", "source")
    row = _write_texts(sheet, 0, header, methods, widths, formats) + 2
    settings = [
        (name, "by default" if value is None else str(value))
        for name, value in sorted(facts.settings.items())
    ]
    _write_texts(sheet, row, ("setting", "value"), settings, widths, formats)


def _write_texts(
    sheet: cells.Sheet,
    start: int,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int],
    formats: _Formats,
) -> int:
    """Writes a table of texts; gives the number of its rows below the header."""
    for place, name in enumerate(header):
        sheet.write_string(start, place, name, formats.header)
    number = 0
    for number, row in enumerate(rows, start=1):
        # LibreOffice does not fit the height of wrapped text by itself.
        sheet.set_row(start + number, _LINE_POINTS * _num_lines(row, widths))
        for place, text in enumerate(row):
            if text:
                sheet.write_string(start + number, place, text, formats.wrapped)
    return number


def _num_lines(row: Sequence[str], widths: Sequence[int]) -> int:
    """Counts the lines of the longest text when wrapped."""
    return max(
        max(len(textwrap.wrap(text, width)), 1)
        for text, width in zip(row, widths, strict=False)
    )


def _write_table(sheet: cells.Sheet, table: pa.Table, formats: _Formats) -> None:
    columns = [cells.column(field, table) for field in table.schema]
    widths = [
        column.width(field.name, table[field.name])
        for field, column in zip(table.schema, columns, strict=True)
    ]
    sheet.set_row(0, 2 * _LINE_POINTS)
    for place, field in enumerate(table.schema):
        unit = columns[place].unit
        name = f"{field.name} [{unit}]" if unit else field.name
        sheet.write_string(0, place, name, formats.header)
        sheet.set_column(place, place, widths[place])
    row = 1
    shown = [formats.number(column.pattern) for column in columns]
    for batch in table.to_batches(_BATCH_ROWS):
        for values in zip(*(part.to_pylist() for part in batch.columns), strict=True):
            for place, value in enumerate(values):
                if value is not None:
                    columns[place].write(sheet, row, place, value, shown[place])
            row += 1
    leading = table.schema.types[:_MOST_KEYS]
    texts_at = [place for place, kind in enumerate(leading) if pa.types.is_string(kind)]
    _make_readable(sheet, table.num_rows, widths, max(texts_at, default=-1) + 1)


def _lay_out(sheet: cells.Sheet, widths: Sequence[int]) -> None:
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    _set_print(sheet)


def _make_readable(
    sheet: cells.Sheet, num_rows: int, widths: Sequence[int], num_keys: int = 0
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, num_rows, len(widths) - 1)
    sheet.repeat_rows(0)
    if sum(widths) <= _PAGE_WIDTH:
        _set_print(sheet)
        return
    of_keys = sum(widths[:num_keys])
    room = max(_PAGE_WIDTH - of_keys, _PAGE_WIDTH // 2)
    if num_keys:
        sheet.repeat_columns(0, num_keys - 1)
    _set_print(sheet, math.ceil((sum(widths) - of_keys) / room))


def _set_print(sheet: cells.Sheet, num_pages: int = 1) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(num_pages, 0)
