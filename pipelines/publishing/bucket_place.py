"""One trading day in a bucket, where nothing can be renamed or linked.

```
.days/D.json                                   names the published version
.versions/D/<content hash>/<table>/…           files of one published version
scores/photo_ages/date=D/part-00000.parquet    copy of the file of that version
runs/date=D/<run id>.parquet                   one file a run, published or refused
.tillage/                                      state of the jobs
```

`.days/D.json` is the point of no return: it is written in one request, and only if it
still is what the run saw when it began. Who reads the version that it names sees all
tables of one run. The copies follow it one by one, each of them whole.
"""

import dataclasses
import json
import re
from collections.abc import Sequence

from pipelines import records
from pipelines.publishing import journal, places, versions, warehouse
from pipelines.storage import gcs
from schemas import tables

_PART = re.compile(r"part-\d+\.parquet")


class BucketPlace:
    """See `places.Place`."""

    def __init__(self, day: warehouse.Day) -> None:
        """Takes the day."""
        self._day = day
        self._root = gcs.GcsRoot(day.warehouse)

    def manifest(self) -> versions.Manifest | None:
        """See `places.Place.manifest`."""
        entry, _ = self._published()
        return None if entry is None else self._manifest(entry.version)

    def token(self) -> str:
        """Gives the generation of the pointer; 0 if nothing is published."""
        return str(self._published()[1])

    def stage_run_row(self, run_id: str, content: bytes) -> None:
        """See `places.Place.stage_run_row`."""
        self._root.write(self._staged_run_row(run_id), content)

    def publish(
        self,
        manifest: versions.Manifest,
        written: Sequence[records.WrittenFile],
        run_id: str,
        token: str,
    ) -> None:
        """See `places.Place.publish`."""
        entry = journal.Entry(version=manifest.version, run_id=run_id)
        if self._published()[0] != entry:
            # A run on Dataflow has no launcher that could have called `recover`.
            self._finish()
            self._place(manifest, written)
            self._switch(entry, int(token))
        self.recover()
        self._root.delete(self._day.refused_folder)

    def refuse(self, written: Sequence[records.WrittenFile], run_id: str) -> None:
        """See `places.Place.refuse`."""
        self._finish()
        for file in written:
            if file.table == tables.REJECTIONS.folder:
                self._move(file.path, self._rejections(run_id))
        self._add_run_row(run_id)
        self._clean_up()

    def shrink(self, manifest: versions.Manifest, token: str, name: str) -> None:
        """See `places.Place.shrink`; nothing is staged."""
        published, _ = self._published()
        if published is None:
            raise places.DayChangedError
        source = self._day.version_folder(published.version)
        self._place(manifest, versions.written_files(manifest, source))
        entry = journal.Entry(version=manifest.version, run_id=published.run_id)
        self._switch(entry, int(token))
        self.recover()

    def recover(self) -> bool:
        """See `places.Place.recover`."""
        is_changed = self._finish()
        self._clean_up()
        return is_changed

    def run_row(self, run_id: str) -> bytes | None:
        """See `places.Place.run_row`."""
        return self._read(self._run_row(run_id))

    def rejections(self, run_id: str) -> str | None:
        """See `places.Place.rejections`."""
        path = self._rejections(run_id)
        return self._root.describe(path) if self._root.exists(path) else None

    def _published(self) -> tuple[journal.Entry | None, int]:
        found = self._root.fetch(self._day.pointer)
        if found is None:
            return None, 0
        return journal.Entry(**json.loads(found.content)), found.generation

    def _manifest(self, version: str) -> versions.Manifest:
        path = f"{self._day.version_folder(version)}/{versions.MANIFEST}"
        return versions.Manifest.from_json(self._root.read(path))

    def _place(
        self, manifest: versions.Manifest, written: Sequence[records.WrittenFile]
    ) -> None:
        folder = self._day.version_folder(manifest.version)
        for file in written:
            # The version is named after its bytes: a file that is there is the same.
            target = f"{folder}/{file.table}/{file.name}"
            if not self._root.exists(target):
                self._root.copy(file.path, target)
        self._root.write(f"{folder}/{versions.MANIFEST}", manifest.to_json())

    def _switch(self, entry: journal.Entry, generation: int) -> None:
        content = json.dumps(dataclasses.asdict(entry)).encode()
        try:
            self._root.write_if(self._day.pointer, content, generation)
        except gcs.ChangedError as error:
            raise places.DayChangedError from error

    def _finish(self) -> bool:
        """Shows all of what the pointer names; tells whether that was not done."""
        entry, _ = self._published()
        if entry is None:
            return False
        is_changed = self._show(self._manifest(entry.version))
        return self._add_run_row(entry.run_id) or is_changed

    def _show(self, manifest: versions.Manifest) -> bool:
        """Makes the visible files those of a version; tells whether they were not."""
        folder = self._day.version_folder(manifest.version)
        wanted = self._root.checksums(folder)
        shown = {
            path: checksum
            for table in sorted({table.folder for table in tables.PUBLISHED})
            for path, checksum in self._root.checksums(
                f"{table}/{self._day.partition}"
            ).items()
        }
        targets = {
            f"{file.table}/{self._day.partition}/{file.name}": (
                f"{folder}/{file.table}/{file.name}"
            )
            for file in manifest.files
        }
        stale = [
            target
            for target, source in targets.items()
            if shown.get(target) != wanted[source]
        ]
        for target in stale:
            self._root.copy(targets[target], target)
        others = [
            path
            for path in shown
            if path not in targets and _PART.fullmatch(path.rsplit("/", 1)[-1])
        ]
        for path in others:
            self._root.delete(path)
        return bool(stale or others)

    def _add_run_row(self, run_id: str) -> bool:
        return self._move(self._staged_run_row(run_id), self._run_row(run_id))

    def _move(self, source: str, target: str) -> bool:
        """Moves an object; does nothing if that was done already."""
        try:
            self._root.copy(source, target)
        except FileNotFoundError:
            return False
        self._root.delete(source)
        return True

    def _clean_up(self) -> None:
        entry, _ = self._published()
        current = None if entry is None else entry.version
        for path in self._root.checksums(self._day.versions_folder):
            version = path.removeprefix(f"{self._day.versions_folder}/").split("/")[0]
            if version != current:
                self._root.delete(path)
        self._root.delete(self._day.staging_folder)

    def _read(self, path: str) -> bytes | None:
        try:
            return self._root.read(path)
        except FileNotFoundError:
            return None

    def _run_row(self, run_id: str) -> str:
        return f"{tables.RUNS_FOLDER}/{self._day.partition}/{run_id}.parquet"

    def _staged_run_row(self, run_id: str) -> str:
        return f"{self._day.staging_of(run_id)}.run.parquet"

    def _rejections(self, run_id: str) -> str:
        return f"{self._day.refused_folder}/{run_id}-rejections.parquet"
