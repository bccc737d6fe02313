"""Table `rejections`: one row for each input that could not be used, and why."""

import pyarrow as pa

from schemas import fields

STAGES = ("list", "read", "decode", "attribute", "captures", "purchases")

SCHEMA = fields.schema(
    1,
    [
        fields.required("stage", pa.string(), "one of STAGES"),
        fields.required("source", pa.string(), "photo, or file:line"),
        fields.required("reason", pa.string(), "what is wrong with it"),
    ],
)
