"""Stages and publishes small days, and reads them as an analyst would."""

import datetime
import hashlib
import io
import os
import pathlib

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import config, records
from pipelines.publishing import publish, warehouse
from pipelines.storage import roots
from schemas import runs, tables

DATE = datetime.date(2026, 11, 21)
STARTED = datetime.datetime(2026, 11, 22, 1, tzinfo=datetime.UTC)
TABLES = tuple(table.folder for table in tables.PUBLISHED)


def counts(num_lines=2, num_photos=2, **changes):
    return (
        dict.fromkeys(runs.COUNTS, 0)
        | {
            "photos_listed": num_photos,
            "photos_scored": num_photos,
            "photos_matched": num_photos,
            "lines_read": num_lines,
            "lines_out": num_lines,
        }
        | changes
    )


def stage(day, run_id, marker, num_files=None, num_rows=2):
    """Stages files of `num_rows` rows in all that carry `marker` and the file number.

    Args:
      day: Where to stage.
      run_id: Run that stages.
      marker: Value of the rows' column `version`.
      num_files: Files by table; one where it does not say.
      num_rows: Rows of each table.
    """
    written = []
    for table in TABLES:
        shards = (num_files or {}).get(table, 1)
        for shard in range(shards):
            rows = [{"version": marker, "file": shard}] * (num_rows // shards)
            path = f"{day.staging_of(run_id)}/{table}/part-{shard:05d}.parquet"
            written.append(_write(day, table, path, rows))
    return written


def _write(day, table, path, rows):
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    roots.at(day.warehouse).write(path, sink.getvalue())
    return records.WrittenFile(
        table=table,
        name=os.path.basename(path),
        path=path,
        rows=len(rows),
        size=len(sink.getvalue()),
        sha256=hashlib.sha256(sink.getvalue()).hexdigest(),
    )


def facts(run_id, published_token=""):
    return publish.RunFacts(
        run_id=run_id,
        started_at_utc=STARTED,
        attempt_started_at_utc=STARTED + datetime.timedelta(seconds=10),
        model_name="model",
        model_sha256="ab" * 32,
        model_license="research",
        code_version="0.1.0",
        settings_json="{}",
        published_token=published_token,
    )


def publish_staged(day, written, run_id, run_counts=None, token="", **limits):
    return publish.publish(
        day,
        written,
        run_counts or counts(),
        [],
        facts=facts(run_id, token),
        limits=config.Limits(**limits),
        finished_at_utc=STARTED + datetime.timedelta(seconds=16),
    )


def publish_day(root, marker, run_id=None, num_files=None, run_counts=None, **limits):
    day = warehouse.day(str(root), DATE)
    run_id = run_id or f"run-{marker}"
    written = stage(day, run_id, marker, num_files)
    return publish_staged(day, written, run_id, run_counts, **limits)


def read_versions(root, date=DATE):
    """Reads each table by glob.

    Returns:
      By table: `(marker, file number)` of its rows, sorted; None if it has no file.
    """
    found = {table: None for table in TABLES}
    globs = [
        f"{root}/{table}/*/*.parquet"
        for table in TABLES
        if any(path.is_file() for path in pathlib.Path(root, table).glob("*/*"))
    ]
    if globs:
        rows = duckdb.execute(
            "SELECT filename, version, file FROM read_parquet(?, filename = true) "
            "WHERE date = ? ORDER BY ALL",
            [globs, date],
        )
        for path, *row in rows.fetchall():
            table = os.path.relpath(path, root).split("/date=")[0]
            found[table] = [*(found[table] or []), tuple(row)]
    return found


def rows_of(marker, num_files=None):
    """What `read_versions` gives for a day published by `publish_day`."""
    return {
        table: sorted(
            (marker, shard)
            for shard in range((num_files or {}).get(table, 1))
            for _ in range(2 // (num_files or {}).get(table, 1))
        )
        for table in TABLES
    }


def all_paths(root):
    """Lists every file, link and folder below `root`."""
    return sorted(
        os.path.relpath(os.path.join(folder, name), root)
        for folder, folders, files in os.walk(root)
        for name in folders + files
    )
