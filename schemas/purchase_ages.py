"""Table `marketing/purchase_ages`: one row a purchase line, with its buyer's age.

No cashier, no register, no exact time; the audit tables share store and local hour
alone. Ages and gaps are coarse for the same reason: an exact age would find its sale
in `restricted_sales`, whose distributions have the same mean. That hinders a join, it
does not make anyone anonymous: store, hour and age together still fit one restricted
basket alone in most of the rendered sample days' audited sales, more often in small
stores. Whoever may read `marketing/` should not read `audit/`.
"""

import pyarrow as pa

from schemas import fields

REFUSED = "refused"
"""Line type of what a cashier refused to sell; it counts in no demand."""

MATCH_METHODS = (
    "transaction_id",
    "time_window",
    "time_nearest",
    "mixed_people",
    "no_photo",
)
"""How the buyer's age was found; the last two carry none."""

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("basket_id", pa.string(), "keyed pseudonym of the receipt"),
        fields.required("line_number", pa.int32(), "line within the receipt"),
        fields.required("line_type", pa.string(), "sale, return, void or refused"),
        fields.required("product_id", pa.string(), "product"),
        fields.optional("product_name", pa.string(), "product, for people"),
        fields.optional("category", pa.string(), "product category"),
        fields.required("quantity", fields.MONEY, "pieces or weight"),
        fields.required("amount", fields.MONEY, "price paid", "currency"),
        fields.required("currency", pa.string(), "ISO 4217 code"),
        fields.required("age_restricted", pa.bool_(), "sold to adults only"),
        fields.required("local_hour", pa.int8(), "store's hour of payment, 0 to 23"),
        fields.required("age_group", pa.string(), "such as 25-44, or unknown"),
        fields.required("age_group_order", pa.int8(), "for sorting; unknown is last"),
        fields.optional(
            "age_years",
            pa.int16(),
            "mean of the age distribution, whole years, rounded down as ages are",
            "years",
        ),
        fields.optional(
            "age_low_years",
            pa.int16(),
            "lower end, 90 % interval, rounded down to a multiple of 5",
            "years",
        ),
        fields.optional(
            "age_high_years",
            pa.int16(),
            "upper end, 90 % interval, rounded up to a multiple of 5",
            "years",
        ),
        fields.required("photos_used", pa.int16(), "photos behind the age"),
        fields.required("match_method", pa.string(), "one of MATCH_METHODS"),
        fields.optional(
            "time_gap_seconds", pa.int64(), "photo to transaction, rounded", "seconds"
        ),
    ],
)
