"""Where everything of one trading day lies in a local warehouse.

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
"""

import dataclasses
import datetime
import os
import tempfile

from pipelines.storage import durable, roots

_STATE = ".tillage"


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """Paths of one trading day; those named `…_path` are absolute.

    Attributes:
      warehouse: Local folder, absolute.
      date: The stores' local trading day.
    """

    warehouse: str
    date: datetime.date

    @property
    def is_in_bucket(self) -> bool:
        """Whether the warehouse is a place in a bucket, not a local folder."""
        return "://" in self.warehouse

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
        return os.path.join(self.warehouse, ".versions", self.date.isoformat())

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
        return self._state_path("staging")

    @property
    def kept_folder(self) -> str:
        """Folder of kept scores, one for each fingerprint; below the warehouse."""
        return os.path.join(_STATE, "kept", self.date.isoformat())

    @property
    def work_path(self) -> str:
        """Folder of in-flight marks, strikes and progress."""
        return self._state_path("work")

    @property
    def refused_path(self) -> str:
        """Folder of the rejections of refused runs, one file a run."""
        return self._state_path("refused")

    @property
    def trash_path(self) -> str:
        """Folder of what is being deleted."""
        return self._state_path("trash")

    def staging_of(self, run_id: str) -> str:
        """Folder of one run's staged files, below the warehouse."""
        return os.path.join(_STATE, "staging", self.date.isoformat(), run_id)

    def links_path(self, table: str) -> str:
        """Folder that readers see as the day's partition of `table`."""
        return os.path.join(self.warehouse, table, self.partition)

    def _state_path(self, kind: str, suffix: str = "") -> str:
        name = self.date.isoformat() + suffix
        return os.path.join(self.warehouse, _STATE, kind, name)


def day(root: str, date: datetime.date) -> Day:
    """Lays out one trading day of the local warehouse at `root`."""
    return Day(os.path.abspath(root), date)


def check_writable(root: str) -> None:
    """Makes the warehouse at `root`, and finds out whether a run can publish there.

    Raises:
      roots.StorageError: it cannot; the message says why and how to mend it.
    """
    roots.check_local(root)
    try:
        os.makedirs(root, exist_ok=True)
        durable.make_private(os.path.join(root, _STATE))
        with tempfile.TemporaryDirectory(
            dir=os.path.join(root, _STATE), prefix="check-"
        ) as folder:
            os.symlink("target", os.path.join(folder, "link"))
            with open(os.path.join(folder, "file"), "wb") as file:
                file.write(b"written")
    except OSError as error:
        raise roots.StorageError(
            f"{root}: cannot write there ({error.strerror}); give --output a "
            "local folder that this user may write to, on a file system with links"
        ) from error
