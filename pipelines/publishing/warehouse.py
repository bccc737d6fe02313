"""Where everything of one trading day lies in a warehouse, here a local folder.

```
scores/photo_ages/date=D/part-00000.parquet    link to the file below `.days/D`
.days/D                                        link to one folder of `.versions/D`
.versions/D/<content hash>/<table>/…           files of one published version
runs/date=D/<run id>.parquet                   one file a run, published or refused
.tillage/                                      state of the jobs, for their owner
```

Every reader comes through `.days/D`, so one rename of it switches all tables of
the day. The visible links are links to files, not to folders: DuckDB's `**` does
not enter linked folders, and every reader skips a link whose target is not there.
A bucket has no links: see `bucket_place`.
"""

import dataclasses
import datetime
import hashlib
import os
import tempfile

from pipelines.publishing import access
from pipelines.storage import durable, roots, scratch

STATE = ".tillage"
"""Folder of what the jobs keep for themselves."""


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """Paths of one trading day; those named `…_path` are absolute, and local.

    Attributes:
      warehouse: Local folder, absolute, or a place such as `gs://bucket/prefix`.
      date: The stores' local trading day.
    """

    warehouse: str
    date: datetime.date

    @property
    def is_in_bucket(self) -> bool:
        """Whether the warehouse is a place in a bucket, not a local folder."""
        return roots.is_remote(self.warehouse)

    @property
    def partition(self) -> str:
        """Name of the day's folder in every table."""
        return f"date={self.date.isoformat()}"

    @property
    def pointer_path(self) -> str:
        """Link whose target is the published version."""
        return os.path.join(self.warehouse, ".days", self.date.isoformat())

    @property
    def versions_path(self) -> str:
        """Folder of the day's versions; at rest it holds one or none."""
        return os.path.join(self.warehouse, self.versions_folder)

    @property
    def runs_path(self) -> str:
        """Folder of the day's rows of `runs`."""
        return os.path.join(self.warehouse, "runs", self.partition)

    @property
    def journal_path(self) -> str:
        """File that is there while a publish is under way."""
        return self._state_path("journal", ".json")

    @property
    def lock_path(self) -> str:
        """File whose lock the running job of the day holds."""
        return self._state_path("locks", ".lock")

    @property
    def staging_path(self) -> str:
        """Folder with one folder a run, for files that are not published yet."""
        return os.path.join(self.warehouse, self.staging_folder)

    @property
    def pointer(self) -> str:
        """Object that names the published version; below a warehouse in a bucket."""
        return f".days/{self.date.isoformat()}.json"

    @property
    def versions_folder(self) -> str:
        """Folder of the day's versions, below the warehouse."""
        return f".versions/{self.date.isoformat()}"

    @property
    def staging_folder(self) -> str:
        """Folder with one folder a run, for what is not published yet, likewise."""
        return self._state("staging")

    @property
    def refused_folder(self) -> str:
        """Folder of the rejections of refused runs, one file a run, likewise."""
        return self._state("refused")

    @property
    def lock_object(self) -> str:
        """Object that the running job of the day keeps alive, likewise."""
        return self._state("locks", ".json")

    @property
    def kept_folder(self) -> str:
        """Folder of kept scores, one for each fingerprint; below the warehouse."""
        return self._state("kept")

    @property
    def work_path(self) -> str:
        """Folder of in-flight marks, strikes and progress: on this machine always."""
        if not self.is_in_bucket:
            return self._state_path("work")
        place = hashlib.sha256(self.warehouse.encode()).hexdigest()[:16]
        return os.path.join(scratch.folder(), place, self.date.isoformat())

    @property
    def refused_path(self) -> str:
        """Folder of the rejections of refused runs, one file a run."""
        return os.path.join(self.warehouse, self.refused_folder)

    @property
    def trash_path(self) -> str:
        """Folder of what is being deleted."""
        return self._state_path("trash")

    def staging_of(self, run_id: str) -> str:
        """Folder of one run's staged files, below the warehouse."""
        return f"{self.staging_folder}/{run_id}"

    def version_folder(self, version: str) -> str:
        """Folder of one version, below the warehouse."""
        return f"{self.versions_folder}/{version}"

    def links_path(self, table: str) -> str:
        """Folder that readers see as the day's partition of `table`."""
        return os.path.join(self.warehouse, table, self.partition)

    def _state_path(self, kind: str, suffix: str = "") -> str:
        return os.path.join(self.warehouse, self._state(kind, suffix))

    def _state(self, kind: str, suffix: str = "") -> str:
        return f"{STATE}/{kind}/{self.date.isoformat()}{suffix}"


def day(root: str, date: datetime.date) -> Day:
    """Lays out one trading day of the warehouse at `root`, a folder or in a bucket."""
    return Day(root if roots.is_remote(root) else os.path.abspath(root), date)


def check_writable(root: str) -> None:
    """Makes the warehouse at `root`, and finds out whether a run can publish there.

    Raises:
      roots.StorageError: it cannot; the message says why and how to mend it.
    """
    if roots.is_remote(root):
        # Takes a second to import, which a local run need not spend.
        from pipelines.storage import gcs

        gcs.GcsRoot(root).check_writable(STATE)
        return
    try:
        access.make_passages(root)
        durable.make_private(os.path.join(root, STATE))
        with tempfile.TemporaryDirectory(
            dir=os.path.join(root, STATE), prefix="check-"
        ) as folder:
            os.symlink("target", os.path.join(folder, "link"))
            with open(os.path.join(folder, "file"), "wb") as file:
                file.write(b"written")
    except OSError as error:
        raise roots.StorageError(
            f"{root}: cannot write there ({error.strerror}); give --output a "
            "local folder that this user may write to, on a file system with links"
        ) from error
