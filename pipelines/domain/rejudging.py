"""Restricted sales judged again, by other settings or other beliefs on age."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import ages, audit
from schemas import fields, restricted_sales

_Floats = npt.NDArray[np.float64]


def weights_of(sales: pa.Table) -> tuple[npt.NDArray[np.int64], ages.Weights]:
    """Gives the rows that have an age, ascending, and their distributions.

    Args:
      sales: With the column age_distribution.

    Returns:
      Rows `(m,)` and weights `(m, 101)`.
    """
    known = sales["age_distribution"].combine_chunks()
    rows = np.flatnonzero(np.asarray(known.is_valid()))
    flat = np.asarray(known.drop_null().flatten(), dtype=np.uint16)
    return rows, flat.reshape(-1, fields.NUM_AGES)


def by_settings(
    sales: pa.Table, judged_from: _Floats, settings: audit.AuditSettings
) -> pa.Table:
    """Judges the sales that were judged by other settings.

    Args:
      sales: Columns of `restricted_sales.SCHEMA`, any of them but the sale's id.
      judged_from: P(age < challenge age) from which each sale was eligible, `(n,)`;
        NaN: nobody knows.
      settings: Challenge age, and when a buyer looks younger.

    Returns:
      The same rows; those that were judged by these settings are as they were.
    """
    before = sales["challenge_age_years"].to_numpy()
    is_other = (before != settings.challenge_age_years) | (
        judged_from != settings.eligible_probability
    )
    if not is_other.any():
        return sales
    rows, weights = weights_of(sales)
    under = np.full(sales.num_rows, np.nan)
    under[rows] = ages.probability_under(weights, settings.challenge_age_years)
    is_eligible = under >= settings.eligible_probability
    status = _statuses(sales, under, is_eligible)
    wanted = {
        "challenge_age_years": np.full(sales.num_rows, settings.challenge_age_years),
        "p_under_challenge_age": under,
        "eligible": is_eligible,
        "review_status": status,
    }
    for name, values in wanted.items():
        found = pa.array(values, from_pandas=True).cast(sales.schema.field(name).type)
        sales = _replaced(sales, name, pc.if_else(is_other, found, sales[name]))
    return sales


def believing(sales: pa.Table, under_challenge: _Floats) -> pa.Table:
    """Puts other probabilities of looking young in; nothing else changes.

    Args:
      sales: Columns of `restricted_sales.SCHEMA`.
      under_challenge: P(age < challenge age), `(n,)`; NaN without an age.
    """
    found = pa.array(under_challenge, from_pandas=True)
    return _replaced(sales, "p_under_challenge_age", found)


def _statuses(
    sales: pa.Table, under: _Floats, is_eligible: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    no_age, not_eligible, within, not_logged, review = restricted_sales.REVIEW_STATUSES
    checks = sales["id_check"].to_numpy()
    return np.select(
        [
            np.isnan(under),
            ~is_eligible,
            sales["id_check"].is_null().to_numpy(),
            checks == "not_checked",
        ],
        [no_age, not_eligible, not_logged, review],
        within,
    ).astype(object)


def _replaced(sales: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = sales.schema.get_field_index(name)
    return sales.set_column(place, sales.schema.field(name), values)
