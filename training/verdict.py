"""Calibrates a model on one split and judges it on another."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pipelines.domain import ages
from training import calibrate, config, dataset, evaluation, shoppers, study

_YOUNG_YEARS = (18, 25)
OLD_YEARS = 60
ELDERS = f"aged {OLD_YEARS}+"
SHOPPERS = f"aged {shoppers.MIN_AGE_YEARS}+"

Probabilities = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Outputs:
    """What the models say of photos that they were not trained on.

    Attributes:
      calibration: Softmax outputs of the int8 model, a row a photo of the split.
      test: As `calibration`, for the test split.
      test_float32: As `test`, of the float32 model.
    """

    calibration: Probabilities
    test: Probabilities
    test_float32: Probabilities


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """What a card says of a model.

    Attributes:
      calibrated: From the calibration split.
      groups: Figures on the test split, each person alike.
      study_mix: Figures on the test split, weighted to the original study's ages,
        framed views left out; None where there is nobody.
      metrics: Headline figures on the test split, weighted to shoppers' ages where
        they do not say otherwise.
      weighting: How that was done, in words.
      log_odds: See `training.label_shift`; all 0 where there is no correction.
    """

    calibrated: calibrate.Calibrated
    groups: Mapping[str, evaluation.Figures]
    study_mix: evaluation.Figures | None
    metrics: Mapping[str, float]
    weighting: str
    log_odds: npt.NDArray[np.float64]


def weigh(
    photos: dataset.Dataset, settings: config.TrainConfig
) -> npt.NDArray[np.float64]:
    """Weights the splits `calibration` and `test`, each to shoppers' ages.

    Returns:
      Weights, shape `(n,)`; 0 for photos that do not count.

    Raises:
      dataset.DatasetError: nobody of 13 or older is there to calibrate on.
      shoppers.ShopperAgesError: see `shoppers.read_mix`.
    """
    mix = (
        shoppers.built_in_mix()
        if settings.shopper_ages is None
        else shoppers.read_mix(settings.shopper_ages)
    )
    is_chosen = is_calibration_source(photos, settings)
    weights = np.zeros(len(photos.names))
    for split in ("calibration", "test"):
        inside = np.flatnonzero((photos.splits == split) & is_chosen)
        weights[inside] = shoppers.weights_of(photos.ages_years[inside], mix)
    if not weights[photos.rows("calibration")].sum() > 0:
        raise dataset.DatasetError(
            "the split 'calibration' holds nobody of "
            f"{shoppers.MIN_AGE_YEARS} years or older to calibrate on; give more photos"
        )
    return weights


def is_calibration_source(
    photos: dataset.Dataset, settings: config.TrainConfig
) -> npt.NDArray[np.bool_]:
    """Tells which photos are of the sources that calibration may use."""
    chosen = settings.calibration_sources
    if not chosen:
        return np.ones(len(photos.names), bool)
    return np.isin(photos.sources, chosen)


def judge(
    outputs: Outputs,
    photos: dataset.Dataset,
    weights: npt.NDArray[np.float64],
    log_odds: npt.NDArray[np.float64],
    settings: config.TrainConfig,
) -> Verdict:
    """Calibrates on one split and judges on another.

    Args:
      outputs: Of the models.
      photos: That they were asked about.
      weights: From `weigh`.
      log_odds: That the models were corrected by.
      settings: Of the run.
    """
    rows = photos.rows("calibration")
    calibrated = calibrate.calibrate(
        calibrate.Predicted(
            probabilities=outputs.calibration,
            ages_years=photos.ages_years[rows],
            weights=weights[rows],
            child_weights=is_calibration_source(photos, settings)[rows].astype(float),
        )
    )
    judged = _judged(outputs.test, photos, weights, calibrated)
    plain = _judged(outputs.test_float32, photos, weights, calibrated)
    study_mix = _study_mix(judged)
    return Verdict(
        calibrated=calibrated,
        groups=_groups(judged),
        study_mix=study_mix,
        metrics=_headline(judged)
        | _study_headline(study_mix)
        | _young(outputs.test, photos, weights, calibrated)
        | _int8_cost(judged, plain),
        weighting=_in_words(settings, is_corrected=bool(log_odds.any())),
        log_odds=log_odds,
    )


def _judged(
    probabilities: Probabilities,
    photos: dataset.Dataset,
    weights: npt.NDArray[np.float64],
    calibrated: calibrate.Calibrated,
) -> evaluation.Judged:
    rows = photos.rows("test")
    distributions = ages.to_weights(probabilities, calibrated.temperature)
    return evaluation.Judged(
        ages_years=photos.ages_years[rows],
        sources=photos.sources[rows],
        sexes=photos.sexes[rows],
        views=photos.views[rows],
        weights=weights[rows],
        estimates=ages.estimate(distributions, calibrated.for_estimates()),
    )


def _groups(judged: evaluation.Judged) -> dict[str, evaluation.Figures]:
    """Adds wide groups of age to `evaluation.by_group`."""
    wide = {
        SHOPPERS: judged.figures(judged.ages_years >= shoppers.MIN_AGE_YEARS),
        ELDERS: judged.figures(judged.ages_years >= OLD_YEARS),
    }
    found = {name: figures for name, figures in wide.items() if figures}
    return evaluation.by_group(judged) | found


def _headline(judged: evaluation.Judged) -> dict[str, float]:
    found = judged.figures(is_weighted=True)
    if found is None:
        return {}
    figures = {
        "test_photos": float(found.num_photos),
        "test_mae_years": found.mae_years,
        "test_bias_years": found.bias_years,
        "test_coverage_90": found.coverage_90,
        "test_interval_width_years": found.width_years,
    }
    old = judged.figures(judged.ages_years >= OLD_YEARS, is_weighted=True)
    if old is None:
        return figures
    return figures | {
        "test_mae_60_plus_years": old.mae_years,
        "test_bias_60_plus_years": old.bias_years,
    }


def _study_mix(judged: evaluation.Judged) -> evaluation.Figures | None:
    """Weights the test split to the original study's ages, children included."""
    is_plain = judged.views == "plain"
    weights = np.zeros(len(is_plain))
    weights[is_plain] = study.weights_of(judged.ages_years[is_plain])
    return evaluation.sum_up(judged.ages_years, judged.estimates, weights)


