"""The graph of a night: wiring only.

```
ListPhotos ─ ReadPhotos ─ PredictAges ─ KeepScores ─ AttributePhotos ─┐
ReadCaptures ─────────────────────────────────────────┘               │
ReadPurchases ──────────────────────────────────────────── JoinPurchases ─ WriteTables
                                                        GateAndPublish ─┘
```
"""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import NamedTuple

import apache_beam as beam
import pyarrow as pa

from pipelines import config, plan, records, secret
from pipelines.domain import counts, health, joining
from pipelines.publishing import publish, warehouse
from pipelines.storage import kept
from pipelines.transforms import (
    attribute_photos,
    join_purchases,
    keep_scores,
    list_photos,
    predict_ages,
    read_photos,
    read_rows,
    write_tables,
)
from schemas import tables

Counts = beam.PCollection[dict[str, int]]


class _Tables(NamedTuple):
    rows: dict[str, beam.PCollection[tuple[str, pa.Table]]]
    counts: Counts
    failures: beam.PCollection[str]
    num_used: beam.PCollection[int]
    health: beam.PCollection[health.Health]


def build(root: beam.Pipeline, night: plan.Plan) -> None:
    """Adds the whole night to a pipeline; its last step publishes.

    Args:
      root: An empty pipeline.
      night: What to do.
    """
    made = _tables(root, night)
    staging = write_tables.Staging(
        warehouse=night.settings.output_root,
        folder=night.day.staging_of(night.facts.run_id),
        num_shards=night.settings.num_table_shards,
    )
    written = made.rows | "WriteTables" >> write_tables.WriteTables(staging)
    totals = made.counts | "SumCounts" >> beam.CombineGlobally(counts.total)
    store_health = made.health | "SumHealth" >> beam.CombineGlobally(health.total)
    _ = (
        root
        | "CreateClosing" >> beam.Create([_closing(night)])
        | "GateAndPublish"
        >> beam.Map(
            _publish,
            beam.pvalue.AsList(written),
            beam.pvalue.AsSingleton(totals),
            beam.pvalue.AsSingleton(store_health),
            beam.pvalue.AsList(made.failures),
            beam.pvalue.AsList(made.num_used),
        )
    )


def _tables(root: beam.Pipeline, night: plan.Plan) -> _Tables:
    joining_parts = night.settings.joining.num_partitions
    listed = root | "ListPhotos" >> list_photos.ListPhotos(_photo_source(night))
    scored = _score(listed.to_score, night)
    captures = root | "ReadCaptures" >> read_rows.ReadRows(
        night.settings.input_root, night.captures_folder, night.capture_format
    )
    purchases = root | "ReadPurchases" >> read_rows.ReadRows(
        night.settings.input_root, night.purchases_folder, night.line_format
    )
    attributed = (
        scored,
        listed.resumed,
        captures.rows,
    ) | "AttributePhotos" >> attribute_photos.AttributePhotos(joining_parts)
    joined = (
        attributed.photos,
        purchases.rows,
    ) | "JoinPurchases" >> join_purchases.JoinPurchases(
        _join_settings(night),
        secret.loader(night.settings.secrecy),
        joining_parts,
    )
    stages = (listed, captures, purchases, attributed)
    rejected = [stage.rejected for stage in stages] | "AllRejections" >> beam.Flatten()
    rejection_rows = rejected | "NameRejections" >> beam.Map(_as_rejections)
    return _Tables(
        {"Joined": joined.rows, "Rejected": rejection_rows},
        [stage.counts for stage in (*stages, joined)] | "AllCounts" >> beam.Flatten(),
        (captures.failures, purchases.failures) | "AllFailures" >> beam.Flatten(),
        (scored, listed.resumed)
        | "PutAsideUsed" >> keep_scores.PutAsideUsed(night.scores),
        joined.health,
    )


def _score(
    photos: beam.PCollection[records.PhotoRef], night: plan.Plan
) -> beam.PCollection[pa.Table]:
    card = night.bundle.card
    handler = predict_ages.AgeModelHandler(
        bundle_place=night.settings.bundle,
        bundle_sha256=night.bundle.sha256,
        engine=night.settings.scoring.engine,
        temperature=card.temperature,
        batch_size=night.settings.scoring.batch_size,
    )
    # One chain without a shuffle: pixels stay in the process that read them.
    return (
        photos
        | "ReadPhotos"
        >> read_photos.ReadPhotos(
            night.settings.input_root,
            night.face_settings,
            card.height,
            night.work_folder,
        )
        | "PredictAges" >> predict_ages.PredictAges(handler)
        | "KeepScores" >> keep_scores.KeepScores(night.scores)
    )


def _photo_source(night: plan.Plan) -> list_photos.PhotoSource:
    return list_photos.PhotoSource(
        input_root=night.settings.input_root,
        day_folder=night.photos_folder,
        scores=night.scores,
        work_folder=night.work_folder,
    )


def _join_settings(night: plan.Plan) -> joining.JoinSettings:
    return joining.JoinSettings(
        day=night.settings.day,
        model_version=night.bundle.version,
        calibration=night.calibration,
        match=night.match_settings,
        groups=night.age_groups,
        audit_rules=night.audit_settings,
    )


def _as_rejections(rows: pa.Table) -> tuple[str, pa.Table]:
    return tables.REJECTIONS.folder, rows


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Closing:
    """What the last step knows; the whole plan would name folders of this machine."""

    day: warehouse.Day
    facts: publish.RunFacts
    limits: config.Limits
    model_sha256: str
    scores: kept.KeptScores


def _closing(night: plan.Plan) -> _Closing:
    return _Closing(
        day=night.day,
        facts=night.facts,
        limits=night.settings.limits,
        model_sha256=night.bundle.sha256,
        scores=night.scores,
    )


def _publish(
    closing: _Closing,
    written: Sequence[records.WrittenFile],
    totals: dict[str, int],
    store_health: health.Health,
    failures: Sequence[str],
    _: Sequence[int],
) -> publish.Outcome:
    # Its statistics take a while to import, which no other worker need spend.
    from pipelines.publishing import cameras

    stores = store_health.rows()
    outcome = publish.publish(
        closing.day,
        written,
        totals,
        stores,
        facts=closing.facts,
        limits=closing.limits,
        finished_at_utc=datetime.datetime.now(datetime.UTC),
        failures=sorted(failures),
        store_drift=cameras.store_drift(closing.day, stores, closing.model_sha256),
    )
    if outcome.is_published:
        closing.scores.adopt_used()
    else:
        closing.scores.drop_used()
    return outcome
