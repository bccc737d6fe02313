"""Answers the questions of a report from a span of published days."""

import dataclasses
import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import (
    affinity,
    age_prior,
    ages,
    audit,
    cashier_audit,
    confusion,
    drift,
    drift_settings,
    health,
    item_baskets,
    minors,
    offers,
    rejudging,
    review_rules,
)
from pipelines.inference import bundle as bundles
from pipelines.reporting import answers, calibrations, quality, settings, spans
from schemas import minors as minors_schema

HISTORY_DAYS = drift_settings.DriftSettings.window_days
"""Days before a span that cameras are compared with."""

_Floats = npt.NDArray[np.float64]


class UnanswerableError(Exception):
    """The bundle cannot tell what was asked; the message says what to change."""


def answer(
    span: spans.Span, bundle: bundles.Bundle, wanted: settings.ReportConfig
) -> answers.Answers:
    """Answers all questions.

    Args:
      span: What is published.
      bundle: That scored these days; see `models.check`.
      wanted: What is asked.

    Raises:
      UnanswerableError: the calibration of the bundle knows nothing of an age group,
        or nothing at the legal age.
    """
    for_demand, for_minors = np.random.default_rng(wanted.seed).spawn(2)
    try:
        demand, offered = _demand(span, bundle, wanted, for_demand)
        sales, expected = _sales(span, bundle, wanted, for_minors)
    except ValueError as error:
        raise UnanswerableError(f"{bundle.folder}: {error}") from error
    audited = cashier_audit.of_sales(
        sales, wanted.last_day, _rules(wanted), wanted.first_day
    )
    return answers.Answers(
        settings=wanted,
        dates=span.dates,
        age_group_affinity=demand.table,
        offers=offered,
        cashier_audit=audited.cashiers,
        cashier_audit_periods=audited.periods,
        restricted_sales_by_hour=quality.by_hour(sales),
        data_quality=quality.of_runs(
            span.runs, span.store_baskets, len(span.dates), len(span.dates_missing)
        ),
        store_drift=drift.of_days(_health(span, bundle), wanted.first_day),
        minors=_minors_table(expected, wanted),
        notes=(*span.notes(), *_notes(demand, audited, sales, wanted)),
    )


def _demand(
    span: spans.Span,
    bundle: bundles.Bundle,
    wanted: settings.ReportConfig,
    rng: np.random.Generator,
) -> tuple[affinity.Affinity, pa.Table]:
    known: confusion.Confusion = calibrations.between_bands(bundle.card)
    counted = item_baskets.of_demand(span.demand, span.demand_total, wanted.groups)
    limits = affinity.AffinitySettings(
        min_baskets=wanted.min_baskets,
        min_shown_baskets=wanted.min_cell_baskets,
        num_draws=wanted.bootstrap_draws,
    )
    found = affinity.of_baskets(counted, known, wanted.groups, limits, rng)
    rules = offers.OfferSettings(
        min_baskets=wanted.min_baskets, legal_age_years=wanted.legal_age_years
    )
    adults = offers.allowed_groups(known, wanted.groups, rules)
    return found, offers.of_affinity(found.table, adults, rules)


def _sales(
    span: spans.Span,
    bundle: bundles.Bundle,
    wanted: settings.ReportConfig,
    rng: np.random.Generator,
) -> tuple[pa.Table, minors.ExpectedMinors]:
    """Judges the restricted sales under the buyers' own ages."""
    recorded = span.restricted_sales
    sales = rejudging.by_settings(
        recorded,
        eligibility.of_sales(recorded, span.runs),
        audit.AuditSettings(
            legal_age_years=wanted.legal_age_years,
            challenge_age_years=wanted.challenge_age_years,
            eligible_probability=eligibility.latest(span.runs),
        ),
    )
    rows, weights = rejudging.weights_of(sales)
    predicted = np.full(sales.num_rows, np.nan)
    predicted[rows] = ages.mean_and_sigma(weights)[0]
    # Other legal ages are other questions: one is asked.
    asked = sales["legal_age_years"].to_numpy() == wanted.legal_age_years
    expected = minors.estimate(
        np.where(asked, predicted, np.nan),
        calibrations.around_legal_ages(bundle.card),
        rng,
        minors.MinorsSettings(
            legal_age_years=wanted.legal_age_years,
            num_draws=max(2 * wanted.bootstrap_draws, 40),
        ),
    )
    under_challenge = np.full(sales.num_rows, np.nan)
    under_challenge[rows] = _under_own_prior(weights, bundle, wanted)
    under_legal = _minor_probabilities(expected, predicted)
    return rejudging.believing(sales, under_legal, under_challenge), expected


