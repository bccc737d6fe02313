"""Rows of CSV files: comma-separated, quoted with ", a header in the first line.

A record is one line. A quote that is left open would swallow the lines after it, so
a line with one is rejected, and so is a field that spans lines.
"""

import csv
import itertools
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from pipelines.storage import raw_rows


def column_names(file: BinaryIO, name: str) -> list[str]:
    """Reads the header of a CSV file.

    Raises:
      raw_rows.BadFileError: there is none, or it is not one.
    """
    for block in raw_rows.line_blocks(file):
        return _header(block, name)
    raise raw_rows.BadFileError(f"{name}: the file is empty, it has no header line")


def read(file: BinaryIO, name: str) -> Iterator[raw_rows.RawRows]:
    """Reads a CSV file in batches; see `tabular.read`."""
    names: list[str] | None = None
    for block in raw_rows.line_blocks(file):
        if names is None:
            names = _header(block, name)
            too_long = frozenset(place - 1 for place in block.too_long)
            block = raw_rows.Block(block.first_line + 1, block.lines[1:], too_long)
        if block.lines:
            yield _parse(block, names)
    if names is None:
        raise raw_rows.BadFileError(f"{name}: the file is empty, it has no header line")


def _header(block: raw_rows.Block, name: str) -> list[str]:
    line = block.lines[0]
    fault = raw_rows.text_fault(line) or ("has CR line ends" if b"\r" in line else None)
    if fault := raw_rows.TOO_LONG if 0 in block.too_long else fault:
        raise raw_rows.BadFileError(f"{name}: the header {fault}")
    names = [column.strip() for column in next(csv.reader([line.decode()]), [])]
    named = [column for column in names if column]
    if not named:
        raise raw_rows.BadFileError(f"{name}: the header line is empty")
    raw_rows.check_width(len(named), name)
    if len(named) != len(set(named)):
        # Not by name: without a header line, it is the value of a row.
        places = [place for place, column in enumerate(names, 1) if column in named]
        first, second = next(
            (a, b)
            for a, b in itertools.combinations(places, 2)
            if names[a - 1] == names[b - 1]
        )
        raise raw_rows.BadFileError(
            f"{name}: columns {first} and {second} have the same name"
        )
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise raw_rows.BadFileError(f"{name}: fields must be separated by commas")
    return names


def _parse(block: raw_rows.Block, names: list[str]) -> raw_rows.RawRows:
    faults = block.faults() | _line_faults(block.lines)
    kept = [b"" if i in faults else line for i, line in enumerate(block.lines)]
    parsed = _by_arrow(kept, names)
    if parsed is None:
        parsed = _one_by_one(kept, names)
    table, rows, wrong = parsed
    faults |= wrong
    return raw_rows.RawRows(
        table=_rename(table, names),
        source_rows=rows + block.first_line,
        bad_rows=tuple(
            raw_rows.BadRow(block.first_line + row, reason)
            for row, reason in sorted(faults.items())
        ),
    )


def _line_faults(lines: list[bytes]) -> dict[int, str]:
    whole = b"\n".join(lines)
    faults: dict[int, str] = {}
    if raw_rows.text_fault(whole):
        checked = ((i, raw_rows.text_fault(line)) for i, line in enumerate(lines))
        faults |= {i: f"the line {fault}" for i, fault in checked if fault}
    if b'"' in whole:
        odd = [i for i, line in enumerate(lines) if line.count(b'"') % 2]
        faults |= dict.fromkeys(odd, "a quote is left open")
    if b"\r" in whole:
        split = [i for i, line in enumerate(lines) if b"\r" in line]
        faults |= dict.fromkeys(split, "the line holds a carriage return")
    return faults


_Parsed = tuple[pa.Table, np.ndarray, dict[int, str]]
"""Rows, the index of each one's line, and the faults of other lines."""


def _by_arrow(lines: list[bytes], names: list[str]) -> _Parsed | None:
    """Parses all lines at once; None if a record would span several."""
    wrong: dict[int, str] = {}

    def skip(row: arrow_csv.InvalidRow) -> str:
        wrong[row.number - 1] = _count_fault(row.actual_columns, row.expected_columns)
        return "skip"

    places = [str(place) for place in range(len(names))]
    content = b"\n".join(lines) + b"\n"
    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        # Rows are numbered only without threads.
        arrow_csv.ReadOptions(
            use_threads=False, block_size=len(content) + 1, column_names=places
        ),
        arrow_csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=skip),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(places, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    if table.num_rows + len(wrong) != len(lines):
        return None
    is_row = np.ones(len(lines), bool)
    is_row[list(wrong)] = False
    is_blank = np.array([not line for line in lines])
    kept = table.filter(pa.array(~is_blank[is_row]))
    return kept, np.flatnonzero(is_row & ~is_blank), _not_blank(wrong, is_blank)


def _one_by_one(lines: list[bytes], names: list[str]) -> _Parsed:
    rows: dict[int, list[str | None]] = {}
    wrong: dict[int, str] = {}
    for i, line in enumerate(lines):
        if not line:
            continue
        try:
            # strict: an open quote is an error.
            values = next(csv.reader([line.decode()], strict=True))
        except csv.Error as error:
            wrong[i] = f"the line is not CSV: {error}"
            continue
        if len(values) == len(names):
            rows[i] = [value or None for value in values]
        else:
            wrong[i] = _count_fault(len(values), len(names))
    columns = [
        pa.array([row[place] for row in rows.values()], pa.string())
        for place in range(len(names))
    ]
    table = pa.table(columns, names=[str(place) for place in range(len(names))])
    return table, np.fromiter(rows, np.int64, len(rows)), wrong


def _not_blank(wrong: dict[int, str], is_blank: np.ndarray) -> dict[int, str]:
    return {row: reason for row, reason in wrong.items() if not is_blank[row]}


def _count_fault(given: int, expected: int) -> str:
    return f"{given} fields instead of {expected}"


def _rename(table: pa.Table, names: list[str]) -> pa.Table:
    named = [place for place, name in enumerate(names) if name]
    return table.select(named).rename_columns([names[place] for place in named])
