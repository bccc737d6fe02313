"""What readers see of one trading day while the job works on it.

python -m benchmarks.whole_days WAREHOUSE KNOWN.json

polls until its standard input ends, and prints as JSON how often it saw each known
day, how often something else: a torn day, and how many reads failed because the day
was switched in their middle.
"""

import collections
import hashlib
import json
import os
import pathlib
import select
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import duckdb
from google.api_core import exceptions
from google.cloud import storage

from benchmarks import large_days
from pipelines.storage import gcs
from schemas import tables

_POLL_SECONDS = 0.05
_TRIES = 20
_PARTITION = f"date={large_days.DATE}"
_TABLES = tuple(table.folder for table in tables.PUBLISHED)
_STAGED = f".tillage/staging/{large_days.DATE}/"
_RUN_ROW = ".run.parquet"
_UNREADABLE = "unreadable"

Digests = Mapping[str, str]


class Day(Protocol):
    """One published day, `large_days.DATE`, read without code of the job."""

    def version(self) -> str:
        """Names the published version; empty if there is none."""

    def read(self) -> Digests:
        """Digests each table as its readers see it, or says why it cannot."""

    def files(self) -> Digests:
        """Digests the bytes of each visible file and what the manifest says."""

    def staged(self) -> frozenset[str]:
        """Names the rows of `runs` that are staged; each run stages one at its end."""

    def phase(self) -> str:
        """Tells what a run at work is about to do.

        Returns:
          `score`, `stage` (the run's row is staged, nothing has changed for readers)
          or `switch` (the publish has passed the point of no return).
        """


class Folder:
    """See `Day`; tables are read by DuckDB."""

    def __init__(self, warehouse: str) -> None:
        """Takes the folder."""
        self._root = pathlib.Path(warehouse)
        self._pointer = self._root / ".days" / large_days.DATE
        self._query = " union all ".join(
            f"select '{table}', concat(count(*), ' ', sum(hash(t))) from "
            f"read_parquet('{self._root}/{table}/{_PARTITION}/*.parquet') t"
            for table in _TABLES
        )

    def version(self) -> str:
        """See `Day.version`."""
        try:
            return os.readlink(self._pointer)
        except FileNotFoundError:
            return ""

    def read(self) -> Digests:
        """See `Day.read`."""
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set enable_external_file_cache = false")
            try:
                return dict(connection.execute(self._query).fetchall())
            except duckdb.Error as error:
                return {_UNREADABLE: str(error)}

    def files(self) -> Digests:
        """See `Day.files`."""
        paths = [
            path
            for table in _TABLES
            for path in (self._root / table / _PARTITION).glob("*.parquet")
        ]
        found = {
            str(path.relative_to(self._root)): _sha256(path.read_bytes())
            for path in paths
        }
        manifest = (self._pointer / "manifest.json").read_bytes()
        return found | {"manifest": _said(manifest)}

    def staged(self) -> frozenset[str]:
        """See `Day.staged`."""
        try:
            names = os.listdir(self._root / _STAGED)
        except FileNotFoundError:
            # A run that ends takes the folder away, at any moment.
            names = []
        return frozenset(name for name in names if name.endswith(_RUN_ROW))

    def phase(self) -> str:
        """See `Day.phase`."""
        if (self._root / f".tillage/journal/{large_days.DATE}.json").exists():
            return "switch"
        return "stage" if self.staged() else "score"