def _under_own_prior(
    weights: ages.Weights, bundle: bundles.Bundle, wanted: settings.ReportConfig
) -> _Floats:
    """Gives P(age < challenge age) under the ages of these buyers, `(n,)`."""
    shown = np.array(bundle.card.age_prior)
    if not len(weights):
        return np.empty(0)
    own = age_prior.estimate(weights, shown)
    if not own.has_converged:
        return ages.probability_under(weights, wanted.challenge_age_years)
    shares = age_prior.reweighted(weights, shown, own.shares)
    return shares[:, : wanted.challenge_age_years].sum(axis=1)


def _minor_probabilities(
    expected: minors.ExpectedMinors, predicted_years: _Floats
) -> _Floats:
    """Gives P(minor) of each sale; an upper bound where it is not identified."""
    by_band = (
        expected.probabilities
        if expected.is_identified
        else np.quantile(expected.drawn_probabilities, 1 - expected.tail, axis=0)
    )
    found = by_band[expected.bands_of(predicted_years)]
    return np.where(np.isnan(predicted_years), np.nan, found)


def _rules(wanted: settings.ReportConfig) -> review_rules.ReviewRules:
    return review_rules.ReviewRules(
        period_days=wanted.period_days,
        min_expected=wanted.min_expected,
        min_eligible_sales=wanted.min_eligible_sales,
    )


def _health(
    span: spans.Span, bundle: bundles.Bundle
) -> dict[datetime.date, list[dict[str, Any]]]:
    """Gives the health of each store by day, days before the span with it."""
    columns = [spans.DATE, "store_health", "model_sha256"]
    return {
        run[spans.DATE]: health.comparable(run, bundle.sha256)
        for runs in (span.earlier_runs, span.runs)
        for run in runs.select(columns).to_pylist()
    }


def _minors_table(
    expected: minors.ExpectedMinors, wanted: settings.ReportConfig
) -> pa.Table:
    row = {
        "legal_age_years": wanted.legal_age_years,
        **{
            name: value if value == value else None  # NaN is null in tables.
            for name, value in dataclasses.asdict(expected).items()
            if name in minors_schema.SCHEMA.names
        },
    }
    return pa.Table.from_pylist([row], schema=minors_schema.SCHEMA)


def _notes(
    demand: affinity.Affinity,
    audited: cashier_audit.CashierAudit,
    sales: pa.Table,
    wanted: settings.ReportConfig,
) -> list[str]:
    """Says what a reader must know of how the answers came about."""
    notes = []
    if not demand.is_corrected:
        notes.append(
            "The model cannot tell these age groups apart: indices are not corrected "
            "for its errors, and nothing counts as reliable. Ask for wider groups."
        )
    num_other = int(
        (sales["legal_age_years"].to_numpy() != wanted.legal_age_years).sum()
    )
    if num_other:
        notes.append(
            f"{num_other:,} age-restricted sales have another legal age than "
            f"{wanted.legal_age_years}; the estimate of sales to minors leaves them "
            "out."
        )
    if audited.num_self_checkout_sales:
        notes.append(
            f"{audited.num_self_checkout_sales:,} age-restricted sales at "
            "self-checkouts have no cashier and are not part of the cashier audit."
        )
    if audited.num_anonymous_sales:
        notes.append(
            f"{audited.num_anonymous_sales:,} age-restricted sales carry no cashier's "
            "pseudonym (runs with --cashier-ids=omit) and are in no cashier's figures."
        )
    return notes
