import datetime
import random

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import clocks, matching
from schemas import fields
from tests.domain import days

PHOTO = pa.schema(
    [
        ("store_id", pa.string()),
        ("register_id", pa.string()),
        ("captured_at_utc", fields.TIMESTAMP_UTC),
        ("transaction_id", pa.string()),
        ("face_status", pa.string()),
    ]
)
TRANSACTION = pa.schema(
    [
        ("store_id", pa.string()),
        ("register_id", pa.string()),
        ("transaction_id", pa.string()),
        ("started_at", fields.TIMESTAMP_UTC),
        ("paid_at", fields.TIMESTAMP_UTC),
    ]
)


def photo(seconds, transaction=None, register="R1", status="ok"):
    return {
        "store_id": "1",
        "register_id": register,
        "captured_at_utc": days.at(seconds),
        "transaction_id": transaction,
        "face_status": status,
    }


def window(name, started, paid, register="R1"):
    return {
        "store_id": "1",
        "register_id": register,
        "transaction_id": name,
        "started_at": days.at(started),
        "paid_at": days.at(paid),
    }


def match(photos, windows, settings=None):
    return matching.match(
        pa.Table.from_pylist(photos, PHOTO),
        pa.Table.from_pylist(windows, TRANSACTION),
        settings or matching.MatchSettings(),
    )


def outcome(photos, windows, settings=None):
    matches = match(photos, windows, settings)
    return [
        (matching.METHODS[method], windows[row]["transaction_id"] if row >= 0 else None)
        for method, row in zip(matches.method, matches.transaction, strict=True)
    ]


NEXT_TO_EACH_OTHER = [window("A", 0, 60), window("B", 80, 100)]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-10.000001, ("unmatched", None)),
        (-10, ("time_nearest", "A")),
        (0, ("time_window", "A")),
        (60, ("time_window", "A")),
        (60.5, ("time_nearest", "A")),
        (69.999999, ("time_nearest", "A")),
        (70, ("ambiguous", None)),
        (70.000001, ("time_nearest", "B")),
        (80, ("time_window", "B")),
        (110, ("time_nearest", "B")),
        (111, ("unmatched", None)),
        (-500_000_000, ("unmatched", None)),
        (500_000_000, ("unmatched", None)),
    ],
)
def test_photo_joins_the_window_or_the_nearest_within_the_slack(seconds, expected):
    assert outcome([photo(seconds)], NEXT_TO_EACH_OTHER) == [expected]


@pytest.mark.parametrize(
    "windows",
    [
        [window("A", 0, 60), window("B", 0, 60)],
        [window("A", 0, 60), window("B", 30, 90)],
        [window("A", 0, 45), window("B", 45, 90)],
        [window("A", 0, 90), window("B", 40, 50)],
        [window("A", 0, 40), window("B", 20, 40)],
        [window("A", 50, 60), window("B", 50, 70)],
    ],
)
def test_two_that_are_equally_good_are_ambiguous(windows):
    assert outcome([photo(45)], windows) == [("ambiguous", None)]


def test_an_id_is_believed_and_never_replaced_by_a_guess():
    photos = [
        photo(30, "B"),
        photo(30, "unknown"),
        photo(30, "A", register="R2"),
        photo(9_999, "A"),
    ]
    assert outcome(photos, NEXT_TO_EACH_OTHER) == [
        ("transaction_id", "B"),
        ("unmatched", None),
        ("unmatched", None),
        ("transaction_id", "A"),
    ]


@pytest.mark.parametrize("status", ["none", "small", "undecodable"])
def test_photo_without_a_face_matches_nothing(status):
    photos = [photo(30, status=status), photo(30, "A", status=status)]
    assert outcome(photos, NEXT_TO_EACH_OTHER) == [("no_usable_face", None)] * 2


def test_a_neighbour_of_another_register_is_no_neighbour():
    windows = [window("A", 0, 60), window("B", 0, 60, "R2"), window("C", 0, 60, "R3")]
    photos = [photo(-5, register="R2"), photo(65, register="R2")]
    assert outcome(photos, windows) == [("time_nearest", "B")] * 2
    assert outcome([photo(30, register="R9")], windows) == [("unmatched", None)]


