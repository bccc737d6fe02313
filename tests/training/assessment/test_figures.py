import numpy as np
import pytest

from tests.training.assessment import builders
from training import evaluation, shoppers, study
from training.assessment import figures

_PEOPLE = [(3, 8), (15, 27), (16, 20), (30, 29), (33, 36), (62, 50), (70, 70)]


def _evaluate(seen):
    return figures.evaluate(seen, builders.packaged(), shoppers.built_in_mix())


def test_errors_are_over_faces_and_photos_are_all_that_were_read():
    found = _evaluate(builders.seen(_PEOPLE, unusable=[(20, "none"), (9, "small")]))

    assert (found.photos, found.faces_found) == (9, 7)
    assert found.lost == {"none": 1, "small": 1}
    assert found.overall.mae_years == pytest.approx(np.mean([5, 12, 4, 1, 3, 12, 0]))


def test_study_mix_weights_each_band_as_the_study_had_it():
    found = _evaluate(builders.seen(_PEOPLE))

    counts = study.photos_by_age()
    bands = {0: [5], 15: [12, 4], 30: [1, 3], 60: [12], 70: [0]}
    shares = {first: counts[first : first + 5].sum() for first in bands}
    expected = sum(
        share * np.mean(bands[first]) for first, share in shares.items()
    ) / sum(shares.values())
    assert found.study_mix.mae_years == pytest.approx(expected)
    assert found.study_mix_covered == pytest.approx(sum(shares.values()) / counts.sum())


def test_old_and_adult_people_are_set_apart():
    found = _evaluate(builders.seen(_PEOPLE))

    assert found.aged_60_plus.num_photos == 2
    assert found.aged_60_plus.mae_years == pytest.approx(6)
    assert found.aged_13_plus.num_photos == 6


def test_age_groups_hold_everybody_once():
    found = _evaluate(builders.seen(_PEOPLE, unusable=[(14, "none")]))

    groups = found.groups["age_group"]
    assert [one.value for one in groups] == ["0-12", "13-17", "25-34", "55-64", "65-74"]
    assert sum(one.figures.num_photos for one in groups) == found.faces_found
    assert sum(one.photos_read for one in groups) == found.photos
    assert groups[1].figures.bias_years == pytest.approx((12 + 4) / 2)


def test_predicted_groups_are_those_of_the_calibration():
    found = _evaluate(builders.seen(_PEOPLE))

    groups = {one.value: one for one in found.groups["predicted_age_group"]}
    assert groups["25-34"].figures.num_photos == 2
    assert sum(one.figures.num_photos for one in groups.values()) == 7


def test_each_further_column_makes_groups():
    sexes = ["f", "m", "f", "m", "f", "m", ""]

    found = _evaluate(builders.seen(_PEOPLE, {"sex": sexes}))

    errors = {one.value: one.figures.mae_years for one in found.groups["sex"]}
    assert errors == pytest.approx({"not given": 0, "f": 4, "m": 25 / 3})


def test_minors_are_judged_in_each_group():
    sexes = ["f", "m", "f", "m", "f", "m", "f"]

    found = _evaluate(builders.seen(_PEOPLE, {"sex": sexes}))

    rates = {one.value: one.challenge for one in found.groups["sex"]}
    assert (rates["f"].photos, rates["f"].false_positive_rate) == (1, 0)
    assert (rates["m"].photos, rates["m"].false_positive_rate) == (1, 1)
    assert found.groups["age_group"][0].challenge is None


def test_columns_of_names_and_of_nothing_make_no_groups():
    many = [(30, 30)] * 40
    columns = {"person": [f"p{place}" for place in range(40)], "note": [""] * 40}

    found = _evaluate(builders.seen(many, columns))

    assert list(found.groups) == ["age_group", "predicted_age_group"]
    assert found.columns_left_out == {"person": 40}


@pytest.mark.parametrize("name", ["age_group", "photos", "mae_years"])
def test_columns_do_not_take_the_place_of_figures(name):
    found = _evaluate(builders.seen(_PEOPLE, {name: ["a"] * 7}))

    assert list(found.groups)[-1] == f"labelled_{name}"
    assert len(found.groups["age_group"]) == 5


def test_probabilities_are_judged_by_what_was_true():
    found = _evaluate(builders.seen(_PEOPLE))

    [under_18, under_25] = found.probabilities
    # The estimates are without doubt: one of each kind of error counts fully.
    assert under_18.brier == pytest.approx(2 / 7)
    assert under_25.brier == pytest.approx(1 / 7)
    assert under_18.share == pytest.approx(3 / 7)
    assert sum(row.photos for row in under_18.reliability) == 6


def test_report_groups_tell_how_often_they_are_right():
    found = _evaluate(builders.seen(_PEOPLE))

    shares = {one.age_group: one.share_right for one in found.right_groups}
    assert shares == pytest.approx({"<25": 2 / 3, "25-44": 1, "45-64": 1, "65+": 1})


def test_small_children_alone_can_be_evaluated():
    found = _evaluate(builders.seen([(3, 4), (5, 5)]))

    assert found.shoppers is None
    assert found.aged_60_plus is None
    assert found.challenge == []


def test_intervals_are_counted_where_they_hold():
    found = _evaluate(builders.seen(_PEOPLE))

    assert found.overall.coverage_90 == pytest.approx(5 / 7)
    low, high = evaluation.share_interval(5, 7)
    assert (found.overall.coverage_90_low, found.overall.coverage_90_high) == (
        pytest.approx(low),
        pytest.approx(high),
    )
