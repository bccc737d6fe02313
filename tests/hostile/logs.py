"""Logs of a store whose tills write what they like."""

import csv
import datetime
import decimal
import io
import json

import pyarrow as pa

from tests.fuzz import logs

DATE = "2026-11-21"
STORE = "9999"

_LINE = {
    "store_id": STORE,
    "register_id": "R1",
    "transaction_id": "1",
    "cashier_id": "C1",
    "started_at": f"{DATE}T12:00:00+01:00",
    "paid_at": f"{DATE}T12:01:00+01:00",
    "line_number": "1",
    "line_type": "sale",
    "product_id": "P1",
    "product_name": "Milk",
    "category": "DAIRY",
    "quantity": "1",
    "amount": "1.99",
    "currency": "EUR",
    "age_restricted": "false",
    "minimum_age": "",
    "id_check": "",
}
FORMULAS = ("=cmd|' /C calc'!A0", "@SUM(1+1)", "+1", "-1", "\t=1", '=HYPERLINK("x")')
_GOOD = [
    *({"product_name": name, "product_id": name} for name in FORMULAS),
    {"product_name": "<script>alert(1)</script>"},
    {"product_name": "$\\frac{"},
    {"product_name": "\u202eklim"},
    {"product_name": "a\x1b[2Jb"},
    {"transaction_id": "'; DROP TABLE purchases; --"},
    {"register_id": "../../R1", "cashier_id": "C|1"},
    {"category": "🥛" * 100},
    {"amount": "9999999999.9999"},
    {"quantity": "-0", "amount": "1e-300"},
]
_BAD = [
    {"paid_at": "9999-12-31T23:59:59Z"},
    {"started_at": "0001-01-01T00:00:00+14:00"},
    {"paid_at": "2026-11-21T12:01:00+99:00"},
    {"paid_at": "yesterday"},
    {"amount": "NaN"},
    {"amount": "1e308"},
    {"amount": "9" * 4_300},
    {"quantity": "1,5"},
    {"line_number": "1.5"},
    {"line_number": "-1"},
    {"currency": "€"},
    {"minimum_age": "121"},
    {"id_check": "perhaps"},
    {"line_type": "gift"},
    {"store_id": "  "},
    {"product_name": "x" * 5_000},
    {"transaction_id": ""},
]
_BAD_BYTES = [
    b"9999,R1",
    b"9999" + b"," * 99,
    b'9999,"R1',
    b'9999,R1","x,"' + b"," * 12,
    b"9999,R1,\0" + b"," * 14,
    b"9999,R\xe9gister" + b"," * 15,
    "9999,R1".encode("utf-16") + b"," * 15,
    b"9999,R1\rR2" + b"," * 15,
    b"9999," + b"x" * (10 << 20) + b"," * 15,
]
_BAD_JSON = [
    b'{"store_id": "9999", "register',
    b'{"store_id": {"id": "9999"}}',
    b'{"store_id": "9999", "amount": NaN}',
    b'["9999"]',
    b"9999",
    b'{"store_id": "\\ud800"}',
    b'{"store_id": "\\u0000"}',
    b"[" * 100_000,
    b'{"store_id": "\xff"}',
    b'{"store_id": "' + b"x" * (10 << 20) + b'"}',
]


def _numbered(rows: list[dict[str, str]], first: int) -> list[dict[str, str]]:
    return [
        {**_LINE, "line_number": str(place), **row}
        for place, row in enumerate(rows, first)
    ]


def _csv_lines(rows: list[dict[str, str]]) -> list[bytes]:
    sink = io.StringIO()
    csv.DictWriter(sink, list(_LINE), lineterminator="\n").writerows(rows)
    return sink.getvalue().encode().splitlines()


