"""Fixtures for pages."""

import numpy as np
import pytest


@pytest.fixture
def noise():
    """Pixels of a picture, 200 high and 100 wide."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (200, 100, 3), np.uint8)
