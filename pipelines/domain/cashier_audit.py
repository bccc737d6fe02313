"""The cashier audit of a span: who sells to young faces unchecked, and how sure it is.

A cashier, never a sale, is the unit: of the sales to faces that look under age, nearly
all are to adults. A period counts against a cashier only where q-value and funnel
limit agree, and a person is asked to look only where it happens repeatedly.
"""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import audit, cashier_counts, cashier_figures, peers, review_rules
from schemas import cashier_audit, restricted_sales

DATE = "date"
"""Column, date32, that `of_sales` needs beside those of `restricted_sales`."""

_EXPOSURE = {
    "exposure_under_challenge_age": "sum_p_under_challenge_age",
}
_NOT_LOGGED, _INSUFFICIENT, _WITHIN, _REVIEW = range(len(cashier_audit.STATUSES))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Consecutive days, both inclusive.

    Attributes:
      first_day: Not after `last_day`.
      last_day: Inclusive.
    """

    first_day: datetime.date
    last_day: datetime.date

    def __post_init__(self) -> None:
        """Checks the order.

        Raises:
          ValueError: the last day comes before the first.
        """
        if self.last_day < self.first_day:
            raise ValueError(
                f"last_day must not come before {self.first_day}; "
                f"received {self.last_day}"
            )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CashierAudit:
    """What the audit of a span found.

    Attributes:
      cashiers: Rows of `cashier_audit.SCHEMA`, by store and pseudonym.
      periods: Rows of `cashier_audit.PERIODS_SCHEMA`, by store, pseudonym and date.
      num_self_checkout_sales: Restricted sales that no cashier answers for.
      num_anonymous_sales: Restricted sales of cashiers whose id was left out.
    """

    cashiers: pa.Table
    periods: pa.Table
    num_self_checkout_sales: int
    num_anonymous_sales: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """Figures of each period, and of all together with each period's own peers."""

    by_period: list[cashier_figures.Figures]
    total: cashier_figures.Figures


def periods(
    last_day: datetime.date,
    rules: review_rules.ReviewRules,
    first_day: datetime.date = datetime.date.min,
) -> list[Period]:
    """Counts periods back from the last day; the latest comes first.

    Args:
      last_day: Of the span.
      rules: Length and number of periods.
      first_day: Of the span. A period that begins before is cut; if it then has too
        few sales, it is not judged.

    Returns:
      Periods with a day in the span, at most `num_periods`.
    """
    length = datetime.timedelta(days=rules.period_days)
    one_day = datetime.timedelta(days=1)
    ends = [last_day - number * length for number in range(rules.num_periods)]
    return [
        Period(first_day=max(end - length + one_day, first_day), last_day=end)
        for end in ends
        if end >= first_day
    ]


def of_sales(
    sales: pa.Table,
    last_day: datetime.date,
    rules: review_rules.ReviewRules,
    first_day: datetime.date = datetime.date.min,
) -> CashierAudit:
    """Audits the cashiers by the sales of a span.

    Args:
      sales: Columns of `restricted_sales.SCHEMA`, and `date`; days outside the periods
        are left out. The exposure is as good as the probabilities: put those under
        the buyers' own prior in.
      last_day: Of the span, not before `first_day`.
      rules: Thresholds.
      first_day: Of the span; see `periods`.

    Returns:
      The audit, without its columns on minors.
    """
    parts = periods(last_day, rules, first_day)
    counts = [audit.by_cashier(_between(sales, part)) for part in parts]
    return of_counts(counts, parts, rules)


def of_counts(
    counts: Sequence[pa.Table],
    parts: Sequence[Period],
    rules: review_rules.ReviewRules,
) -> CashierAudit:
    """Audits the cashiers by their counts.

    Args:
      counts: Rows of `cashier_days.SCHEMA`, a table a period; rows of equal keys are
        added up.
      parts: The periods, the latest first; at least one.
      rules: Thresholds.

    Returns:
      The audit.
    """
    known = cashier_counts.of_periods(counts)
    found = _compare(known, len(parts), rules)
    num_self, num_anonymous = _without_cashier(counts)
    return CashierAudit(
        cashiers=_cashier_table(known, parts, found, rules),
        periods=_period_table(known, parts, found),
        num_self_checkout_sales=num_self,
        num_anonymous_sales=num_anonymous,
    )


def _between(sales: pa.Table, period: Period) -> pa.Table:
    dates = sales[DATE]
    first, last = pa.scalar(period.first_day), pa.scalar(period.last_day)
    return sales.filter(
        pc.and_(pc.greater_equal(dates, first), pc.less_equal(dates, last))
    )


