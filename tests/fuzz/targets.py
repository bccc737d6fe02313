"""What is tried with inputs made at random, and what must hold for each of them."""

import contextlib
import dataclasses
import functools
import io
import json
import pathlib
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from pipelines.domain import (
    captures,
    columns,
    faces,
    file_names,
    joining,
    local_times,
    photos,
    purchase_lines,
    receipts,
    rejections,
    row_layouts,
    stores,
)
from pipelines.inference import bundle, preparation
from pipelines.storage import photo_files, raw_rows, roots, tabular
from schemas import bundle as bundle_schema
from schemas import scored_photos, tables
from tests import tiny_bundle
from tests.domain import days
from tests.fuzz import batches, logs, pictures


@dataclasses.dataclass(frozen=True)
class Target:
    """A part of the job, fed from outside.

    Attributes:
      inputs: What it is given.
      check: Raises what is not the part's own error, or that something else holds.
    """

    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]


MOST_PIXELS = 20_000
"""Stands for `photos.MAX_PIXELS`: a header that hides its size then shows."""


def _decode(encoded: bytes) -> None:
    limit, photos.MAX_PIXELS = photos.MAX_PIXELS, MOST_PIXELS
    try:
        for least_px in (None, 16):
            with contextlib.suppress(photos.UnusablePhotoError):
                rgb, divisor = photos.decode_shrunk(encoded, least_px)
                assert rgb.dtype == np.uint8
                assert rgb.ndim == 3
                assert rgb.shape[2] == 3
                assert rgb.shape[0] * rgb.shape[1] * divisor <= MOST_PIXELS
    finally:
        photos.MAX_PIXELS = limit


@functools.cache
def _preparer() -> preparation.Preparer:
    return preparation.Preparer(faces.FaceSettings(), 32)


def _prepare(encoded: bytes) -> None:
    limit, photos.MAX_PIXELS = photos.MAX_PIXELS, MOST_PIXELS
    try:
        with contextlib.suppress(photos.UnusablePhotoError):
            prepared = _preparer().prepare(encoded)
            assert (prepared.face is not None) == (prepared.status == "ok")
    finally:
        photos.MAX_PIXELS = limit


_DAY_FOLDER = "photos/date=2026-11-21"


def _list_batch(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder, _DAY_FOLDER, "store=1")
        store.mkdir(parents=True)
        (store / "b.tar").write_bytes(content)
        root = roots.at(folder)
        found = photo_files.find_photos(root, _DAY_FOLDER, "store=1")
        names = [ref.photo for ref in found.refs]
        assert len(names) == len(set(names))
        for ref in found.refs:
            assert "\0" not in ref.photo
            assert ".." not in ref.photo.split("/")
            assert len(root.read(ref.file, ref.offset, ref.size)) == ref.size
        rejections.to_table(found.rejections)
        # Members, or else a word on why there are none.
        assert found.refs or found.rejections or _has_no_members(content)


def _has_no_members(content: bytes) -> bool:
    return set(content[:512]) <= {0} or content[156:157] in b"5\0x"


_NAMES = st.lists(
    st.text(max_size=40)
    | st.builds(
        "{}{}_{}T{}{}Z{}{}".format,
        st.sampled_from(["", "store=1/", "store=é/b.tar/", "store=/"]),
        st.text(max_size=5),
        st.sampled_from(["20261121", "00000101", "99991231", "20260230", "99999999"]),
        st.sampled_from(["174512", "240000", "000060", "235959"]),
        st.sampled_from(["", "345", "345678", "1234567"]),
        st.sampled_from(["", "_T1", "_T", "_T\n", "_T" + "9" * 200]),
        st.sampled_from([".jpg", ".JPEG", ".webp", ".png\n", ""]),
    ),
    max_size=5,
)


def _read_names(names: list[str]) -> None:
    found = file_names.parse_photo_names(pa.array(names, pa.string())).to_pylist()
    assert len(found) == len(names)
    for name, row in zip(names, found, strict=True):
        assert (row["register_id"] is None) == (row["captured_at_utc"] is None)
        assert row["register_id"] is None or row["register_id"] in name
        file_names.explain(name).encode()


_ZONES = (
    local_times.StoreZones(),
    local_times.StoreZones(default="Europe/Berlin"),
    local_times.StoreZones(by_store={"0001": "Pacific/Apia"}, default="UTC"),
)


def _parsers(zones: local_times.StoreZones) -> dict[str, Callable[..., Any]]:
    rules = purchase_lines.LineRules(day=days.DAY, zones=zones)
    return {
        "purchases": functools.partial(purchase_lines.parse, rules=rules),
        "captures": functools.partial(captures.parse, zones=zones),
    }


def _checked(
    log: str, name: str, content: bytes, zones: local_times.StoreZones
) -> list[row_layouts.CheckedRows]:
    known = logs.COLUMNS[log]
    parse = _parsers(zones)[log]
    checked = []
    with contextlib.suppress(
        raw_rows.BadFileError, columns.MissingColumnError, columns.ColumnTypeError
    ):
        for raw in tabular.read(io.BytesIO(content), name, known):
            good = parse(raw.table, name, raw.source_rows)
            assert good.rows.num_rows + len(good.rejections) == raw.table.num_rows
            rejections.to_table(good.rejections)
            checked.append(good)
    return checked


