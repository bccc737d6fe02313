import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from pipelines.domain import ages
from training import evaluation


@pytest.fixture
def judged() -> evaluation.Judged:
    return evaluation.Judged(
        ages_years=np.array([10.0, 30.0, 30.0, 80.0]),
        sources=np.array(["a", "a", "b", ""]),
        sexes=np.array(["female", "male", "", ""]),
        views=np.array(["plain", "plain", "plain", "framed"]),
        weights=np.array([0.0, 1.0, 1.0, 2.0]),
        estimates=ages.Estimates(
            mean_years=np.array([12.0, 27.0, 30.0, 70.0]),
            low_years=np.array([8.0, 20.0, 25.0, 60.0]),
            high_years=np.array([16.0, 30.0, 35.0, 79.0]),
        ),
    )


def test_figures_of_all_count_each_person_alike(judged):
    found = judged.figures()

    assert found.num_photos == 4
    assert found.mae_years == pytest.approx(3.75)
    assert found.bias_years == pytest.approx(-2.75)
    assert found.rmse_years == pytest.approx(np.sqrt((4 + 9 + 0 + 100) / 4))
    assert found.p90_error_years == 10
    assert (found.within_5_years, found.within_10_years) == (0.75, 1.0)
    assert found.coverage_90 == 0.75
    assert found.width_years == (8 + 10 + 10 + 19) / 4


def test_interval_of_the_error_is_student_s(judged):
    found = judged.figures()
    sizes = [2, 3, 0, 10]
    expected = stats.t.interval(0.95, 3, np.mean(sizes), stats.sem(sizes))

    assert (found.mae_low_years, found.mae_high_years) == pytest.approx(expected)


def test_one_person_has_no_interval(judged):
    found = judged.figures(judged.ages_years == 80)

    assert found.mae_years == 10
    assert math.isnan(found.mae_low_years)


@pytest.mark.parametrize(("hits", "tries"), [(0, 5), (3, 4), (5, 5), (880, 1000)])
def test_interval_of_a_share_is_the_exact_one(hits, tries):
    expected = stats.binomtest(hits, tries).proportion_ci(0.95, "exact")

    found = evaluation.share_interval(hits, tries)

    assert found == pytest.approx((expected.low, expected.high))


def test_weights_of_one_size_change_nothing(judged):
    weights = np.full(4, 2.5)

    weighted = evaluation.sum_up(judged.ages_years, judged.estimates, weights)

    for name, value in dataclasses.asdict(judged.figures()).items():
        assert getattr(weighted, name) == pytest.approx(value), name


def test_weighted_figures_leave_out_who_does_not_count(judged):
    found = judged.figures(is_weighted=True)

    assert found.num_photos == 3
    assert found.mae_years == pytest.approx((3 + 0 + 2 * 10) / 4)
    assert found.coverage_90 == pytest.approx(0.5)


def test_figures_of_nobody_are_none(judged):
    assert judged.figures(judged.ages_years > 90) is None


def test_groups_are_by_true_age_source_and_sex(judged):
    found = evaluation.by_group(judged)

    assert list(found) == [
        "all",
        "aged 0-12",
        "aged 25-34",
        "aged 75+",
        "source a",
        "source b",
        "sex female",
        "sex male",
        "view framed",
        "view plain",
    ]
    assert found["aged 25-34"].num_photos == 2
    assert found["aged 25-34"].mae_years == pytest.approx(1.5)
    assert found["aged 75+"].bias_years == pytest.approx(-10)
