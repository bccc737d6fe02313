"""One folder for a report: its tables as Parquet and CSV, whole or not at all.

CSV is UTF-8 with a byte order mark, without which Excel reads `Müsli` as `MÃ¼sli`;
pandas, pyarrow, DuckDB and R skip the mark. A null is empty, an empty text is `""`.
Text that a spreadsheet would take for a formula has a `'` before it; the Parquet files
hold it as it is.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import stat
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipelines.publishing import access as tables_access
from pipelines.storage import durable

RECORD = "report.json"
"""The settings of a report; a folder without it is no report, and not replaced."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# OWASP, "CSV Injection"; full-width signs are formulas where Japanese is set.
_FORMULA = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"
_LOCK = ".lock"


class OutputError(Exception):
    """The report cannot be written there; the message says why and what to do."""


def check_output(output: str) -> None:
    """Finds out, before the work, whether a report can be written to a folder.

    Raises:
      OutputError: it cannot, or something else than a report is there.
    """
    target = _target(output)
    if target.exists() and not target.is_dir():
        raise OutputError(f"--output {output}: is no folder; name another")
    if target.is_mount():
        raise OutputError(
            f"--output {output}: is a mount point, and cannot be replaced as a whole; "
            "name a folder below it"
        )
    if _holds_something_else(target):
        raise OutputError(something_else(output))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"--output {output}: cannot be made: {error.strerror}"
        ) from error
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise OutputError(
            f"--output {output}: this user may not write to {target.parent}; name "
            "another folder"
        )


def something_else(output: str) -> str:
    """Says that what is there is no report."""
    return (
        f"--output {output}: holds something else than a report ({RECORD} is missing), "
        "which would be lost; name a new folder"
    )


@contextlib.contextmanager
def replacing(output: str, record: str) -> Iterator[pathlib.Path]:
    """Fills a new folder, and puts it in the place of an older report at the end.

    The report is readable by its owner alone, for it holds the audit too; all of it
    takes over an older report's mode and group. After an error, or if the process is
    killed, the older report is as it was; between the two renames of a kill it waits
    beside, and the next report puts it back first.

    Args:
      output: Folder of the report; `check_output` has let it pass.
      record: JSON, for `RECORD`.

    Yields:
      The folder to fill.

    Raises:
      OutputError: another report is being written to the same place.
    """
    target = _target(output)
    staging = target.with_name(f".{target.name}.new")
    older = target.with_name(f".{target.name}.old")
    with _locked(staging, output):
        try:
            _restore(target, older)
            _clear(staging)
            (staging / RECORD).write_text(record, encoding="utf-8")
            yield staging
            (staging / _LOCK).unlink()
            _grant(staging, like=target if target.exists() else staging)
            _sync(staging)
            _swap(staging, target, older)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def write_tables(folder: pathlib.Path, tables: Mapping[str, pa.Table]) -> None:
    """Writes tables as `parquet/NAME.parquet` and `csv/NAME.csv`.

    Args:
      folder: Exists.
      tables: By name; each carries its schema's version in the metadata.

    Raises:
      ValueError: a table carries no version.
    """
    for kind in ("parquet", "csv"):
        (folder / kind).mkdir()
    for name, table in tables.items():
        if b"tillage_schema_version" not in (table.schema.metadata or {}):
            raise ValueError(f"{name} must carry its schema's version")
        path = folder / "parquet" / f"{name}.parquet"
        pq.write_table(table, path, compression="zstd")
        with (folder / "csv" / f"{name}.csv").open("wb") as file:
            file.write(_BYTE_ORDER_MARK)
            pa_csv.write_csv(_without_formulas(table), file)


def _without_formulas(table: pa.Table) -> pa.Table:
    columns = [
        pc.replace_substring_regex(column, _FORMULA, r"'\0")
        if pa.types.is_string(column.type)
        else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=table.schema.names)


def _target(output: str) -> pathlib.Path:
    # A link to a report stays a link; what it leads to is replaced.
    return pathlib.Path(os.path.realpath(output))


def _holds_something_else(folder: pathlib.Path) -> bool:
    if not folder.is_dir() or (folder / RECORD).is_file():
        return False
    return any(folder.iterdir())


@contextlib.contextmanager
def _locked(staging: pathlib.Path, output: str) -> Iterator[None]:
    staging.mkdir(durable.OWNER_ONLY, exist_ok=True)
    with (staging / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                f"--output {output}: another report is being written there; wait for "
                "it, or name another folder"
            ) from None
        yield


def _restore(target: pathlib.Path, older: pathlib.Path) -> None:
    """Mends what a killed process left of a swap."""
    if not older.exists():
        return
    if target.exists():
        shutil.rmtree(older)
    else:
        older.rename(target)


def _clear(staging: pathlib.Path) -> None:
    for path in staging.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()


def _grant(folder: pathlib.Path, like: pathlib.Path) -> None:
    """Gives a folder and all in it the mode and group of another folder."""
    found = like.stat()
    access = tables_access.Access(stat.S_IMODE(found.st_mode), found.st_gid)
    for path in (folder, *folder.rglob("*")):
        access.grant(str(path))


def _sync(folder: pathlib.Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            durable.sync_folder(str(path))
    durable.sync_folder(str(folder))


def _swap(staging: pathlib.Path, target: pathlib.Path, older: pathlib.Path) -> None:
    if target.exists():
        target.rename(older)
    staging.rename(target)
    durable.sync_folder(str(target.parent))
    shutil.rmtree(older, ignore_errors=True)
