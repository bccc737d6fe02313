"""Makes a version the published one, and mends what a killed publish left.

The journal file is the point of no return: without it nothing has changed for any
reader, with it the publish is carried to its end, by the next run if need be.
"""

import dataclasses
import json
import os

from pipelines.publishing import access, versions, warehouse
from pipelines.storage import durable
from schemas import tables


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A publish under way.

    Attributes:
      version: Name of the version that is to be the published one.
      run_id: Run that made it.
    """

    version: str
    run_id: str


def commit(day: warehouse.Day, entry: Entry) -> None:
    """Writes the journal, and carries the publish to its end.

    The version and the run's row (`run_row_path`) must be in place.
    """
    durable.make_private(os.path.dirname(day.journal_path))
    durable.write(day.journal_path, json.dumps(dataclasses.asdict(entry)).encode())
    recover(day)


def recover(day: warehouse.Day) -> bool:
    """Finishes a publish that the journal holds, and clears away all else.

    Only the run that holds the day's lock may call it. It may be killed and called
    again at any point.

    Returns:
      Whether there was a publish to finish.
    """
    entry = _read(day)
    if entry is not None:
        _finish(day, entry)
    _clean_up(day)
    return entry is not None


def run_row_path(day: warehouse.Day, run_id: str) -> str:
    """Path of a run's row of `runs` until its publish is through."""
    return os.path.join(day.warehouse, f"{day.staging_of(run_id)}.run.parquet")


def add_run_row(day: warehouse.Day, run_id: str) -> None:
    """Moves a run's row to the table; does nothing if it is there already."""
    staged = run_row_path(day, run_id)
    if not os.path.exists(staged):
        return
    granted = access.of_table(day.warehouse, tables.RUNS_FOLDER)
    folder = granted.make_folders(
        day.warehouse, f"{tables.RUNS_FOLDER}/{day.partition}"
    )
    granted.grant(staged)
    durable.move(staged, os.path.join(folder, f"{run_id}.parquet"))


def _read(day: warehouse.Day) -> Entry | None:
    if not os.path.exists(day.journal_path):
        return None
    with open(day.journal_path, "rb") as file:
        return Entry(**json.loads(file.read()))


def _finish(day: warehouse.Day, entry: Entry) -> None:
    manifest = versions.read(os.path.join(day.versions_path, entry.version))
    if manifest is None:
        raise FileNotFoundError(
            f"{day.versions_path}/{entry.version}: gone, while {day.journal_path} says "
            "that it is being published"
        )
    # Links to files that only the new version has lead nowhere until the switch,
    # and readers skip those.
    _make_links(day, manifest)
    access.make_passage(os.path.dirname(day.pointer_path))
    target = os.path.relpath(day.versions_path, os.path.dirname(day.pointer_path))
    durable.link(day.pointer_path, os.path.join(target, entry.version))
    durable.sync_folder(os.path.dirname(day.pointer_path))
    _drop_links(day, manifest)
    add_run_row(day, entry.run_id)
    os.unlink(day.journal_path)
    durable.sync_folder(os.path.dirname(day.journal_path))


def _make_links(day: warehouse.Day, manifest: versions.Manifest) -> None:
    for file in manifest.files:
        granted = access.of_table(day.warehouse, file.table)
        folder = granted.make_folders(day.warehouse, f"{file.table}/{day.partition}")
        published = os.path.join(day.pointer_path, file.table, file.name)
        durable.link(
            os.path.join(folder, file.name), os.path.relpath(published, folder)
        )
    for table in {file.table for file in manifest.files}:
        durable.sync_folder(day.links_path(table))


def _drop_links(day: warehouse.Day, manifest: versions.Manifest) -> None:
    published = {(file.table, file.name) for file in manifest.files}
    known = {table.folder for table in tables.PUBLISHED}
    for table in sorted(known | {file.table for file in manifest.files}):
        folder = day.links_path(table)
        for name in durable.names(folder):
            path = os.path.join(folder, name)
            if (table, name) not in published and os.path.islink(path):
                os.unlink(path)


def _clean_up(day: warehouse.Day) -> None:
    durable.make_private(day.trash_path)
    current = os.path.basename(os.path.realpath(day.pointer_path))
    for version in durable.names(day.versions_path):
        if version != current:
            durable.delete(os.path.join(day.versions_path, version), day.trash_path)
    durable.delete(day.staging_path, day.trash_path)
    # Whatever killed processes had not deleted to the end.
    for name in durable.names(day.trash_path):
        durable.delete(os.path.join(day.trash_path, name), day.trash_path)
    os.rmdir(day.trash_path)