def _read_log(log: str, name: str, given: tuple[bytes, int]) -> None:
    content, zone = given
    for good in _checked(log, name, content, _ZONES[zone]):
        if log == "purchases":
            _settle(good.rows)


def _settle(lines: pa.Table) -> receipts.Receipts:
    settled = receipts.gather(lines)
    assert lines.num_rows == (
        settled.lines.num_rows + settled.num_duplicate + settled.num_superseded
    )
    return settled


def _log_target(log: str, suffix: str) -> Target:
    inputs = st.tuples(logs.files(log, suffix), st.integers(0, len(_ZONES) - 1))
    return Target(inputs, functools.partial(_read_log, log, f"{log}/x{suffix}"))


_PHOTOS = pa.Table.from_pylist(
    [
        {
            "photo": photo,
            "generation": "1",
            "face_status": status,
            "reason": "is empty" if status == "undecodable" else None,
            "age_distribution": days.weights(30) if status == "ok" else None,
            "face_px": None,
            "brightness": None,
            "turned_degrees": None,
        }
        for photo, status in [
            ("a.jpg", "ok"),
            ("store=0001/a.jpg", "ok"),
            ("store=0002/b.jpg", "none"),
            ("store=0001/R1_20261121T100010Z_T1.jpg", "ok"),
            ("store=0001/R1_20261121T100020Z.jpg", "undecodable"),
        ]
    ],
    schema=scored_photos.SCHEMA,
)


def _join(given: tuple[bytes, bytes]) -> None:
    told, bought = (
        [part.rows for part in _checked(log, f"{log}/x.csv", content, _ZONES[1])]
        for log, content in zip(("captures", "purchases"), given, strict=True)
    )
    if not told or not bought:
        return
    attributed = captures.attribute(_PHOTOS, pa.concat_tables(told))
    lines = pa.concat_tables(bought)
    joined = joining.join(attributed.photos, lines, days.SETTINGS, days.SECRET)
    for table in tables.PUBLISHED:
        if table.folder in joined.tables:
            rows = joined.tables[table.folder]
            rows.validate(full=True)
            assert rows.schema.equals(table.schema)
    counts = joined.counts
    assert lines.num_rows == sum(
        counts[name] for name in ("lines_out", "lines_duplicate", "lines_superseded")
    )
    is_scored = [row["reason"] is None for row in attributed.photos.to_pylist()]
    assert sum(is_scored) == sum(
        counts[f"photos_{what}"]
        for what in ("matched", "unmatched", "ambiguous", "without_face")
    )
    num_known = attributed.photos.num_rows + len(attributed.rejections)
    assert num_known in (_PHOTOS.num_rows, _PHOTOS.num_rows - 1)


def _read_stores(content: bytes) -> None:
    with contextlib.suppress(raw_rows.BadFileError, stores.StoresError):
        batches = [raw.table for raw in tabular.read(io.BytesIO(content), stores.FILE)]
        if batches:
            stores.parse(pa.concat_tables(batches), None)


_STORES = b"store_id,timezone\n0001,Europe/Berlin\n0002,UTC\n"


@functools.cache
def _card() -> dict[str, Any]:
    listed = dict.fromkeys(bundle.REQUIRED, "0" * 64)
    card: dict[str, Any] = json.loads(tiny_bundle.card(files=listed).to_json())
    return card


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def _cards(draw: Callable[..., Any]) -> bytes:
    card = json.loads(json.dumps(_card()))
    for _ in range(draw(st.integers(0, 3))):
        place = card
        while True:
            key = draw(st.sampled_from(sorted(place)))
            if (
                not isinstance(place[key], dict)
                or not place[key]
                or draw(st.booleans())
            ):
                break
            place = place[key]
        place[key] = draw(_JSON | st.sampled_from(["../up", "a" * 64, -1, 1e400]))
    return json.dumps(card).encode()


def _open_bundle(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, bundle_schema.FILE_NAME).write_bytes(content)
        with contextlib.suppress(bundle.BundleError):
            bundle.load(folder)
            raise AssertionError("none of its files is there")


ALL = {
    **{
        f"decode {kind}": Target(pictures.all_of(kind), _decode)
        for kind in pictures.SEEDS
    },
    "find faces": Target(
        st.one_of(*(pictures.all_of(kind) for kind in pictures.SEEDS)), _prepare
    ),
    "list tars": Target(batches.ALL, _list_batch),
    "read file names": Target(_NAMES, _read_names),
    **{
        f"read {log}{suffix}": _log_target(log, suffix)
        for log in logs.COLUMNS
        for suffix in (".csv", ".jsonl", ".parquet")
    },
    "join": Target(
        st.tuples(logs.files("captures", ".csv"), logs.files("purchases", ".csv")),
        _join,
    ),
    "read stores.csv": Target(pictures.changed([_STORES]), _read_stores),
    "open bundles": Target(
        _cards() | pictures.changed([json.dumps(_card()).encode()]), _open_bundle
    ),
}
"""By what they do; docs/hostile-input.md has what a long run of each gave."""
