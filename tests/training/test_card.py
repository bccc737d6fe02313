import dataclasses

import numpy as np
import openvino
import pytest
from openvino import opset13 as opset

from tests import tiny_bundle
from training import calibrate, card, int8_gate, provenance, quantize, verdict
from training.evaluation import Figures

_FIT = {
    "recipe": "default",
    "epochs": 8,
    "device": "NVIDIA H200",
    "photos_per_second": 812.5,
    "train_mae_years": 4.1,
    "validation_mae_years": 5.0,
}


def _figures(**changes):
    found = Figures(
        num_photos=400,
        mae_years=4.75,
        mae_low_years=4.4,
        mae_high_years=5.1,
        bias_years=-0.25,
        rmse_years=6.5,
        p90_error_years=10.0,
        within_5_years=0.6,
        within_10_years=0.9,
        coverage_90=0.905,
        coverage_90_low=0.872,
        coverage_90_high=0.932,
        width_years=19.0,
    )
    return dataclasses.replace(found, **changes)


def _verdict(**groups):
    everyone = {"all": _figures()} | {
        name.replace("_", " "): figures for name, figures in groups.items()
    }
    calibrated = calibrate.Calibrated(
        temperature=1.2,
        conformal=tiny_bundle.card().conformal,
        confusion=tiny_bundle.card().confusion,
        band_confusion=tiny_bundle.card().band_confusion,
    )
    return verdict.Verdict(
        calibrated=calibrated,
        groups=everyone,
        study_mix=_figures(mae_years=4.8),
        metrics={},
        weighting="Weighted to shoppers.",
        log_odds=np.zeros(101),
    )


def _trial(cost_years=0.01):
    value = opset.parameter([1])
    return int8_gate.Trial(
        settings=quantize.Int8Settings(name="averaged ranges"),
        model=openvino.Model([value], [value]),
        cost_years=cost_years,
        error_years=0.012,
        shift_years=0.3,
    )


def _shown(found=None, trial=None, origin=None, metrics=None, dropped=None):
    return card.model_card(
        tiny_bundle.card(metrics=metrics or {}),
        found or _verdict(),
        trial or _trial(),
        origin or provenance.Provenance(),
        dropped or {},
    )


def test_the_summary_holds_figures_goals_and_the_study():
    shown = _shown(_verdict(aged_60=_figures()))

    for expected in (
        "MAE 4.80 years (95 % interval 4.40 to 5.10), bias -0.25",
        "reached 6.46",
        "covers 90.5% of 400 photos; the goal is 88 to 92 %",
        "leaves 90 % out): none.",
    ):
        assert expected in shown


def test_groups_that_are_not_covered_as_said_are_named():
    narrow = _figures(coverage_90=0.8, coverage_90_low=0.7, coverage_90_high=0.88)

    shown = _shown(_verdict(aged_75=narrow, source_b=_figures()))

    assert "leaves 90 % out): aged 75." in shown
    assert "| aged 75 | 400 | 4.75 | -0.25 | 80.0% | 70.0% to 88.0% | 19.0 |" in shown


def test_elders_have_a_line_of_their_own():
    groups = {verdict.ELDERS: _figures(num_photos=90, mae_years=6.2, bias_years=-2.5)}
    found = dataclasses.replace(_verdict(), groups=_verdict().groups | groups)

    assert "(90 photos): MAE 6.20 years, bias -2.50; the goal is 7." in _shown(found)


def test_without_anybody_to_test_on_there_is_no_summary():
    found = dataclasses.replace(_verdict(), groups={}, study_mix=None)

    assert "## In short" not in _shown(found)


def test_the_fit_is_told_with_its_gap():
    shown = _shown(origin=provenance.Provenance(fit=_FIT))

    for expected in (
        "| device | NVIDIA H200 |",
        "| photos per second | 812.5 |",
        "learned from: 4.10 years; on the validation split: 5.00 years; gap +0.90",
        "gap +3.31",
    ):
        assert expected in shown


def test_a_fit_without_validation_has_no_gap():
    fit = _FIT | {"validation_mae_years": None}

    shown = _shown(origin=provenance.Provenance(fit=fit))

    assert "## The fit" in shown
    assert "gap" not in shown


def test_what_is_not_known_is_not_told():
    shown = _shown()

    assert "## The fit" not in shown
    assert "## What each part" not in shown
    assert "## Probabilities of being young" not in shown


def test_ablations_tell_what_their_rows_share():
    row = {"train_mae_years": 3.0, "validation_mae_years": 8, "image_size": 112}
    rows = (
        {"name": "original", "epochs": 4, **row},
        {"name": "+ crop", "epochs": 5, **row},
    )

    shown = _shown(origin=provenance.Provenance(ablations=rows))

    assert "| original | 3.00 | 8.00 | +5.00 |\n| + crop | 3.00 | 8.00 |" in shown
    assert "; image size (px) 112. Small and short" in shown
    assert "epochs" not in shown


@pytest.mark.parametrize(
    ("cost_years", "said"),
    [
        (0.01, "the first way that is surely within 0.05 years of float32"),
        (
            0.049,
            "it may be within 0.05 years of float32, no way that was tried surely is",
        ),
    ],
)
def test_int8_says_how_sure_its_choice_is(cost_years, said):
    shown = _shown(trial=_trial(cost_years))

    assert said in shown
    assert f"{cost_years:+.3f} ± 0.012 years" in shown


def test_probabilities_are_shown_before_and_after_calibration():
    metrics = {
        f"test_{figure}_under_{years}{word}": value
        for figure in ("brier", "unreliability")
        for years in (18, 25)
        for word, value in (("", 0.04), ("_uncalibrated", 0.05))
    }

    shown = _shown(metrics=metrics)

    assert "| Brier score of P(under 18) | 0.0500 | 0.0400 |" in shown
    assert "| unreliability of P(under 25) | 0.0500 | 0.0400 |" in shown


def test_the_same_figures_give_the_same_card():
    assert _shown() == _shown()


def test_what_was_left_out_is_counted():
    assert "Left out: 2 plain photos none." in _shown(dropped={"plain_photos_none": 2})