@pytest.mark.parametrize(("photos", "windows"), [([], []), ([], NEXT_TO_EACH_OTHER)])
def test_no_photos_give_no_matches(photos, windows):
    assert outcome(photos, windows) == []


def test_no_transactions_leave_all_unmatched():
    assert outcome([photo(1), photo(1, "A")], []) == [("unmatched", None)] * 2


def test_gap_is_the_distance_to_the_window():
    matches = match([photo(s) for s in (-2.5, 30, 64, 300)], [window("A", 0, 60)])
    assert matches.gap_seconds.tolist()[:3] == [2.5, 0.0, 4.0]
    assert np.isnan(matches.gap_seconds[3])


def shop(offset, register="R1", count=20, named=10):
    """One customer every 100 seconds, of whom some carry their transaction."""
    windows = [window(f"T{i}", 100 * i, 100 * i + 40, register) for i in range(count)]
    photos = [
        photo(100 * i + 1 + 38 * ((i * 7) % 10) / 9 + offset, f"T{i}", register)
        for i in range(named)
    ]
    return photos, windows


@pytest.mark.parametrize("offset", [-500, -60, 45, 300.25, 590])
def test_a_clock_that_is_off_is_put_right(offset):
    photos, windows = shop(offset)
    photos += [photo(100 * i + 20 + offset) for i in range(10, 20)]
    matches = match(photos, windows)
    assert matches.transaction.tolist() == list(range(20))
    (report,) = matches.clock_reports
    assert report.status == "corrected"
    assert report.offset_seconds == pytest.approx(offset, abs=2)


@pytest.mark.parametrize(
    ("offset", "status", "reported"), [(0, "in_step", 0.0), (900, "too_large", 900.0)]
)
def test_a_clock_is_left_alone(offset, status, reported):
    photos, windows = shop(offset)
    matches = match([*photos, photo(1_020 + offset)], windows)
    (report,) = matches.clock_reports
    assert report.status == status
    assert report.offset_seconds == pytest.approx(reported, abs=2)
    method = matching.METHODS[matches.method[-1]]
    assert method == ("time_window" if status == "in_step" else "unmatched")


def test_too_few_photos_do_not_tell_of_the_clock():
    photos, windows = shop(300, named=4)
    matches = match([*photos, photo(1_020)], windows)
    assert [(r.status, r.offset_seconds) for r in matches.clock_reports] == [
        ("unknown", None)
    ]
    assert matching.METHODS[matches.method[-1]] == "time_window"


def test_photos_that_disagree_refuse_joins_by_time_not_by_id():
    photos, windows = shop(0)
    photos[:3] = [photo(5_000 + 777 * i, f"T{i}") for i in range(3)]
    matches = match([*photos, photo(1_520)], windows)
    assert [report.status for report in matches.clock_reports] == ["inconsistent"]
    assert {matching.METHODS[m] for m in matches.method[:10]} == {"transaction_id"}
    assert matching.METHODS[matches.method[-1]] == "unmatched"


def test_each_register_has_its_own_clock():
    photos, windows = [], []
    for register, offset in (("R1", 0), ("R2", 250), ("R3", -40)):
        more_photos, more_windows = shop(offset, register)
        photos += more_photos
        windows += more_windows
    reports = match(photos, windows).clock_reports
    assert [report.register_id for report in reports] == ["R1", "R2", "R3"]
    assert [round(report.offset_seconds) for report in reports] == pytest.approx(
        [0, 250, -40], abs=2
    )


