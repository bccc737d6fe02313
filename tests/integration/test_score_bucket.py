"""Days whose inputs lie in a bucket."""

import pytest

from tests import buckets
from tests.integration import commands

pytestmark = pytest.mark.slow


def test_a_day_read_from_a_bucket_is_the_day_read_from_disk(
    bucket, tills, scored, tmp_path
):
    url = buckets.upload(tills, bucket, "chain/tills/")

    ended = commands.score(url, tmp_path / "warehouse")

    assert ended.code == 0, ended.stderr
    assert commands.published(tmp_path / "warehouse") == commands.published(scored)


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
