"""Table `runs`: one row a run of the nightly job, published or refused."""

import pyarrow as pa

from schemas import fields, store_drift

COUNTS = (
    "photos_listed",
    "photos_scored",
    "photos_resumed",
    "photos_rejected",
    "photos_matched",
    "photos_unmatched",
    "photos_ambiguous",
    "photos_without_face",
    "captures_read",
    "captures_rejected",
    "captures_duplicate",
    "captures_unused",
    "lines_read",
    "lines_out",
    "lines_rejected",
    "lines_duplicate",
    "lines_superseded",
    "transactions",
    "transactions_matched",
    "transactions_mixed_people",
    "columns_ignored",
    "files_unreadable",
    "photos_gone",
)
"""Every counter of a run; see `pipelines.domain.balance` for how they add up."""

STANDS = ("upright", "upside_down", "on_side")
"""How a face stands in its photo; counts of `STORE_HEALTH`, null before version 3."""

STORE_HEALTH = pa.struct(
    [
        pa.field("store_id", pa.string(), nullable=False),
        pa.field("photos", pa.int64(), nullable=False),
        *(
            pa.field(f"faces_{status}", pa.int64(), nullable=False)
            for status in (
                "ok",
                "none",
                "several_faces",
                "small",
                "blurred",
                "undecodable",
            )
        ),
        pa.field("matched", pa.int64(), nullable=False),
        pa.field("unmatched", pa.int64(), nullable=False),
        pa.field("ambiguous", pa.int64(), nullable=False),
        *(pa.field(stand, pa.int64()) for stand in STANDS),
        pa.field("mean_brightness", pa.float64()),
        pa.field("mean_face_px", pa.float64()),
        pa.field("mean_age_years", pa.float64()),
        pa.field("photos_by_age_band", pa.list_(pa.int64()), nullable=False),
        pa.field(
            "registers",
            pa.list_(
                pa.struct(
                    [
                        pa.field("register_id", pa.string(), nullable=False),
                        pa.field("clock_offset_seconds", pa.float64()),
                        pa.field("clock_status", pa.string(), nullable=False),
                    ]
                )
            ),
            nullable=False,
        ),
    ]
)

STORE_DRIFT = pa.struct(
    [
        pa.field(f.name, f.type, f.nullable)
        for f in store_drift.SCHEMA
        if f.name != "date"
    ]
)
"""Columns of `schemas.store_drift` but the day, which the partition tells."""

OLDEST_READABLE_VERSION = 1
"""Version 2 added `store_drift`, version 3 the counts `STANDS`."""

SCHEMA = fields.schema(
    3,
    [
        fields.required("run_id", pa.string(), "start time and a random suffix"),
        fields.required("is_published", pa.bool_(), "false: refused by the gate"),
        fields.optional("refusal", pa.string(), "why the gate refused it"),
        fields.required("started_at_utc", fields.TIMESTAMP_UTC, "start of the run"),
        fields.required("duration_seconds", pa.float64(), "to the publish", "seconds"),
        fields.required(
            "photos_per_second", pa.float64(), "photos read in this attempt"
        ),
        *(fields.required(name, pa.int64(), "see balance") for name in COUNTS),
        fields.required("model_name", pa.string(), "name of the bundle"),
        fields.required("model_sha256", pa.string(), "of the bundle's card"),
        fields.required("model_license", pa.string(), "licence of the bundle"),
        fields.required("code_version", pa.string(), "version of Tillage"),
        fields.required("settings_json", pa.string(), "every setting of the run"),
        fields.required(
            "store_health", pa.list_(STORE_HEALTH), "one entry a store, sorted"
        ),
        fields.optional(
            "store_drift",
            pa.list_(STORE_DRIFT),
            "the day against the store's own days before, one entry a store and "
            "measure; null: not judged",
        ),
    ],
)
