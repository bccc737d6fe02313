import datetime

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing import util

from pipelines.domain import captures, counts
from pipelines.transforms import attribute_photos, packing
from schemas import scored_photos
from tests import builders

_NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


def _scores(*photos, reason=None):
    return pa.table(
        {
            "photo": list(photos),
            "generation": ["1"] * len(photos),
            "face_status": ["none" if reason is None else "undecodable"] * len(photos),
            "reason": [reason] * len(photos),
            "age_distribution": [None] * len(photos),
            "face_px": [None] * len(photos),
            "brightness": [None] * len(photos),
            "turned_degrees": [None] * len(photos),
        },
        schema=scored_photos.SCHEMA,
    )


def _row(photo, store, register, transaction=None):
    return pa.table(
        {
            "photo": [photo],
            "store_id": [store],
            "register_id": [register],
            "captured_at": [_NOON],
            "transaction_id": [transaction],
            "source_file": ["captures/a.csv"],
            "source_row": [2],
        },
        schema=captures.ROWS_SCHEMA,
    )


_NAMED = "store=0001/R01_20261121T110000000Z_T77.jpg"
_TOLD = "store=0001/batch-0001.tar/R01_20261121T120000000Z.jpg"
_KEPT = "store=0002/R02_20261121T130000000Z.jpg"
_BAD_NAME = "store=0001/img_1.jpg"
_BROKEN = "store=0001/R01_20261121T140000000Z.jpg"
_BROKEN_BAD_NAME = "store=0001/img_2.jpg"


@pytest.mark.parametrize("num_partitions", [1, 8])
def test_every_photo_is_scored_resumed_or_rejected(num_partitions):
    scored = [
        _scores(_NAMED, _BAD_NAME),
        _scores(_TOLD),
        _scores(_BROKEN, _BROKEN_BAD_NAME, reason="cut short"),
    ]
    rows = [_row(_TOLD.rsplit("/", 1)[-1], "0001", "R09", "88"), _row("x", "1", "1")]
    with builders.pipeline() as root:
        attributed = (
            root | "Scored" >> beam.Create(scored),
            root | "Resumed" >> beam.Create([_scores(_KEPT)]),
            root | "Captures" >> beam.Create(rows),
        ) | attribute_photos.AttributePhotos(num_partitions)
        places = attributed.photos | beam.FlatMap(
            lambda part: (
                packing.unpack(captures.ATTRIBUTED_SCHEMA, [part[1]])
                .select(["photo", "store_id", "register_id", "transaction_id"])
                .to_pylist()
            )
        )
        rejected = attributed.rejected | "Rejected" >> beam.FlatMap(
            lambda table: table.select(["stage", "source"]).to_pylist()
        )
        totals = attributed.counts | beam.CombineGlobally(counts.total)
        util.assert_that(places, util.equal_to(_PLACES), label="places")
        util.assert_that(rejected, util.equal_to(_REJECTED), label="rejected")
        util.assert_that(totals, util.equal_to([_TOTALS]), label="totals")


def _place(photo, store, register, transaction):
    return {
        "photo": photo,
        "store_id": store,
        "register_id": register,
        "transaction_id": transaction,
    }


_PLACES = [
    _place(_NAMED, "0001", "R01", "77"),
    _place(_TOLD, "0001", "R09", "88"),
    _place(_KEPT, "0002", "R02", None),
    _place(_BROKEN, "0001", "R01", None),
]
_REJECTED = [
    {"stage": "attribute", "source": _BAD_NAME},
    {"stage": "decode", "source": _BROKEN},
    {"stage": "decode", "source": _BROKEN_BAD_NAME},
]
_TOTALS = counts.total(
    [
        {
            "photos_scored": 2,
            "photos_resumed": 1,
            "photos_rejected": 3,
            "captures_unused": 1,
        }
    ]
)
