import json
import math

import pytest

from tests.training.assessment import builders
from training import shoppers
from training.assessment import figures, record

_PEOPLE = [(3, 8), (15, 27), (16, 20), (30, 29), (33, 36), (62, 50), (70, 70)]
_HEADLINE = [
    "photos",
    "faces_found",
    "mae_years",
    "mae_years_study_mix",
    "bias_years",
    "rmse_years",
    "within_5_years",
    "within_10_years",
    "coverage_90",
    "brier_under_18",
    "brier_under_25",
    "by_age_group",
    "by_source",
    "by_sex",
]


@pytest.fixture
def written():
    columns = {"source": ["a"] * 7, "sex": ["f", "m"] * 3 + ["f"]}
    seen = builders.seen(_PEOPLE, columns)
    found = figures.evaluate(seen, builders.packaged(), shoppers.built_in_mix())
    return found, json.loads(record.to_json(found))


@pytest.mark.parametrize("name", _HEADLINE)
def test_headline_figures_go_by_their_names(written, name):
    assert written[1][name] is not None


def test_figures_are_those_of_the_evaluation(written):
    found, figures_by_name = written

    assert figures_by_name["photos"] == 7
    assert figures_by_name["mae_years"] == pytest.approx(found.overall.mae_years, 1e-5)
    assert figures_by_name["mae_years_study_mix"] == pytest.approx(
        found.study_mix.mae_years, 1e-5
    )
    assert figures_by_name["false_positive_rate_13_17"] == 0.5
    assert figures_by_name["aged_60_plus"]["photos"] == 2


@pytest.mark.parametrize("column", ["age_group", "source", "sex"])
def test_groups_name_who_they_are_and_add_up(written, column):
    groups = written[1][f"by_{column}"]

    assert all(
        {column, "photos", "mae_years", "bias_years", "coverage_90"} <= group.keys()
        for group in groups
    )
    errors = sum(group["photos"] * group["mae_years"] for group in groups)
    assert errors / written[1]["faces_found"] == pytest.approx(
        written[1]["mae_years"], 1e-4
    )


def test_what_cannot_be_said_is_null():
    alone = builders.errors(1, mae_low_years=math.nan, mae_high_years=math.nan)

    written = json.loads(
        record.to_json(
            builders.good(
                photos=1, overall=alone, study_mix=None, aged_60_plus=None, challenge=[]
            )
        )
    )

    assert written["mae_low_years"] is None
    assert written["mae_years_study_mix"] is None
    assert written["aged_60_plus"] == {"photos": 0}
    assert written["false_positive_rate_13_17"] is None


def test_same_figures_give_the_same_text():
    assert record.to_json(builders.good()) == record.to_json(builders.good())
