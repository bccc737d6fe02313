"""Table `store_drift` of a report: each store and day against the store's own past.

A change is a reason to look at the camera, not at the customers or the cashiers.
"""

import pyarrow as pa

from schemas import fields

FACE_LOSS = "face_loss"
MATCH_RATE = "match_rate"
BRIGHTNESS = "mean_brightness"
FACE_SIZE = "mean_face_px"
AGE_DISTRIBUTION = "age_distribution"
TURNED = "turned"
COMPARED = (FACE_LOSS, MATCH_RATE, BRIGHTNESS, FACE_SIZE, AGE_DISTRIBUTION)
"""Held against the days before: share of photos without a usable face; share of usable
photos with a sale; grey level, 0 to 255; pixels; Jensen-Shannon distance, 0 to 1."""
MEASURES = (*COMPARED, TURNED)
"""And, whatever was before: share of the faces that stand on their head, or that lie
on their side, whichever is larger."""

STATUSES = ("no_photos", "no_history", "usual", "alarm")
"""Too few photos to judge; too few days before; as before; not as before. `turned` is
`usual` where faces stand upright, and needs no days before."""

SCHEMA = fields.schema(
    1,
    [
        fields.required("date", pa.date32(), "trading day"),
        fields.required("store_id", pa.string(), "store"),
        fields.required("measure", pa.string(), ", ".join(MEASURES)),
        fields.required("photos", pa.int64(), "that the value rests on"),
        fields.required("days_before", pa.int64(), "days that it is compared with"),
        fields.required("same_weekday", pa.bool_(), "expected from such weekdays only"),
        fields.optional("value", pa.float64(), "of the day; null: no photos"),
        fields.optional("expected", pa.float64(), "median of the days before"),
        fields.optional(
            "z", pa.float64(), "robust deviation, signed; null: a distance, not judged"
        ),
        fields.optional("p_value", pa.float64(), "of so large a change by chance"),
        fields.required("status", pa.string(), ", ".join(STATUSES)),
        fields.required(
            "is_alarm", pa.bool_(), "p_value below the alarm limit; too many are turned"
        ),
        fields.optional("sentence", pa.string(), "what it means; null: as usual"),
    ],
)
