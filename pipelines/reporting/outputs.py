"""Where a report goes: a folder, or a place in a bucket."""

import contextlib
import pathlib

from pipelines.reporting import files
from pipelines.storage import roots


def check(output: str) -> None:
    """Finds out, before the work, whether a report can be written there.

    Raises:
      files.OutputError, roots.StorageError: it cannot; the message says why.
    """
    if roots.is_remote(output):
        # Takes a second to import, which a local report need not spend.
        from pipelines.reporting import bucket_files

        bucket_files.check_output(output)
    else:
        files.check_output(output)


def replacing(
    output: str, record: str
) -> contextlib.AbstractContextManager[pathlib.Path]:
    """Fills a new folder, and puts it in the place of an older report at the end.

    Args:
      output: Place of the report; `check` has let it pass.
      record: JSON, for `files.RECORD`.

    Returns:
      Gives the folder to fill; see `files.replacing` and `bucket_files.replacing`.
    """
    if roots.is_remote(output):
        from pipelines.reporting import bucket_files

        return bucket_files.replacing(output, record)
    return files.replacing(output, record)
