"""One trading day in a local folder: links, renames and a journal."""

import os
import shutil
from collections.abc import Sequence

from pipelines import records
from pipelines.publishing import journal, versions, warehouse
from pipelines.storage import durable
from schemas import tables


class LocalPlace:
    """See `places.Place`; the layout is in `warehouse`."""

    def __init__(self, day: warehouse.Day) -> None:
        """Takes the day."""
        self._day = day

    def manifest(self) -> versions.Manifest | None:
        """See `places.Place.manifest`."""
        return versions.read(self._day.pointer_path)

    def token(self) -> str:
        """Names the published version; empty if nothing is published."""
        pointer = self._day.pointer_path
        return os.path.basename(os.readlink(pointer)) if os.path.islink(pointer) else ""

    def stage_run_row(self, run_id: str, content: bytes) -> None:
        """See `places.Place.stage_run_row`."""
        durable.make_private(self._day.staging_path)
        durable.write(journal.run_row_path(self._day, run_id), content)

    def publish(
        self,
        manifest: versions.Manifest,
        written: Sequence[records.WrittenFile],
        run_id: str,
        token: str,
    ) -> None:
        """See `places.Place.publish`; the lock keeps other runs out, not `token`."""
        versions.place(self._day, manifest, written, run_id)
        journal.commit(
            self._day, journal.Entry(version=manifest.version, run_id=run_id)
        )
        shutil.rmtree(self._day.refused_path, ignore_errors=True)

    def refuse(self, written: Sequence[records.WrittenFile], run_id: str) -> None:
        """See `places.Place.refuse`."""
        durable.make_private(self._day.refused_path)
        for file in written:
            staged = os.path.join(self._day.warehouse, file.path)
            # A retried step finds them moved already.
            if file.table == tables.REJECTIONS.folder and os.path.exists(staged):
                durable.move(staged, self._rejections(run_id))
        journal.add_run_row(self._day, run_id)
        journal.recover(self._day)

    def shrink(self, manifest: versions.Manifest, token: str, name: str) -> None:
        """See `places.Place.shrink`; the lock keeps runs out, not `token`."""
        staging = self._day.staging_of(name)
        written = versions.written_files(manifest, staging)
        for file in written:
            staged = os.path.join(self._day.warehouse, file.path)
            durable.make_private(os.path.dirname(staged))
            if not os.path.exists(staged):
                source = (self._day.pointer_path, file.table, file.name)
                os.link(os.path.join(*source), staged)
        versions.place(self._day, manifest, written, name)
        journal.commit(self._day, journal.Entry(version=manifest.version, run_id=name))

    def recover(self) -> bool:
        """See `places.Place.recover`."""
        return journal.recover(self._day)

    def run_row(self, run_id: str) -> bytes | None:
        """See `places.Place.run_row`."""
        path = os.path.join(self._day.runs_path, f"{run_id}.parquet")
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            return file.read()

    def rejections(self, run_id: str) -> str | None:
        """See `places.Place.rejections`."""
        path = self._rejections(run_id)
        return path if os.path.exists(path) else None

    def _rejections(self, run_id: str) -> str:
        return os.path.join(self._day.refused_path, f"{run_id}-rejections.parquet")
