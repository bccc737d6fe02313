import os

import pyarrow as pa

from pipelines.storage import kept, roots
from schemas import scored_photos


def _rows(*photos, generation="1"):
    return pa.table(
        {
            "photo": list(photos),
            "generation": [generation] * len(photos),
            "face_status": ["none"] * len(photos),
            "reason": [None] * len(photos),
            "age_distribution": [None] * len(photos),
            "face_px": [None] * len(photos),
            "brightness": [None] * len(photos),
            "turned_degrees": [None] * len(photos),
        },
        schema=scored_photos.SCHEMA,
    )


def _scores(tmp_path):
    return kept.KeptScores(
        warehouse=str(tmp_path), folder=".tillage/kept/d/f", run_id="run"
    )


def test_chunks_come_back_as_written(tmp_path):
    scores = _scores(tmp_path)
    scores.write_chunk(_rows("a", "b"))
    [(table, is_published)] = list(scores.read())
    assert table.equals(_rows("a", "b"))
    assert not is_published


def test_nothing_kept_reads_as_nothing(tmp_path):
    assert list(_scores(tmp_path).read()) == []


def test_chunk_names_tell_their_rows(tmp_path):
    _scores(tmp_path).write_chunk(_rows("a", "b"))
    [entry] = roots.at(str(tmp_path / ".tillage/kept/d/f")).files("")
    assert entry.path.startswith("chunk-")
    assert entry.path.endswith("-2.arrow")


def test_adopting_leaves_what_the_published_run_used_and_nothing_else(tmp_path):
    scores = _scores(tmp_path)
    scores.write_chunk(_rows("a", "b", "never used"))
    scores.write_used(_rows("a", "b", generation="2"))
    assert [is_published for _, is_published in scores.read()] == [False]
    scores.adopt_used()
    [(table, is_published)] = list(scores.read())
    assert is_published
    assert table.equals(_rows("a", "b", generation="2"))
    assert len(os.listdir(tmp_path / ".tillage/kept/d/f")) == 1


def test_adopting_again_changes_nothing(tmp_path):
    scores = _scores(tmp_path)
    scores.write_used(_rows("a"))
    scores.adopt_used()
    before = os.listdir(tmp_path / ".tillage/kept/d/f")
    scores.adopt_used()
    assert os.listdir(tmp_path / ".tillage/kept/d/f") == before


def test_sweeping_leaves_what_is_whole(tmp_path):
    scores = _scores(tmp_path)
    scores.write_chunk(_rows("a"))
    whole = os.listdir(tmp_path / ".tillage/kept/d/f")
    scores.write_used(_rows("a"))
    (tmp_path / ".tillage/kept/d/f/.chunk-x.arrow.new").write_bytes(b"half")
    scores.sweep()
    assert os.listdir(tmp_path / ".tillage/kept/d/f") == whole


def test_of_two_rows_of_a_photo_the_last_stays():
    merged = kept.newest_rows([_rows("b", "a"), _rows("b", generation="2")])
    assert merged.select(["photo", "generation"]).to_pylist() == [
        {"photo": "a", "generation": "1"},
        {"photo": "b", "generation": "2"},
    ]
