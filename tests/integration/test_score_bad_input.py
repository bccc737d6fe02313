"""What a user can get wrong: one clear line, exit code 2, nothing published."""

import gzip
import os
import pathlib
import shutil

import pandas as pd
import pytest

from pipelines.inference import bundle
from tests.integration import commands

pytestmark = pytest.mark.slow

_HEADER = (
    "store_id,register_id,transaction_id,started_at,paid_at,line_number,product_id,"
    "quantity,amount,currency\n"
)
_NAIVE = "0009,R01,1,2026-11-21 10:00:00,2026-11-21 10:01:00,1,P,1,2.00,EUR\n"


def _purchases(tills):
    return tills / "purchases" / f"date={commands.DATE}"


def _no_photos(tills):
    shutil.rmtree(tills / "photos")


def _no_purchases(tills):
    shutil.rmtree(tills / "purchases")


def _empty_log(tills):
    for path in _purchases(tills).iterdir():
        path.unlink()
    (_purchases(tills) / "a.csv").write_text(_HEADER)


def _missing_column(tills):
    (_purchases(tills) / "z.csv").write_text("store_id,register_id\n1,2\n")


def _wrong_type(tills):
    path = _purchases(tills) / "z.parquet"
    columns = _HEADER.strip().split(",")
    pd.DataFrame([dict.fromkeys(columns, 1.5)]).to_parquet(path)


def _naive_time(tills):
    (_purchases(tills) / "z.csv").write_text(_HEADER + _NAIVE)


def _cut_gzip(tills):
    whole = gzip.compress((_HEADER + _NAIVE * 99).encode())
    (_purchases(tills) / "z.csv.gz").write_bytes(whole[:-9])


def _not_parquet(tills):
    (_purchases(tills) / "z.parquet").write_text("not at all")


def _file_in_the_way(tills):
    shutil.rmtree(tills)
    tills.write_text("a file")


def _empty_stores(tills):
    (tills / "stores.csv").write_text("")


def _unknown_zone(tills):
    (tills / "stores.csv").write_text("store_id,timezone\n0001,Mars/Olympus\n")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shutil.rmtree, "no such folder"),
        (_file_in_the_way, "not a folder"),
        (_empty_stores, "stores.csv"),
        (_no_photos, f"no photos for {commands.DATE}"),
        (_no_purchases, f"no purchase log for {commands.DATE}"),
        (_empty_log, "is empty"),
        (_missing_column, "transaction_id"),
        (_wrong_type, "store_id"),
        (_naive_time, "--timezone"),
        (_cut_gzip, "damaged gzip"),
        (_not_parquet, "damaged Parquet"),
        (_unknown_zone, "Mars/Olympus"),
    ],
)
def test_bad_input_is_one_clear_line(own_tills, tmp_path, spoil, words):
    spoil(own_tills)
    _expect_refusal(commands.score(own_tills, tmp_path / "warehouse"), words)
    assert commands.published(tmp_path / "warehouse") == {}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--wrokers=3"], "unknown flag --wrokers"),
        (["--eligible-probability=2"], "--eligible-probability must be"),
        (["--min-face-px=-1"], "--min-face-px must be"),
        (["--input="], "--input must not be empty"),
        (["foo"], "unexpected argument foo"),
        (["--runner=Bogus"], "--runner Bogus"),
        (["--bundle=/nowhere"], "/nowhere"),
        (["--pseudonym-key-file=/nowhere"], "/nowhere"),
        (["--output=gs://bucket"], "gs://"),
    ],
)
def test_bad_flag_is_one_clear_line(tills, tmp_path, flags, words):
    _expect_refusal(commands.score(tills, tmp_path, *flags), words)


def test_no_key_is_one_clear_line(tills, tmp_path):
    flags = commands.score_flags(tills, tmp_path)
    ended = commands.tillage(*flags, TILLAGE_PSEUDONYM_KEY="")
    _expect_refusal(ended, "--cashier-ids=omit")


def test_short_key_is_one_clear_line(tills, tmp_path):
    flags = commands.score_flags(tills, tmp_path)
    ended = commands.tillage(*flags, TILLAGE_PSEUDONYM_KEY="short")
    _expect_refusal(ended, "at least 16 bytes")


