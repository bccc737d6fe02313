"""Column builders shared by the schemas: one meaning, one spelling."""

import pyarrow as pa

NUM_AGES = 101
"""Ages 0 to 100 years, one bin a year."""

DISTRIBUTION_TOTAL = 65_535
"""What the uint16 weights of one age distribution sum to."""

MONEY = pa.decimal128(18, 4)
TIMESTAMP_UTC = pa.timestamp("us", tz="UTC")


def required(name: str, kind: pa.DataType, meaning: str, unit: str = "") -> pa.Field:
    """Makes a column that is never null.

    Args:
      name: Column name, with its unit where it has one.
      kind: Arrow type.
      meaning: One line for the reader of the table.
      unit: Unit of measure, where there is one.

    Returns:
      The field, with `meaning` (and `unit`) in its metadata.
    """
    return pa.field(name, kind, nullable=False, metadata=_notes(meaning, unit))


def optional(name: str, kind: pa.DataType, meaning: str, unit: str = "") -> pa.Field:
    """Makes a column that may be null; see `required`."""
    return pa.field(name, kind, nullable=True, metadata=_notes(meaning, unit))


def age_distribution() -> pa.Field:
    """Makes the column of calibrated age distributions."""
    return optional(
        "age_distribution",
        pa.list_(pa.uint16()),
        "weight of each age from 0 to 100 years; sums to 65535; null without an age",
    )


def age_interval() -> list[pa.Field]:
    """Makes the columns of an age estimate and its 90 % interval."""
    return [
        optional("age_years", pa.float64(), "mean of the age distribution", "years"),
        optional("age_low_years", pa.float64(), "lower end, 90 % interval", "years"),
        optional("age_high_years", pa.float64(), "upper end, 90 % interval", "years"),
    ]


def schema(version: int, fields: list[pa.Field]) -> pa.Schema:
    """Makes a schema that carries its version in the metadata."""
    return pa.schema(fields, metadata={"tillage_schema_version": str(version)})


def _notes(meaning: str, unit: str) -> dict[str, str]:
    return {"meaning": meaning} | ({"unit": unit} if unit else {})
