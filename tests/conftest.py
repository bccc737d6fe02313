"""Fixtures that several test folders share."""

import pathlib

import pytest

_SHARED_DATA = pathlib.Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """Folder of real photos and purchases, beside the checkout."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"real data is not at {_SHARED_DATA}")
    return _SHARED_DATA