def test_damaged_bundle_is_one_clear_line(tills, tmp_path):
    copy = tmp_path / "bundle"
    shutil.copytree(bundle.default_folder(), copy)
    model = copy / bundle.MODEL_BIN
    changed = bytearray(model.read_bytes())
    changed[len(changed) // 2] ^= 1
    model.write_bytes(changed)
    ended = commands.score(tills, tmp_path / "warehouse", f"--bundle={copy}")
    _expect_refusal(ended, "damaged or changed")


def test_output_that_cannot_be_written_is_one_clear_line(tills, tmp_path):
    (tmp_path / "file").write_text("in the way")
    ended = commands.score(tills, tmp_path / "file" / "warehouse")
    _expect_refusal(ended, "cannot write")


def test_no_job_and_unknown_job():
    assert commands.tillage().code == 2
    unknown = commands.tillage("scores")
    assert unknown.code == 2
    assert "no job named 'scores'" in unknown.stderr


@pytest.mark.parametrize("job", ["score", "sample-day", "train"])
def test_help_names_units_defaults_and_an_example(job):
    ended = commands.tillage(job, "--help")
    assert ended.code == 0
    assert "default" in ended.stdout
    assert f"tillage {job} " in ended.stdout.split("example", 1)[1]


def _expect_refusal(ended, words):
    assert ended.code == 2
    [line] = ended.stderr.splitlines()
    assert line.startswith("tillage score: ")
    assert words in line


_PHOTOS = f"photos/date={commands.DATE}/store=0001"


@pytest.fixture(scope="module")
def spoilt(tills, tmp_path_factory) -> tuple[pathlib.Path, pathlib.Path]:
    """A day with one input of each bad kind, and its warehouse."""
    folder = tmp_path_factory.mktemp("spoilt")
    day = pathlib.Path(shutil.copytree(tills, folder / "tills"))
    photo = next(
        path
        for path in sorted((day / _PHOTOS).glob("R01_*.jpg"))
        if path.stat().st_size > 10_000
    )
    encoded = photo.read_bytes()
    for name, content in {
        "R01_20261121T100000001Z.jpg": encoded[: len(encoded) // 2],
        "R01_20261121T100000002Z.jpg": b"this is text",
        "R01_20261121T100000003Z.jpg": b"",
        "holiday.jpg": encoded,
        "notes.txt": b"not a photo",
    }.items():
        (day / _PHOTOS / name).write_bytes(content)
    (_purchases(day) / "z.csv").write_text(
        _HEADER
        + _NAIVE.replace("0009", "0001").replace(",2.00,", ",two,")
        + "0001,R01\n"
    )
    warehouse = folder / "warehouse"
    ended = commands.score(day, warehouse, "--max-rejected-fraction=0.1")
    assert ended.code == 0, ended.stderr
    return day, warehouse


@pytest.mark.parametrize(
    ("stage", "source", "reason"),
    [
        ("decode", "store=0001/R01_20261121T100000001Z.jpg", ""),
        ("decode", "store=0001/R01_20261121T100000002Z.jpg", ""),
        ("decode", "store=0001/R01_20261121T100000003Z.jpg", ""),
        ("attribute", "store=0001/holiday.jpg", "holiday.jpg"),
        ("list", "store=0001/notes.txt", "neither a photo"),
        ("purchases", f"purchases/date={commands.DATE}/z.csv:2", "'aaa'"),
        ("purchases", f"purchases/date={commands.DATE}/z.csv:3", ""),
    ],
)
def test_each_bad_input_is_one_rejection(spoilt, stage, source, reason):
    rows = pd.read_parquet(spoilt[1] / "rejections")
    [row] = rows[rows["source"] == source].to_dict("records")
    assert row["stage"] == stage
    assert reason in row["reason"]
    assert row["reason"]


def test_the_rest_of_a_spoilt_day_is_as_without_it(spoilt, scored):
    bad = os.path.join("store=0001", "R01_20261121T10000000")
    spoilt_photos = pd.read_parquet(spoilt[1] / "scores" / "photo_ages")
    others = spoilt_photos[~spoilt_photos["photo"].str.startswith(bad)]
    expected = pd.read_parquet(scored / "scores" / "photo_ages")
    pd.testing.assert_frame_equal(others.reset_index(drop=True), expected)


def test_too_many_rejections_refuse_the_day(spoilt, tmp_path):
    strict = ["--max-rejected-fraction=0.001", "--detailed-exit-codes"]
    ended = commands.score(spoilt[0], tmp_path, *strict)
    assert ended.code == 3
    assert "too many rejected" in ended.stdout
    assert commands.published(tmp_path) == {}
    [run] = pd.read_parquet(tmp_path / "runs").to_dict("records")
    assert not run["is_published"]
    assert "too many rejected" in run["refusal"]
