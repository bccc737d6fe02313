"""Finds a way to quantise that costs little: tries the best ones first."""

import dataclasses
import logging
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import openvino

from schemas import fields
from training import errors, quantize

MAX_COST_YEARS = 0.05
"""How much larger the int8 model's mean absolute error may be."""

# Of fewer, chance alone makes the cost of a good model look too large.
_ENOUGH_PHOTOS = 300

# The first layer in float32 makes a model 5 % slower. In int8 it cost 0.6 years where
# 0.01 was left without it. Biases that are corrected layer by layer, each behind those
# that are quantised already, cost nothing where the fast way cost 0.09 years: it moved
# ages up, by 0.2 to 0.4 years on average. In float32, a dense layer's sums depend on
# the batch.
WAYS = tuple(
    quantize.Int8Settings(
        name=f"first layer float32, zero points, {name}",
        keeps_first_float=True,
        is_mixed=True,
        **options,
    )
    for name, options in (
        ("full bias correction", {"corrects_bias_fully": True}),
        (
            "full bias correction, 3 times the photos",
            {"corrects_bias_fully": True, "photos_factor": 3},
        ),
        ("fast bias correction", {}),
        ("fast bias correction, full ranges", {"keeps_extremes": True}),
    )
)

_AGES = np.arange(fields.NUM_AGES)

_log = logging.getLogger(__name__)

Probabilities = npt.NDArray[np.float32]


class Int8Error(errors.RefusedError):
    """No way to quantise costs little enough; the message says what each costs."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Truth:
    """What a quantised model is compared with.

    Attributes:
      float32: Softmax outputs of the float32 model, shape `(n, 101)`.
      ages_years: Real ages of the same people, shape `(n,)`.
    """

    float32: Probabilities
    ages_years: npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """One way that was tried.

    Attributes:
      settings: The way.
      model: That it gave.
      cost_years: Mean absolute error of `model`, less that of float32.
      error_years: Standard error of the cost.
      shift_years: Mean absolute difference of the ages that both say.
    """

    settings: quantize.Int8Settings
    model: openvino.Model
    cost_years: float
    error_years: float
    shift_years: float

    @property
    def is_surely_within(self) -> bool:
        """Whether the cost is within the limit, and a standard error more is, too."""
        return self.cost_years + self.error_years <= MAX_COST_YEARS

    @property
    def may_be_within(self) -> bool:
        """Whether the cost, less three standard errors, is within the limit."""
        return self.cost_years - 3 * self.error_years <= MAX_COST_YEARS

    def __str__(self) -> str:
        """Sums up, such as `plain: +0.031 ± 0.012 years`."""
        return (
            f"{self.settings.name}: {self.cost_years:+.3f} ± {self.error_years:.3f} "
            "years"
        )


def choose(
    make: Callable[[quantize.Int8Settings], openvino.Model],
    predict: Callable[[openvino.Model], Probabilities],
    truth: Truth,
    ways: Iterable[quantize.Int8Settings] = WAYS,
) -> Trial:
    """Takes the first way whose cost is surely within the limit.

    Of few people, nothing is sure: the first that may be within it is taken.

    Args:
      make: Quantises in one way.
      predict: Runs a model on the people of `truth`.
      truth: People that neither model learned from.
      ways: To try, in this order.

    Returns:
      That way; where there is none, the one of least cost.

    Raises:
      Int8Error: the least cost is beyond the limit.
    """
    are_few = len(truth.ages_years) < _ENOUGH_PHOTOS
    trials: list[Trial] = []
    for settings in ways:
        model = make(settings)
        trial = _judged(settings, model, predict(model), truth)
        _log.info("int8 against float32, %s", trial)
        if trial.is_surely_within or (are_few and trial.may_be_within):
            return trial
        trials.append(trial)
    best = min(trials, key=lambda trial: trial.cost_years)
    if best.cost_years > MAX_COST_YEARS:
        raise Int8Error(_refusal(trials))
    return best


def _judged(
    settings: quantize.Int8Settings,
    model: openvino.Model,
    outputs: Probabilities,
    truth: Truth,
) -> Trial:
    ours, theirs = outputs @ _AGES, truth.float32 @ _AGES
    costs = np.abs(ours - truth.ages_years) - np.abs(theirs - truth.ages_years)
    return Trial(
        settings=settings,
        model=model,
        cost_years=float(costs.mean()),
        error_years=float(costs.std() / np.sqrt(len(costs))),
        shift_years=float(np.abs(ours - theirs).mean()),
    )


def _refusal(trials: Iterable[Trial]) -> str:
    return (
        f"int8 costs more than {MAX_COST_YEARS:g} years of mean absolute error on the "
        f"calibration split ({'; '.join(map(str, trials))}); no bundle was written"
    )