class Bucket:
    """See `Day`; bytes are read through the pointer."""

    def __init__(self, warehouse: str) -> None:
        """Takes a URL such as `gs://bucket/chain`."""
        name, prefix = warehouse.removeprefix("gs://").split("/", 1)
        self._prefix = f"{prefix}/"
        self._bucket: storage.Bucket = gcs.client().bucket(name)

    def version(self) -> str:
        """See `Day.version`."""
        found = self._pointer()
        return str(found["version"]) if found else ""

    def read(self) -> Digests:
        """See `Day.read`."""
        for _ in range(_TRIES):
            version = self.version()
            try:
                return self._read(f".versions/{large_days.DATE}/{version}")
            except exceptions.NotFound:
                # The files of a version go once another one is published.
                if self.version() == version:
                    break
        return {_UNREADABLE: "files of the version that the pointer names are gone"}

    def files(self) -> Digests:
        """See `Day.files`."""
        found = {
            path: _sha256(self._get(path))
            for table in _TABLES
            for path in self._list(f"{table}/{_PARTITION}/")
        }
        folder = f".versions/{large_days.DATE}/{self.version()}"
        return found | {"manifest": _said(self._get(f"{folder}/manifest.json"))}

    def staged(self) -> frozenset[str]:
        """See `Day.staged`."""
        paths = [path.removeprefix(_STAGED) for path in self._list(_STAGED)]
        return frozenset(path for path in paths if path.endswith(_RUN_ROW))

    def phase(self) -> str:
        """See `Day.phase`."""
        rows = self.staged()
        if not rows:
            return "score"
        run_id = (self._pointer() or {}).get("run_id")
        return "switch" if f"{run_id}{_RUN_ROW}" in rows else "stage"

    def _read(self, folder: str) -> Digests:
        manifest = json.loads(self._get(f"{folder}/manifest.json"))
        paths = [f"{file['table']}/{file['name']}" for file in manifest["files"]]
        return {path: _sha256(self._get(f"{folder}/{path}")) for path in paths}

    def _pointer(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(
                self._get(f".days/{large_days.DATE}.json")
            )
        except exceptions.NotFound:
            return None
        return found

    def _get(self, path: str) -> bytes:
        content: bytes = self._bucket.blob(self._prefix + path).download_as_bytes()
        return content

    def _list(self, path: str) -> list[str]:
        blobs = self._bucket.list_blobs(prefix=self._prefix + path)
        return [blob.name.removeprefix(self._prefix) for blob in blobs]


def at(warehouse: str) -> Day:
    """Gives the day of a warehouse, a folder or a place in a bucket."""
    return Bucket(warehouse) if "://" in warehouse else Folder(warehouse)


class Look(NamedTuple):
    """What one look at a day gave.

    Attributes:
      seen: Digests of its tables.
      num_failed_at_switch: Reads that failed before, while the day was switched.
    """

    seen: Digests
    num_failed_at_switch: int


def look(day: Day) -> Look:
    """Reads the day once.

    A read during which the day was switched is repeated: what was read under one and
    the same version must be whole.
    """
    found: Digests = {}
    num_failed = 0
    for _ in range(_TRIES):
        before = day.version()
        found = day.read()
        if before == day.version():
            break
        num_failed += _UNREADABLE in found
    return Look(found, num_failed)


def watch(day: Day, known: Mapping[str, Digests]) -> dict[str, Any]:
    """Polls until standard input ends, and once at least.

    Args:
      day: What to read.
      known: Whole days by name.

    Returns:
      Looks by name of the day seen, `torn` among them, the first torn day, and reads
      that failed at a switch.
    """
    counts: collections.Counter[str] = collections.Counter(dict.fromkeys(known, 0))
    counts["torn"] = 0
    first_torn: Digests | None = None
    num_failed = 0
    is_over = False
    while not is_over:
        is_over = bool(select.select([sys.stdin], [], [], _POLL_SECONDS)[0])
        found = look(day)
        num_failed += found.num_failed_at_switch
        names = (name for name, whole in known.items() if whole == found.seen)
        name = next(names, "torn")
        counts[name] += 1
        if name == "torn" and first_torn is None:
            first_torn = dict(found.seen)
    return {
        "looks": dict(counts),
        "first_torn": first_torn,
        "failed_at_switch": num_failed,
    }


def main(argv: Sequence[str]) -> int:
    """Polls and prints."""
    warehouse, known = argv
    found = watch(at(warehouse), json.loads(pathlib.Path(known).read_bytes()))
    print(json.dumps(found))
    return 0


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _said(manifest: bytes) -> str:
    # The fingerprint of the settings depends on where the warehouse lies.
    said = json.loads(manifest)
    del said["settings_fingerprint"]
    return json.dumps(said, sort_keys=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
