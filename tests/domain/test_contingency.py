import numpy as np
import pytest
from scipy import stats

from pipelines.domain import contingency


def _table(both, with_item, group, total):
    return [[both, group - both], [with_item - both, total - group - with_item + both]]


def test_small_cells_are_tested_exactly():
    of_group = np.array([40, 100, 60])
    for counts in ([9, 10, 2], [0, 12, 0], [3, 3, 30], [4, 10, 6]):
        with_item = sum(counts)
        expected = []
        for both, group in zip(counts, of_group.tolist(), strict=True):
            table = _table(both, with_item, group, 200)
            side = "less" if both <= with_item * group / 200 else "greater"
            tail = stats.fisher_exact(table, alternative=side).pvalue
            expected.append(min(1.0, 2 * tail))
        found = contingency.p_values(np.array([counts]), of_group)
        np.testing.assert_allclose(found, [expected])


def test_large_cells_are_tested_by_chi_square():
    of_group = np.array([4000, 6000])
    counts = np.array([[500, 600], [1200, 2000]])
    for row, found in zip(counts, contingency.p_values(counts, of_group), strict=True):
        table = _table(row[0], row.sum(), 4000, 10_000)
        expected = stats.chi2_contingency(table, correction=False).pvalue
        np.testing.assert_allclose(found, [expected, expected])


@pytest.mark.parametrize(
    ("counts", "of_group"),
    [
        ([0, 0], [50, 50]),
        ([50, 50], [50, 50]),
        ([5, 0], [50, 0]),
        ([0, 0], [0, 0]),
    ],
)
def test_no_test_without_anything_to_compare(counts, of_group):
    found = contingency.p_values(np.array([counts]), np.array(of_group))
    assert np.isnan(found).all()


def test_q_values_are_those_of_the_family():
    p = np.array([[0.01, 0.04], [0.03, np.nan], [0.0001, 0.5]])
    is_tested = np.array([[True, True], [True, True], [False, True]])
    q = contingency.q_values(p, is_tested)
    np.testing.assert_allclose(
        q, [[0.04, 0.04 * 4 / 3], [0.04 * 4 / 3, np.nan], [np.nan, 0.5]]
    )
    assert np.isnan(contingency.q_values(p, np.zeros((3, 2), bool))).all()
