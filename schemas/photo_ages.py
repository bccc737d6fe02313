"""Table `scores/photo_ages`: one row a photo, never pixels, never an embedding."""

import pyarrow as pa

from schemas import fields

FACE_STATUSES = ("ok", "none", "several_faces", "small", "blurred", "undecodable")
"""What became of the face; only `ok` carries an age."""

MATCH_METHODS = (
    "transaction_id",
    "time_window",
    "time_nearest",
    "ambiguous",
    "unmatched",
    "no_usable_face",
)
"""How a photo found its transaction; the last three did not."""

SCHEMA = fields.schema(
    2,
    [
        fields.required("photo", pa.string(), "path below photos/date=…/"),
        fields.required("store_id", pa.string(), "store"),
        fields.required("register_id", pa.string(), "register within the store"),
        fields.required(
            "captured_at_utc", fields.TIMESTAMP_UTC, "as the camera wrote it"
        ),
        fields.optional("transaction_id", pa.string(), "transaction matched, if any"),
        fields.required("match_method", pa.string(), "one of MATCH_METHODS"),
        fields.optional(
            "time_gap_seconds",
            pa.float64(),
            "distance to the transaction after clock correction; 0 inside it",
            "seconds",
        ),
        *fields.age_interval(),
        fields.age_distribution(),
        fields.required("face_status", pa.string(), "one of FACE_STATUSES"),
        fields.optional("face_px", pa.int32(), "side of the face found", "pixels"),
        fields.optional(
            "brightness", pa.float32(), "mean grey level, 0 to 255", "levels"
        ),
        fields.optional(
            "turned_degrees",
            pa.int16(),
            "by how much the photo was turned, clockwise, for its face to stand "
            "upright: 0, 90, 180, 270; null: no face, a blurred one, or not looked for",
            "degrees",
        ),
        fields.required("model_version", pa.string(), "bundle name and sha256 prefix"),
    ],
)