def _compare(
    known: cashier_counts.Counts, num_periods: int, rules: review_rules.ReviewRules
) -> _Findings:
    parts = [known.rows_of(period) for period in range(num_periods)]
    tallies = [known.tallies(rows) for rows in parts]
    expected = [peers.expected(part) for part in tallies]
    return _Findings(
        by_period=[
            cashier_figures.compare(part, peer, rules)
            for part, peer in zip(tallies, expected, strict=True)
        ],
        total=cashier_figures.compare(
            known.tallies(np.concatenate(parts)),
            peers.together(tallies, expected),
            rules,
        ),
    )


def _without_cashier(counts: Sequence[pa.Table]) -> tuple[int, int]:
    """Counts restricted sales at self-checkouts, and of unknown cashiers."""
    rows = pa.concat_tables(counts)
    sales = rows["restricted_sales"].to_numpy()
    is_unknown = rows["cashier_id"].is_null().to_numpy()
    _, self_checkout = restricted_sales.REGISTER_GROUPS
    is_self = pc.equal(rows["register_group"], self_checkout).to_numpy()
    num_self = sales[is_unknown & is_self].sum()
    return int(num_self), int(sales[is_unknown & ~is_self].sum())


def _cashier_table(
    known: cashier_counts.Counts,
    parts: Sequence[Period],
    found: _Findings,
    rules: review_rules.ReviewRules,
) -> pa.Table:
    sums = known.sums(np.arange(len(known.period)))
    is_judged = np.stack([part.is_judged for part in found.by_period]).sum(axis=0)
    is_beyond = np.stack([part.is_beyond for part in found.by_period]).sum(axis=0)
    status = _status(sums, is_judged, is_beyond, rules)
    all_days = Period(first_day=parts[-1].first_day, last_day=parts[0].last_day)
    columns = {
        **_shared_columns(known, all_days, sums, found.total),
        "periods_judged": is_judged,
        "periods_beyond": is_beyond,
        "status": pa.array(cashier_audit.STATUSES).take(pa.array(status)),
        "needs_review": status == _REVIEW,
    }
    return _table(columns, cashier_audit.SCHEMA)


def _status(
    sums: dict[str, npt.NDArray],
    periods_judged: npt.NDArray[np.int64],
    periods_beyond: npt.NDArray[np.int64],
    rules: review_rules.ReviewRules,
) -> npt.NDArray[np.int64]:
    """Finds the index of each cashier's status.

    Too few periods that could be judged can neither call for a review nor clear.
    """
    is_logged = sums["logged_sales"] > 0
    # Without any age nobody knows whether a till would have logged.
    is_unlogged = ~is_logged & ((sums["aged_sales"] > 0) | ~is_logged.any())
    return np.select(
        [
            is_unlogged,
            periods_beyond >= rules.min_review_periods,
            periods_judged < rules.min_review_periods,
        ],
        [_NOT_LOGGED, _REVIEW, _INSUFFICIENT],
        _WITHIN,
    )


def _period_table(
    known: cashier_counts.Counts, parts: Sequence[Period], found: _Findings
) -> pa.Table:
    tables = []
    for number, (part, figures) in enumerate(zip(parts, found.by_period, strict=True)):
        sums = known.sums(known.rows_of(number))
        columns = _shared_columns(known, part, sums, figures)
        rows = _table(columns, cashier_audit.PERIODS_SCHEMA)
        tables.append(rows.filter(pc.greater(rows["restricted_sales"], 0)))
    order = [(name, "ascending") for name in ("store_id", "cashier_id", "from_date")]
    return pa.concat_tables(tables).sort_by(order).combine_chunks()


def _shared_columns(
    known: cashier_counts.Counts,
    period: Period,
    sums: dict[str, npt.NDArray],
    figures: cashier_figures.Figures,
) -> dict[str, npt.NDArray | pa.ChunkedArray]:
    """Makes the columns that both tables have, and more."""
    size = known.num_cashiers
    return {
        "store_id": known.names["store_id"],
        "cashier_id": known.names["cashier_id"],
        "from_date": pa.repeat(pa.scalar(period.first_day), size),
        "to_date": pa.repeat(pa.scalar(period.last_day), size),
        **sums,
        **{name: sums[measure] for name, measure in _EXPOSURE.items()},
        **figures.columns(),
    }


def _table(
    columns: Mapping[str, npt.NDArray | pa.ChunkedArray], schema: pa.Schema
) -> pa.Table:
    """Picks the columns of a schema; NaN, and what is not there, become null."""
    size = len(columns["store_id"])
    arrays = {
        field.name: pa.array(columns[field.name], from_pandas=True).cast(field.type)
        if field.name in columns
        else pa.nulls(size, field.type)
        for field in schema
    }
    return pa.table(arrays, schema=schema)
