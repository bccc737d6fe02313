"""Bundles in a bucket."""

import stat
import tempfile

import pytest

from pipelines.inference import bundle as bundles
from schemas import bundle as schema
from tests import buckets


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """A temporary folder of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_bundle_in_a_bucket_is_the_bundle(tiny, bucket, scratch):
    place = buckets.upload(tiny.folder, bucket, "models/tiny/")

    first, second = bundles.load(place), bundles.load(place)

    assert (first.card, first.sha256) == (tiny.card, tiny.sha256)
    assert first.folder == second.folder
    assert first.folder.is_relative_to(scratch)
    assert stat.S_IMODE(first.folder.stat().st_mode) == 0o700
    assert {path.name for path in first.folder.iterdir()} == {
        path.name for path in tiny.folder.iterdir() if path.is_file()
    }


def test_another_bundle_at_the_same_place_is_fetched(tiny, bucket, scratch):
    place = buckets.upload(tiny.folder, bucket, "models/")
    before = bundles.load(place)
    card = (tiny.folder / schema.FILE_NAME).read_text()
    renamed = card.replace('"tiny"', '"other"')
    bucket.blob(f"models/{schema.FILE_NAME}").upload_from_string(renamed)

    after = bundles.load(place)

    assert (before.card.name, after.card.name) == ("tiny", "other")
    assert before.folder != after.folder


def test_a_damaged_bundle_is_refused(tiny, bucket, scratch):
    place = buckets.upload(tiny.folder, bucket, "models/")
    bucket.blob(f"models/{bundles.MODEL_BIN}").upload_from_string(b"damaged")

    with pytest.raises(bundles.BundleError, match="damaged or changed"):
        bundles.load(place)
    buckets.upload(tiny.folder, bucket, "models/")
    assert bundles.load(place).card == tiny.card


def test_a_place_without_a_bundle_is_named(bucket, scratch):
    place = f"gs://{bucket.name}/nothing"

    with pytest.raises(bundles.BundleError, match=f"{place}: no model bundle here"):
        bundles.load(place)
