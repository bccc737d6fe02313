"""What the path of a photo tells: store, register, time and transaction."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import local_times
from schemas import fields

_STORE = r"(?:^|/)store=(?P<store_id>[^/]+)/"
_NAME = (
    r"(?:^|/)(?P<register_id>[^/]+)_"
    r"(?P<second>\d{8}T\d{6})(?P<fraction>\d{0,6})Z"
    r"(?:_T(?P<transaction_id>[^/]+))?\.(?:jpe?g|png|webp)$"
)
_CASELESS = "(?i)"


def parse_photo_names(photos: pa.Array) -> pa.Table:
    """Reads paths such as `store=0042/R03_20261121T174512345Z_T881.jpg`.

    Args:
      photos: Paths below `photos/date=…/`, strings without nulls.

    Returns:
      Columns store_id, register_id, captured_at_utc (timestamp us, UTC) and
      transaction_id, in the order of `photos`. A bad file name has nulls in all
      but store_id.
    """
    stores = pc.extract_regex(photos, _STORE)
    names = pc.extract_regex(photos, _CASELESS + _NAME)
    captured_at = _to_times(names)
    is_good = pc.is_valid(captured_at)
    missing = pa.scalar(None, pa.string())
    transactions = pc.struct_field(names, "transaction_id")
    has_transaction = pc.and_(is_good, pc.greater(pc.utf8_length(transactions), 0))
    return pa.table(
        {
            "store_id": pc.struct_field(stores, "store_id"),
            "register_id": pc.if_else(
                is_good, pc.struct_field(names, "register_id"), missing
            ),
            "captured_at_utc": captured_at,
            "transaction_id": pc.if_else(has_transaction, transactions, missing),
        }
    )


def explain(photo: str) -> str:
    """Says what a file name that gives no register and time should look like."""
    return (
        f"file name {bare_name(photo)[:80]!r} is not "
        "REGISTER_YYYYMMDDTHHMMSSmmmZ[_TTRANSACTION].jpg, .png or .webp"
    )


def bare_name(photo: str) -> str:
    """Drops the folders, and the batch file, before the file name."""
    return photo.rsplit("/", 1)[-1]


def _to_times(names: pa.StructArray) -> pa.Array:
    second = pc.struct_field(names, "second")
    fraction = pc.utf8_rpad(pc.struct_field(names, "fraction"), 6, "0")
    text = pc.binary_join_element_wise(second, fraction, ".")
    # Not pc.strptime: it turns 30 February into 2 March.
    times = pd.to_datetime(
        pd.Series(text.to_pandas()), format="ISO8601", utc=True, errors="coerce"
    )
    utc = times.dt.tz_convert(None).dt.as_unit("us").to_numpy()
    # What is no time is none of these years, either.
    is_good = local_times.is_plausible(utc.view(np.int64), "us")
    known = pa.array(utc, pa.timestamp("us"), mask=~is_good)
    return known.cast(fields.TIMESTAMP_UTC)
