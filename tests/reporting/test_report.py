"""`tillage report` on a small chain: what it writes, and why it refuses."""

import json
import os
import pathlib
import re
import shutil

import pyarrow.parquet as pq
import pytest

from pipelines import report
from pipelines.reporting import publication, texts
from pipelines.storage import gcs
from tests import buckets, faults
from tests.reporting import small_chains, warehouses

_TABLES = tuple(texts.TABLES)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return small_chains.make_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="module")
def chain(bundle, tmp_path_factory):
    """Read, never written."""
    return small_chains.publish(tmp_path_factory.mktemp("chain") / "warehouse", bundle)


@pytest.fixture(scope="module")
def written(bundle, chain, tmp_path_factory):
    """A report of the chain; read, never written."""
    output = tmp_path_factory.mktemp("reports") / "autumn"
    assert report.main(small_chains.flags(chain, bundle, output)) == 0
    return output


@pytest.fixture
def own_chain(chain, tmp_path):
    return pathlib.Path(shutil.copytree(chain, tmp_path / "warehouse", symlinks=True))


def _rows(folder, table):
    return pq.read_table(folder / "parquet" / f"{table}.parquet").to_pylist()


def _contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _refused(capsys, flags):
    """Runs a report that must be refused; gives the one line that says why."""
    assert report.main(flags) == 2
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if line.startswith("tillage ")]
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.splitlines()[-1:] == lines
    return lines[0]


def test_all_files_are_there(written):
    assert set(_contents(written)) == {
        "report.json",
        publication.PAGE,
        publication.WORKBOOK,
        *(f"csv/{name}.csv" for name in _TABLES),
        *(f"parquet/{name}.parquet" for name in _TABLES),
    }


def test_record_names_settings_and_model(written, bundle):
    record = json.loads((written / "report.json").read_text())
    assert record["model"] == bundle.version
    assert record["settings"]["period_days"] == 1
    assert record["settings"]["first_day"] == str(small_chains.FIRST)
    assert record["eligible_probability"] == 0.5


def test_planted_cashier_is_up_for_review_and_nobody_else(written):
    to_review = {
        (row["store_id"], row["cashier_id"])
        for row in _rows(written, "cashier_audit")
        if row["needs_review"]
    }
    assert to_review == {(small_chains.STORES[0], small_chains.PLANTED)}


def test_preferences_lead_the_offers_and_beer_is_kept_from_the_young(written):
    offers = _rows(written, "offers")
    first = {row["age_group"]: row["category"] for row in offers if row["rank"] == 1}
    assert first["<25"] == "cola"
    assert first["65+"] == "tea"
    assert ("<25", "beer") not in {
        (row["age_group"], row["category"]) for row in offers
    }


def test_what_was_found_is_said(bundle, chain, tmp_path, capsys):
    assert report.main(small_chains.flags(chain, bundle, tmp_path / "out")) == 0
    said = capsys.readouterr().out
    assert re.search(r"^days +3 of 3 published$", said, re.MULTILINE)
    assert re.search(r"^cashiers to review +1 of 10$", said, re.MULTILINE)
    assert re.search(r"^report +.*out/report.html$", said, re.MULTILINE)


def test_days_judged_from_another_probability_are_judged_anew(
    own_chain, bundle, tmp_path, capsys
):
    # Who is about 21 years old looks younger than 25 with a probability of 0.96.
    nobody = {"eligible": False, "review_status": "not_eligible"}
    small_chains.publish_day(
        own_chain,
        bundle,
        small_chains.LAST,
        small_chains.sales_lines(),
        small_chains.restricted(**nobody),
        '{"joining": {"eligible_probability": 0.99}}',
    )
    output = tmp_path / "out"
    assert report.main(small_chains.flags(own_chain, bundle, output)) == 0
    assert {row["eligible_sales"] for row in _rows(output, "cashier_audit")} == {0}
    note = (
        "On 2026-11-02 to 2026-11-03, the nightly runs took a buyer for young-looking "
        "from a probability of 0.5; here all days are judged by the latest, 0.99."
    )
    assert note in capsys.readouterr().out
    record = json.loads((output / "report.json").read_text())
    assert record["eligible_probability"] == 0.99
    assert note in record["notes"]


def test_another_challenge_age_than_that_of_the_nights_is_noted(
    bundle, chain, tmp_path, capsys
):
    flags = small_chains.flags(chain, bundle, tmp_path / "out")
    assert report.main([*flags, "--challenge-age=60"]) == 0
    rows = _rows(tmp_path / "out", "cashier_audit")
    assert {row["eligible_sales"] for row in rows} == {3 * 60}
    said = capsys.readouterr().out
    assert "another challenge age (25) for some or all of these sales" in said
    assert "here all are judged by 60 (--challenge-age)" in said


