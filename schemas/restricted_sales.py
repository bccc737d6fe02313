"""Table `audit/restricted_sales`: one row a receipt with an age-restricted sale.

No single row is evidence of a violation; `needs_review` asks a person to look. A
receipt whose photos show different people has no row.

It shares no key with the marketing tables, only store and hour, and its age is a
distribution. See `purchase_ages` for what remains: who reads both can still find the
basket of many a sale, so grant them apart.
"""

import pyarrow as pa

from schemas import fields

REVIEW_STATUSES = (
    "no_age",
    "not_eligible",
    "within_rules",
    "not_logged",
    "needs_review",
)
"""No age known; not young-looking; checked or refused; no log; young and unchecked."""

REGISTER_GROUPS = ("attended", "self_checkout")

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("sale_id", pa.string(), "keyed pseudonym, of this table alone"),
        fields.optional("cashier_id", pa.string(), "keyed pseudonym; null: none"),
        fields.required("self_checkout", pa.bool_(), "no cashier at the register"),
        fields.required("register_group", pa.string(), "one of REGISTER_GROUPS"),
        fields.required("local_hour", pa.int8(), "store's hour of payment, 0 to 23"),
        fields.required("legal_age_years", pa.int16(), "age the law asks", "years"),
        fields.required(
            "challenge_age_years", pa.int16(), "younger-looking show ID", "years"
        ),
        fields.optional(
            "p_under_legal_age", pa.float64(), "under the training age prior, 0 to 1"
        ),
        fields.optional(
            "p_under_challenge_age", pa.float64(), "under the training prior, 0 to 1"
        ),
        fields.age_distribution(),
        fields.optional("id_check", pa.string(), "as logged; null: not logged"),
        fields.required("eligible", pa.bool_(), "looks younger than the challenge age"),
        fields.required("review_status", pa.string(), "one of REVIEW_STATUSES"),
    ],
)