def test_a_span_that_would_overflow_is_refused():
    windows = [
        window(f"T{i}", 0 if i else -(10**9), 60, f"R{i}") for i in range(10_000)
    ]
    with pytest.raises(ValueError, match="too long a time"):
        match([photo(0)], windows)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (lambda: matching.MatchSettings(slack_seconds=-1), "slack_seconds"),
        (lambda: clocks.ClockSettings(min_photos=0), "min_photos"),
        (lambda: clocks.ClockSettings(min_agreement=0.3), "min_agreement"),
        (lambda: clocks.ClockSettings(max_offset_seconds=-1), "max_offset_seconds"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        settings()


# The same rules in plain Python, one register and one photo at a time.


def best_offset(bounds):
    """Tries every offset at which something changes, and the middles between."""
    ends = sorted({end for bound in bounds for end in bound})
    depth = {end: sum(low <= end <= high for low, high in bounds) for end in ends}
    most = max(depth.values())
    if sum(low <= 0 <= high for low, high in bounds) == most:
        return 0, most
    stretches = []
    for low in sorted({bound[0] for bound in bounds}):
        if depth[low] == most:
            high = min(bound[1] for bound in bounds if bound[0] <= low <= bound[1])
            stretches.append((max(low, -high, 0), low, high))
    _, low, high = min(stretches)
    return (low + high) // 2, most


def clock_by_hand(photos, windows, settings):
    by_name = {w["transaction_id"]: w for w in windows}
    bounds = [
        (micros(p, "captured_at_utc") - micros(w, "paid_at"),
         micros(p, "captured_at_utc") - micros(w, "started_at"))
        for p in photos
        if (w := by_name.get(p["transaction_id"]))
    ]  # fmt: skip
    if len(bounds) < settings.min_photos:
        return 0, "unknown"
    offset, most = best_offset(bounds)
    if most < settings.min_agreement * len(bounds):
        return 0, "inconsistent"
    if abs(offset) > settings.max_offset_seconds * 1e6:
        return offset, "too_large"
    return offset, "corrected" if offset else "in_step"


def micros(row, name):
    return (row[name] - days.NOON) // datetime.timedelta(microseconds=1)


def match_by_hand(found, windows, clock, slack):
    if found["face_status"] != "ok":
        return "no_usable_face", None
    if found["transaction_id"] is not None:
        names = {w["transaction_id"] for w in windows} & {found["transaction_id"]}
        return ("transaction_id", *names) if names else ("unmatched", None)
    if clock[1] in ("inconsistent", "too_large"):
        return "unmatched", None
    time = micros(found, "captured_at_utc") - clock[0]
    gaps = {
        w["transaction_id"]: max(
            micros(w, "started_at") - time, time - micros(w, "paid_at"), 0
        )
        for w in windows
    }
    least = min(gaps.values(), default=slack * 1e6 + 1)
    if least > slack * 1e6:
        return "unmatched", None
    nearest = [name for name, gap in gaps.items() if gap == least]
    if len(nearest) > 1:
        return "ambiguous", None
    return "time_nearest" if least else "time_window", nearest[0]


def random_day(seed):
    rng = random.Random(seed)
    photos, windows = [], []
    for register in (f"R{i}" for i in range(rng.randrange(4))):
        step = rng.choice([1, 0.5, 0.000001, 10])
        offset = rng.choice([0, 0, 3, -45, 700]) * step
        own = []
        for i in range(rng.randrange(9)):
            start = rng.randrange(-40, 40) * step
            length = rng.choice([0, 1, 5, 20, 20]) * step
            own.append(window(f"T{i}", start, start + length, register))
        for _ in range(rng.randrange(25)):
            time = rng.randrange(-70, 70) * step + offset
            name = rng.choice([None, None, f"T{rng.randrange(10)}"])
            known = next((w for w in own if w["transaction_id"] == name), None)
            if known and rng.random() < 0.9:
                time = micros(known, "started_at") / 1e6 + offset
            status = rng.choice(["ok"] * 9 + ["none"])
            photos.append(photo(time, name, register, status))
        windows += own
    rng.shuffle(photos)
    rng.shuffle(windows)
    return photos, windows


@pytest.mark.parametrize("seed", range(150))
def test_matching_agrees_with_plain_python(seed):
    photos, windows = random_day(seed)
    settings = matching.MatchSettings(
        slack_seconds=[10, 3, 0, 0.000002][seed % 4],
        clock=clocks.ClockSettings(min_photos=3, min_agreement=0.7),
    )
    by_register = {
        name: [w for w in windows if w["register_id"] == name]
        for name in ("R0", "R1", "R2")
    }
    clock = {
        name: clock_by_hand(
            [p for p in photos if p["register_id"] == name], own, settings.clock
        )
        for name, own in by_register.items()
    }
    expected = [
        match_by_hand(
            p, by_register[p["register_id"]], clock[p["register_id"]],
            settings.slack_seconds,
        )
        for p in photos
    ]  # fmt: skip
    assert outcome(photos, windows, settings) == expected
    reports = match(photos, windows, settings).clock_reports
    assert {r.register_id: r.status for r in reports} == {
        p["register_id"]: clock[p["register_id"]][1] for p in photos
    }