def test_sales_of_another_legal_age_are_left_out_of_the_estimate_of_minors(
    own_chain, bundle, tmp_path, capsys
):
    small_chains.publish_day(
        own_chain,
        bundle,
        small_chains.LAST,
        small_chains.sales_lines(),
        small_chains.restricted(legal_age_years=16),
        "{}",
    )
    output = tmp_path / "out"
    flags = small_chains.flags(own_chain, bundle, output)
    assert report.main([*flags, f"--from={small_chains.LAST}"]) == 0
    [row] = _rows(output, "minors")
    assert row["num_sales"] == 0
    bounds = [row["minor_sales_high"] for row in _rows(output, "cashier_audit")]
    assert bounds == [0.0] * 10
    said = capsys.readouterr().out
    assert "600 age-restricted sales have another legal age than 18" in said


def test_same_seed_gives_the_same_bytes_and_another_does_not(
    written, bundle, chain, tmp_path
):
    flags = small_chains.flags(chain, bundle, tmp_path / "autumn")
    assert report.main(flags) == 0
    again = _contents(tmp_path / "autumn")
    first = _contents(written)
    for name in set(first) - {"report.json", publication.WORKBOOK}:
        assert again[name] == first[name], name
    assert report.main([*flags, "--seed=1"]) == 0
    other = _contents(tmp_path / "autumn")
    table = "parquet/age_group_affinity.parquet"
    assert other[table] != first[table]


def test_an_older_report_is_replaced_byte_for_byte(bundle, chain, tmp_path):
    flags = small_chains.flags(chain, bundle, tmp_path / "out")
    assert report.main(flags) == 0
    first = _contents(tmp_path / "out")
    assert report.main(flags) == 0
    assert _contents(tmp_path / "out") == first


def test_without_logs_of_checks_there_is_exposure_and_nobody_is_flagged(
    bundle, tmp_path
):
    warehouse = small_chains.publish(tmp_path / "w", bundle, is_logged=False)
    output = tmp_path / "out"
    assert report.main(small_chains.flags(warehouse, bundle, output)) == 0
    rows = _rows(output, "cashier_audit")
    assert {row["status"] for row in rows} == {"not_logged"}
    assert not any(row["needs_review"] for row in rows)
    assert {row["q_value"] for row in rows} == {None}
    assert min(row["exposure_under_challenge_age"] for row in rows) > 0
    page = (output / publication.PAGE).read_text()
    assert "exposure only" in page
    assert "Nobody is flagged" in page


def _no_table(name):
    def remove(root):
        shutil.rmtree(root / name)

    return remove


