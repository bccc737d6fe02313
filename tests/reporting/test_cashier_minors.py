import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.domain import cashier_audit, review_rules
from pipelines.reporting import cashier_minors, judging, settings, spans
from tests.reporting import small_chains

_NAMES = ("minor_sales", "minor_sales_low", "minor_sales_high")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    bundle = small_chains.make_bundle(tmp_path_factory.mktemp("bundles") / "tiny")
    root = small_chains.publish(tmp_path_factory.mktemp("chain") / "w", bundle)
    wanted = settings.ReportConfig(
        warehouse=str(root),
        first_day=small_chains.FIRST,
        last_day=small_chains.LAST,
        output="o",
        bootstrap_draws=40,
    )
    span = spans.read(str(root), wanted.first_day, wanted.last_day, "category")
    return judging.judge(span, bundle, wanted, np.random.default_rng(0))


@pytest.fixture(scope="module")
def audited(judged):
    days = (small_chains.LAST - small_chains.FIRST).days + 1
    rules = review_rules.ReviewRules(period_days=-(-days // 3))
    return cashier_audit.of_sales(
        judged.sales, small_chains.LAST, rules, small_chains.FIRST
    )


def test_bounds_hold_the_chains_where_none_is_identified(judged, audited):
    found = cashier_minors.added(audited.cashiers, judged)
    assert found.schema == audited.cashiers.schema
    assert pc.all(pc.is_null(found["minor_sales"])).as_py()
    assert pc.all(pc.is_null(found["minor_sales_low"])).as_py()
    total = pc.sum(found["minor_sales_high"]).as_py()
    assert judged.expected.high_sales <= total < judged.sales.num_rows
    others = [name for name in found.schema.names if name not in _NAMES]
    assert found.select(others) == audited.cashiers.select(others)


def test_identified_numbers_add_up_over_cashiers_and_periods(judged, audited):
    drawn = judged.expected.drawn_probabilities
    known = dataclasses.replace(
        judged,
        expected=dataclasses.replace(
            judged.expected, is_identified=True, probabilities=drawn.mean(axis=0)
        ),
    )
    bands = known.expected.bands_of(known.predicted_years)
    is_known = ~np.isnan(known.predicted_years)
    wanted = known.expected.probabilities[bands[is_known]].sum()
    whole = cashier_minors.added(audited.cashiers, known)
    parts = cashier_minors.added(audited.periods, known)
    for table in (whole, parts):
        assert pc.sum(table["minor_sales"]).as_py() == pytest.approx(wanted)
    is_ordered = pc.less_equal(whole["minor_sales_low"], whole["minor_sales_high"])
    assert pc.all(is_ordered).as_py()


def test_a_sale_without_a_cashier_is_nobodys(judged, audited):
    place = judged.sales.schema.get_field_index("cashier_id")
    field = judged.sales.schema.field(place)
    nobody = pa.nulls(judged.sales.num_rows, field.type)
    sales = judged.sales.set_column(place, field.with_nullable(True), nobody)
    found = cashier_minors.added(
        audited.cashiers, dataclasses.replace(judged, sales=sales)
    )
    assert pc.sum(found["minor_sales_high"]).as_py() == 0
