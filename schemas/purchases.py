"""Input `purchases/`: the lines that the tills log, and their normalised form."""

import pyarrow as pa

from schemas import fields

LINE_TYPES = ("sale", "return", "void")
ID_CHECKS = ("checked", "refused_sale", "not_checked")

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("register_id", pa.string(), "register within the store"),
        fields.required("transaction_id", pa.string(), "receipt within the register"),
        fields.optional("cashier_id", pa.string(), "null at self-checkouts"),
        fields.required("started_at", fields.TIMESTAMP_UTC, "first item scanned"),
        fields.required("paid_at", fields.TIMESTAMP_UTC, "payment completed"),
        fields.required("line_number", pa.int32(), "line within the receipt"),
        fields.required("line_type", pa.string(), "one of LINE_TYPES"),
        fields.required("product_id", pa.string(), "product"),
        fields.optional("product_name", pa.string(), "product, for people"),
        fields.optional("category", pa.string(), "product category"),
        fields.required("quantity", fields.MONEY, "pieces or weight"),
        fields.required("amount", fields.MONEY, "price paid", "currency"),
        fields.required("currency", pa.string(), "ISO 4217 code"),
        fields.optional("age_restricted", pa.bool_(), "sold to adults only"),
        fields.optional("minimum_age", pa.int16(), "legal age if not the default"),
        fields.optional("id_check", pa.string(), "one of ID_CHECKS; null: not logged"),
    ],
)
"""One line as the tills write it; times carry an offset or a store's time zone."""

REQUIRED_COLUMNS = (
    "store_id",
    "register_id",
    "transaction_id",
    "started_at",
    "paid_at",
    "line_number",
    "product_id",
    "quantity",
    "amount",
    "currency",
)
KEY = ("store_id", "register_id", "transaction_id", "line_number")

LINES_SCHEMA = fields.schema(
    1,
    [
        *SCHEMA,
        fields.required("local_hour", pa.int8(), "store's hour of payment, 0 to 23"),
        fields.required("source_file", pa.string(), "path below the input root"),
        fields.required("source_row", pa.int64(), "line of the file, from 1"),
    ],
)
"""A validated line on its way to the join: `age_restricted` is decided, not null."""
