"""Publishing into a bucket."""

import json
import multiprocessing

import pytest

from pipelines.publishing import bucket_place, leases, locks, publish, warehouse
from tests import buckets
from tests.publishing import builders


@pytest.fixture
def day(bucket):
    """The trading day of a warehouse in a bucket."""
    return warehouse.day(f"gs://{bucket.name}/chain", builders.DATE)


@pytest.fixture
def seen(bucket, tmp_path):
    """Reads each table by glob, from a copy of the bucket as it is now."""

    def read():
        folder = tmp_path / f"copy-{len(list(tmp_path.iterdir()))}"
        return builders.read_versions(buckets.download(bucket, folder) / "chain")

    return read


def _publish(day, marker, token=None, num_files=None, **arguments):
    token = bucket_place.BucketPlace(day).token() if token is None else token
    run_id = f"run-{marker}"
    written = builders.stage(day, run_id, marker, num_files)
    return builders.publish_staged(day, written, run_id, token=token, **arguments)


def _names(bucket, prefix):
    return {
        blob.name.removeprefix("chain/")
        for blob in bucket.list_blobs()
        if (blob.name.startswith(f"chain/{prefix}"))
    }


def test_a_published_day_is_read_by_glob(day, seen):
    outcome = _publish(day, "v1", num_files={"rejections": 2})

    assert outcome.is_published
    assert seen() == builders.rows_of("v1", {"rejections": 2})
    assert publish.read_run(day, "run-v1")["is_published"]


def test_a_later_run_replaces_the_day_and_leaves_nothing_behind(day, seen, bucket):
    _publish(day, "v1", num_files={"rejections": 2})
    assert _publish(day, "v2").is_published

    assert seen() == builders.rows_of("v2")
    manifest = publish.read_manifest(day)
    versions = {name.split("/")[2] for name in _names(bucket, ".versions")}
    assert versions == {manifest.version}
    assert _names(bucket, ".tillage") == set()
    assert len(_names(bucket, "runs/")) == 2


def test_whoever_follows_the_pointer_sees_all_tables_of_one_run(day, bucket, tmp_path):
    _publish(day, "v1")

    root = buckets.download(bucket, tmp_path / "copy") / "chain"
    pointer = json.loads((root / ".days/2026-11-21.json").read_bytes())
    version = root / ".versions/2026-11-21" / pointer["version"]
    manifest = json.loads((version / "manifest.json").read_bytes())
    assert pointer["run_id"] == "run-v1"
    for file in manifest["files"]:
        hidden = version / file["table"] / file["name"]
        shown = root / file["table"] / "date=2026-11-21" / file["name"]
        assert hidden.read_bytes() == shown.read_bytes()


def test_of_two_runs_that_began_alike_one_is_refused(day, seen):
    began = bucket_place.BucketPlace(day).token()
    assert _publish(day, "v1", began).is_published

    late = _publish(day, "v2", began)

    assert not late.is_published
    assert "another run has published this day" in late.refusals[0]
    assert seen() == builders.rows_of("v1")
    run = publish.read_run(day, "run-v2")
    assert (run["is_published"], run["refusal"]) == (False, late.refusals[0])


def test_a_refused_run_leaves_the_day_and_its_rejections(day, seen, bucket):
    _publish(day, "v1")
    fewer = builders.counts(photos_matched=1, photos_without_face=1)

    outcome = _publish(day, "v2", run_counts=fewer)

    assert not outcome.is_published
    assert seen() == builders.rows_of("v1")
    lines = publish.summary_lines(day, publish.read_run(day, "run-v2"))
    kept = ".tillage/refused/2026-11-21/run-v2-rejections.parquet"
    assert lines[-1].endswith(f"gs://{bucket.name}/chain/{kept}")
    assert _names(bucket, ".tillage") == {kept}


def test_a_step_that_is_run_twice_publishes_once(day, seen, bucket):
    token = bucket_place.BucketPlace(day).token()
    written = builders.stage(day, "run", "v1")
    first = builders.publish_staged(day, written, "run", token=token)

    assert builders.publish_staged(day, written, "run", token=token) == first
    assert seen() == builders.rows_of("v1")
    assert _names(bucket, "runs/") == {"runs/date=2026-11-21/run.parquet"}


def test_a_publish_that_was_cut_off_behind_the_pointer_is_finished(day, seen, bucket):
    _publish(day, "v1")
    _publish(day, "v2")
    name = "chain/scores/photo_ages/date=2026-11-21/part-00000.parquet"
    bucket.blob(name).delete()
    bucket.blob(
        "chain/rejections/date=2026-11-21/part-00007.parquet"
    ).upload_from_string(b"of an older version")
    bucket.blob("chain/rejections/date=2026-11-21/README").upload_from_string(b"ours")

    assert publish.recover(day)
    assert not publish.recover(day)
    assert seen() == builders.rows_of("v2")
    assert "rejections/date=2026-11-21/README" in _names(bucket, "rejections")


def test_a_run_that_could_not_recover_finishes_what_was_cut_off(day, seen, bucket):
    """As on Dataflow, where no launcher knows whether the day is another job's."""
    _publish(day, "v1")
    row = bucket.blob("chain/runs/date=2026-11-21/run-v1.parquet")
    staged = f"chain/{day.staging_of('run-v1')}.run.parquet"
    bucket.rename_blob(row, staged)

    assert _publish(day, "v2").is_published

    assert seen() == builders.rows_of("v2")
    assert publish.read_run(day, "run-v1")["is_published"]
    assert _names(bucket, ".tillage") == set()


def test_a_refused_run_finishes_what_was_cut_off(day, seen, bucket):
    _publish(day, "v1")
    name = "chain/scores/photo_ages/date=2026-11-21/part-00000.parquet"
    bucket.blob(name).delete()

    fewer = builders.counts(photos_matched=1, photos_without_face=1)
    assert not _publish(day, "v2", run_counts=fewer).is_published

    assert seen() == builders.rows_of("v1")


def test_a_day_is_held_by_one_run(day, bucket):
    with (
        leases.day_lease(day),
        pytest.raises(locks.DayIsLockedError, match="another run of 2026-11-21"),
        leases.day_lease(day),
    ):
        pass
    assert _names(bucket, ".tillage") == set()
    with leases.day_lease(day):
        pass


def _hold_and_die(url, taken):
    lease = leases.day_lease(warehouse.day(url, builders.DATE))
    lease.__enter__()
    taken.set()


def test_a_run_that_died_on_this_machine_holds_nothing(day, bucket):
    context = multiprocessing.get_context("spawn")
    taken = context.Event()
    process = context.Process(target=_hold_and_die, args=(day.warehouse, taken))
    process.start()
    assert taken.wait(60)
    process.kill()
    process.join()
    assert _names(bucket, ".tillage") == {".tillage/locks/2026-11-21.json"}

    with leases.day_lease(day):
        pass


def test_a_lock_of_another_machine_ends_when_nobody_renews_it(day, bucket, monkeypatch):
    lock = bucket.blob(f"chain/{day.lock_object}")
    lock.upload_from_string(json.dumps({"host": "elsewhere", "process": 7}))
    with (
        pytest.raises(locks.DayIsLockedError, match="process 7 on elsewhere"),
        leases.day_lease(day),
    ):
        pass
    monkeypatch.setattr(leases, "TIME_TO_LIVE", leases.TIME_TO_LIVE * 0)

    with leases.day_lease(day):
        pass
