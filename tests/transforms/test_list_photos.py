import os

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing import util

from pipelines.storage import kept, photo_files, roots
from pipelines.supervision import inflight
from pipelines.transforms import list_photos
from schemas import scored_photos
from tests import builders

_DAY = "photos/date=2026-11-21"


@pytest.fixture
def source(tmp_path):
    for name in ("store=0001/a.jpg", "store=0001/b.jpg", "store=0002/c.jpg", "d.jpg"):
        path = tmp_path / "in" / _DAY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return list_photos.PhotoSource(
        input_root=str(tmp_path / "in"),
        day_folder=_DAY,
        scores=kept.KeptScores(warehouse=str(tmp_path / "out"), folder="kept"),
        work_folder=str(tmp_path / "work"),
    )


def _generation(source, photo):
    folder = photo.rsplit("/", 1)[0] if "/" in photo else ""
    refs = photo_files.find_photos(roots.at(source.input_root), _DAY, folder).refs
    return next(ref.generation for ref in refs if ref.photo == photo)


def _keep_rows(source, generations):
    source.scores.write_chunk(
        pa.table(
            {
                "photo": list(generations),
                "generation": list(generations.values()),
                "face_status": ["none"] * len(generations),
                "reason": [None] * len(generations),
                "age_distribution": [None] * len(generations),
                "face_px": [None] * len(generations),
                "brightness": [None] * len(generations),
            },
            schema=scored_photos.SCHEMA,
        )
    )


def _expect(source, *, to_score, resumed=(), rejected=()):
    with builders.pipeline() as root:
        listed = root | list_photos.ListPhotos(source)
        for name, collection, column, expected in (
            ("resumed", listed.resumed, "photo", resumed),
            ("rejected", listed.rejected, "source", rejected),
        ):
            found = collection | f"Column {name}" >> beam.FlatMap(
                lambda table, column=column: table[column].to_pylist()
            )
            util.assert_that(found, util.equal_to(list(expected)), label=name)
        photos = listed.to_score | "Photo" >> beam.Map(lambda ref: ref.photo)
        util.assert_that(photos, util.equal_to(list(to_score)), label="to score")
        total = (
            listed.counts
            | "Listed" >> beam.Map(lambda counts: counts["photos_listed"])
            | "Sum" >> beam.CombineGlobally(sum)
        )
        num_listed = len(to_score) + len(resumed) + len(rejected)
        util.assert_that(total, util.equal_to([num_listed]), label="listed")


_ALL = ("d.jpg", "store=0001/a.jpg", "store=0001/b.jpg", "store=0002/c.jpg")


def test_lists_every_photo_once(source):
    _expect(source, to_score=_ALL)


def test_resumes_what_was_kept_of_the_same_bytes(source):
    same = "store=0001/a.jpg"
    changed = "store=0002/c.jpg"
    _keep_rows(source, {same: _generation(source, same), changed: "older"})
    _expect(source, to_score=[p for p in _ALL if p != same], resumed=[same])


def test_photos_that_are_gone_are_resumed_only_from_a_published_run(source):
    _keep_rows(source, {"store=0001/gone.jpg": "1"})
    _expect(source, to_score=_ALL)
    source.scores.compact()
    _expect(source, to_score=_ALL, resumed=["store=0001/gone.jpg"])


def test_a_whole_store_that_is_gone_is_resumed(source):
    _keep_rows(source, {"store=0009/gone.jpg": "1"})
    source.scores.compact()
    _expect(source, to_score=_ALL, resumed=["store=0009/gone.jpg"])


def test_a_photo_kept_twice_is_resumed_once(source):
    same = "store=0001/a.jpg"
    generation = _generation(source, same)
    _keep_rows(source, {same: generation})
    _keep_rows(source, {same: generation})
    _expect(source, to_score=[p for p in _ALL if p != same], resumed=[same])


def test_a_photo_that_killed_two_workers_is_rejected(source):
    killer = "store=0001/b.jpg"
    os.makedirs(source.work_folder)
    inflight.add_strikes(source.work_folder, [killer])
    _expect(source, to_score=_ALL)
    inflight.add_strikes(source.work_folder, [killer])
    _expect(source, to_score=[p for p in _ALL if p != killer], rejected=[killer])


def test_says_what_there_is_to_do(source):
    same = "store=0001/a.jpg"
    _keep_rows(source, {same: _generation(source, same)})
    _expect(source, to_score=[p for p in _ALL if p != same], resumed=[same])
    listed = inflight.read_listed(source.work_folder, known={}).values()
    assert sum(folder.to_score for folder in listed) == 3
    assert sum(folder.resumed for folder in listed) == 1
