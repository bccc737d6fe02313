"""Rows of JSON lines: one object a line; every value becomes text or null."""

import json
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from pipelines.storage import raw_rows

_LINES_FOR_NAMES = 1_000


class _BadLineError(Exception):
    """A line is not one flat JSON object."""


def _refuse_constant(text: str) -> str:
    raise _BadLineError(f"the line holds {text}")


# Digits stay as written: a float would change amounts.
_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_refuse_constant
)


def column_names(file: BinaryIO) -> list[str] | None:
    """Collects the keys of the first thousand lines; None without a readable line."""
    names: dict[str, None] = {}
    for block in raw_rows.line_blocks(file):
        rows, _ = _rows(block.lines[:_LINES_FOR_NAMES])
        for row in rows.values():
            names |= dict.fromkeys(row)
        break
    return list(names) or None


def read(file: BinaryIO, known: Collection[str]) -> Iterator[raw_rows.RawRows]:
    """Reads JSON lines in batches; see `tabular.read`.

    A batch has every column that the file had so far, but that keys beyond
    `raw_rows.MAX_COLUMNS` are left out unless they are `known`.
    """
    names: dict[str, None] = {}
    for block in raw_rows.line_blocks(file):
        rows, faults = _rows(block.lines)
        faults |= block.faults()
        for row in rows.values():
            _add_names(names, row, known)
        columns = {
            key: _column([row.get(key) for row in rows.values()]) for key in names
        }
        yield raw_rows.RawRows(
            table=pa.table(columns),
            source_rows=np.fromiter(rows, np.int64, len(rows)) + block.first_line,
            bad_rows=tuple(
                raw_rows.BadRow(block.first_line + place, reason)
                for place, reason in faults.items()
            ),
        )


def _add_names(
    names: dict[str, None], row: dict[str, Any], known: Collection[str]
) -> None:
    if row.keys() <= names.keys():
        return
    for key in row:
        if len(names) < raw_rows.MAX_COLUMNS or key in known:
            names[key] = None


def _rows(lines: list[bytes]) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    rows, faults = {}, {}
    is_text = raw_rows.text_fault(b"\n".join(lines)) is None
    for place, line in enumerate(lines):
        try:
            if line.strip():
                rows[place] = _row(line, is_text)
        except _BadLineError as error:
            faults[place] = str(error)
    return rows, faults


def _row(line: bytes, is_text: bool) -> dict[str, Any]:
    fault = None if is_text else raw_rows.text_fault(line)
    if fault:
        raise _BadLineError(f"the line {fault}")
    try:
        row = _DECODER.decode(line.decode())
    except json.JSONDecodeError as error:
        raise _BadLineError(
            f"the line is not JSON: {error.msg} at character {error.colno}"
        ) from error
    except RecursionError as error:
        raise _BadLineError("the line is nested too deeply") from error
    if not isinstance(row, dict):
        raise _BadLineError("the line is not a JSON object")
    for key, value in row.items():
        if isinstance(value, (list, dict)):
            raise _BadLineError(f"{key[:40]!r} is not a single value")
    if b"\\u" in line:
        _check_escapes(row)
    return row


def _check_escapes(row: dict[str, Any]) -> None:
    for text in [*row, *row.values()]:
        if isinstance(text, str) and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise _BadLineError("the line holds half a character") from error
        if isinstance(text, str) and "\0" in text:
            raise _BadLineError("the line holds a NUL character")


def _column(values: list[Any]) -> pa.Array:
    flags = {True: "true", False: "false"}
    texts = [flags[value] if isinstance(value, bool) else value for value in values]
    return pa.array(texts, pa.string())
