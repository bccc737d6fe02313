"""Table `minors` of a report: age-restricted sales to people under the legal age.

One row, of all stores together. Which sales these were, nobody can tell from a face.
"""

import pyarrow as pa

from schemas import fields

_UNKNOWN = "null: the data cannot tell it from none"

SCHEMA = fields.schema(
    1,
    [
        fields.required("legal_age_years", pa.int16(), "sales under this age", "years"),
        fields.required("num_sales", pa.int64(), "restricted, with a known age"),
        fields.required("is_identified", pa.bool_(), "told from none at all"),
        fields.optional("sales", pa.float64(), f"expected to minors; {_UNKNOWN}"),
        fields.optional("low_sales", pa.float64(), f"90 % interval; {_UNKNOWN}"),
        fields.required(
            "high_sales", pa.float64(), "90 % interval, or the 95 % upper bound"
        ),
    ],
)
