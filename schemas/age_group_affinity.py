"""Table `age_group_affinity` of a report: which age group buys what.

One row a product or category and age group. Groups are as estimated by the model;
`corrected_` columns estimate the true groups, through the confusion of the model.
Figures that rest on fewer baskets than a report may show are null and `suppressed`,
and so are as many more of the same item that no sum or difference gives them away.
"""

import pyarrow as pa

from schemas import fields

LEVELS = ("product", "category")

ITEM = [
    fields.required("level", pa.string(), "product or category"),
    fields.optional("product_id", pa.string(), "product; null at level category"),
    fields.optional("product_name", pa.string(), "product, for people"),
    fields.optional("category", pa.string(), "product category"),
    fields.required("age_restricted", pa.bool_(), "sold to adults only"),
    fields.required("age_group", pa.string(), "such as 25-44"),
    fields.required("age_group_order", pa.int8(), "for sorting"),
]
"""Columns that say which item and group a row is about."""

_HIDDEN = "null: suppressed"
_CORRECTED = "of the true age group; null: suppressed, or it cannot be told"

SCHEMA = fields.schema(
    1,
    [
        *ITEM,
        fields.required("suppressed", pa.bool_(), "too few baskets to show"),
        fields.optional("group_baskets", pa.int64(), "of the group; null: too few"),
        fields.optional("baskets", pa.int64(), f"of these, with the item; {_HIDDEN}"),
        fields.optional(
            "penetration", pa.float64(), f"baskets / group_baskets; {_HIDDEN}", "share"
        ),
        fields.optional(
            "penetration_low", pa.float64(), "Wilson interval, 90 %", "share"
        ),
        fields.optional(
            "penetration_high", pa.float64(), "Wilson interval, 90 %", "share"
        ),
        fields.optional(
            "raw_index",
            pa.float64(),
            f"100 * penetration of the group / of all; {_HIDDEN}",
        ),
        fields.optional("corrected_index", pa.float64(), _CORRECTED),
        fields.optional("corrected_index_low", pa.float64(), "bootstrap, 90 %"),
        fields.optional("corrected_index_high", pa.float64(), "bootstrap, 90 %"),
        fields.optional("p_value", pa.float64(), "group against the rest; null: none"),
        fields.optional(
            "q_value", pa.float64(), "Benjamini-Hochberg over the report; null: none"
        ),
        fields.required(
            "reliable",
            pa.bool_(),
            "q small, baskets enough, interval of the corrected index excludes 100",
        ),
    ],
)
