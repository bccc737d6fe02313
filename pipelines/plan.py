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
from pipelines.publishing import places, publish, warehouse
from pipelines.storage import kept, raw_rows, roots, tabular


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """One run, ready to go.

    Attributes:
      settings: What is asked.
      bundle: The age model, verified.
      zones: Time zones of the stores.
      calibration: What the age model knows of its own errors.
      face_settings: How faces are found: as in training, but for the flags; None:
        not at all.
      match_settings: How far a photo may lie from its transaction.
      age_groups: Groups of the marketing tables.
      audit_settings: What the law and the chain ask.
      facts: What goes into the run's row of `runs`.
      work_folder: Folder for marks and progress of supervised workers, or None.
    """

    settings: config.ScoreConfig
    bundle: bundle.Bundle
    zones: local_times.StoreZones
    calibration: ages.Calibration
    face_settings: faces.FaceSettings | None
    match_settings: matching.MatchSettings
    age_groups: age_groups.AgeGroups
    audit_settings: audit.AuditSettings
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
            run_id=self.facts.run_id,
            is_fresh=self.settings.is_fresh,
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
      stores.StoresError: `stores.csv` cannot be used.
    """
    if settings.runner:
        settings = _from_anywhere(settings)
    model = bundle.load(settings.bundle or bundle.default_folder())
    joining = settings.joining
    return Plan(
        settings=settings,
        bundle=model,
        zones=_load_zones(settings),
        calibration=_calibration(model),
        face_settings=_face_settings(model, settings.scoring),
        match_settings=_match_settings(joining),
        age_groups=age_groups.AgeGroups(joining.age_groups),
        audit_settings=audit.AuditSettings(
            legal_age_years=joining.legal_age_years,
            challenge_age_years=joining.challenge_age_years,
            eligible_probability=joining.eligible_probability,
        ),
        facts=_facts(settings, model, run_id, started_at_utc, attempt_started_at_utc),
        work_folder=(
            None
            if settings.runner
            else warehouse.day(settings.output_root, settings.day).work_path
        ),
    )


def _from_anywhere(settings: config.ScoreConfig) -> config.ScoreConfig:
    """Names local places as processes in other folders reach them."""
    secrecy = settings.secrecy
    return dataclasses.replace(
        settings,
        input_root=_absolute(settings.input_root),
        output_root=_absolute(settings.output_root),
        bundle=settings.bundle and _absolute(settings.bundle),
        secrecy=dataclasses.replace(
            secrecy, key_file=secrecy.key_file and _absolute(secrecy.key_file)
        ),
    )


def _absolute(place: str) -> str:
    return place if roots.is_remote(place) else os.path.abspath(place)


def _facts(
    settings: config.ScoreConfig,
    model: bundle.Bundle,
    run_id: str,
    started_at_utc: datetime.datetime,
    attempt_started_at_utc: datetime.datetime,
) -> publish.RunFacts:
    return publish.RunFacts(
        run_id=run_id,
        started_at_utc=started_at_utc,
        attempt_started_at_utc=attempt_started_at_utc,
        model_name=model.card.name,
        model_sha256=model.sha256,
        model_license=model.card.license,
        code_version=importlib.metadata.version("tillage"),
        settings_json=settings.to_json(),
        published_token=places.of(
            warehouse.day(settings.output_root, settings.day)
        ).token(),
    )


def _calibration(model: bundle.Bundle) -> ages.Calibration:
    return ages.Calibration(
        temperature=model.card.temperature,
        group_bounds_years=model.card.conformal.group_bounds_years,
        quantiles_90=model.card.conformal.quantiles_90,
    )


def _match_settings(joining: config.Joining) -> matching.MatchSettings:
    return matching.MatchSettings(
        slack_seconds=joining.match_slack_seconds,
        clock=clocks.ClockSettings(max_offset_seconds=joining.max_clock_offset_seconds),
    )


def _face_settings(
    model: bundle.Bundle, scoring: config.Scoring
) -> faces.FaceSettings | None:
    if scoring.face_crop == "none":
        return None
    try:
        trained = faces.FaceSettings.from_card(model.card.face_settings)
    except ValueError as error:
        raise bundle.BundleError(
            f"{model.folder}: face_settings: {error}; train the bundle again"
        ) from error
    return dataclasses.replace(trained, **scoring.face_overrides())


def _load_zones(settings: config.ScoreConfig) -> local_times.StoreZones:
    root = roots.at(settings.input_root)
    try:
        table = _read_stores(root)
    except raw_rows.BadFileError as error:
        raise stores.StoresError(str(error)) from error
    except OSError as error:
        raise stores.StoresError(
            f"{root.describe(stores.FILE)}: {error.strerror}"
        ) from error
    return stores.parse(table, settings.joining.timezone)


def _read_stores(root: roots.Root) -> pa.Table:
    empty = pa.table({name: pa.array([], pa.string()) for name in stores.COLUMNS})
    if not root.exists(stores.FILE):
        return empty
    with root.open(stores.FILE) as file:
        batches = list(tabular.read(file, stores.FILE))
    for bad in (bad for batch in batches for bad in batch.bad_rows):
        raise stores.StoresError(f"{stores.FILE}:{bad.source_row}: {bad.reason}")
    return pa.concat_tables([batch.table for batch in batches]) if batches else empty