def purchases_csv() -> tuple[bytes, list[int], int]:
    """Writes a log.

    Returns:
      The file, the lines of it that are to be rejected, and how many lines it has.
    """
    good, bad = _numbered(_GOOD, 100), _numbered(_BAD, 200)
    again = [good[0], {**good[1], "amount": "7.77"}]
    lines = [",".join(_LINE).encode(), *_csv_lines(good), *_csv_lines(again)]
    first_bad = len(lines) + 1
    lines += [*_csv_lines(bad), *_BAD_BYTES]
    rejected = list(range(first_bad, len(lines) + 1))
    # What comes after the worst is read like what comes before.
    lines += _csv_lines(_numbered([{}], 900))
    return b"\xef\xbb\xbf" + b"\n".join(lines) + b"\n", rejected, len(lines) - 1


def purchases_jsonl() -> tuple[bytes, list[int], int]:
    """Writes a log as `purchases_csv` does, as JSON lines."""
    good, bad = _numbered(_GOOD[:6], 300), _numbered(_BAD, 400)
    many_names = {**_LINE, "line_number": "390"} | {f"k{i}": i for i in range(5_000)}
    lines = [*logs.as_json([*good, many_names]).splitlines()]
    first_bad = len(lines) + 1
    lines += [*logs.as_json(bad).splitlines(), *_BAD_JSON]
    rejected = list(range(first_bad, len(lines) + 1))
    lines += logs.as_json(_numbered([{}], 901)).splitlines()
    return b"\n".join(lines), rejected, len(lines)


def purchases_parquet() -> tuple[bytes, list[int], int]:
    """Writes a log as `purchases_csv` does, with types that can be read."""
    far = [2**62, 0, -(2**63)]
    noon = datetime.datetime(2026, 11, 21, 11, tzinfo=datetime.UTC)
    micros = int(noon.timestamp()) * 1_000_000
    count = 1 + len(far)
    columns = {
        name: pa.array([_LINE[name]] * count) for name in _LINE if name != "minimum_age"
    }
    columns["line_number"] = pa.array(range(500, 500 + count), pa.uint64())
    columns["paid_at"] = pa.array([micros, *far], pa.int64()).cast(
        pa.timestamp("us", "UTC")
    )
    columns["amount"] = pa.array(
        [decimal.Decimal("1.5")] * count, pa.decimal256(70, 20)
    )
    columns["minimum_age"] = pa.nulls(count)
    return logs.as_parquet(columns), list(range(2, count + 1)), count


def captures_csv(photos: list[str]) -> tuple[bytes, list[int], int]:
    """Writes what the controller says of some photos, and of none."""
    names = ("photo", "store_id", "register_id", "captured_at", "transaction_id")
    at = f"{DATE}T12:00:30+01:00"
    good = [[photo, STORE, "R1", at, ""] for photo in (*photos, photos[0], "gone.jpg")]
    bad = [
        ["", STORE, "R1", at, ""],
        [photos[0], STORE, "R1", "9999-12-31T23:59:59Z", ""],
        ["x" * 5_000, STORE, "R1", at, ""],
        [photos[0], STORE],
    ]
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows([names, *good, *bad])
    first_bad = len(good) + 2
    return (
        sink.getvalue().encode(),
        list(range(first_bad, first_bad + len(bad))),
        len(good + bad),
    )


def unreadable() -> dict[str, bytes]:
    """Files of a log that cannot be read as a whole: the run does not start."""
    whole = b",".join(name.encode() for name in _LINE) + b"\n"
    table = {name: pa.array([_LINE[name]]) for name in _LINE}
    parquet = logs.as_parquet(table)
    return {
        "utf-16.csv": whole.decode().encode("utf-16"),
        "latin-1.csv": "größe,".encode("latin-1") + whole,
        "semicolons.csv": whole.replace(b",", b";"),
        "wide.csv": b",".join(b"%d" % place for place in range(2_000)) + b"\n",
        "types.parquet": logs.as_parquet(table | {"amount": pa.array([True])}),
        "names.parquet": parquet.replace(b"cashier_id", b"\x80ashier_id"),
        "cut.parquet": parquet[:-20],
        "no-gzip.csv.gz": json.dumps(_LINE).encode(),
    }
