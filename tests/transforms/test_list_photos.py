import dataclasses
import os
import pathlib
import tarfile

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing import util

from pipelines.domain import counts
from pipelines.storage import inflight, kept, photo_files, roots
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
        scores=kept.KeptScores(
            warehouse=str(tmp_path / "out"), folder="kept", run_id="run"
        ),
        work_folder=str(tmp_path / "work"),
    )


def _generation(source, photo):
    folder = photo.rsplit("/", 1)[0] if "/" in photo else ""
    refs = photo_files.find_photos(roots.at(source.input_root), _DAY, folder).refs
    return next(ref.generation for ref in refs if ref.photo == photo)


def _keep_rows(source, generations):
    rows = _rows(generations)
    source.scores.write_chunk(rows)
    return rows


def _rows(generations):
    return pa.table(
        {
            "photo": list(generations),
            "generation": list(generations.values()),
            "face_status": ["none"] * len(generations),
            "reason": [None] * len(generations),
            "age_distribution": [None] * len(generations),
            "face_px": [None] * len(generations),
            "brightness": [None] * len(generations),
            "turned_degrees": [None] * len(generations),
        },
        schema=scored_photos.SCHEMA,
    )


def _expect(source, *, to_score, resumed=(), rejected=(), num_gone=0):
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
        totals = (
            listed.counts
            | "Total" >> beam.CombineGlobally(counts.total)
            | "Pair" >> beam.Map(lambda all: (all["photos_listed"], all["photos_gone"]))
        )
        num_listed = len(to_score) + len(resumed) + len(rejected)
        util.assert_that(totals, util.equal_to([(num_listed, num_gone)]), label="sums")


def _publish(source, rows):
    source.scores.write_used(rows)
    source.scores.adopt_used()


_ALL = ("d.jpg", "store=0001/a.jpg", "store=0001/b.jpg", "store=0002/c.jpg")


def test_lists_every_photo_once(source):
    _expect(source, to_score=_ALL)


def test_resumes_what_was_kept_of_the_same_bytes(source):
    same = "store=0001/a.jpg"
    changed = "store=0002/c.jpg"
    _keep_rows(source, {same: _generation(source, same), changed: "older"})
    _expect(source, to_score=[p for p in _ALL if p != same], resumed=[same])


def test_photos_that_are_gone_are_resumed_only_from_a_published_run(source):
    rows = _keep_rows(source, {"store=0001/gone.jpg": "1"})
    _expect(source, to_score=_ALL)
    _publish(source, rows)
    _expect(source, to_score=_ALL, resumed=["store=0001/gone.jpg"], num_gone=1)


def test_a_whole_store_that_is_gone_is_resumed(source):
    _publish(source, _rows({"store=0009/gone.jpg": "1"}))
    _expect(source, to_score=_ALL, resumed=["store=0009/gone.jpg"], num_gone=1)


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


def test_a_batch_right_below_the_day_is_resumed(source):
    batch = pathlib.Path(source.input_root, _DAY, "batch.tar")
    with tarfile.open(batch, "w") as tar:
        tar.addfile(tarfile.TarInfo("e.jpg"))
    everything = [*_ALL, "batch.tar/e.jpg"]
    _expect(source, to_score=everything)
    [ref] = photo_files.find_photos(roots.at(source.input_root), _DAY, "batch.tar").refs
    _publish(source, _rows({ref.photo: ref.generation}))
    _expect(source, to_score=_ALL, resumed=[ref.photo])


def test_a_fresh_run_reads_its_own_scores_alone(source):
    same, other = "store=0001/a.jpg", "store=0001/b.jpg"
    _publish(source, _rows({same: _generation(source, same)}))
    own = dataclasses.replace(source.scores, run_id="fresh", is_fresh=True)
    fresh = dataclasses.replace(source, scores=own)
    _expect(fresh, to_score=_ALL)
    _keep_rows(fresh, {other: _generation(source, other)})
    _expect(fresh, to_score=[p for p in _ALL if p != other], resumed=[other])
