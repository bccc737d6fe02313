"""Answers the questions of a report from a span of published days."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.domain import (
    affinity,
    cashier_audit,
    confusion,
    drift,
    drift_settings,
    health,
    item_baskets,
    offers,
    review_rules,
)
from pipelines.inference import bundle as bundles
from pipelines.reporting import (
    answers,
    calibrations,
    cashier_minors,
    judging,
    quality,
    settings,
    spans,
)

HISTORY_DAYS = drift_settings.DriftSettings.window_days
"""Days before a span that cameras are compared with."""


def answer(
    span: spans.Span, bundle: bundles.Bundle, wanted: settings.ReportConfig
) -> answers.Answers:
    """Answers all questions.

    Args:
      span: What is published.
      bundle: That scored these days; see `models.check`.
      wanted: What is asked.

    Raises:
      calibrations.UnanswerableError: the calibration of the bundle knows nothing of
        an age group, or nothing at the legal age.
    """
    calibrations.check(bundle, wanted)
    for_demand, for_minors = np.random.default_rng(wanted.seed).spawn(2)
    demand, offered = _demand(span, bundle, wanted, for_demand)
    judged = judging.judge(span, bundle, wanted, for_minors)
    audited = cashier_audit.of_sales(
        judged.sales, wanted.last_day, _rules(wanted), wanted.first_day
    )
    return answers.Answers(
        settings=wanted,
        dates=span.dates,
        age_group_affinity=demand.table,
        offers=offered,
        cashier_audit=cashier_minors.added(audited.cashiers, judged),
        cashier_audit_periods=cashier_minors.added(audited.periods, judged),
        restricted_sales_by_hour=quality.by_hour(judged.sales),
        data_quality=quality.of_runs(
            span.runs, span.store_baskets, len(span.dates), len(span.dates_missing)
        ),
        store_drift=drift.of_days(_health(span, bundle), wanted.first_day),
        minors=judged.minors_table(wanted.legal_age_years),
        eligible_probability=judged.eligible_probability,
        notes=(*span.notes(), *_notes(demand, judged, audited, wanted)),
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


def _notes(
    demand: affinity.Affinity,
    judged: judging.Judged,
    audited: cashier_audit.CashierAudit,
    wanted: settings.ReportConfig,
) -> list[str]:
    """Says what a reader must know of how the answers came about."""
    notes = []
    if not demand.is_corrected:
        notes.append(
            "The model cannot tell these age groups apart: indices are not corrected "
            "for its errors, and nothing counts as reliable. Ask for wider groups."
        )
    notes += judged.notes
    legal_ages = judged.sales["legal_age_years"].to_numpy()
    num_other = int((legal_ages != wanted.legal_age_years).sum())
    if num_other:
        notes.append(
            f"{num_other:,} age-restricted sales have another legal age than "
            f"{wanted.legal_age_years} (--legal-age); the estimate of sales to minors "
            "leaves them out."
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
