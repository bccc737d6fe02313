import math

import pytest

from tests.training.assessment import builders
from training.assessment import conclusions

GOOD, POOR, NEXT = "good_enough", "not_good_enough", "collect_next"


def _of_ages(*groups):
    return {**builders.good().groups, "age_group": groups}


def _with(column, *groups):
    return {**builders.good().groups, column: groups}


def _demand(share):
    made = builders.figures.RightGroup(age_group="45-64", photos=100, share_right=share)
    return [made]


_CASES = [
    ({}, GOOD, "4.00 years (3.70 to 4.30), better than the study's 6.46; it reaches"),
    (
        {"study_mix": builders.errors(mae_years=6.4)},
        POOR,
        "6.40 years (6.10 to 6.70), not to be told apart from the study's 6.46",
    ),
    (
        {"study_mix": builders.errors(mae_years=9)},
        POOR,
        "9.00 years (8.70 to 9.30), worse than the study's 6.46; it misses",
    ),
    ({}, GOOD, "(put right, <25: 90%, 25-44: 80%): use them, corrected"),
    ({"right_groups": _demand(0.4)}, POOR, "the group 45-64 is put right too rarely"),
    ({}, POOR, "groups of ten years or less: only 70% of people"),
    ({}, GOOD, "off by +0.10 years at the study's mix of ages."),
    (
        {"study_mix": builders.errors(bias_years=-0.9)},
        POOR,
        "off by -0.90 years at the study's mix of ages, beyond ±0.5",
    ),
    (
        {"groups": _of_ages(builders.group("75+", bias_years=-8))},
        POOR,
        "(years by true group, 75+: -8.0)",
    ),
    ({}, GOOD, "hold 90.0% of the real ages; they are 18 years wide"),
    (
        {"overall": builders.errors(coverage_90=0.8)},
        POOR,
        "hold 80.0% of the real ages; they",
    ),
    (
        {"groups": _of_ages(builders.group("75+", coverage_90_high=0.8))},
        POOR,
        "but by true age group not always (held, 75+: 90%)",
    ),
    ({}, GOOD, "60 and older: mean error 6.00 years (5.70 to 6.30), on average 0.1"),
    (
        {"aged_60_plus": builders.errors(50, 9.0, bias_years=-6)},
        POOR,
        "on average 6.0 years too young; the target is 7.",
    ),
    ({}, POOR, "10% (5% to 15%) of the 80 people of 13 to 17"),
    ({}, GOOD, "takes away 75% of the uncertainty"),
    (
        {"probabilities": [builders.probability(brier_shoppers=0.15)]},
        POOR,
        "takes away 6% of the uncertainty",
    ),
    (
        {"groups": _with("sex", builders.group("f"), builders.group("m"))},
        GOOD,
        "by sex: mean errors are 4.00 years for f and 4.00 years for m",
    ),
    (
        {"groups": _with("sex", builders.group("f", mae_years=6), builders.group("m"))},
        POOR,
        "4.00 years for m and 6.00 years for f",
    ),
    (
        {
            "groups": _with(
                "sex", builders.group("f", bias_years=-1.5), builders.group("m")
            )
        },
        POOR,
        "biases -1.50 (f) to +0.10 (m): more than chance",
    ),
    (
        {
            "groups": _with(
                "sex", builders.group("f", mae_years=4.5), builders.group("m")
            )
        },
        POOR,
        "4.50 years for f",
    ),
    (
        {
            "groups": _with(
                "sex", builders.group("f", mae_years=4.4), builders.group("m")
            )
        },
        GOOD,
        "4.40 years for f, biases +0.10 (f) to +0.10 (m): no more than chance.",
    ),
    (
        {"groups": _of_ages(builders.group("75+", num_photos=12))},
        NEXT,
        "fewer than 100 people are of the ages 75+ (12)",
    ),
    (
        {"groups": _of_ages(builders.group("75+", mae_years=9))},
        NEXT,
        "largest mean errors: 75+ (9.0); over all it is 4.0",
    ),
    (
        {"photos": 1250, "lost": {"none": 50, "several_faces": 200}},
        NEXT,
        "20.0% of them, most often 'several faces' (200)",
    ),
    ({}, NEXT, "about 200 of each age group give its mean error to ±0.5 years"),
]


@pytest.mark.parametrize(("changes", "part", "words"), _CASES)
def test_each_rule_says_its_figure_in_its_place(changes, part, words):
    drawn = conclusions.conclude(builders.good(**changes))

    assert any(words in sentence for sentence in getattr(drawn, part)), drawn


@pytest.mark.parametrize("words", ["largest mean errors", "usable face", "fewer than"])
def test_a_good_model_is_not_sent_for_more(words):
    drawn = conclusions.conclude(builders.good())

    assert not any(words in sentence for sentence in drawn.collect_next)


def test_groups_of_few_people_are_not_judged():
    groups = _with("sex", builders.group("f", 9, mae_years=9), builders.group("m"))

    drawn = conclusions.conclude(builders.good(groups=groups))

    assert not any("by sex" in text for text in drawn.good_enough)
    assert not any("by sex" in text for text in drawn.not_good_enough)


def test_a_single_photo_gives_conclusions_without_intervals():
    lone = builders.errors(1, mae_low_years=math.nan, mae_high_years=math.nan)
    found = builders.good(
        photos=1,
        overall=lone,
        study_mix=lone,
        shoppers=None,
        aged_60_plus=None,
        probabilities=[builders.probability(share_shoppers=math.nan)],
        challenge=[],
        right_groups=[],
        groups={"age_group": [], "predicted_age_group": []},
    )

    drawn = conclusions.conclude(found)

    assert any("4.00 years (one photo)" in text for text in drawn.good_enough)
    assert "nan" not in str(drawn)
