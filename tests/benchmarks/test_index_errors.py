import numpy as np
import pytest

from benchmarks import index_errors

NAN = np.nan


def indices(corrected, low, high, raw=None) -> index_errors.Indices:
    cells = [np.array([row], np.float64) for row in (raw or corrected, corrected)]
    return index_errors.Indices(
        raw=cells[0],
        corrected=cells[1],
        low=np.array([low], np.float64),
        high=np.array([high], np.float64),
        is_reliable=np.zeros((1, len(low)), bool),
        baskets=np.ones((1, len(low))),
    )


def test_figures_by_hand():
    reports = [
        indices([90, 120, NAN], [80, 115, NAN], [100, 130, NAN], raw=[95, 105, 200]),
        indices([110, 60, 100], [105, 50, 90], [120, 70, 110]),
    ]
    true = [np.array([[100.0, 110, 50]]), np.array([[100.0, 70, 100]])]
    everything = [np.ones((1, 3), bool)] * 2
    found = index_errors.figures(reports, true, everything)
    assert found["cells_per_report"] == 2.5
    assert found["mae_corrected"] == pytest.approx((10 + 10 + 10 + 10 + 0) / 5)
    assert found["mae_raw"] == pytest.approx((5 + 5 + 10 + 10 + 0) / 5)
    assert found["coverage"] == pytest.approx(3 / 5)
    # Of the first report a half is held, of the second two thirds.
    assert found["coverage_standard_error"] == pytest.approx(1 / 12)
    by_group = index_errors.by_group(reports, true, ["a", "b", "c"])
    assert by_group == {"a": 0.5, "b": 0.5, "c": 1.0}


def test_only_chosen_cells_count():
    report = indices([90, 120], [80, 115], [100, 130])
    chosen = [np.array([[True, False]])]
    found = index_errors.figures([report], [np.array([[100.0, 0]])], chosen)
    assert (found["cells_per_report"], found["coverage"]) == (1, 1)
    assert found["mae_corrected"] == 10
