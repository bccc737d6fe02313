"""The expected number of age-restricted sales to people under the legal age.

Minors are perhaps 0.3 % of the buyers, and errors put more adults than that among the
young-looking. So nothing is counted: the histogram of predicted ages is unfolded with
the calibration's response, P(predicted | true), into shares of true ages. The fit is
least squares, weighted by the errors of sales and calibration, with adult shares that
are not negative. Each bootstrap draw takes other sales and other calibration photos;
the latter are the larger error, and every sale shares it.

The share of minors may come out negative in a draw: that is how often the data would
as soon do without any. Only when 99 in 100 draws are above zero is the share
identified. If not, there is an upper bound: the 95 % quantile of the draws above zero
(in a Gaussian case the bound CLs of Read, 2002), which covers at least as often.

In 200 simulated weeks of 20,000 sales, 0.3 % to minors, with real errors and 1,634
calibration photos (about 124 of minors) the bound was 3.8 % of the sales on average and
always held the truth; in one week the share counted as identified, a false alarm of
that test, and its interval did not (`benchmarks.sales_to_minors`).
"""

import dataclasses

import numpy as np
import numpy.typing as npt

from pipelines.domain import minor_bands, responses, unfolding

_MAX_TILT = 2.0
"""Of minors who buy, each age is 1 to 2 times as frequent as the age before."""

