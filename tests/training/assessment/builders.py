"""Predictions and evaluations made by hand."""

import dataclasses

import numpy as np

from pipelines.domain import ages
from pipelines.inference import bundle as bundles
from training import evaluation, photo_files
from training.assessment import figures, predictions, young


def packaged() -> bundles.Bundle:
    """Opens the bundle that ships."""
    return bundles.load(bundles.default_folder())


def seen(people, columns=None, unusable=(), **changes) -> predictions.Predictions:
    """Makes predictions of people `(real age, estimated age)`, without doubt.

    `unusable` are `(real age, status)`; they come last.
    """
    real = [one for one, _ in people] + [age for age, _ in unusable]
    estimated = np.array([float(one) for _, one in people])
    sure = np.zeros((len(people), 101), np.uint16)
    sure[np.arange(len(people)), estimated.astype(int)] = 65535
    return dataclasses.replace(
        predictions.Predictions(
            names=np.array([f"{place}.jpg" for place in range(len(real))]),
            ages_years=np.array(real, float),
            columns={
                name: np.array(values) for name, values in (columns or {}).items()
            },
            statuses=np.array(
                ["ok"] * len(people) + [status for _, status in unusable]
            ),
            distributions=sure,
            estimates=ages.Estimates(
                mean_years=estimated,
                low_years=estimated - 5,
                high_years=estimated + 5,
            ),
            unpaired=photo_files.Unpaired(),
            worst=(),
            lost=(),
        ),
        **changes,
    )


def errors(num_photos=1000, mae_years=4.0, **changes) -> evaluation.Figures:
    """Makes figures of a good model."""
    made = evaluation.Figures(
        num_photos=num_photos,
        mae_years=mae_years,
        mae_low_years=mae_years - 0.3,
        mae_high_years=mae_years + 0.3,
        bias_years=0.1,
        rmse_years=1.3 * mae_years,
        p90_error_years=2 * mae_years,
        within_5_years=0.7,
        within_10_years=0.9,
        coverage_90=0.9,
        coverage_90_low=0.88,
        coverage_90_high=0.92,
        width_years=18.0,
    )
    return dataclasses.replace(made, **changes)


def group(value, num_photos=1000, **changes) -> figures.Group:
    """Makes a group of which all photos have a usable face."""
    made = errors(num_photos, **changes)
    return figures.Group(value=value, figures=made, photos_read=num_photos)


def good(**changes) -> figures.Evaluation:
    """Makes the evaluation of a good model, with changes."""
    made = figures.Evaluation(
        bundle="good@0",
        photos=1000,
        lost={},
        photos_without_label=0,
        labels_without_photo=0,
        overall=errors(),
        study_mix=errors(),
        study_mix_covered=1.0,
        shoppers=errors(),
        aged_13_plus=errors(),
        aged_60_plus=errors(200, 6.0),
        probabilities=[probability()],
        challenge=[challenge()],
        right_groups=[
            figures.RightGroup(age_group="<25", photos=100, share_right=0.9),
            figures.RightGroup(age_group="25-44", photos=100, share_right=0.8),
        ],
        groups={
            figures.AGE_GROUP: [group("13-17"), group("18-24")],
            figures.PREDICTED_GROUP: [group("under 18")],
        },
        columns_left_out={},
    )
    return dataclasses.replace(made, **changes)


def probability(**changes) -> figures.Probability:
    """Makes a probability of being under 25 that tells most."""
    made = figures.Probability(
        under_years=25,
        share=0.3,
        share_shoppers=0.2,
        brier=0.05,
        brier_study_mix=0.05,
        brier_shoppers=0.04,
        reliability=[],
    )
    return dataclasses.replace(made, **changes)


def challenge(**changes) -> young.ChallengeRate:
    """Makes the rate at challenge age 25."""
    made = young.ChallengeRate(
        challenge_age_years=25,
        photos=80,
        false_positive_rate=0.1,
        false_positive_rate_low=0.05,
        false_positive_rate_high=0.15,
        adults_asked=0.2,
    )
    return dataclasses.replace(made, **changes)
