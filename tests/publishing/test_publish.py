"""Tests of `pipelines.publishing.publish` and what lies below it."""

import dataclasses
import datetime
import json
import os
import pathlib
import stat

import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipelines import config
from pipelines.publishing import publish, warehouse
from schemas import runs, store_drift
from tests.publishing import builders


@pytest.fixture
def day(tmp_path):
    return warehouse.day(str(tmp_path), builders.DATE)


def version_of(day):
    return os.path.basename(os.path.realpath(day.pointer_path))


def test_published_day_can_be_read_by_every_reader(tmp_path):
    outcome = builders.publish_day(tmp_path, "v1", num_files={"rejections": 2})
    assert outcome.is_published
    assert builders.read_versions(tmp_path) == builders.rows_of("v1", {"rejections": 2})
    folder = tmp_path / "rejections"
    assert ds.dataset(folder, partitioning="hive").to_table().to_pylist() == [
        {"version": "v1", "file": file, "date": "2026-11-21"} for file in (0, 1)
    ]
    frame = pd.read_parquet(folder)
    assert frame["file"].tolist() == [0, 1]
    assert frame["date"].tolist() == ["2026-11-21"] * 2


def test_days_stand_side_by_side(tmp_path):
    builders.publish_day(tmp_path, "v1")
    other = warehouse.day(str(tmp_path), datetime.date(2026, 11, 22))
    written = builders.stage(other, "run", "w1")
    builders.publish_staged(other, written, "run")
    assert builders.read_versions(tmp_path) == builders.rows_of("v1")
    assert builders.read_versions(tmp_path, other.date) == builders.rows_of("w1")


def test_same_tables_make_the_same_version_and_one_run_each(tmp_path, day):
    builders.publish_day(tmp_path, "v1", "run-1")
    before = version_of(day), builders.all_paths(tmp_path)
    builders.publish_day(tmp_path, "v1", "run-2")
    paths = builders.all_paths(tmp_path)
    paths.remove("runs/date=2026-11-21/run-2.parquet")
    assert (version_of(day), paths) == before


def test_only_the_newest_version_stays(tmp_path, day):
    builders.publish_day(tmp_path, "v1", num_files={"rejections": 2})
    builders.publish_day(tmp_path, "v2")
    assert os.listdir(day.versions_path) == [version_of(day)]
    assert os.listdir(day.links_path("rejections")) == ["part-00000.parquet"]
    assert builders.read_versions(tmp_path) == builders.rows_of("v2")


def test_links_survive_a_move_of_the_warehouse(tmp_path):
    builders.publish_day(tmp_path / "before", "v1")
    os.rename(tmp_path / "before", tmp_path / "after")
    assert builders.read_versions(tmp_path / "after") == builders.rows_of("v1")


def test_manifest_names_each_file(tmp_path, day):
    builders.publish_day(tmp_path, "v1")
    manifest = publish.read_manifest(day)
    assert manifest.day == builders.DATE
    assert [file.table for file in manifest.files] == sorted(builders.TABLES)
    assert (manifest.photos_with_age, manifest.lines_out) == (2, 2)
    assert manifest.fullness == publish.published_counts(day)
    content = json.loads(pathlib.Path(day.pointer_path, "manifest.json").read_bytes())
    assert content["day"] == "2026-11-21"
    assert content["model_sha256"] == "ab" * 32
    assert content["files"][0].keys() == {"table", "name", "rows", "size", "sha256"}


def test_nothing_published_has_no_manifest(day):
    assert publish.read_manifest(day) is None
    assert publish.published_counts(day) is None
    assert publish.read_run(day, "run") is None


def test_refused_run_leaves_the_day_and_its_reasons(tmp_path, day):
    builders.publish_day(tmp_path, "v1")
    outcome = builders.publish_day(
        tmp_path, "v2", run_counts=builders.counts(photos_listed=9, lines_read=9)
    )
    assert not outcome.is_published
    assert len(outcome.refusals) == 2
    assert builders.read_versions(tmp_path) == builders.rows_of("v1")
    assert not os.path.exists(day.staging_path)
    run = publish.read_run(day, "run-v2")
    assert not run["is_published"]
    assert [reason in run["refusal"] for reason in outcome.refusals] == [True, True]


def test_shrinking_is_refused_unless_allowed(tmp_path):
    builders.publish_day(tmp_path, "v1")
    fewer = builders.counts(photos_matched=1, photos_without_face=1)
    refused = builders.publish_day(tmp_path, "v2", run_counts=fewer)
    assert refused.refusals == (
        "would shrink the published day from 2 to 1 photos with an age; "
        "--allow-shrink permits it",
    )
    allowed = builders.publish_day(tmp_path, "v2", run_counts=fewer, allow_shrink=True)
    assert allowed.is_published


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda files: files[1:], "the table scores/photo_ages was not written"),
        (
            lambda files: [
                dataclasses.replace(
                    file, rows=file.rows + (file.table == "marketing/purchase_ages")
                )
                for file in files
            ],
            "does not balance: marketing/purchase_ages has 3 rows, lines_out is 2",
        ),
    ],
)
def test_tables_that_disagree_with_the_counts_are_refused(day, spoil, reason):
    written = spoil(builders.stage(day, "run", "v1"))
    outcome = builders.publish_staged(day, written, "run")
    assert outcome.refusals == (reason,)


