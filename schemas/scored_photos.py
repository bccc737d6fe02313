"""Kept results of reading and scoring: what a restarted run resumes from."""

import pyarrow as pa

from schemas import fields

SCHEMA = fields.schema(
    2,
    [
        fields.required("photo", pa.string(), "path below photos/date=…/"),
        fields.required("generation", pa.string(), "version of the photo's bytes"),
        fields.required("face_status", pa.string(), "see photo_ages.FACE_STATUSES"),
        fields.optional("reason", pa.string(), "why the photo is rejected, if it is"),
        fields.age_distribution(),
        fields.optional("face_px", pa.int32(), "side of the face found", "pixels"),
        fields.optional(
            "brightness", pa.float32(), "mean grey level, 0 to 255", "levels"
        ),
        fields.optional(
            "turned_degrees", pa.int16(), "see photo_ages.SCHEMA", "degrees"
        ),
    ],
)
