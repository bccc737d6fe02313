"""Logs with values that no till writes, in all formats, whole and broken."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from schemas import captures, purchases
from tests.fuzz import pictures

_ODD_TEXTS = st.sampled_from(
    [
        "", " ", "0", "-1", "NaN", "inf", "1e308", "9" * 40, "=cmd|' /C calc'!A0",
        "a\u202eb", "\u0000", "\ud83d\ude00", "é" * 2_100, "'\"", '"', "true", "None",
        "../../x", "a\tb", "\ufeff", "\x1b[2J",
    ]
)  # fmt: skip
_ODD_TIMES = st.sampled_from(
    [
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00",
        "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T10:00:60Z", "2026-10-25T02:30:00", "2026-03-29T02:30:00",
        "2026-11-21T10:00:00+99:99", "1677-01-01T00:00:00Z",
    ]
)  # fmt: skip
_ODD = _ODD_TEXTS | _ODD_TIMES | st.text(max_size=12)
_GOOD = {
    "store_id": ["0001", "0002"],
    "register_id": ["R1", "R2"],
    "transaction_id": ["1", "2", "3"],
    "cashier_id": ["C1", ""],
    "started_at": ["2026-11-21T10:00:00Z", "2026-11-21T11:00:00+01:00"],
    "paid_at": ["2026-11-21T10:01:00Z", "2026-11-21T10:02:00"],
    "captured_at": ["2026-11-21T10:00:30Z", "2026-11-21T12:00:00"],
    "photo": ["store=0001/a.jpg", "a.jpg", "b.jpg", "store=0002/b.jpg"],
    "line_number": ["1", "2"],
    "line_type": ["sale", "return", "void", ""],
    "product_id": ["P1", "P2"],
    "product_name": ["Milk", "=1+1"],
    "category": ["BEER", ""],
    "quantity": ["1", "0.5"],
    "amount": ["1.99", "-3", "9999999999.9999"],
    "currency": ["EUR"],
    "age_restricted": ["true", ""],
    "minimum_age": ["16", ""],
    "id_check": ["checked", "refused_sale", ""],
}
COLUMNS = {"purchases": purchases.SCHEMA.names, "captures": captures.SCHEMA.names}


def _row(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    good = {name: st.sampled_from(_GOOD[name]) for name in names}
    spoilt = st.tuples(
        st.fixed_dictionaries(good),
        st.dictionaries(st.sampled_from(names), _ODD, max_size=2),
    )
    return spoilt.map(lambda pair: pair[0] | pair[1])


def rows(log: str) -> st.SearchStrategy[list[dict[str, str]]]:
    """Lists of rows, most of them with one or two values that are odd."""
    return st.lists(_row(COLUMNS[log]), max_size=8)


def as_csv(found: list[dict[str, str]], names: list[str]) -> bytes:
    """Writes a CSV file; values may hold anything."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return sink.getvalue().encode("utf-8", "surrogatepass")


def as_json(found: list[dict[str, str]]) -> bytes:
    """Writes JSON lines."""
    return "\n".join(map(json.dumps, found)).encode()


def as_parquet(columns: dict[str, pa.Array]) -> bytes:
    """Writes a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


_NUMBERS = [-(2**63), 2**63 - 1, 0, 1, 253_402_300_800_000_000, -(10**15)]
_TYPES = [
    *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")),
    *(pa.timestamp(unit, "UTC") for unit in ("s", "ms", "us", "ns")),
    pa.timestamp("us", "Europe/Berlin"), pa.timestamp("us", "+14:00"), pa.int64(),
    pa.date64(), pa.float64(), pa.decimal128(38, 0), pa.decimal256(76, 9), pa.bool_(),
    pa.binary(), pa.null(), pa.list_(pa.int8()), pa.dictionary(pa.int8(), pa.string()),
    pa.large_string(), pa.string_view(),
]  # fmt: skip


def _typed(kind: pa.DataType, number: int, size: int) -> pa.Array:
    if kind in (pa.timestamp("s"), pa.timestamp("s", "UTC"), pa.date64()):
        # Parquet holds them as milliseconds, and days.
        number = number // 10**9 * 86_400
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return pa.array([number] * size, pa.int64()).cast(kind)
    value = {
        pa.int64(): number, pa.float64(): float(number), pa.bool_(): True,
        pa.binary(): b"\xff", pa.list_(pa.int8()): [1],
        pa.decimal128(38, 0): number, pa.decimal256(76, 9): number,
    }.get(kind, str(number))  # fmt: skip
    return pa.array([None if kind == pa.null() else value] * size, kind)


@st.composite
def parquets(draw, log: str) -> bytes:
    """Parquet files whose columns have types of all sorts."""
    found = draw(rows(log))
    columns = {
        name: pa.array(
            [row[name].encode("utf-8", "replace").decode() for row in found],
            pa.string(),
        )
        for name in COLUMNS[log]
    }
    for _ in range(draw(st.integers(0, 3))):
        kind, number = draw(st.sampled_from(_TYPES)), draw(st.sampled_from(_NUMBERS))
        columns[draw(st.sampled_from(COLUMNS[log]))] = _typed(kind, number, len(found))
    return as_parquet(columns)


def files(log: str, suffix: str) -> st.SearchStrategy[bytes]:
    """Files of a log: rows as they are, and files with bytes changed."""
    names = COLUMNS[log]
    sound = [
        {name: _GOOD[name][place % len(_GOOD[name])] for name in names}
        for place in range(4)
    ]
    if suffix == ".parquet":
        columns = {name: pa.array([row[name] for row in sound]) for name in names}
        return parquets(log) | pictures.changed([as_parquet(columns)])
    if suffix == ".jsonl":
        return rows(log).map(as_json) | pictures.changed([as_json(sound)])
    return rows(log).map(lambda found: as_csv(found, names)) | pictures.changed(
        [as_csv(sound, names)]
    )
