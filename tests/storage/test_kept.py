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
        },
        schema=scored_photos.SCHEMA,
    )


def _scores(tmp_path):
    return kept.KeptScores(warehouse=str(tmp_path), folder=".tillage/kept/d/f")


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


def test_compacting_leaves_one_file_with_the_latest_score_of_each_photo(tmp_path):
    scores = _scores(tmp_path)
    scores.write_chunk(_rows("b", "a"))
    scores.compact()
    scores.write_chunk(_rows("b", "c", generation="2"))
    scores.compact()
    [(table, is_published)] = list(scores.read())
    assert is_published
    assert table.select(["photo", "generation"]).to_pylist() == [
        {"photo": "a", "generation": "1"},
        {"photo": "b", "generation": "2"},
        {"photo": "c", "generation": "2"},
    ]


def test_compacting_again_changes_nothing(tmp_path):
    scores = _scores(tmp_path)
    scores.write_chunk(_rows("a"))
    scores.compact()
    before = sorted((tmp_path / ".tillage/kept/d/f").iterdir())
    scores.compact()
    assert sorted((tmp_path / ".tillage/kept/d/f").iterdir()) == before


def test_forgetting_leaves_nothing(tmp_path):
    scores = _scores(tmp_path)
    scores.write_chunk(_rows("a"))
    scores.forget()
    assert list(scores.read()) == []
