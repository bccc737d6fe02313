"""Gate and publish: the last step of a run.

All tables of the day switch at once, or none does. The layout is in `warehouse`,
what a killed publish leaves in `journal`.
"""

import collections
import dataclasses
import datetime
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import config, records
from pipelines.domain import balance, summary
from pipelines.publishing import journal, versions, warehouse
from pipelines.storage import durable
from schemas import runs, tables

_BETWEEN_REFUSALS = " | "


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a run knows of itself before it ends.

    Attributes:
      run_id: See `new_run_id`.
      started_at_utc: Start of the run.
      attempt_started_at_utc: Start of this attempt; later than the run's if its
        workers were restarted.
      model_name: Name of the bundle.
      model_sha256: Digest of the bundle's card.
      model_license: Licence of the bundle.
      code_version: Version of Tillage.
      settings_json: Every setting of the run; no secret.
    """

    run_id: str
    started_at_utc: datetime.datetime
    attempt_started_at_utc: datetime.datetime
    model_name: str
    model_sha256: str
    model_license: str
    code_version: str
    settings_json: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a run.

    Attributes:
      run_id: The run.
      is_published: Whether readers see its tables now.
      refusals: Why not, one line a reason.
    """

    run_id: str
    is_published: bool
    refusals: tuple[str, ...]


def new_run_id(started_at_utc: datetime.datetime) -> str:
    """Names a run: its start, and a suffix that no other run has."""
    return f"{started_at_utc:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def publish(
    day: warehouse.Day,
    written: Sequence[records.WrittenFile],
    counts: Mapping[str, int],
    store_health: Sequence[Mapping[str, object]],
    *,
    facts: RunFacts,
    limits: config.Limits,
    finished_at_utc: datetime.datetime,
    failures: Sequence[str] = (),
    store_drift: Sequence[Mapping[str, object]] | None = None,
) -> Outcome:
    """Publishes a run's tables, or refuses them and leaves the day as it is.

    Either way the run gets its row of `runs`, and its staged files are gone
    afterwards. The caller's run holds the day's lock, and has called `recover`.
    May be called again with the same arguments after it was interrupted.

    Args:
      day: Where to publish.
      written: Staged files, all tables.
      counts: Every counter of `schemas.runs.COUNTS`.
      store_health: Values of `schemas.runs.STORE_HEALTH`, sorted by store.
      facts: What the run knows of itself.
      limits: What the gate lets pass.
      finished_at_utc: Now.
      failures: Why the day cannot be whole, one line a reason.
      store_drift: Values of `schemas.runs.STORE_DRIFT`, sorted; None: not judged.
        Nothing in it refuses a publish.

    Returns:
      Whether the tables are published, and if not, why.
    """
    refusals = (*failures, *_gate(day, written, counts, limits))
    row = _run_row(counts, facts, refusals, finished_at_utc) | {
        "store_health": list(store_health),
        "store_drift": None if store_drift is None else list(store_drift),
    }
    _stage_run_row(day, row)
    if refusals:
        _keep_rejections(day, written, facts.run_id)
        journal.add_run_row(day, facts.run_id)
        journal.recover(day)
    else:
        manifest = _manifest(day, written, counts, facts)
        versions.place(day, manifest, written, facts.run_id)
        entry = journal.Entry(version=manifest.version, run_id=facts.run_id)
        journal.commit(day, entry)
        shutil.rmtree(day.refused_path, ignore_errors=True)
    return Outcome(run_id=facts.run_id, is_published=not refusals, refusals=refusals)


def recover(day: warehouse.Day) -> bool:
    """Finishes what a killed publish had begun, and clears away what it had staged.

    Only the run that holds the day's lock may call it, before it stages anything.

    Returns:
      Whether there was a publish to finish.
    """
    return journal.recover(day)


def read_manifest(day: warehouse.Day) -> versions.Manifest | None:
    """Reads what is published; None if nothing is."""
    return versions.read(day.pointer_path)


def published_counts(day: warehouse.Day) -> balance.Fullness | None:
    """Tells how full the published day is; None if it is not published."""
    manifest = read_manifest(day)
    return None if manifest is None else manifest.fullness


