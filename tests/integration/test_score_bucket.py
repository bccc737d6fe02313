"""Days whose inputs lie in a bucket."""

import pathlib

import pytest

from pipelines.inference import bundle as bundles
from tests import buckets, faults
from tests.integration import commands

pytestmark = pytest.mark.slow


def test_a_day_read_from_a_bucket_is_the_day_read_from_disk(
    bucket, tills, scored, tmp_path
):
    url = buckets.upload(tills, bucket, "chain/tills/")

    ended = commands.score(url, tmp_path / "warehouse")

    assert ended.code == 0, ended.stderr
    assert commands.published(tmp_path / "warehouse") == commands.published(scored)


def test_a_day_published_into_a_bucket_is_the_day_published_on_disk(
    bucket, tills, scored, tmp_path
):
    url = f"gs://{bucket.name}/chain"
    bundle = buckets.upload(pathlib.Path(bundles.default_folder()), bucket, "model/")
    first = commands.score(tills, url, f"--bundle={bundle}")
    again = commands.score(tills, url, f"--bundle={bundle}")

    for ended in (first, again):
        assert ended.code == 0, ended.stderr
    assert "resumed" in again.stdout
    copy = buckets.download(bucket, tmp_path / "copy") / "chain"
    assert commands.published(copy) == commands.published(scored)
    assert len(list(copy.glob("runs/*/*.parquet"))) == 2
    assert not list(copy.glob(".tillage/staging/**/*.parquet"))


def test_a_report_reads_a_warehouse_in_a_bucket(bucket, scored, tmp_path):
    url = buckets.upload(scored, bucket, "chain/")

    flags = [f"--from={commands.DATE}", f"--to={commands.DATE}"]
    ended = commands.tillage(
        "report", f"--warehouse={url}", *flags, f"--output={tmp_path / 'a'}"
    )
    local = commands.tillage(
        "report", f"--warehouse={scored}", *flags, f"--output={tmp_path / 'b'}"
    )

    assert (ended.code, local.code) == (0, 0), ended.stderr
    for path in sorted((tmp_path / "b").glob("csv/*.csv")):
        assert (tmp_path / "a" / "csv" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("gs://tests-nowhere/in", "gs://tests-nowhere: no such bucket"),
        ("gs://", "gs://: name a bucket"),
        ("s3://bucket/in", "s3:// is not supported"),
    ],
)
def test_a_wrong_bucket_is_one_clear_line(bucket, place, said, tmp_path):
    ended = commands.score(place, tmp_path / "warehouse")

    assert ended.code == 2
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_empty_bucket_has_no_photos(bucket, tmp_path):
    ended = commands.score(f"gs://{bucket.name}", tmp_path / "warehouse")

    assert ended.code == 2
    assert ended.stderr.count("\n") == 1
    assert f"gs://{bucket.name}: no such folder" in ended.stderr


def test_a_storage_that_fails_now_and_then_changes_nothing(
    emulator, bucket, tills, scored, tmp_path
):
    source = buckets.upload(tills, bucket, "tills/")
    with faults.proxy(emulator.address) as faulty:
        ended = commands.score(
            source, f"gs://{bucket.name}/chain", STORAGE_EMULATOR_HOST=faulty.url
        )

    assert ended.code == 0, ended.stderr
    assert faulty.faults > 20
    copy = buckets.download(bucket, tmp_path / "copy") / "chain"
    assert commands.published(copy) == commands.published(scored)
    photos = [count for path, count in faulty.downloads.items() if ".jpg" in path]
    assert len(photos) == len(list(tills.rglob("*.jpg")))
    # One request a photo, but for those whose answer was cut off.
    assert sum(photos) < 1.1 * len(photos)


def test_of_two_runs_of_a_day_that_start_together_one_publishes(
    bucket, tills, scored, tmp_path
):
    url = f"gs://{bucket.name}/chain"
    runs = [commands.start(*commands.score_flags(tills, url)) for _ in range(2)]

    refused, published = sorted(map(commands.end, runs), key=lambda run: -run.code)

    assert (refused.code, published.code) == (1, 0), refused.stderr
    [line] = [line for line in refused.stderr.splitlines() if "tillage score" in line]
    assert f"another run of {commands.DATE} is at work (process " in line
    copy = buckets.download(bucket, tmp_path / "copy") / "chain"
    assert commands.published(copy) == commands.published(scored)
