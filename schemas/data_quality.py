"""Table `data_quality` of a report: what became of the photos, by store.

The first row is of all stores. What the nightly job does not count by store is null in
the other rows.
"""

import pyarrow as pa

from schemas import fields, photo_ages

ALL_STORES, STORE = "all_stores", "store"
SCOPES = (ALL_STORES, STORE)

LOST = tuple(status for status in photo_ages.FACE_STATUSES if status != "ok")
"""Why a photo has no usable face; each has a column `faces_…`."""

_WHY = {
    "none": "no face found",
    "several_faces": "several faces alike in size",
    "small": "the face is too small",
    "blurred": "the face is blurred",
    "undecodable": "not a complete picture",
}

SCHEMA = fields.schema(
    1,
    [
        fields.required("scope", pa.string(), " or ".join(SCOPES)),
        fields.optional("store_id", pa.string(), "store; null: all of them"),
        fields.required("days_published", pa.int64(), "of the span, with tables"),
        fields.required("days_missing", pa.int64(), "of the span, without tables"),
        fields.required(
            "days_without_photos", pa.int64(), "published, without a photo of the store"
        ),
        fields.required("photos", pa.int64(), "photos read"),
        fields.required("faces_ok", pa.int64(), "with a usable face"),
        *(fields.required(f"faces_{why}", pa.int64(), _WHY[why]) for why in LOST),
        fields.optional(
            "face_loss", pa.float64(), "photos without a usable face", "share"
        ),
        fields.required("matched", pa.int64(), "usable photos with a transaction"),
        fields.required("unmatched", pa.int64(), "usable photos without one"),
        fields.required("ambiguous", pa.int64(), "two transactions fit; not guessed"),
        fields.optional(
            "match_rate", pa.float64(), "matched / usable; staff count too", "share"
        ),
        fields.required(
            "registers_untimed",
            pa.int64(),
            "registers whose clock allowed no join by time on some day",
        ),
        fields.required("baskets", pa.int64(), "receipts in the demand tables"),
        fields.required("baskets_with_age", pa.int64(), "of these, with an age"),
        fields.optional(
            "age_known", pa.float64(), "baskets_with_age / baskets", "share"
        ),
        fields.optional("transactions", pa.int64(), "receipts in the purchase log"),
        fields.optional(
            "transactions_mixed_people",
            pa.int64(),
            "photos show different people; counted nowhere else",
        ),
        fields.optional(
            "mixed_people", pa.float64(), "of transactions with photos", "share"
        ),
    ],
)
