import datetime
import json

import numpy as np
import pyarrow as pa

from pipelines.reporting import eligibility

_DAY = datetime.date(2026, 11, 2)


def _days(*numbers):
    return pa.array([_DAY + datetime.timedelta(number) for number in numbers])


def _runs(*settings):
    texts = [json.dumps(one) for one in settings]
    return pa.table(
        {
            "date": _days(*range(len(settings))),
            "settings_json": pa.array(texts, pa.string()),
        }
    )


def _from(probability):
    return {"joining": {"eligible_probability": probability, "legal_age_years": 18}}


def test_each_run_has_its_own_and_some_have_none():
    found = eligibility.of_runs(_runs(_from(0.5), {}, _from(0.6)))
    np.testing.assert_array_equal(found, [0.5, np.nan, 0.6])


def test_the_latest_that_is_recorded_counts():
    assert eligibility.latest(_runs(_from(0.5), _from(0.6), {})) == 0.6


def test_where_none_is_recorded_it_is_the_usual_one():
    assert eligibility.latest(_runs({})) == 0.5
    assert eligibility.latest(_runs()) == 0.5


def test_a_sale_has_that_of_its_day():
    sales = pa.table({"date": pa.chunked_array([_days(1, 0), _days(2, 1)])})
    found = eligibility.of_sales(sales, _runs(_from(0.5), _from(0.6)))
    np.testing.assert_array_equal(found, [0.6, 0.5, np.nan, 0.6])


def test_no_sale_is_no_trouble():
    sales = pa.table({"date": pa.chunked_array([], pa.date32())})
    assert eligibility.of_sales(sales, _runs()).tolist() == []


def test_days_of_another_one_are_named():
    assert eligibility.notes(_runs(_from(0.6), {}, _from(0.6))) == []
    [note] = eligibility.notes(_runs(_from(0.5), _from(0.5), _from(0.6)))
    assert note == (
        "On 2026-11-02 to 2026-11-03, the nightly runs took a buyer for young-looking "
        "from a probability of 0.5; here all days are judged by the latest, 0.6."
    )
