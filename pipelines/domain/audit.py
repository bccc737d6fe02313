"""Age-restricted sales, and how they count by cashier.

Nothing here says that anyone did wrong: `needs_review` asks a person to look.
"""

import dataclasses
import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import ages, buyers, pseudonyms
from schemas import cashier_days, fields, restricted_sales, tables

ID_CHECKS_BY_STRENGTH = ("refused_sale", "checked", "not_checked")
"""From the strongest on: a receipt has the strongest of its restricted lines."""

_NOT_LOGGED = len(ID_CHECKS_BY_STRENGTH)
_HOURS_PER_BAND = 4
_HOUR_BANDS = tuple(
    f"{hour:02d}-{hour + _HOURS_PER_BAND - 1:02d}"
    for hour in range(0, 24, _HOURS_PER_BAND)
)
_NO_AGE, _NOT_ELIGIBLE, _WITHIN_RULES, _UNLOGGED, _REVIEW = range(
    len(restricted_sales.REVIEW_STATUSES)
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """What the law and the chain ask.

    Attributes:
      legal_age_years: For lines that do not carry a minimum age.
      challenge_age_years: Buyers who look younger must show ID.
      eligible_probability: P(age < challenge age) from which a buyer looks young.
    """

    legal_age_years: int = 18
    challenge_age_years: int = 25
    eligible_probability: float = 0.5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Cases:
    """Receipts with a restricted sale, ascending; and what their lines ask."""

    receipt: npt.NDArray[np.int64]
    legal_age: npt.NDArray[np.int64]
    id_check: npt.NDArray[np.int64]


def of_sales(
    sales: pa.Table,
    receipt: npt.NDArray[np.int64],
    receipts: pa.Table,
    known: buyers.Buyers,
    settings: AuditSettings,
    day: datetime.date,
    secret: pseudonyms.Pseudonyms | None,
) -> pa.Table:
    """Lists the receipts with an age-restricted sale.

    Args:
      sales: Sale lines, `purchases.LINES_SCHEMA`.
      receipt: Row of `receipts` of each.
      receipts: `receipts.SCHEMA`.
      known: Buyers of the receipts.
      settings: Ages.
      day: Trading day.
      secret: For pseudonyms; None: no cashier ids.

    Returns:
      Rows of `restricted_sales.SCHEMA`, in the order of `receipts`.
    """
    cases = _cases(sales, receipt, settings)
    rows = pa.array(cases.receipt)
    cashiers = pseudonyms.cashiers(receipts, secret).take(rows)
    columns = {
        "store_id": receipts["store_id"].take(rows),
        "sale_id": pseudonyms.receipts_of_day(
            "sale", receipts, cases.receipt, day, secret
        ),
        "cashier_id": cashiers,
        **_register(receipts["cashier_id"].take(rows)),
        "local_hour": receipts["local_hour"].take(rows),
        "legal_age_years": cases.legal_age.astype(np.int16),
        "challenge_age_years": np.full(
            len(rows), settings.challenge_age_years, np.int16
        ),
        "age_distribution": _distributions(known, cases),
        **_verdict(known, cases, settings),
    }
    schema = restricted_sales.SCHEMA
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def by_cashier(sales: pa.Table) -> pa.Table:
    """Counts restricted sales by cashier and band of hours.

    Args:
      sales: Rows of `restricted_sales.SCHEMA`.

    Returns:
      Partial sums, rows of `cashier_days.SCHEMA`.
    """
    has_age = sales["age_distribution"].is_valid()
    is_logged = pc.and_(has_age, sales["id_check"].is_valid())
    is_eligible = pc.and_(is_logged, sales["eligible"])
    is_unchecked = pc.and_(
        is_eligible, pc.equal(sales["review_status"], "needs_review")
    )
    ones = pa.array(np.ones(sales.num_rows, np.int64))
    sums = {
        "restricted_sales": ones,
        "aged_sales": has_age,
        "logged_sales": is_logged,
        "eligible_sales": is_eligible,
        "unchecked_sales": is_unchecked,
        "sum_p_under_legal_age": sales["p_under_legal_age"].fill_null(0.0),
        "sum_p_under_challenge_age": sales["p_under_challenge_age"].fill_null(0.0),
    }
    bands = {"hour_band": _hour_bands(sales["local_hour"])}
    keys = {
        name: bands[name] if name in bands else sales[name]
        for name in tables.CASHIER_DAYS.sort_by
    }
    grouped = pa.table({**keys, **sums}).group_by(list(keys), use_threads=False)
    summed = grouped.aggregate([(name, "sum") for name in sums])
    return summed.rename_columns([*keys, *sums]).cast(cashier_days.SCHEMA)


def _hour_bands(local_hours: pa.ChunkedArray) -> pa.Array:
    hours = np.asarray(local_hours.combine_chunks())
    return pa.array(_HOUR_BANDS).take(pa.array(hours // _HOURS_PER_BAND))


def _cases(
    sales: pa.Table, receipt: npt.NDArray[np.int64], settings: AuditSettings
) -> _Cases:
    restricted = np.flatnonzero(np.asarray(sales["age_restricted"].combine_chunks()))
    lines = sales.take(pa.array(restricted))
    present, case = np.unique(receipt[restricted], return_inverse=True)
    minimum = lines["minimum_age"].fill_null(settings.legal_age_years).combine_chunks()
    legal_age = np.zeros(len(present), np.int64)
    np.maximum.at(legal_age, case, np.asarray(minimum, np.int64))
    places = pc.index_in(lines["id_check"], pa.array(ID_CHECKS_BY_STRENGTH)).fill_null(
        _NOT_LOGGED
    )
    id_check = np.full(len(present), _NOT_LOGGED, np.int64)
    np.minimum.at(id_check, case, np.asarray(places.combine_chunks(), np.int64))
    return _Cases(receipt=present, legal_age=legal_age, id_check=id_check)


def _register(cashiers: pa.ChunkedArray) -> dict[str, pa.ChunkedArray]:
    is_self_checkout = cashiers.is_null()
    attended, self_checkout = restricted_sales.REGISTER_GROUPS
    return {
        "self_checkout": is_self_checkout,
        "register_group": pc.if_else(is_self_checkout, self_checkout, attended),
    }


def _distributions(known: buyers.Buyers, cases: _Cases) -> pa.Array:
    size = fields.NUM_AGES
    offsets = pa.array(np.arange(len(known.weights) + 1, dtype=np.int32) * size)
    lists = pa.ListArray.from_arrays(offsets, pa.array(known.weights.reshape(-1)))
    rows = known.row_of_receipt[cases.receipt]
    return lists.take(pa.array(rows, mask=rows < 0))


def _verdict(
    known: buyers.Buyers, cases: _Cases, settings: AuditSettings
) -> dict[str, pa.Array]:
    challenge = np.full(len(cases.receipt), settings.challenge_age_years)
    p_challenge = _under(known, cases, challenge)
    has_age = ~np.isnan(p_challenge)
    is_eligible = has_age & (p_challenge >= settings.eligible_probability)
    status = np.select(
        [~has_age, ~is_eligible, cases.id_check == _NOT_LOGGED],
        [_NO_AGE, _NOT_ELIGIBLE, _UNLOGGED],
        _WITHIN_RULES,
    )
    is_unchecked = cases.id_check == ID_CHECKS_BY_STRENGTH.index("not_checked")
    status = np.where(is_eligible & is_unchecked, _REVIEW, status)
    checks = pa.array([*ID_CHECKS_BY_STRENGTH, None], pa.string())
    return {
        "p_under_legal_age": pa.array(
            _under(known, cases, cases.legal_age), from_pandas=True
        ),
        "p_under_challenge_age": pa.array(p_challenge, from_pandas=True),
        "id_check": checks.take(pa.array(cases.id_check)),
        "eligible": pa.array(is_eligible),
        "review_status": pa.array(restricted_sales.REVIEW_STATUSES).take(
            pa.array(status)
        ),
    }


def _under(
    known: buyers.Buyers, cases: _Cases, age_years: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Computes P(age < limit) of each buyer; NaN without an age."""
    rows = known.row_of_receipt[cases.receipt]
    result = np.full(len(rows), np.nan)
    for limit in np.unique(age_years).tolist():
        wanted = np.flatnonzero((rows >= 0) & (age_years == limit))
        result[wanted] = ages.probability_under(known.weights[rows[wanted]], limit)
    return result
