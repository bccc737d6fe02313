"""Carries rejections as tables, so that a million bad lines stay cheap."""

from collections.abc import Sequence

import pyarrow as pa

from pipelines import records
from schemas import rejections


def to_table(rejected: Sequence[records.Rejection]) -> pa.Table:
    """Makes a table of `rejections.SCHEMA`."""
    return pa.table(
        {
            "stage": [rejection.stage for rejection in rejected],
            "source": [rejection.source for rejection in rejected],
            "reason": [rejection.reason for rejection in rejected],
        },
        schema=rejections.SCHEMA,
    )


def of_photos(stage: str, photos: pa.Table) -> pa.Table:
    """Makes rejections of photos that have a `reason`.

    Args:
      stage: One of `rejections.STAGES`.
      photos: Has columns `photo` and `reason`.
    """
    stages = pa.repeat(pa.scalar(stage), photos.num_rows)
    return pa.table(
        [stages, photos["photo"], photos["reason"]], schema=rejections.SCHEMA
    )
