"""Table `restricted_sales_by_hour` of a report: age-restricted sales by store and hour.

Counts only; no sale is evidence of a violation. Where tills log no ID checks, sales
to young faces are customer mix, and nothing is known of checks.
"""

import pyarrow as pa

from schemas import fields

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("local_hour", pa.int8(), "store's hour of payment, 0 to 23"),
        fields.required("register_group", pa.string(), "attended or self_checkout"),
        fields.required("restricted_sales", pa.int64(), "restricted receipts"),
        fields.required("aged_sales", pa.int64(), "of these, with an age"),
        fields.required(
            "young_sales", pa.int64(), "of these, looking younger than challenged"
        ),
        fields.optional("young_rate", pa.float64(), "young / aged", "share"),
        fields.required("eligible_sales", pa.int64(), "young, and ID check logged"),
        fields.required("unchecked_sales", pa.int64(), "eligible, and ID not checked"),
        fields.optional(
            "unchecked_rate", pa.float64(), "unchecked / eligible", "share"
        ),
    ],
)
