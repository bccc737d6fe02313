"""Gate and publish: the last step of a run.

All tables of the day switch at once, or none does. The layout is in `warehouse`,
what differs between folders and buckets in `places`.
"""

import collections
import dataclasses
import datetime
import hashlib
import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import config, records
from pipelines.domain import balance, summary
from pipelines.publishing import places, versions, warehouse
from schemas import runs

_BETWEEN_REFUSALS = " | "
_PUBLISHED_MEANWHILE = (
    "another run has published this day since this one began; its tables stay, start "
    "this one again to replace them"
)


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
      published_token: State of the published day when the attempt began; see
        `places.Place.token`.
    """

    run_id: str
    started_at_utc: datetime.datetime
    attempt_started_at_utc: datetime.datetime
    model_name: str
    model_sha256: str
    model_license: str
    code_version: str
    settings_json: str
    published_token: str = ""


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
    afterwards. The caller's run holds the day's lock, or its job has the day's name on
    Dataflow; in a local folder it has called `recover`. May be called again with the
    same arguments after it was interrupted.

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
    place = places.of(day)
    refusals = (*failures, *_gate(day, written, counts, limits))
    verdict = _verdict(store_health, store_drift)
    if not refusals:
        row = _run_row(counts, facts, refusals, finished_at_utc) | verdict
        place.stage_run_row(facts.run_id, _encoded(row))
        manifest = _manifest(day, written, counts, facts)
        try:
            place.publish(manifest, written, facts.run_id, facts.published_token)
        except places.DayChangedError:
            refusals = (_PUBLISHED_MEANWHILE,)
    if refusals:
        row = _run_row(counts, facts, refusals, finished_at_utc) | verdict
        place.stage_run_row(facts.run_id, _encoded(row))
        place.refuse(written, facts.run_id)
    return Outcome(run_id=facts.run_id, is_published=not refusals, refusals=refusals)


def recover(day: warehouse.Day) -> bool:
    """Finishes what a killed publish had begun, and clears away what it had staged.

    Only the run that holds the day's lock may call it, before it stages anything.

    Returns:
      Whether there was a publish to finish.
    """
    return places.of(day).recover()


def read_manifest(day: warehouse.Day) -> versions.Manifest | None:
    """Reads what is published; None if nothing is."""
    return places.of(day).manifest()


def published_counts(day: warehouse.Day) -> balance.Fullness | None:
    """Tells how full the published day is; None if it is not published."""
    manifest = read_manifest(day)
    return None if manifest is None else manifest.fullness


def read_run(day: warehouse.Day, run_id: str) -> dict[str, Any] | None:
    """Reads a run's row of `runs`; None if it has none."""
    content = places.of(day).run_row(run_id)
    if content is None:
        return None
    # A thread of Arrow's that still holds these bytes when the process ends aborts it.
    rows = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    row: dict[str, Any] = rows.to_pylist()[0]
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
    rejections = places.of(day).rejections(run["run_id"])
    if rejections:
        lines.append(f"{'rejections':<22}{rejections}")
    return lines


def _verdict(
    store_health: Sequence[Mapping[str, object]],
    store_drift: Sequence[Mapping[str, object]] | None,
) -> dict[str, object]:
    return {
        "store_health": list(store_health),
        "store_drift": None if store_drift is None else list(store_drift),
    }


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


def _encoded(row: Mapping[str, object]) -> bytes:
    sink = io.BytesIO()
    rows = pa.Table.from_pylist([row], schema=runs.SCHEMA)
    pq.write_table(rows, sink, compression="zstd")
    return sink.getvalue()
