"""Input `captures/`: what the cameras' controller knows of each photo."""

import pyarrow as pa

from schemas import fields

SCHEMA = fields.schema(
    1,
    [
        fields.required(
            "photo", pa.string(), "file name, or path below photos/date=…/"
        ),
        fields.required("store_id", pa.string(), "store"),
        fields.required("register_id", pa.string(), "register within the store"),
        fields.required("captured_at", fields.TIMESTAMP_UTC, "time of the photo"),
        fields.optional("transaction_id", pa.string(), "transaction, where known"),
    ],
)
REQUIRED_COLUMNS = ("photo", "store_id", "register_id", "captured_at")
