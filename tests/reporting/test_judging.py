import dataclasses

import numpy as np
import pyarrow.compute as pc
import pytest

from pipelines.reporting import judging, settings, spans
from tests.reporting import small_chains

_WANTED = settings.ReportConfig(
    warehouse="w",
    first_day=small_chains.FIRST,
    last_day=small_chains.LAST,
    output="o",
    bootstrap_draws=40,
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return small_chains.make_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="module")
def span(bundle, tmp_path_factory):
    root = small_chains.publish(tmp_path_factory.mktemp("chain") / "w", bundle)
    return spans.read(str(root), _WANTED.first_day, _WANTED.last_day, "category")


def _judge(span, bundle, **changes):
    wanted = dataclasses.replace(_WANTED, **changes)
    return judging.judge(span, bundle, wanted, np.random.default_rng(0))


def test_nothing_but_probabilities_changes_under_the_same_settings(span, bundle):
    judged = _judge(span, bundle)
    kept = [
        name for name in span.restricted_sales.schema.names if "p_under" not in name
    ]
    assert judged.sales.select(kept) == span.restricted_sales.select(kept)
    assert judged.notes == ()
    assert judged.eligible_probability == 0.5


def test_sales_to_minors_are_an_upper_bound_where_none_is_identified(span, bundle):
    judged = _judge(span, bundle)
    assert not judged.expected.is_identified
    [row] = judged.minors_table(18).to_pylist()
    assert row == {
        "legal_age_years": 18,
        "num_sales": 1800,
        "is_identified": False,
        "sales": None,
        "low_sales": None,
        "high_sales": judged.expected.high_sales,
    }


def test_who_looks_old_is_not_taken_for_young_under_the_buyers_own_ages(span, bundle):
    sales = _judge(span, bundle).sales
    under = sales["p_under_challenge_age"].to_numpy()
    looks_young = sales["eligible"].to_numpy(zero_copy_only=False)
    assert under[looks_young].min() > 0.5
    assert under[~looks_young].max() < 0.01


def test_another_challenge_age_is_judged_and_noted(span, bundle):
    judged = _judge(span, bundle, challenge_age_years=60)
    assert set(judged.sales["challenge_age_years"].to_pylist()) == {60}
    assert pc.all(judged.sales["eligible"]).as_py()
    [note] = judged.notes
    assert note.startswith("The nightly runs used another challenge age (25)")