def test_run_row_fits_the_schema_and_the_facts(tmp_path, day):
    builders.publish_day(tmp_path, "v1", "run-1")
    run = publish.read_run(day, "run-1")
    assert list(run) == runs.SCHEMA.names
    assert run["is_published"]
    assert run["refusal"] is None
    assert run["duration_seconds"] == 16.0
    assert run["photos_per_second"] == 2 / 6
    path = pathlib.Path(day.runs_path, "run-1.parquet")
    assert stat.S_ISREG(path.lstat().st_mode)


def test_cameras_that_alarm_are_recorded_and_refuse_nothing(day):
    judged = {
        "store_id": "0002",
        "measure": store_drift.BRIGHTNESS,
        "photos": 300,
        "days_before": 28,
        "same_weekday": True,
        "value": 71.0,
        "expected": 120.0,
        "z": -9.5,
        "p_value": 1e-6,
        "status": "alarm",
        "is_alarm": True,
        "sentence": "Photos of store 0002 are darker.",
    }
    outcome = publish.publish(
        day,
        builders.stage(day, "run", "v1"),
        builders.counts(),
        [],
        facts=builders.facts("run"),
        limits=config.Limits(),
        finished_at_utc=builders.STARTED,
        store_drift=[judged],
    )
    assert outcome.is_published
    run = publish.read_run(day, "run")
    assert run["store_drift"] == [judged]
    assert "camera alarm          Photos of store 0002 are darker." in (
        publish.summary_lines(day, run)
    )


def test_summary_is_that_of_the_run(tmp_path, day):
    builders.publish_day(tmp_path, "v1", "run-1")
    lines = publish.summary_lines(day, publish.read_run(day, "run-1"))
    assert lines[0] == "Trading day 2026-11-21"
    assert lines[-1] == f"verdict               published in {tmp_path}"
    refused = builders.counts(photos_listed=9, lines_read=9)
    builders.publish_day(tmp_path, "v2", "run-2", run_counts=refused)
    lines = publish.summary_lines(day, publish.read_run(day, "run-2"))
    assert [line.split(":")[0] for line in lines[-3:-1]] == ["  does not balance"] * 2
    name, path = lines[-1].split()
    assert name == "rejections"
    rejected = pq.ParquetFile(path).read()
    assert set(rejected["version"].to_pylist()) == {"v2"}


def test_step_that_is_run_twice_publishes_once(day):
    written = builders.stage(day, "run", "v1")
    first = builders.publish_staged(day, written, "run")
    assert builders.publish_staged(day, written, "run") == first
    assert builders.read_versions(day.warehouse) == builders.rows_of("v1")
    assert os.listdir(day.runs_path) == ["run.parquet"]


def test_damaged_version_is_replaced(tmp_path, day):
    builders.publish_day(tmp_path, "v1")
    os.unlink(os.path.join(day.pointer_path, "rejections", "part-00000.parquet"))
    assert builders.read_versions(tmp_path)["rejections"] is None
    builders.publish_day(tmp_path, "v1", "run-2")
    assert builders.read_versions(tmp_path) == builders.rows_of("v1")


def test_tables_are_their_owner_s_alone_until_the_prefix_is_opened(tmp_path, day):
    builders.publish_day(tmp_path, "v1")
    group = 65534 if os.geteuid() == 0 else os.getgroups()[-1]
    os.chmod(tmp_path / "marketing", 0o750)
    os.chown(tmp_path / "marketing", -1, group)
    builders.publish_day(tmp_path, "v2")
    version = pathlib.Path(os.path.realpath(day.pointer_path))
    for root in (tmp_path, version):
        assert rights(root / "marketing/purchase_ages") == (0o750, group)
        assert rights(root / "audit/cashier_days")[0] == 0o700
    files = "marketing/purchase_ages", "audit/cashier_days"
    modes = [rights(version / table / "part-00000.parquet")[0] for table in files]
    assert modes == [0o640, 0o600]
    assert rights(tmp_path / ".tillage")[0] == 0o700
    assert rights(version)[0] == rights(version.parent)[0] == 0o711


def rights(path):
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_gid


def test_files_of_others_in_a_partition_stay(tmp_path, day):
    builders.publish_day(tmp_path, "v1")
    note = pathlib.Path(day.links_path("rejections"), "README")
    note.write_text("not ours")
    builders.publish_day(tmp_path, "v2")
    assert note.read_text() == "not ours"


def test_run_ids_sort_by_start_and_differ():
    ids = [publish.new_run_id(builders.STARTED) for _ in range(2)]
    assert ids[0] != ids[1]
    assert {run_id.split("-")[0] for run_id in ids} == {"20261122T010000Z"}
