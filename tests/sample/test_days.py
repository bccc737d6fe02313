import csv
import datetime
import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.domain import (
    captures,
    file_names,
    local_times,
    matching,
    photos,
    purchase_lines,
    receipts,
)
from pipelines.sample import catalogue, chain, studio
from pipelines.storage import tabular
from schemas import purchases
from tests.sample import rendered

_FLAGS = ("--transactions-per-store=60", "--stores=2")
_DAY = datetime.date.fromisoformat(rendered.DAY)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tills")
    rendered.render(folder, *_FLAGS)
    return folder


@pytest.fixture(scope="module")
def zones(day):
    rows = _csv(day / "stores.csv")
    return local_times.StoreZones(
        by_store={row["store_id"]: row["timezone"] for row in rows}
    )


@pytest.fixture(scope="module")
def parsed(day, zones):
    rules = purchase_lines.LineRules(day=_DAY, zones=zones)
    return _read(
        day / "purchases" / f"date={_DAY}",
        lambda batch, name: purchase_lines.parse(
            batch.table, name, batch.source_rows, rules
        ),
    )


@pytest.fixture(scope="module")
def lines(parsed):
    return pa.concat_tables(each.rows for each in parsed)


def _csv(file):
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _read(folder, parse):
    results = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            results += [
                parse(batch, path.name) for batch in tabular.read(file, path.name)
            ]
    return results


def test_same_seed_same_bytes(day, tmp_path):
    rendered.render(tmp_path, *_FLAGS)
    assert rendered.digests(tmp_path) == rendered.digests(day)


def test_other_seed_other_photos_and_lines(tmp_path):
    few = ("--transactions-per-store=4", "--stores=1")
    rendered.render(tmp_path / "a", *few, "--seed=1")
    rendered.render(tmp_path / "b", *few, "--seed=2")
    first, second = (rendered.digests(tmp_path / x) for x in "ab")
    assert first.pop("stores.csv") == second.pop("stores.csv")
    assert set(first.values()).isdisjoint(second.values())


def test_processes_do_not_change_the_bytes():
    from pipelines.sample import people, shots

    register = chain.make_chain(7, 1, 10).stores[0].registers[0]
    rng = np.random.default_rng(1)
    crowd = people.RenderedCrowd("p")
    planned = [
        shots.Shot(
            store_id="0001",
            register=register,
            kind="shopper",
            sitters=(crowd.person(rng, 10 * number),),
            visit=None,
            taken_msec=0,
            seed=(7, number),
        )
        for number in range(4)
    ]
    with studio.Studio(2, least_shots=1) as rooms:
        assert list(rooms.develop(planned)) == [studio.render(shot) for shot in planned]


def test_every_photo_is_in_the_truth_and_the_other_way_round(day):
    listed = rendered.truth(day, "photos")["photo"].to_pylist()
    assert sorted(listed) == sorted(rendered.photos(day))


def test_only_the_truncated_photo_is_unusable(day):
    table = rendered.truth(day, "photos")
    unusable = []
    for name, encoded in rendered.photos(day).items():
        try:
            assert photos.decode_photo(encoded).shape == (480, 640, 3)
        except photos.UnusablePhotoError:
            unusable.append(name)
    is_cut = pc.equal(table["kind"], "truncated")
    assert unusable == table.filter(is_cut)["photo"].to_pylist()
    assert len(unusable) == 1


def test_every_quirk_of_photos_is_there(day):
    table = rendered.truth(day, "photos").to_pandas()
    assert set(table.kind) == {
        "shopper",
        "two_people",
        "empty",
        "blurred",
        "small",
        "truncated",
    }
    assert table.transaction_id.isna().any()
    assert table.photo.str.contains(".tar/", regex=False).any()
    assert table.photo.str.contains(r"Z_T\d{6}\.jpg$").any()
    assert table.photo.str.contains("/IMG_", regex=False).any()
    transactions = rendered.truth(day, "transactions").to_pandas()
    assert {0, 1, 2} <= set(transactions.num_photos)
    assert transactions.is_mixed.sum() >= 2
    assert transactions.cashier_id.isna().any()


def test_every_quirk_of_lines_is_there(lines):
    table = lines.to_pandas()
    assert set(table.line_type) == set(purchases.LINE_TYPES)
    assert set(table.id_check.dropna()) == set(purchases.ID_CHECKS)
    assert table.cashier_id.isna().any()
    assert table.age_restricted.any()
    is_sold = (table.line_type == "sale") & (table.id_check != "refused_sale")
    assert (table[is_sold].amount > 0).all()
    assert (table[table.id_check == "refused_sale"].amount == 0).all()
    assert (table[table.line_type != "sale"].amount < 0).all()
    assert set(table.local_hour) & {0, 23}


def test_lines_read_back_as_the_truth_says(day, lines):
    bought = receipts.gather(lines)
    assert bought.num_duplicate == 1
    assert bought.num_superseded == 0
    keys = ["store_id", "register_id", "transaction_id"]
    columns = [*keys, "cashier_id", "started_at", "paid_at"]
    expected = rendered.truth(day, "transactions").select(columns)
    order = [(name, "ascending") for name in keys]
    assert bought.rows.select(columns).sort_by(order).to_pylist() == (
        expected.sort_by(order).to_pylist()
    )


