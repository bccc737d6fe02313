"""The answers of a report: one table a question."""

import dataclasses
import datetime

import pyarrow as pa

from pipelines.reporting import settings


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What a report has found over a span of days.

    Attributes:
      settings: What was asked.
      dates: Published trading days of the span, ascending.
      age_group_affinity: Rows of `schemas.age_group_affinity`.
      offers: Rows of `schemas.offers`.
      cashier_audit: Rows of `schemas.cashier_audit.SCHEMA`, by store and pseudonym.
      cashier_audit_periods: Rows of `schemas.cashier_audit.PERIODS_SCHEMA`.
      restricted_sales_by_hour: Rows of `schemas.restricted_sales_by_hour`.
      data_quality: Rows of `schemas.data_quality`; the first is of all stores.
      store_drift: Rows of `schemas.store_drift`, by day.
      minors: One row of `schemas.minors`.
      eligible_probability: P(age < challenge age) from which a buyer looks young.
      notes: Sentences that a reader must know, in plain language.
    """

    settings: settings.ReportConfig
    dates: tuple[datetime.date, ...]
    age_group_affinity: pa.Table
    offers: pa.Table
    cashier_audit: pa.Table
    cashier_audit_periods: pa.Table
    restricted_sales_by_hour: pa.Table
    data_quality: pa.Table
    store_drift: pa.Table
    minors: pa.Table
    eligible_probability: float
    notes: tuple[str, ...] = ()

    def tables(self) -> dict[str, pa.Table]:
        """Gives each table by its name."""
        values = {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self)
        }
        return {name: one for name, one in values.items() if isinstance(one, pa.Table)}
