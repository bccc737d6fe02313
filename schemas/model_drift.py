"""Table `model_drift` of a report: does a store's camera still see what it used to?

One row a store and measure: its last days against its own days before. A camera that
moved or a lamp that failed shows here before it spoils an audit. A change is a reason
to look at the camera, not at the customers.
"""

import pyarrow as pa

from schemas import fields

FACE_LOSS = "face_loss"
MATCH_RATE = "match_rate"
MEAN_AGE = "mean_age_years"
AGE_DISTRIBUTION = "age_distribution"
BRIGHTNESS = "mean_brightness"
FACE_SIZE = "mean_face_px"
MEASURES = (FACE_LOSS, MATCH_RATE, MEAN_AGE, AGE_DISTRIBUTION, BRIGHTNESS, FACE_SIZE)
"""Share of photos without a usable face; share matched; years; distance of the age
bands; grey level, 0 to 255; pixels."""

STATUSES = ("too_few_days", "steady", "changed")

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("measure", pa.string(), "one of MEASURES"),
        fields.required("from_date", pa.date32(), "first of the last days, inclusive"),
        fields.required("to_date", pa.date32(), "last day, inclusive"),
        fields.required("days", pa.int64(), "of these, with photos"),
        fields.required("days_before", pa.int64(), "days with photos before them"),
        fields.required("photos", pa.int64(), "in the last days"),
        fields.required("photos_before", pa.int64(), "in the days before"),
        fields.optional("value", pa.float64(), "in the last days; null: a distance"),
        fields.optional("value_before", pa.float64(), "before; null: a distance"),
        fields.optional("change", pa.float64(), "value less value_before, or distance"),
        fields.optional(
            "limit", pa.float64(), "of the size of a change, by the days before"
        ),
        fields.required("status", pa.string(), "one of STATUSES"),
    ],
)
