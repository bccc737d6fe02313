"""One place in a bucket for a report, where no folder can be renamed.

```
report.html report.xlsx csv/… parquet/…   the report
report.json                               gone while these change, and written last
.new/…                                    the next report, until it is in place
.lock.json                                kept alive by who writes
```

Each object is whole at any time, and where `report.json` is, all are of one report.
"""

import contextlib
import pathlib
import tempfile
from collections.abc import Iterator

from pipelines.publishing import leases
from pipelines.reporting import files
from pipelines.storage import gcs

_CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NEXT = ".new"
_LOCK = ".lock.json"


def check_output(output: str) -> None:
    """Finds out, before the work, whether a report can be written to a bucket.

    Raises:
      files.OutputError: something else than a report is there.
      roots.StorageError: there is no such bucket, or this account may not write.
    """
    root = gcs.GcsRoot(output)
    root.check_writable()
    # A killed writer leaves its files, and what they were to be.
    if root.exists(files.RECORD) or root.exists(_NEXT):
        return
    if next(root.files(""), None) is not None:
        raise files.OutputError(files.something_else(output))


@contextlib.contextmanager
def replacing(output: str, record: str) -> Iterator[pathlib.Path]:
    """Fills a folder on this machine, and puts it in the place of an older report.

    After an error, or if the process is killed before all is uploaded, the older report
    is as it was. A kill between the copies that follow leaves a mixture without
    `report.json`; the next report mends it.

    Args:
      output: Place of the report; `check_output` has let it pass.
      record: JSON, for `files.RECORD`.

    Yields:
      The folder to fill.

    Raises:
      files.OutputError: another report is being written to the same place.
      roots.StorageError: the bucket cannot be written.
    """
    root = gcs.GcsRoot(output)
    busy = f"--output {output}: another report is being written there"
    with (
        leases.lease(root, _LOCK, busy, files.OutputError),
        tempfile.TemporaryDirectory(prefix="tillage-report-") as made,
    ):
        folder = pathlib.Path(made)
        yield folder
        names = _upload(root, folder)
        _switch(root, names)
        _write_record(root, output, record)
        root.delete(_NEXT)


def _upload(root: gcs.GcsRoot, folder: pathlib.Path) -> list[str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    for name, path in zip(names, paths, strict=True):
        kind = _CONTENT_TYPES[path.suffix]
        root.write(f"{_NEXT}/{name}", path.read_bytes(), kind)
    return names


def _switch(root: gcs.GcsRoot, names: list[str]) -> None:
    root.delete(files.RECORD)
    for name in names:
        root.copy(f"{_NEXT}/{name}", name)
    for kind in ("csv", "parquet"):
        for entry in list(root.files(kind)):
            if entry.path not in names:
                root.delete(entry.path)


def _write_record(root: gcs.GcsRoot, output: str, record: str) -> None:
    try:
        root.write_if(files.RECORD, record.encode(), generation=0)
    except gcs.ChangedError as error:
        raise files.OutputError(
            f"--output {output}: another report was written there meanwhile; start "
            "this one again"
        ) from error
