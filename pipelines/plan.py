"""Everything that a run decides before its graph is built."""

import dataclasses
import datetime
import importlib.metadata
import os

import pyarrow as pa

from pipelines import config
from pipelines.domain import (
    age_groups,
    ages,
    audit,
    clocks,
    faces,
    local_times,
    matching,
    purchase_lines,
    row_formats,
    stores,
)
from pipelines.inference import bundle
from pipelines.publishing import publish, warehouse
from pipelines.storage import kept, roots, tabular


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """One run, ready to go.

    Attributes:
      settings: What is asked.
      bundle: The age model, verified.
      zones: Time zones of the stores.
      facts: What goes into the run's row of `runs`.
      work_folder: Folder for marks and progress of supervised workers, or None.
    """

    settings: config.ScoreConfig
    bundle: bundle.Bundle
    zones: local_times.StoreZones
    facts: publish.RunFacts
    work_folder: str | None

    @property
    def day(self) -> warehouse.Day:
        """Where the day lies in the warehouse."""
        return warehouse.day(self.settings.output_root, self.settings.day)

    @property
    def scores(self) -> kept.KeptScores:
        """Scores of the day under this model and these settings."""
        fingerprint = self.settings.scores_fingerprint(self.bundle.sha256)
        return kept.KeptScores(
            warehouse=self.settings.output_root,
            folder=f"{self.day.kept_folder}/{fingerprint}",
        )

    @property
    def photos_folder(self) -> str:
        """Folder of the day's photos, below the input root."""
        return f"photos/{self.day.partition}"

    @property
    def purchases_folder(self) -> str:
        """Folder of the day's purchase log, below the input root."""
        return f"purchases/{self.day.partition}"

    @property
    def captures_folder(self) -> str:
        """Folder of the day's captures rows, below the input root."""
        return f"captures/{self.day.partition}"

    @property
    def line_format(self) -> row_formats.RowFormat:
        """How purchase lines are checked."""
        joining = self.settings.joining
        return row_formats.PurchaseLines(
            purchase_lines.LineRules(
                day=self.settings.day,
                day_starts_at=joining.day_starts_at,
                zones=self.zones,
                restricted_categories=frozenset(joining.restricted_categories),
            )
        )

    @property
    def capture_format(self) -> row_formats.RowFormat:
        """How captures rows are checked."""
        return row_formats.CaptureRows(self.zones)

    @property
    def num_workers(self) -> int:
        """Worker processes on this machine."""
        return self.settings.num_workers or len(os.sched_getaffinity(0))

    @property
    def calibration(self) -> ages.Calibration:
        """What the age model knows of its own errors."""
        card = self.bundle.card
        return ages.Calibration(
            temperature=card.temperature,
            group_bounds_years=card.conformal.group_bounds_years,
            quantiles_90=card.conformal.quantiles_90,
        )

    @property
    def match_settings(self) -> matching.MatchSettings:
        """How far a photo may lie from its transaction."""
        joining = self.settings.joining
        return matching.MatchSettings(
            slack_seconds=joining.match_slack_seconds,
            clock=clocks.ClockSettings(
                max_offset_seconds=joining.max_clock_offset_seconds
            ),
        )

    @property
    def age_groups(self) -> age_groups.AgeGroups:
        """Groups of the marketing tables."""
        return age_groups.AgeGroups(self.settings.joining.age_groups)

    @property
    def audit_settings(self) -> audit.AuditSettings:
        """What the law and the chain ask."""
        joining = self.settings.joining
        return audit.AuditSettings(
            legal_age_years=joining.legal_age_years,
            challenge_age_years=joining.challenge_age_years,
            eligible_probability=joining.eligible_probability,
        )

    @property
    def face_settings(self) -> faces.FaceSettings | None:
        """How faces are found: as in training, but for the flags; None: not at all."""
        if self.settings.scoring.face_crop == "none":
            return None
        trained = faces.FaceSettings.from_card(self.bundle.card.face_settings)
        return faces.FaceSettings(
            **{
                **dataclasses.asdict(trained),
                **self.settings.scoring.face_overrides(),
            }
        )


def make(
    settings: config.ScoreConfig,
    run_id: str,
    started_at_utc: datetime.datetime,
    attempt_started_at_utc: datetime.datetime,
) -> Plan:
    """Loads what the run needs to know.

    Raises:
      bundle.BundleError: the age model cannot be used.
      roots.StorageError: a root cannot be used.
      ValueError: `stores.csv` or a threshold is wrong.
    """
    model = bundle.load(settings.bundle or bundle.default_folder())
    facts = publish.RunFacts(
        run_id=run_id,
        started_at_utc=started_at_utc,
        attempt_started_at_utc=attempt_started_at_utc,
        model_name=model.card.name,
        model_sha256=model.sha256,
        model_license=model.card.license,
        code_version=importlib.metadata.version("tillage"),
        settings_json=settings.to_json(),
    )
    return Plan(
        settings=settings,
        bundle=model,
        zones=_load_zones(settings),
        facts=facts,
        work_folder=(
            None
            if settings.runner
            else warehouse.day(settings.output_root, settings.day).work_path
        ),
    )


def _load_zones(settings: config.ScoreConfig) -> local_times.StoreZones:
    root = roots.at(settings.input_root)
    table = pa.table({name: pa.array([], pa.string()) for name in stores.COLUMNS})
    if root.exists(stores.FILE):
        with root.open(stores.FILE) as file:
            batches = [raw.table for raw in tabular.read(file, stores.FILE)]
        table = pa.concat_tables(batches) if batches else table
    return stores.parse(table, settings.joining.timezone)
