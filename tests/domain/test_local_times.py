import datetime
import zoneinfo

import hypothesis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import strategies

from pipelines.domain import local_times
from pipelines.domain.local_times import TimeFault

ZONES = local_times.StoreZones(
    by_store={"b": "Europe/Berlin", "n": "America/New_York", "k": "Asia/Kolkata"}
)


def read(times, store="b", zones=ZONES):
    column = times if isinstance(times, pa.Array) else pa.array(times, pa.string())
    return local_times.read(column, pa.array([store] * len(column), pa.string()), zones)


def micros(*parts):
    naive = datetime.datetime(*parts)
    return (naive - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


UTC_1745 = micros(2026, 11, 21, 17, 45, 12)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-21T18:45:12+01:00", UTC_1745),
        ("2026-11-21 18:45:12+0100", UTC_1745),
        ("2026-11-21T18:45:12+01", UTC_1745),
        ("2026-11-21T17:45:12Z", UTC_1745),
        ("2026-11-21T17:45:12z", UTC_1745),
        ("2026-11-21T12:15:12-05:30", UTC_1745),
        ("2026-11-21 18:45:12", UTC_1745),
        ("2026-11-21T18:45:12.5", UTC_1745 + 500_000),
        ("2026-11-21T18:45:12.123456789", UTC_1745 + 123_456),
        ("2026-11-21T18:45", UTC_1745 - 12_000_000),
    ],
)
def test_a_time_is_read_with_and_without_offset(written, utc):
    times = read([written])
    assert times.faults.tolist() == [TimeFault.NONE]
    assert times.utc.tolist() == [utc]
    assert times.local.tolist() == [utc + 3_600_000_000]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "Pacific/Apia"])
@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"],
)
def test_a_text_of_another_age_is_no_time(zone, written):
    zones = local_times.StoreZones(default=zone)
    assert read([written], zones=zones).faults.tolist() == [TimeFault.NOT_A_TIME]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "Pacific/Apia"])
@pytest.mark.parametrize("of_column", [None, "UTC", "Europe/Berlin", "+14:00"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_number_of_another_age_is_no_time(zone, of_column, unit):
    numbers = pa.array([-(2**63), 2**63 - 1], pa.int64())
    column = numbers.cast(pa.timestamp(unit, of_column))
    zones = local_times.StoreZones(default=zone)
    assert set(read(column, zones=zones).faults) == {TimeFault.NOT_A_TIME}


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "2026-11-21",
        "18:45:12",
        "2026-02-30T10:00:00",
        "2026-11-21T24:00:00",
        "2026-11-21T18:45:60",
        "2026-11-21T18:45:12+15:00",
        "2026-11-21T18:45:12+01:75",
        "2026-11-21T18:45:12 +01:00",
        "21.11.2026 18:45",
        "1763750712",
        "9999-99-99T99:99:99",
    ],
)
def test_what_is_no_time_is_a_fault(written):
    assert read([written]).faults.tolist() == [TimeFault.NOT_A_TIME]


@pytest.mark.parametrize(
    ("store", "written", "fault"),
    [
        ("b", "2026-10-25 02:30:00", TimeFault.AMBIGUOUS),
        ("b", "2026-10-25 01:59:59", TimeFault.NONE),
        ("b", "2026-10-25 03:00:00", TimeFault.NONE),
        ("b", "2026-10-25T02:30:00+02:00", TimeFault.NONE),
        ("b", "2026-03-29 02:30:00", TimeFault.SKIPPED),
        ("b", "2026-03-29 03:00:00", TimeFault.NONE),
        ("n", "2026-11-01 01:30:00", TimeFault.AMBIGUOUS),
        ("n", "2026-10-25 02:30:00", TimeFault.NONE),
        ("elsewhere", "2026-10-25 12:30:00", TimeFault.NO_ZONE),
        ("elsewhere", "2026-10-25 12:30:00Z", TimeFault.NONE),
    ],
)
def test_naive_times_need_a_zone_and_one_meaning(store, written, fault):
    assert read([written], store).faults.tolist() == [fault]
    if fault:
        assert local_times.describe(fault, written, store, ZONES).startswith(
            f"'{written}'"
        )


def test_local_is_as_written_where_the_zone_is_unknown():
    times = read(["2026-11-21T18:45:12-03:00"], "elsewhere")
    assert times.local.tolist() == [micros(2026, 11, 21, 18, 45, 12)]


def test_every_row_has_the_zone_of_its_store():
    written = pa.array(["2026-11-21 12:00:00", None] * 3)
    stores = pa.array(["b", "b", "n", "n", "elsewhere", "elsewhere"])
    times = local_times.read(written, stores, ZONES)
    noon = micros(2026, 11, 21, 12)
    hours = np.array([-1, 5]) * 3_600_000_000
    assert times.utc.tolist() == [noon + hours[0], 0, noon + hours[1], 0, 0, 0]
    assert times.faults.tolist() == [0, 0, 0, 0, TimeFault.NO_ZONE, 0]


def test_the_default_zone_serves_stores_that_are_not_listed():
    zones = local_times.StoreZones(by_store={}, default="Asia/Kolkata")
    times = read(["2026-11-21 12:00:00"], "any", zones)
    assert times.utc.tolist() == [micros(2026, 11, 21, 6, 30)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("zone", "store", "local_hour"),
    [("UTC", "elsewhere", 12), ("Asia/Kolkata", "elsewhere", 17), ("UTC", "b", 13),
     ("+02:00", "elsewhere", 14)],
)  # fmt: skip
def test_timestamps_with_a_zone_are_instants(unit, zone, store, local_hour):
    noon = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
    column = pa.array([noon, None], pa.timestamp(unit, tz=zone))
    times = read(column, store)
    assert times.utc.tolist() == [micros(2026, 11, 21, 12), 0]
    assert times.local[0] // 3_600_000_000 % 24 == local_hour


def test_naive_timestamps_show_the_clock_of_the_store():
    column = pa.array([datetime.datetime(2026, 11, 21, 12)], pa.timestamp("us"))
    assert read(column).utc.tolist() == [micros(2026, 11, 21, 11)]
    assert read(column, "elsewhere").faults.tolist() == [TimeFault.NO_ZONE]


@pytest.mark.parametrize("column", [[], [None], [None, None]])
def test_no_times_have_no_faults(column):
    assert read(column).faults.tolist() == [0] * len(column)


@pytest.mark.parametrize("name", ["Berlin", "", "../etc/passwd", "Europe/"])
def test_a_zone_that_does_not_exist_is_refused(name):
    with pytest.raises(local_times.UnknownZoneError, match="is not a time zone"):
        local_times.StoreZones(by_store={"1": name})


@hypothesis.given(
    strategies.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2040, 1, 1)),
    strategies.sampled_from(["b", "n", "k"]),
)
@hypothesis.settings(max_examples=150, deadline=None)
def test_agrees_with_zoneinfo(naive, store):
    zone = zoneinfo.ZoneInfo(ZONES.by_store[store])
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    back = first.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None)
    times = read([naive.isoformat()], store)
    if back != naive:
        assert times.faults.tolist() == [TimeFault.SKIPPED]
    elif first.utcoffset() != second.utcoffset():
        assert times.faults.tolist() == [TimeFault.AMBIGUOUS]
    else:
        utc = first.astimezone(datetime.UTC).replace(tzinfo=None)
        assert times.utc.tolist() == [micros(*utc.timetuple()[:6], utc.microsecond)]
        assert times.local.tolist() == [
            micros(*naive.timetuple()[:6], naive.microsecond)
        ]
