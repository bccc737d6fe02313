"""Table `offers` of a report: what to offer to which age group, best first.

Never an age-restricted item to a group that can hold minors.
"""

import pyarrow as pa

from schemas import age_group_affinity, fields

SCHEMA = fields.schema(
    1,
    [
        fields.required("rank", pa.int32(), "within the age group, from 1"),
        *age_group_affinity.ITEM,
        fields.required("baskets", pa.int64(), "of the group, with the item"),
        fields.required(
            "penetration", pa.float64(), "of the group's baskets, with it", "share"
        ),
        fields.required("corrected_index", pa.float64(), "of the true age group"),
        fields.required("corrected_index_low", pa.float64(), "bootstrap, 90 %"),
        fields.required("corrected_index_high", pa.float64(), "bootstrap, 90 %"),
        fields.required("q_value", pa.float64(), "Benjamini-Hochberg, 0 to 1"),
        fields.required("reason", pa.string(), "why, in plain words"),
    ],
)