def _damaged(table):
    def damage(root):
        path = warehouses.published_file(root, table, small_chains.FIRST)
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-40])

    return damage


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shutil.rmtree, "warehouse/marketing/demand_total: not there; name the folder"),
        (
            _no_table("audit"),
            "warehouse/audit/restricted_sales/date=2026-11-02: no files, although the "
            "day is published; run tillage score for 2026-11-02 again",
        ),
        (
            _no_table("marketing/demand_by_category"),
            "demand_by_category/date=2026-11-02: no files",
        ),
        (_no_table("runs"), "warehouse/runs: not there"),
        (
            _damaged("marketing/demand_total"),
            "damaged or not readable; run tillage score for 2026-11-02 again",
        ),
        (_damaged("audit/restricted_sales"), "damaged or not readable"),
    ],
    ids=["warehouse", "audit", "demand", "runs", "demand damaged", "audit damaged"],
)
def test_a_warehouse_that_cannot_be_read_is_refused_in_one_line(
    change, message, own_chain, bundle, tmp_path, capsys
):
    change(own_chain)
    flags = small_chains.flags(own_chain, bundle, tmp_path / "out")
    assert message in _refused(capsys, flags)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        (
            "--to=2026-11-01",
            "--to must not be before the first day, 2026-11-02; received 2026-11-01",
        ),
        ("--groups=18,25", "--groups must be 1 to 7 rising multiples of 5"),
        ("--groups=45,25", "--groups must be 1 to 7 rising multiples of 5"),
        (
            "--legal-age=27",
            "this bundle was not calibrated at a legal age of 27 years; give "
            "--legal-age one of 15, 16, 17, 18,",
        ),
        ("--bundle=nowhere", "nowhere: no model bundle here"),
        ("--nope", "unknown flag --nope"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_in_one_line(
    flag, message, chain, bundle, tmp_path, capsys
):
    flags = [*small_chains.flags(chain, bundle, tmp_path / "out"), "--challenge-age=30"]
    assert message in _refused(capsys, [*flags, flag])
    assert not (tmp_path / "out").exists()


def test_a_span_without_a_published_day_is_refused_with_those_that_are(
    chain, bundle, tmp_path, capsys
):
    flags = small_chains.flags(chain, bundle, tmp_path / "out")
    said = _refused(capsys, [*flags, "--from=2027-01-01", "--to=2027-01-31"])
    assert "no day from 2027-01-01 to 2027-01-31 is published" in said
    assert "published are 2026-11-02 to 2026-11-04" in said


def test_days_of_several_models_are_refused(own_chain, bundle, tmp_path, capsys):
    other = small_chains.make_bundle(tmp_path / "other", name="other")
    small_chains.publish_day(
        own_chain, other, small_chains.LAST, small_chains.sales_lines(), [], "{}"
    )
    flags = small_chains.flags(own_chain, bundle, tmp_path / "out")
    said = _refused(capsys, flags)
    assert "several models scored these days" in said
    assert "other@" in said


def test_another_bundle_than_the_one_that_scored_is_refused(chain, tmp_path, capsys):
    other = small_chains.make_bundle(tmp_path / "other", name="other")
    said = _refused(capsys, small_chains.flags(chain, other, tmp_path / "out"))
    assert "these days were not scored by this bundle, other@" in said
    assert "give --bundle the folder of tiny@" in said


def test_groups_that_the_bundle_has_no_photo_of_are_refused(tmp_path, capsys):
    card = small_chains.make_bundle(tmp_path / "whole").card.band_confusion
    counts = [list(row) for row in card.counts]
    for row in counts:
        row[-1] = 0
    narrow = type(card)(
        bounds_years=card.bounds_years,
        counts=tuple(map(tuple, counts)),
        weights=card.weights,
    )
    bundle = small_chains.make_bundle(tmp_path / "narrow", band_confusion=narrow)
    warehouse = small_chains.publish(tmp_path / "w", bundle, days=1)
    flags = small_chains.flags(warehouse, bundle, tmp_path / "out")
    said = _refused(capsys, [*flags, "--groups=25,95"])
    assert "shows the age group 95+; give --groups with wider groups" in said


def test_a_folder_that_is_no_report_is_kept(chain, bundle, tmp_path, capsys):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "love.txt").write_text("x")
    said = _refused(capsys, small_chains.flags(chain, bundle, tmp_path / "letters"))
    assert "letters: holds something else than a report" in said
    assert (tmp_path / "letters" / "love.txt").read_text() == "x"


def test_an_output_below_a_file_is_refused(chain, bundle, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    said = _refused(
        capsys, small_chains.flags(chain, bundle, tmp_path / "file" / "out")
    )
    assert "cannot be made: " in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_that_may_not_be_written_is_refused(chain, bundle, tmp_path, capsys):
    (tmp_path / "locked").mkdir(mode=0o500)
    flags = small_chains.flags(chain, bundle, tmp_path / "locked" / "out")
    assert "this user may not write to" in _refused(capsys, flags)


def test_a_report_in_a_bucket_has_the_files_of_one_on_disk(
    written, bundle, chain, bucket, tmp_path, capsys
):
    place = f"gs://{bucket.name}/reports/autumn"
    assert report.main(small_chains.flags(chain, bundle, f"{place}/")) == 0
    assert f"{place}/{publication.PAGE}" in capsys.readouterr().out
    copy = buckets.download(bucket, tmp_path / "copy") / "reports" / "autumn"
    found, wanted = _contents(copy), _contents(written)
    assert set(found) == set(wanted)
    for name in set(wanted) - {"report.json", publication.WORKBOOK}:
        assert found[name] == wanted[name], name
    assert {
        pathlib.Path(blob.name).suffix: blob.content_type
        for blob in bucket.list_blobs()
    } == {
        ".csv": "text/csv; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".json": "application/json",
        ".parquet": "application/vnd.apache.parquet",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }


def test_a_bucket_that_is_not_there_or_closed_is_refused_in_one_line(
    emulator, bucket, bundle, chain, capsys, monkeypatch
):
    flags = small_chains.flags(chain, bundle, "gs://tests-nowhere/reports")
    assert "gs://tests-nowhere: no such bucket" in _refused(capsys, flags)
    with faults.closed(emulator.address) as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        gcs.client.cache_clear()
        flags = small_chains.flags(chain, bundle, f"gs://{bucket.name}/reports")
        assert "access refused; this account needs the role Storage Object User" in (
            _refused(capsys, flags)
        )
    assert list(bucket.list_blobs()) == []