_IDENTIFIED_TAIL = 0.01
"""Share of draws at zero or below with which minors still count as shown. Stricter
than the interval: a calibration's error is the same in every report."""

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MinorsSettings:
    """What is asked, and how sure.

    Attributes:
      legal_age_years: Younger people are minors.
      num_draws: Bootstrap draws.
      confidence: Of the two-sided interval; half of the rest is left above the
        bound, so 0.9 gives a bound of 95 %.
    """

    legal_age_years: int = 18
    num_draws: int = 400
    confidence: float = 0.9

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: they cannot be used.
        """
        if self.legal_age_years <= minor_bands.MIN_BUYER_YEARS:
            raise ValueError(
                f"legal_age_years must be above {minor_bands.MIN_BUYER_YEARS}. "
                f"Received: {self.legal_age_years}"
            )
        if self.num_draws < 40 or not 0 < self.confidence < 1:
            raise ValueError(
                "num_draws must be 40 or more and confidence between 0 and 1. "
                f"Received: {self.num_draws}, {self.confidence}"
            )

    @property
    def tail(self) -> float:
        """Share of the draws left out at either end."""
        return (1 - self.confidence) / 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExpectedMinors:
    """Expected sales to minors among `num_sales`.

    Attributes:
      num_sales: Sales with a known age.
      is_identified: The data tell the share from none at all.
      sales: Expected number; NaN where not identified.
      low_sales: Lower end of the interval; NaN where not identified.
      high_sales: Upper end of the interval, or the upper bound.
      predicted_bounds_years: Lower bounds of the bands of predicted age but the first.
      probabilities: P(minor | band), `(bands,)`; NaN where not identified.
      drawn_probabilities: The same for each draw, `(draws, bands)`.
      tail: Share of the draws above `high_sales`.
    """

    num_sales: int
    is_identified: bool
    sales: float
    low_sales: float
    high_sales: float
    predicted_bounds_years: tuple[int, ...]
    probabilities: Floats
    drawn_probabilities: Floats
    tail: float

    def bands_of(self, predicted_years: Floats) -> npt.NDArray[np.int64]:
        """Finds the band of each predicted age."""
        return np.searchsorted(
            self.predicted_bounds_years, predicted_years, side="right"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class CashierMinors:
    """Expected sales to minors of each cashier, float64 `(cashiers,)`.

    Attributes:
      num_sales: int64; sales with a known age.
      sales: Expected number, adds up to the chain's; NaN where not identified.
      low_sales: Lower end of the interval; NaN where not identified.
      high_sales: Upper end, or the upper bound.
    """

    num_sales: npt.NDArray[np.int64]
    sales: Floats
    low_sales: Floats
    high_sales: Floats


def estimate(
    predicted_years: Floats,
    calibration: responses.Calibration,
    rng: np.random.Generator,
    settings: MinorsSettings | None = None,
) -> ExpectedMinors:
    """Estimates how many sales of a span went to minors.

    Args:
      predicted_years: Mean age of each restricted sale's buyer, `(n,)`, all under one
        legal age; NaN: no age, not counted.
      calibration: Its bounds must hold the legal age.
      rng: Source of the draws.
      settings: What is asked.

    Returns:
      The number with its interval, or an upper bound; all sales where the
      calibration has too few photos to say anything.

    Raises:
      ValueError: the calibration has no bound at the legal age.
    """
    settings = settings or MinorsSettings()
    known = predicted_years[~np.isnan(predicted_years)]
    response = minor_bands.response(calibration, settings.legal_age_years)
    bounds = minor_bands.predicted_bounds(calibration, settings.legal_age_years)
    counts = np.bincount(
        np.searchsorted(bounds, known, side="right"), minlength=len(bounds) + 1
    )
    if not len(known) or response is None:
        return _nothing_known(len(known), bounds, settings)
    point = _point(response, counts)
    drawn = _draw(response, counts, rng, settings)
    return _summarise(point, drawn, counts, bounds, settings)


def by_cashier(
    expected: ExpectedMinors,
    predicted_years: Floats,
    cashier: npt.NDArray[np.int64],
    num_cashiers: int,
) -> CashierMinors:
    """Splits the expected number among cashiers.

    A sale's probability follows from its predicted age and the chain's prior; so a
    cashier's own mix of buyers shows only in the predicted ages. The interval holds
    the chain's error alone; it is shared, so intervals do not add up.

    Args:
      expected: Of all these sales.
      predicted_years: As given to `estimate`, `(n,)`.
      cashier: Index of each sale's cashier, `(n,)`, 0 to `num_cashiers - 1`.
      num_cashiers: Number of cashiers.

    Returns:
      The numbers of each cashier.
    """
    known = ~np.isnan(predicted_years)
    num_bands = len(expected.predicted_bounds_years) + 1
    cells = cashier[known] * num_bands + expected.bands_of(predicted_years[known])
    counts = np.bincount(cells, minlength=num_cashiers * num_bands)
    counts = counts.reshape(num_cashiers, num_bands)
    drawn = counts @ expected.drawn_probabilities.T
    low, high = np.quantile(drawn, [expected.tail, 1 - expected.tail], axis=1)
    return CashierMinors(
        num_sales=counts.sum(axis=1),
        sales=counts @ expected.probabilities,
        low_sales=low if expected.is_identified else np.full(num_cashiers, np.nan),
        high_sales=high,
    )


def _point(response: responses.Response, counts: npt.NDArray) -> tuple[Floats, Floats]:
    mix = minor_bands.mixes(response, np.array([(1 + _MAX_TILT) / 2]))
    expected = response.expected(mix)[None]
    return expected, unfolding.unfold(expected, response.num_photos, counts[None])


def _draw(
    response: responses.Response,
    counts: npt.NDArray,
    rng: np.random.Generator,
    settings: MinorsSettings,
) -> tuple[Floats, Floats]:
    tilts = rng.uniform(1, _MAX_TILT, settings.num_draws)
    drawn = response.draws(minor_bands.mixes(response, tilts), rng)
    sales = rng.multinomial(
        counts.sum(), counts / counts.sum(), size=settings.num_draws
    )
    return drawn, unfolding.unfold(drawn, response.num_photos, sales)


def _summarise(
    point: tuple[Floats, Floats],
    drawn: tuple[Floats, Floats],
    counts: npt.NDArray,
    bounds: tuple[int, ...],
    settings: MinorsSettings,
) -> ExpectedMinors:
    response, shares = drawn
    least, low, high = np.quantile(
        shares[:, 0], [_IDENTIFIED_TAIL, settings.tail, 1 - settings.tail]
    )
    is_identified = bool(least > 0)
    if not is_identified:
        # Where hardly any draw is above zero, all move up until some are.
        shares = shares + np.maximum(-high, 0) * np.eye(1, shares.shape[1])
        is_possible = shares[:, 0] > 0
        response, shares = response[is_possible], shares[is_possible]
        high = np.quantile(shares[:, 0], 1 - settings.tail)
    probabilities = _probabilities(*point, counts)[0]
    num_sales, unknown = int(counts.sum()), np.nan
    return ExpectedMinors(
        num_sales=num_sales,
        is_identified=is_identified,
        sales=float(probabilities @ counts) if is_identified else unknown,
        low_sales=float(low * num_sales) if is_identified else unknown,
        high_sales=float(min(high, 1) * num_sales),
        predicted_bounds_years=bounds,
        probabilities=probabilities if is_identified else probabilities * unknown,
        drawn_probabilities=_probabilities(response, shares, counts),
        tail=settings.tail,
    )


def _probabilities(response: Floats, shares: Floats, counts: npt.NDArray) -> Floats:
    """Gives P(minor | predicted band), `(draws, bands)`, by Bayes' rule.

    Scaled so that over all sales they sum to the share of minors times the sales.
    """
    joint = response * np.maximum(shares, 0)[:, None, :]
    posterior = joint[:, :, 0] / np.maximum(joint.sum(axis=2), 1e-12)
    expected = np.maximum(shares[:, 0], 0) * counts.sum()
    summed = np.maximum(posterior @ counts, 1e-12)
    return np.minimum(posterior * (expected / summed)[:, None], 1.0)


def _nothing_known(
    num_sales: int, bounds: tuple[int, ...], settings: MinorsSettings
) -> ExpectedMinors:
    num_bands = len(bounds) + 1
    return ExpectedMinors(
        num_sales=num_sales,
        is_identified=False,
        sales=np.nan,
        low_sales=np.nan,
        high_sales=float(num_sales),
        predicted_bounds_years=bounds,
        probabilities=np.full(num_bands, np.nan),
        drawn_probabilities=np.ones((1, num_bands)),
        tail=settings.tail,
    )
