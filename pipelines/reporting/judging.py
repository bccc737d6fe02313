"""The restricted sales of a span, judged by one set of settings and beliefs on age."""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import age_prior, ages, audit, minors, rejudging
from pipelines.inference import bundle as bundles
from pipelines.reporting import calibrations, eligibility, settings, spans
from schemas import bundle as bundle_schema
from schemas import minors as minors_schema

_SALES_AT_ONCE = 16_384

_Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The sales, and what was found on the way.

    Attributes:
      sales: Columns of `spans.SALES_COLUMNS`, with the probability of being younger
        than the challenge age under the ages of these buyers.
      predicted_years: Mean age of each sale's buyer, `(n,)`; NaN without an age, and
        where the legal age of the sale is not that of the report.
      expected: Sales to minors.
      eligible_probability: P(age < challenge age) from which sales are eligible.
      notes: Sentences on what was judged anew.
    """

    sales: pa.Table
    predicted_years: _Floats
    expected: minors.ExpectedMinors
    eligible_probability: float
    notes: tuple[str, ...]

    def minors_table(self, legal_age_years: int) -> pa.Table:
        """Gives the one row of `schemas.minors`."""
        row = {
            "legal_age_years": legal_age_years,
            **{
                name: value if value == value else None  # NaN is null in tables.
                for name, value in dataclasses.asdict(self.expected).items()
                if name in minors_schema.SCHEMA.names
            },
        }
        return pa.Table.from_pylist([row], schema=minors_schema.SCHEMA)


def judge(
    span: spans.Span,
    bundle: bundles.Bundle,
    wanted: settings.ReportConfig,
    rng: np.random.Generator,
) -> Judged:
    """Judges the restricted sales.

    Args:
      span: What is published.
      bundle: That scored these days; it knows of the legal age, see
        `calibrations.check`.
      wanted: Legal and challenge age.
      rng: Source of the bootstrap draws.
    """
    probability = eligibility.latest(span.runs)
    recorded = span.restricted_sales
    asked_for = audit.AuditSettings(
        legal_age_years=wanted.legal_age_years,
        challenge_age_years=wanted.challenge_age_years,
        eligible_probability=probability,
    )
    recorded_by = eligibility.of_sales(recorded, span.runs)
    sales = rejudging.by_settings(recorded, recorded_by, asked_for)
    rows, weights = rejudging.weights_of(sales)
    predicted = np.full(sales.num_rows, np.nan)
    predicted[rows] = ages.mean_and_sigma(weights)[0]
    # Other legal ages are other questions: one is asked.
    asked = sales["legal_age_years"].to_numpy() == wanted.legal_age_years
    predicted[~asked] = np.nan
    expected = _expected(predicted, bundle.card, wanted, rng)
    challenged, has_own_ages = _under_own_ages(weights, bundle.card, wanted)
    under_challenge = np.full(sales.num_rows, np.nan)
    under_challenge[rows] = challenged
    return Judged(
        sales=rejudging.believing(sales, under_challenge),
        predicted_years=predicted,
        expected=expected,
        eligible_probability=probability,
        notes=(
            *_other_challenge_ages(recorded, wanted),
            *eligibility.notes(span.runs),
            *([] if has_own_ages else [_NO_OWN_AGES]),
        ),
    )


_NO_OWN_AGES = (
    "The mix of ages of the buyers of age-restricted products could not be estimated: "
    "how many of them looked young is told under the mix of the photos that the model "
    "learned from."
)


def _expected(
    predicted: _Floats,
    card: bundle_schema.BundleCard,
    wanted: settings.ReportConfig,
    rng: np.random.Generator,
) -> minors.ExpectedMinors:
    return minors.estimate(
        predicted,
        calibrations.around_legal_ages(card),
        rng,
        minors.MinorsSettings(
            legal_age_years=wanted.legal_age_years,
            num_draws=max(2 * wanted.bootstrap_draws, 40),
        ),
    )


def _under_own_ages(
    weights: ages.Weights,
    card: bundle_schema.BundleCard,
    wanted: settings.ReportConfig,
) -> tuple[_Floats, bool]:
    """Gives P(age < challenge age), `(n,)`, and whether by the buyers' own ages."""
    shown = np.array(card.age_prior)
    if not len(weights):
        return np.empty(0), True
    own = age_prior.estimate(weights, shown)
    if not own.has_converged:
        return ages.probability_under(weights, wanted.challenge_age_years), False
    under = np.empty(len(weights))
    for start in range(0, len(weights), _SALES_AT_ONCE):
        part = slice(start, start + _SALES_AT_ONCE)
        shares = age_prior.reweighted(weights[part], shown, own.shares)
        under[part] = shares[:, : wanted.challenge_age_years].sum(axis=1)
    return under, True


def _other_challenge_ages(
    recorded: pa.Table, wanted: settings.ReportConfig
) -> list[str]:
    used = wanted.challenge_age_years
    found = pc.unique(recorded["challenge_age_years"]).to_pylist()
    others = sorted(set(found) - {used})
    if not others:
        return []
    named = ", ".join(map(str, others))
    return [
        f"The nightly runs used another challenge age ({named}) for some or all of "
        f"these sales; here all are judged by {used} (--challenge-age)."
    ]
