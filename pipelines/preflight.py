"""Finds out, before a run starts, whether its inputs and outputs can be used."""

import gzip
import logging
import zlib
from collections.abc import Iterator

from pipelines import plan, secret
from pipelines.domain import columns, row_formats
from pipelines.inference import engines, face_weights
from pipelines.publishing import run_rows, warehouse
from pipelines.storage import raw_rows, roots, row_files, tabular

_LOGGER = logging.getLogger(__name__)
_PEEK_ROWS = 1000
_READ_BYTES = 2**20


class InputError(Exception):
    """The run cannot start; the message says what is wrong, where, and how to mend."""


def check(run: plan.Plan) -> None:
    """Checks the inputs of a run, its secret and its output.

    Raises:
      InputError: an input is missing, empty, or of the wrong shape.
      engines.EngineError: the engine or the face detector is not installed.
      secret.SecretError: there is no pseudonym key.
      roots.StorageError: the warehouse cannot be written.
    """
    engines.check_installed(run.settings.scoring.engine)
    if run.face_settings is not None:
        face_weights.path()
    secret.load(run.settings.secrecy)
    root = roots.at(run.settings.input_root)
    try:
        _check_folder(root)
        _check_photos(root, run)
        _check_purchases(root, run)
        _check_captures(root, run)
    except (
        raw_rows.BadFileError,
        columns.MissingColumnError,
        columns.ColumnTypeError,
    ) as error:
        raise InputError(str(error)) from error
    except OSError as error:
        where = error.filename or root.describe()
        raise InputError(f"{where}: {error.strerror}") from error
    warehouse.check_writable(run.settings.output_root)
    try:
        _warn_of_clock(run)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error


def _warn_of_clock(run: plan.Plan) -> None:
    newest = run_rows.newest_run_id(run.day)
    if newest is not None and newest > run.facts.run_id:
        _LOGGER.warning(
            "the run %s of this day began later than now, says its name: one of the "
            "clocks is or was wrong; `runs` and reports will take that run for the "
            "newer one",
            newest,
        )


def _check_folder(root: roots.Root) -> None:
    if root.folders(""):
        return
    fault = "not a folder with" if root.exists("") else "no such folder; it must hold"
    raise InputError(
        f"{root.describe()}: {fault} photos/ and purchases/; check --input"
    )


def _check_photos(root: roots.Root, run: plan.Plan) -> None:
    folder = run.photos_folder
    if next(iter(root.files(folder)), None) is not None:
        return
    # The photos of a published day may be deleted; its scores are kept.
    if run.scores.has_published():
        if run.settings.is_fresh:
            raise InputError(
                f"{root.describe(folder)}: no photos for {run.settings.date} any more; "
                "--fresh would lose their kept scores; leave it out"
            )
        return
    raise InputError(
        f"{root.describe(folder)}: no photos for {run.settings.date}; check --input "
        "and --date"
    )


def _check_purchases(root: roots.Root, run: plan.Plan) -> None:
    folder = run.purchases_folder
    files = row_files.find(root, folder).paths
    if not files:
        raise InputError(
            f"{root.describe(folder)}: no purchase log for {run.settings.date}; it "
            f"must hold files that end in {', '.join(tabular.SUFFIXES)}"
        )
    for path in files:
        _check_schema(root, path, run.line_format)
    # A list, not a generator: every file's times are looked at.
    if not any([_has_rows(root, path, run.line_format) for path in files]):
        raise InputError(
            f"{root.describe(folder)}: the purchase log of {run.settings.date} is "
            "empty; no file there has a line"
        )


def _check_captures(root: roots.Root, run: plan.Plan) -> None:
    for path in row_files.find(root, run.captures_folder).paths:
        _check_schema(root, path, run.capture_format)
        _has_rows(root, path, run.capture_format)


def _check_schema(
    root: roots.Root, path: str, row_format: row_formats.RowFormat
) -> None:
    if path.endswith(".gz"):
        _check_gzip(root, path)
    with root.open(path) as file:
        schema = tabular.schema_of(file, path)
    if schema is not None:
        row_format.check_columns(schema, path)


def _check_gzip(root: roots.Root, path: str) -> None:
    # A cut file gives its first lines without complaint, and half a day is worse
    # than none.
    with root.open(path) as file, gzip.GzipFile(fileobj=file) as unzipped:
        try:
            while unzipped.read(_READ_BYTES):
                pass
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{path}: damaged gzip file: {error}") from error


def _has_rows(root: roots.Root, path: str, row_format: row_formats.RowFormat) -> bool:
    """Tells whether a file has a row; refuses times that no zone explains."""
    for raw in _batches(root, path, row_format):
        first = raw.table.slice(0, _PEEK_ROWS)
        checked = row_format.check_rows(first, path, raw.source_rows[:_PEEK_ROWS])
        for rejection in checked.rejections:
            if "--timezone" in rejection.reason:
                raise InputError(f"{rejection.source}: {rejection.reason}")
        if raw.bad_rows or raw.table.num_rows:
            return True
    return False


def _batches(
    root: roots.Root, path: str, row_format: row_formats.RowFormat
) -> Iterator[raw_rows.RawRows]:
    with root.open(path) as file:
        yield from tabular.read(file, path, row_format.known)
