import dataclasses

import pytest

from pipelines.reporting import answering, settings, spans
from tests import tiny_bundle
from tests.reporting import small_chains

_WANTED = settings.ReportConfig(
    warehouse="w",
    first_day=small_chains.FIRST,
    last_day=small_chains.FIRST,
    output="o",
    bootstrap_draws=20,
)


def _answer(folder, bundle, sales):
    root = folder / "w"
    root.mkdir()
    small_chains.publish_day(
        root, bundle, small_chains.FIRST, small_chains.sales_lines(), sales, "{}"
    )
    span = spans.read(str(root), _WANTED.first_day, _WANTED.last_day, _WANTED.level)
    return answering.answer(span, bundle, _WANTED)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, None),
        (
            {"cashier_id": None},
            "600 age-restricted sales carry no cashier's pseudonym (runs with "
            "--cashier-ids=omit) and are in no cashier's figures.",
        ),
        (
            {"cashier_id": None, "register_group": "self_checkout"},
            "600 age-restricted sales at self-checkouts have no cashier and are not "
            "part of the cashier audit.",
        ),
        (
            {"legal_age_years": 16},
            "600 age-restricted sales have another legal age than 18 (--legal-age); "
            "the estimate of sales to minors leaves them out.",
        ),
    ],
)
def test_what_a_reader_must_know_is_noted(changes, note, tmp_path):
    bundle = small_chains.make_bundle(tmp_path / "bundle")
    found = _answer(tmp_path, bundle, small_chains.restricted(**changes))
    assert found.notes == (() if note is None else (note,))


def test_a_model_that_tells_no_ages_apart_corrects_nothing(tmp_path):
    known = tiny_bundle.card().band_confusion
    size = len(known.counts)
    blind = dataclasses.replace(known, counts=((9,) * size,) * size)
    bundle = small_chains.make_bundle(tmp_path / "bundle", band_confusion=blind)
    found = _answer(tmp_path, bundle, small_chains.restricted())
    assert any("wider groups" in note for note in found.notes)
    assert set(found.age_group_affinity["corrected_index"].to_pylist()) == {None}
    assert found.offers.num_rows == 0


def test_a_day_without_a_restricted_sale_has_no_audit(tmp_path):
    bundle = small_chains.make_bundle(tmp_path / "bundle")
    found = _answer(tmp_path, bundle, [])
    assert found.cashier_audit.num_rows == 0
    assert found.restricted_sales_by_hour.num_rows == 0
    [row] = found.minors.to_pylist()
    assert row["num_sales"] == 0
