import numpy as np
import pytest

from pipelines.domain import age_groups


def test_report_groups_hold_their_lower_bound():
    groups = age_groups.REPORT_GROUPS
    assert groups.labels == ("<25", "25-44", "45-64", "65+", "unknown")
    years = np.array([0, 24.99, 25, 44.99, 64.99, 65, 100, np.nan])
    names = groups.names(groups.orders(years)).to_pylist()
    assert names == [
        "<25", "<25", "25-44", "25-44", "45-64", "65+", "65+", "unknown",
    ]  # fmt: skip


def test_report_groups_are_unions_of_bands():
    bands = age_groups.FIVE_YEAR_BANDS
    assert (bands.labels[0], bands.labels[-2:]) == ("0-4", ("95+", "unknown"))
    years = np.arange(0, 100, 0.25)
    pairs = zip(
        bands.orders(years).tolist(),
        age_groups.REPORT_GROUPS.orders(years).tolist(),
        strict=True,
    )
    assert len(set(pairs)) == len(bands.labels) - 1


@pytest.mark.parametrize("bounds", [(), (0, 5), (30, 20), (20, 20)])
def test_bounds_must_rise(bounds):
    with pytest.raises(ValueError, match="must rise"):
        age_groups.AgeGroups(bounds)
