import pyarrow as pa
import pytest

from pipelines.domain import local_times, stores


def _table(**columns):
    return pa.table({name: pa.array(column) for name, column in columns.items()})


def test_reads_zones_and_falls_back_to_the_default():
    table = _table(store_id=["0001"], timezone=["Asia/Tokyo"], city=["Tokyo"])
    assert stores.parse(table, "Europe/Berlin") == local_times.StoreZones(
        by_store={"0001": "Asia/Tokyo"}, default="Europe/Berlin"
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (_table(store_id=["0001"]), "column timezone is missing"),
        (_table(store_id=["0001"], timezone=["Berlin"]), "Berlin"),
        (
            _table(store_id=["1", "1"], timezone=["Asia/Tokyo", "Europe/Berlin"]),
            "store 1 is listed with two time zones",
        ),
        (_table(store_id=["1"], timezone=[None]), "needs store_id and timezone"),
    ],
)
def test_says_what_is_wrong_in_one_line(table, message):
    with pytest.raises(stores.StoresError) as refusal:
        stores.parse(table, None)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("stores.csv: ")