def test_only_the_planted_line_is_bad(day, parsed):
    rejected = [rejection for each in parsed for rejection in each.rejections]
    faults = json.loads((day / "truth" / f"date={_DAY}" / "faults.json").read_text())
    assert len(rejected) == 1
    assert "quantity" in rejected[0].reason
    file, row = rejected[0].source.split(":")
    assert f"{file}: row {row} has the quantity 'two'" in faults


def test_the_repeated_line_is_where_the_truth_says(day):
    file = day / "purchases" / f"date={_DAY}" / "store-0001.csv.gz"
    rows = gzip.decompress(file.read_bytes()).decode().splitlines()
    faults = json.loads((day / "truth" / f"date={_DAY}" / "faults.json").read_text())
    assert rows[-2] == rows[1]
    assert f"store-0001.csv.gz: row {len(rows) - 1} repeats row 2" in faults


def _attributed(day, zones):
    table = rendered.truth(day, "photos")
    rows = _read(
        day / "captures" / f"date={_DAY}",
        lambda batch, name: captures.parse(batch.table, name, batch.source_rows, zones),
    )
    none = pa.nulls(table.num_rows)
    scored = pa.table(
        {
            "photo": table["photo"],
            "generation": pa.repeat("1", table.num_rows),
            "face_status": pc.if_else(pc.equal(table["kind"], "shopper"), "ok", "none"),
            "reason": none.cast(pa.string()),
            "age_distribution": none.cast(pa.list_(pa.uint16())),
            "face_px": none.cast(pa.int32()),
            "brightness": none.cast(pa.float32()),
            "turned_degrees": none.cast(pa.int16()),
        }
    )
    return captures.attribute(scored, pa.concat_tables(each.rows for each in rows))


def test_captures_and_names_give_every_photo_its_place(day, zones):
    attributed = _attributed(day, zones)
    assert attributed.rejections == []
    assert attributed.num_captures_unused == 0
    columns = ["photo", "store_id", "register_id"]
    expected = rendered.truth(day, "photos").select(columns).to_pylist()
    assert attributed.photos.select(columns).to_pylist() == expected


def test_matchable_photos_find_their_own_receipt(day, zones, lines):
    placed = _attributed(day, zones).photos
    bought = receipts.gather(lines).rows
    found = matching.match(placed, bought, matching.MatchSettings())
    matched = found.transaction != matching.NO_TRANSACTION
    own = rendered.truth(day, "photos").to_pandas()
    ids = bought["transaction_id"].to_numpy(zero_copy_only=False)
    given = np.where(matched, ids[np.maximum(found.transaction, 0)], None)
    is_right = given[matched] == own.transaction_id[matched]
    assert is_right.mean() >= 0.995
    assert matched[own.is_matchable].mean() >= 0.97


def test_the_planted_clock_is_found(day, zones, lines):
    placed = _attributed(day, zones).photos
    bought = receipts.gather(lines).rows
    found = matching.match(placed, bought, matching.MatchSettings())
    plan = json.loads((day / "truth" / "plan.json").read_text())
    assert plan["camera_minus_till_seconds"] == {"0001/R02": 95.0}
    report = next(
        each
        for each in found.clock_reports
        if (each.store_id, each.register_id) == ("0001", "R02")
    )
    assert report.offset_seconds == pytest.approx(95, abs=15)


def test_labels_name_loose_photos_of_one_shopper(day):
    rows = _csv(day / "truth" / "labels.csv")
    table = rendered.truth(day, "photos").to_pandas().set_index("photo")
    assert len(rows) > 50
    for row in rows:
        assert (day / "photos" / row["file_name"]).is_file()
        photo = table.loc[row["file_name"].removeprefix(f"date={_DAY}/")]
        assert (photo.kind, photo.true_age_years) == ("shopper", int(row["real_age"]))


def test_labels_and_plan_hold_for_all_days(tmp_path):
    few = ("--transactions-per-store=6", "--stores=1")
    rendered.render(tmp_path, *few)
    rendered.render(tmp_path, *few, "--date=2026-11-22")
    both = (tmp_path / "truth" / "labels.csv").read_text()
    assert "date=2026-11-21/" in both
    assert "date=2026-11-22/" in both


def test_names_tell_the_camera_time(day):
    table = rendered.truth(day, "photos").to_pandas()
    first = next(name for name in table.photo if "/R" in name)
    (captured_at,) = file_names.parse_photo_names(pa.array([first]))["captured_at_utc"]
    assert captured_at.as_py().date() == _DAY


def test_a_preference_shows_in_the_baskets():
    rng = np.random.default_rng(1)
    holds = {
        age_years: np.mean(
            [
                any(
                    item.product.product_id == "2003"
                    for item in catalogue.draw_items(rng, age_years, False)
                )
                for _ in range(1_500)
            ]
        )
        for age_years in (30, 75)
    }
    assert holds[75] > 4 * holds[30]


def test_minors_rarely_buy_restricted_products():
    rng = np.random.default_rng(1)
    buys = {
        age_years: np.mean(
            [catalogue.buys_restricted(rng, age_years) for _ in range(4_000)]
        )
        for age_years in (15, 22, 50)
    }
    assert buys[15] < 0.05 < buys[50] < buys[22]
