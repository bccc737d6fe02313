import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import (
    crowds,
    demand_groups,
    household_lines,
    known_faces,
    planted_demand,
)
from pipelines.domain import age_groups
from tests.benchmarks import crowd_of_strangers

GROUPS = age_groups.REPORT_GROUPS


def write_lines(path, num_households=120, num_baskets=40) -> None:
    """Writes baskets of one or two lines; households of 65 and older want tea."""
    rng = np.random.default_rng(0)
    bands = [*household_lines.BANDS_YEARS, None]
    rows = []
    for household in range(num_households):
        band = bands[household % len(bands)]
        for place in range(num_baskets):
            wants_tea = rng.random() < (0.6 if band == "65+" else 0.05)
            for category in ("MILK", *(("TEA",) if wants_tea else ())):
                rows.append(
                    {
                        "household_id": f"H{household}",
                        "household_age_band": band,
                        "store_id": "1",
                        "basket_id": f"B{household}-{place}",
                        "product_id": f"P{category}",
                        "product_category": category,
                        "product_type": category.lower(),
                        "sales_value": 2.49,
                    }
                )
    pd.DataFrame(rows).to_parquet(path)


@pytest.fixture
def lines(tmp_path) -> household_lines.HouseholdLines:
    write_lines(tmp_path / "lines.parquet")
    return household_lines.read(tmp_path / "lines.parquet")


def test_households_without_a_band_are_left_out(lines):
    assert len(lines.low_years) == 103
    assert len(lines.household) == 103 * 40
    assert set(lines.low_years) == {19, 25, 35, 45, 55, 65}


def test_the_truth_finds_who_wants_tea(lines):
    true = household_lines.truth(
        lines, GROUPS, "category", 30, 2000, np.random.default_rng(0)
    )
    # In the order of the report: MILK, which all baskets hold, and TEA.
    assert true.index[0] == pytest.approx([100] * 4)
    assert true.index[1, 3] > 300
    assert max(q[1, 3] for q in (true.dealt_q, true.wald_q, true.basket_q)) < 0.01
    assert true.dealt_q[0].min() > 0.5


def test_groups_that_cut_a_band_are_refused(lines):
    with pytest.raises(ValueError, match="unions of the households' bands"):
        lines.true_group(age_groups.AgeGroups((30, 45)))
    with pytest.raises(ValueError, match="unions of the households' bands"):
        lines.true_group(age_groups.AgeGroups((15, 45)))


def test_planted_indices_are_those_of_the_baskets():
    crowd = crowds.of_known(crowd_of_strangers.known(4000, 0.0))
    rng = np.random.default_rng(0)
    shares = planted_demand.cells(crowd, GROUPS, 0.1)
    planted = planted_demand.plant(shares.sum(axis=1), 20, rng)
    np.testing.assert_allclose(planted.true_index @ shares.sum(axis=1), 100)
    assert planted.is_effect.sum(axis=1).tolist() == [1] * 20 + [0] * 20
    sizes = planted.true_index[planted.is_effect]
    assert 50 <= sizes.min() < 80
    assert 150 < sizes.max() <= 300
    counted = planted_demand.shop(planted, shares, 20_000_000, GROUPS, rng)
    rates = counted.with_item / counted.of_group
    np.testing.assert_allclose(rates, planted.penetrations, rtol=0.05)
    tilted = planted_demand.cells(crowd, GROUPS, 0.5).sum(axis=1)
    assert (
        tilted[3] > shares[3].sum() > planted_demand.cells(crowd, GROUPS, -1)[3].sum()
    )


def test_a_run_reports_both_kinds_of_baskets(tmp_path, capsys):
    write_lines(tmp_path / "lines.parquet")
    known_faces.save(crowd_of_strangers.known(4000, 6.0), tmp_path / "known.npz")

    exit_code = demand_groups.main(
        [
            f"--faces={tmp_path / 'known.npz'}",
            f"--purchase-lines={tmp_path / 'lines.parquet'}",
            "--repetitions=2",
            "--planted-repetitions=2",
            "--effects=20",
            "--deals=500",
            f"--json={tmp_path / 'found.json'}",
        ]
    )

    found = json.loads((tmp_path / "found.json").read_text())
    real, _, planted, _ = found.values()
    assert exit_code == 0
    dealt = real["effects of households dealt anew"]
    assert dealt["there_are"] >= dealt["found"] >= 1
    assert real["reliable_on_the_wrong_side"] <= 1
    cells = planted["planted cells"]
    assert cells["mae_corrected"] < cells["mae_raw"]
    assert planted["all shown cells"]["coverage"] > 0.8
    assert planted["effects"]["there_are"] == 20
    assert 20 >= planted["effects"]["found"] > 8
    assert "coverage_standard_error" in capsys.readouterr().out
