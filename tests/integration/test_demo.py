"""What a newcomer sees first."""

import pandas as pd
import pytest

from pipelines import demo, demo_findings, secret

pytestmark = pytest.mark.slow

_LIKED_BY_THE_OLD = {
    "Denture cleaner",
    "Crossword magazine",
    "Plum cake",
    "Herbal tea",
    "Marzipan",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shown") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(secret.VARIABLE, "0123456789abcdef" * 4)
        assert demo.main(["--folder", str(folder)]) == 0
        yield folder, demo_findings.lines(folder)


def test_the_planted_cashier_is_up_for_review_and_nobody_else(shown):
    folder, said = shown
    audit = pd.read_parquet(folder / "report" / "parquet" / "cashier_audit.parquet")
    [review] = [line for line in said if " review " in f"{line} " and "`" not in line]
    assert review.endswith(demo_findings.PLANTED)
    assert audit["needs_review"].sum() == 1
    assert (audit["status"] == "within_limits").sum() >= 4


def test_planted_preferences_lead_the_offers(shown):
    folder, _ = shown
    offers = pd.read_parquet(folder / "report" / "parquet" / "offers.parquet")
    assert set(offers["age_group"]) == {"<25", "60+"}
    old = offers[offers["age_group"] == "60+"].sort_values("rank")
    assert set(old["product_name"].head(3)) <= _LIKED_BY_THE_OLD
    assert (folder / "report" / "report.html").stat().st_size > 50_000
