"""Report tables of the cashier audit: one row a cashier, and one a cashier and period.

Rows come by store and pseudonym, never by rate: there is no league table. No row says
that anyone did wrong; `needs_review` asks a person to look, and what that person
decides goes into the last four columns. Where tills log no ID checks, sales to young
faces are customer mix: an `exposure`, without rate or judgement.
"""

import pyarrow as pa

from schemas import fields

_UNKNOWN = "null: the data cannot tell it from none"

STATUSES = ("not_logged", "insufficient_data", "within_limits", "review")

_KEYS = [
    fields.required("store_id", pa.string(), "store"),
    fields.required("cashier_id", pa.string(), "keyed pseudonym, one a store"),
    fields.required("from_date", pa.date32(), "first day, inclusive"),
    fields.required("to_date", pa.date32(), "last day, inclusive"),
]
_COUNTS = [
    fields.required("restricted_sales", pa.int64(), "restricted receipts"),
    fields.required("aged_sales", pa.int64(), "of these, with an age"),
    fields.required("logged_sales", pa.int64(), "of these, with a logged ID check"),
    fields.required("eligible_sales", pa.int64(), "logged, and looking young"),
    fields.required("unchecked_sales", pa.int64(), "O: eligible, ID not checked"),
]
_FIGURES = [
    fields.optional("expected_unchecked", pa.float64(), "E: by the peers' habits"),
    fields.optional("ratio", pa.float64(), "O / E"),
    fields.optional("ratio_low", pa.float64(), "lower end, exact interval"),
    fields.optional("ratio_high", pa.float64(), "upper end, exact interval"),
    fields.optional("p_value", pa.float64(), "P(O or more by chance), exact"),
    fields.optional("q_value", pa.float64(), "Benjamini-Hochberg; null: not judged"),
    fields.optional(
        "overdispersion", pa.float64(), "phi of the others, which widens the limits"
    ),
    fields.optional("inner_low", pa.float64(), "limit of O / E, usually 95 %"),
    fields.optional("inner_high", pa.float64(), "limit of O / E, usually 95 %"),
    fields.optional("outer_low", pa.float64(), "limit of O / E, usually 99.9 %"),
    fields.optional("outer_high", pa.float64(), "limit of O / E, usually 99.9 %"),
    fields.optional(
        "shrunk_rate",
        pa.float64(),
        "unchecked of eligible sales, empirical Bayes",
        "share",
    ),
    fields.optional(
        "probability_of_excess", pa.float64(), "P(rate > 1.5 x expected), by default"
    ),
    fields.optional("peer_sales", pa.int64(), "eligible, by others of the store"),
    fields.optional(
        "peer_uncertainty", pa.float64(), "variance of E / variance of O; small is good"
    ),
    fields.optional(
        "sales_for_power",
        pa.int64(),
        "eligible sales that show 2 x E at 80 % power, by default",
    ),
]
_EXPOSURE = [
    fields.required(
        "exposure_under_challenge_age", pa.float64(), "expected buyers; customer mix"
    ),
]
_MINORS = [
    fields.optional("minor_sales", pa.float64(), f"expected to minors; {_UNKNOWN}"),
    fields.optional("minor_sales_low", pa.float64(), f"90 % interval; {_UNKNOWN}"),
    fields.optional(
        "minor_sales_high", pa.float64(), "90 % interval, or the 95 % upper bound"
    ),
]
_PERIODS = [
    fields.required("periods_judged", pa.int64(), "periods with data enough"),
    fields.required("periods_beyond", pa.int64(), "of these, q and limit exceeded"),
]
_DECISION = [
    fields.required("status", pa.string(), ", ".join(STATUSES)),
    fields.required("needs_review", pa.bool_(), "a person should look; no verdict"),
    fields.optional("reviewed_by", pa.string(), "who looked"),
    fields.optional("reviewed_at", fields.TIMESTAMP_UTC, "when"),
    fields.optional("decision", pa.string(), "what was decided"),
    fields.optional("note", pa.string(), "why"),
]
_JUDGED = [
    fields.required("is_judged", pa.bool_(), "sales and peers enough"),
    fields.required("is_beyond", pa.bool_(), "q small, and above the outer limit"),
]

SCHEMA = fields.schema(
    1, [*_KEYS, *_PERIODS, *_COUNTS, *_FIGURES, *_EXPOSURE, *_MINORS, *_DECISION]
)
"""One row a cashier; figures add up the judged span, each period with its own peers."""

PERIODS_SCHEMA = fields.schema(
    1, [*_KEYS, *_COUNTS, *_FIGURES, *_EXPOSURE, *_MINORS, *_JUDGED]
)
"""One row a cashier and period with restricted sales; `SCHEMA` sums them up."""
