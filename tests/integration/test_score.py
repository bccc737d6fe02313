"""The nightly job on rendered days: what it finds, and that it stays the same."""

import collections
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipelines.domain import pseudonyms
from schemas import runs, tables
from tests.integration import commands

pytestmark = pytest.mark.slow


def _truth(tills, name):
    return pd.read_parquet(tills / "truth" / f"date={commands.DATE}" / name)


def _run(warehouse):
    return pd.read_parquet(warehouse / "runs").sort_values("run_id").iloc[-1]


@pytest.fixture(scope="module")
def photos(tills, scored):
    ages = pd.read_parquet(scored / "scores" / "photo_ages")
    return ages.merge(
        _truth(tills, "photos.parquet"), on="photo", suffixes=("", "_true")
    )


def test_every_table_has_its_schema_and_its_order(scored):
    for table in tables.PUBLISHED:
        [path] = (scored / table.folder).glob("*/*.parquet")
        rows = pq.ParquetFile(path).read()
        assert rows.schema.equals(table.schema), table.folder
        assert rows.equals(rows.sort_by([(key, "ascending") for key in table.sort_by]))
        assert rows.num_rows, table.folder


def test_a_finished_day_keeps_its_lock_and_its_scores_alone(scored):
    state = scored / ".tillage"
    files = [path.relative_to(state) for path in state.rglob("*") if path.is_file()]
    assert sorted(path.parts[0] for path in files) == ["kept", "locks"]


def test_counts_balance_and_agree_with_the_truth(tills, scored):
    run = _run(scored)
    assert set(runs.COUNTS) < set(run.index)
    assert run["is_published"]
    assert run["photos_listed"] == len(_truth(tills, "photos.parquet"))
    assert run["photos_listed"] == (
        run["photos_scored"] + run["photos_resumed"] + run["photos_rejected"]
    )
    assert run["photos_scored"] == (
        run["photos_matched"]
        + run["photos_unmatched"]
        + run["photos_ambiguous"]
        + run["photos_without_face"]
    )
    assert run["photos_rejected"] == 1
    assert (run["lines_rejected"], run["lines_duplicate"]) == (1, 1)
    assert run["transactions"] == len(_truth(tills, "transactions.parquet"))


def test_matches_are_right_and_nearly_all_are_found(photos):
    matched = photos.dropna(subset=["transaction_id"])
    is_right = matched["transaction_id"] == matched["transaction_id_true"]
    assert is_right.mean() >= 0.995
    has_face = photos["is_matchable"] & (photos["face_status"] == "ok")
    assert photos.loc[has_face, "transaction_id"].notna().mean() >= 0.97


def test_ages_follow_the_truth(photos):
    shoppers = photos[(photos["kind"] == "shopper") & (photos["face_status"] == "ok")]
    error = (shoppers["age_years"] - shoppers["true_age_years"]).abs()
    always_the_mean = (
        shoppers["true_age_years"] - shoppers["true_age_years"].mean()
    ).abs()
    assert error.mean() < 0.6 * always_the_mean.mean()


def test_a_photo_without_a_usable_face_has_its_status(photos):
    assert set(photos.loc[photos["kind"] == "empty", "face_status"]) <= {"none"}
    broken = photos[photos["kind"] == "truncated"]
    assert set(broken["face_status"]) == {"undecodable"}
    assert photos.loc[photos["face_status"] != "ok", "age_years"].isna().all()


def test_the_clock_that_is_off_is_found(tills, scored):
    plan = json.loads((tills / "truth" / "plan.json").read_text())
    offsets = {
        f"{store['store_id']}/{register['register_id']}": register
        for store in _run(scored)["store_health"]
        for register in store["registers"]
    }
    for register, seconds in plan["camera_minus_till_seconds"].items():
        assert offsets[register]["clock_status"] == "corrected"
        assert abs(offsets[register]["clock_offset_seconds"] - seconds) < 20


def test_cashiers_are_counted_under_their_pseudonyms(tills, scored):
    lines = _truth(tills, "transactions.parquet")
    days = pd.read_parquet(scored / "audit" / "cashier_days")
    keyed = pseudonyms.Pseudonyms(commands.KEY.encode())
    restricted = lines[lines["is_restricted"] & ~lines["is_mixed"]]
    expected = collections.Counter(
        keyed.cashier(store, cashier)
        for store, cashier in restricted[["store_id", "cashier_id"]].itertuples(
            index=False
        )
        if isinstance(cashier, str)
    )
    found = days.groupby("cashier_id")["restricted_sales"].sum()
    assert found.to_dict() == dict(expected)


@pytest.mark.parametrize("num_workers", [1, 3])
def test_number_of_workers_changes_no_byte(tills, scored, tmp_path, num_workers):
    ended = commands.score(tills, tmp_path, f"--workers={num_workers}")
    assert ended.code == 0, ended.stderr
    assert "INFO" not in ended.stderr
    assert "WARNING" not in ended.stderr
    assert commands.published(tmp_path) == commands.published(scored)


def test_a_second_run_resumes_everything_and_changes_no_byte(tills, scored, tmp_path):
    for _ in range(2):
        ended = commands.score(tills, tmp_path)
        assert ended.code == 0, ended.stderr
    run = _run(tmp_path)
    assert run["photos_scored"] == 0
    assert run["photos_resumed"] == _run(scored)["photos_scored"]
    assert commands.published(tmp_path) == commands.published(scored)
    assert len(pd.read_parquet(tmp_path / "runs")) == 2
    ended = commands.score(tills, tmp_path, "--fresh")
    assert ended.code == 0, ended.stderr
    assert _run(tmp_path)["photos_resumed"] == 0
    assert commands.published(tmp_path) == commands.published(scored)
