"""Table `audit/cashier_days`: counts by cashier, store and local-hour band."""

import pyarrow as pa

from schemas import fields

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.optional("cashier_id", pa.string(), "keyed pseudonym; null: none"),
        fields.required("register_group", pa.string(), "attended or self_checkout"),
        fields.required("hour_band", pa.string(), "four local hours such as 16-19"),
        fields.required("restricted_sales", pa.int64(), "restricted receipts"),
        fields.required("aged_sales", pa.int64(), "of these, with an age"),
        fields.required("logged_sales", pa.int64(), "of these, with a logged ID check"),
        fields.required("eligible_sales", pa.int64(), "logged, and looking young"),
        fields.required("unchecked_sales", pa.int64(), "eligible, and ID not checked"),
        fields.required("sum_p_under_legal_age", pa.float64(), "over aged_sales"),
        fields.required("sum_p_under_challenge_age", pa.float64(), "over aged_sales"),
    ],
)
