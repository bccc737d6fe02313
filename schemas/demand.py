"""Tables `marketing/demand_*`: additive sales by store, age band and product.

Sales only; returns, voids and what was refused count in none of them, nor does a
receipt whose photos show different people: nobody knows whose it is (`runs` counts
these). `unknown` holds receipts without a photo that could be used. `baskets` counts
each receipt once a row, so rows of one table add up over stores, days and age bands,
not over products.
"""

import pyarrow as pa

from schemas import fields

_STORE = [fields.required("store_id", pa.string(), "store")]
_BAND = [
    fields.required("age_band", pa.string(), "five years such as 25-29, or unknown"),
    fields.required("age_band_order", pa.int8(), "for sorting; unknown is last"),
]
_CATEGORY = [fields.optional("category", pa.string(), "product category")]
_RESTRICTED = [fields.required("age_restricted", pa.bool_(), "sold to adults only")]
_MEASURES = [
    fields.required("currency", pa.string(), "ISO 4217 code"),
    fields.required("baskets", pa.int64(), "receipts with such a line"),
    fields.required("lines", pa.int64(), "sale lines"),
    fields.required("spend", fields.MONEY, "sum of the amounts", "currency"),
]

BY_PRODUCT_SCHEMA = fields.schema(
    1,
    [
        *_STORE,
        fields.required("product_id", pa.string(), "product"),
        fields.optional("product_name", pa.string(), "product, for people"),
        *_CATEGORY,
        *_RESTRICTED,
        *_BAND,
        *_MEASURES,
    ],
)
BY_CATEGORY_SCHEMA = fields.schema(
    1, [*_STORE, *_CATEGORY, *_RESTRICTED, *_BAND, *_MEASURES]
)
TOTAL_SCHEMA = fields.schema(1, [*_STORE, *_BAND, *_MEASURES])
