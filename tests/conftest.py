"""Fixtures that several test folders share."""

import pathlib
from collections.abc import Iterator

import pytest
from google.cloud import storage

from pipelines.storage import gcs
from tests import buckets

_SHARED_DATA = pathlib.Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """Folder of real photos and purchases, beside the checkout."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"real data is not at {_SHARED_DATA}")
    return _SHARED_DATA


@pytest.fixture(scope="session")
def emulator() -> Iterator[buckets.Emulator]:
    """A running emulator of Google Cloud Storage."""
    with buckets.emulator() as found:
        yield found


@pytest.fixture
def bucket(emulator, monkeypatch) -> Iterator[storage.Bucket]:
    """An empty bucket that this process, and those it starts, can reach."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.address)
    gcs.client.cache_clear()
    yield emulator.new_bucket()
    gcs.client.cache_clear()