def _study_headline(found: evaluation.Figures | None) -> dict[str, float]:
    if found is None:
        return {}
    return {
        "test_mae_study_mix_years": found.mae_years,
        "test_bias_study_mix_years": found.bias_years,
    }


def _young(
    probabilities: Probabilities,
    photos: dataset.Dataset,
    weights: npt.NDArray[np.float64],
    calibrated: calibrate.Calibrated,
) -> dict[str, float]:
    """Judges the probabilities that the audit uses, calibrated and as they were."""
    rows = photos.rows("test")
    if not weights[rows].sum() > 0:
        return {}
    figures = {}
    for word, temperature in (("", calibrated.temperature), ("_uncalibrated", 1.0)):
        distributions = ages.to_weights(probabilities, temperature)
        for years in _YOUNG_YEARS:
            said = ages.probability_under(distributions, years)
            is_young = photos.ages_years[rows] < years
            figures[f"test_brier_under_{years}{word}"] = calibrate.brier(
                said, is_young, weights[rows]
            )
            figures[f"test_unreliability_under_{years}{word}"] = (
                calibrate.unreliability(said, is_young, weights[rows])
            )
    return figures


def _int8_cost(judged: evaluation.Judged, plain: evaluation.Judged) -> dict[str, float]:
    """Compares the int8 model with the float32 model, each person alike."""
    ours, theirs = judged.figures(), plain.figures()
    if ours is None or theirs is None:
        return {}
    shifts = np.abs(judged.estimates.mean_years - plain.estimates.mean_years)
    return {
        "int8_mae_cost_years": ours.mae_years - theirs.mae_years,
        "int8_mean_shift_years": float(shifts.mean()),
        "int8_largest_shift_years": float(shifts.max()),
    }


def _in_words(settings: config.TrainConfig, *, is_corrected: bool) -> str:
    mix = (
        "a built-in mix of shoppers' ages (adults of working age alike, fewer others)"
        if settings.shopper_ages is None
        else f"the mix of ages in {settings.shopper_ages.name}"
    )
    sources = settings.calibration_sources
    correction = (
        "How likely each age is was corrected on the validation split, weighted to "
        f"the original study's ages, {OLD_YEARS} and older twice (`label_shift` "
        "below). "
    )
    return (
        (correction if is_corrected else "")
        + "Temperature, intervals and confusion come from the calibration split, the "
        f"figures below from the test split: people of {shoppers.MIN_AGE_YEARS} and "
        f"older, weighted by bands of {shoppers.BAND_YEARS} years to {mix}; the "
        "intervals of those predicted to be younger come from all photos"
        + (f"; sources {', '.join(sources)} only." if sources else ".")
        + " The int8 figures weight each person alike, those of the study mix to the "
        "original study's ages. Unreliability is the mean gap between a stated "
        "probability and the share that it came true for, over tenths of its range."
    )