def read_run(day: warehouse.Day, run_id: str) -> dict[str, Any] | None:
    """Reads a run's row of `runs`; None if it has none."""
    path = os.path.join(day.runs_path, f"{run_id}.parquet")
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        row: dict[str, Any] = pq.ParquetFile(file).read().to_pylist()[0]
    return row


def summary_lines(day: warehouse.Day, run: Mapping[str, Any]) -> list[str]:
    """Writes the closing summary of a run's row; see `summary.lines`."""
    closing = summary.Closing(
        day=day.date,
        refusals=tuple((run["refusal"] or "").split(_BETWEEN_REFUSALS))
        if not run["is_published"]
        else (),
        duration_seconds=run["duration_seconds"],
        photos_per_second=run["photos_per_second"],
        place=day.warehouse,
        store_drift=tuple(run["store_drift"] or ()),
    )
    lines = summary.lines({name: run[name] for name in runs.COUNTS}, closing)
    rejections = _refused_rejections(day, run["run_id"])
    if os.path.exists(rejections):
        lines.append(f"{'rejections':<22}{rejections}")
    return lines


def _keep_rejections(
    day: warehouse.Day, written: Sequence[records.WrittenFile], run_id: str
) -> None:
    """Keeps the rejections of a refused run: they say what to mend."""
    durable.make_private(day.refused_path)
    for file in written:
        staged = os.path.join(day.warehouse, file.path)
        # A retried step finds them moved already.
        if file.table == tables.REJECTIONS.folder and os.path.exists(staged):
            durable.move(staged, _refused_rejections(day, run_id))


def _refused_rejections(day: warehouse.Day, run_id: str) -> str:
    return os.path.join(day.refused_path, f"{run_id}-rejections.parquet")


def _gate(
    day: warehouse.Day,
    written: Sequence[records.WrittenFile],
    counts: Mapping[str, int],
    limits: config.Limits,
) -> list[str]:
    rows: collections.Counter[str] = collections.Counter()
    for file in written:
        rows[file.table] += file.rows
    return balance.check_tables(counts, rows) + balance.check(
        counts,
        max_rejected_fraction=limits.max_rejected_fraction,
        allow_shrink=limits.allow_shrink,
        published=published_counts(day),
    )


def _manifest(
    day: warehouse.Day,
    written: Sequence[records.WrittenFile],
    counts: Mapping[str, int],
    facts: RunFacts,
) -> versions.Manifest:
    fullness = balance.fullness(counts)
    settings = hashlib.sha256(facts.settings_json.encode()).hexdigest()
    return versions.Manifest(
        day=day.date,
        files=versions.files_of(written),
        photos_with_age=fullness.photos_with_age,
        lines_out=fullness.lines_out,
        model_sha256=facts.model_sha256,
        code_version=facts.code_version,
        settings_fingerprint=settings[:16],
    )


def _run_row(
    counts: Mapping[str, int],
    facts: RunFacts,
    refusals: Sequence[str],
    finished_at_utc: datetime.datetime,
) -> dict[str, object]:
    attempt = finished_at_utc - facts.attempt_started_at_utc
    seconds = attempt.total_seconds()
    return {
        "run_id": facts.run_id,
        "is_published": not refusals,
        "refusal": _BETWEEN_REFUSALS.join(refusals) or None,
        "started_at_utc": facts.started_at_utc,
        "duration_seconds": (finished_at_utc - facts.started_at_utc).total_seconds(),
        "photos_per_second": counts["photos_scored"] / seconds if seconds else 0.0,
        **{name: counts[name] for name in runs.COUNTS},
        "model_name": facts.model_name,
        "model_sha256": facts.model_sha256,
        "model_license": facts.model_license,
        "code_version": facts.code_version,
        "settings_json": facts.settings_json,
    }


def _stage_run_row(day: warehouse.Day, row: Mapping[str, object]) -> None:
    sink = io.BytesIO()
    rows = pa.Table.from_pylist([row], schema=runs.SCHEMA)
    pq.write_table(rows, sink, compression="zstd")
    durable.make_private(day.staging_path)
    durable.write(journal.run_row_path(day, str(row["run_id"])), sink.getvalue())
