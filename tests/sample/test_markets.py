import numpy as np
import pytest

from pipelines.sample import markets, people


def test_students_come_beside_the_usual_shoppers():
    crowd = people.RenderedCrowd("p")
    ages = {}
    for share in (0.0, 0.5, 1.0):
        market = markets.MadeUpMarket(student_share=share)
        rng = np.random.default_rng(5)
        ages[share] = np.array(
            [market.next_sale(rng, crowd)[0].age_years for _ in range(1_000)]
        )
    low, high = people.STUDENT_AGES
    usual, mixed, students = (
        np.mean((low <= years) & (years <= high)) for years in ages.values()
    )
    assert students == 1
    assert mixed == pytest.approx((1 + usual) / 2, abs=0.05)
    assert ages[0.5].max() > 70
