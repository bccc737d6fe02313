import csv
import io
import tarfile

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import flags
from pipelines.domain import splits
from pipelines.sample import face_files, frames, looks, people, real_lines
from tests.sample import rendered

_AGES = [16, 22, 30, 40, 50, 60, 75]


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """A tar of 70 small photos, and their labels."""
    folder = tmp_path_factory.mktemp("faces")
    ages = {f"face_{n:03d}.jpg": _AGES[n % len(_AGES)] for n in range(70)}
    with tarfile.open(folder / "faces.tar", "w") as tar:
        for seed, (name, age_years) in enumerate(ages.items()):
            rng = np.random.default_rng(seed)
            person = frames.Rendered(look=looks.sample_look(rng), age_years=age_years)
            pixels = frames.picture(rng, 1, [person])[80:400, 200:440]
            encoded = frames.to_jpeg(cv2.resize(pixels, (120, 160)))
            member = tarfile.TarInfo(name)
            member.size = len(encoded)
            tar.addfile(member, io.BytesIO(encoded))
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file_name", "real_age", "sex"))
        writer.writerows((name, age, "female") for name, age in ages.items())
    return folder, ages


@pytest.fixture(scope="module")
def lines_file(tmp_path_factory):
    """Forty baskets: known bands, unknown ones, some with beer."""
    bands = ["19-24", "65+", None, "35-44"]
    rows = [
        {
            "basket_id": f"b{basket:02d}",
            "household_age_band": bands[basket % 4],
            "product_id": str(100 + line),
            "department": "GROCERY",
            "product_category": "BEERS/ALES" if basket % 5 == 0 else "CHEESE",
            "product_type": "SHREDDED CHEESE",
            "quantity": 1.0 + line,
            "sales_value": 3.49,
        }
        for basket in range(40)
        for line in range(1 + basket % 3)
    ]
    file = tmp_path_factory.mktemp("lines") / "lines.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file


def _crowd(faces, face_split):
    folder, _ = faces
    return face_files.crowd(
        [str(folder / "faces.tar")], str(folder / "labels.csv"), face_split
    )


def test_a_labelled_crowd_gives_faces_of_their_age(faces):
    _, ages = faces
    crowd = _crowd(faces, "all")
    rng = np.random.default_rng(1)
    for wanted in (17, 22, 33, 80):
        person = crowd.person(rng, wanted)
        assert person.age_years == ages[person.person_id]
        assert abs(person.age_years - wanted) == min(abs(a - wanted) for a in _AGES)


def test_a_face_comes_back_only_when_all_of_its_age_have_come(faces):
    crowd = _crowd(faces, "all")
    rng = np.random.default_rng(1)
    dealt = [crowd.person(rng, 30).person_id for _ in range(20)]
    assert len(set(dealt[:10])) == len(set(dealt[10:])) == 10


def test_faces_are_those_that_no_model_is_trained_on(faces):
    _, ages = faces
    crowd = _crowd(faces, "test")
    rng = np.random.default_rng(1)
    dealt = {crowd.person(rng, age).person_id for age in _AGES for _ in range(30)}
    assert {splits.split_of(name) for name in dealt} == {"test"}
    assert len(dealt) < len(ages)


def test_a_column_of_the_labels_says_what_a_model_is_not_trained_on(faces):
    folder, ages = faces
    chosen = sorted(ages)[:7]
    rows = [
        f"{name},{age},{'test' if name in chosen else 'train'}\n"
        for name, age in ages.items()
    ]
    labels = folder / "splits.csv"
    labels.write_text("file_name,real_age,split\n" + "".join(rows))

    crowd = face_files.crowd([str(folder / "faces.tar")], str(labels), "test")

    rng = np.random.default_rng(1)
    dealt = {crowd.person(rng, age).person_id for age in _AGES for _ in range(30)}
    assert dealt == set(chosen)


def test_folders_hold_faces_too(faces, tmp_path):
    folder, ages = faces
    with tarfile.open(folder / "faces.tar") as tar:
        tar.extractall(tmp_path / "sub", filter="data")
    crowd = face_files.crowd([str(tmp_path)], str(folder / "labels.csv"), "all")
    person = crowd.person(np.random.default_rng(1), 40)
    assert ages[person.person_id.removeprefix("sub/")] == 40
    whole = face_files.read(person.face)
    assert cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_COLOR) is not None


def test_buyers_are_of_the_age_band_of_their_household(lines_file):
    market = real_lines.RealMarket(str(lines_file))
    crowd = people.RenderedCrowd("p")
    rng = np.random.default_rng(3)
    assert market.num_baskets == 40
    seen = []
    for _ in range(80):
        buyer, items = market.next_sale(rng, crowd)
        seen.append(len(items))
        if any(item.product.is_restricted for item in items):
            assert buyer.age_years >= 18
    assert sum(seen) == 2 * pq.read_metadata(lines_file).num_rows


def test_bands_bound_the_ages(tmp_path, lines_file):
    table = pq.read_table(lines_file)
    is_old = pa.compute.equal(table["household_age_band"], "65+")
    pq.write_table(table.filter(is_old), tmp_path / "old.parquet")
    market = real_lines.RealMarket(str(tmp_path / "old.parquet"))
    rng, crowd = np.random.default_rng(3), people.RenderedCrowd("p")
    ages = [market.next_sale(rng, crowd)[0].age_years for _ in range(30)]
    assert min(ages) >= 65


def test_a_day_of_real_sources(faces, lines_file, tmp_path):
    folder, ages = faces
    rendered.render(
        tmp_path,
        f"--faces={folder / 'faces.tar'}",
        f"--labels={folder / 'labels.csv'}",
        "--face-split=all",
        f"--purchase-lines={lines_file}",
        "--transactions-per-store=30",
        "--stores=1",
    )
    photos = rendered.truth(tmp_path, "photos").to_pandas()
    shoppers = photos[photos.kind == "shopper"]
    assert shoppers.true_age_years.tolist() == [ages[p] for p in shoppers.person_id]
    assert len(rendered.photos(tmp_path)) == len(photos)
    # Else the test faces would be offered as training photos.
    assert not (tmp_path / "truth" / "labels.csv").exists()


def test_a_face_that_is_no_photo_is_named(tmp_path):
    (tmp_path / "a.jpg").write_text("not a photo")
    (tmp_path / "labels.csv").write_text("file_name,real_age\na.jpg,30\n")
    crowd = face_files.crowd([str(tmp_path)], str(tmp_path / "labels.csv"), "all")
    person = crowd.person(np.random.default_rng(1), 30)
    from pipelines.sample import chain, shots, studio

    shot = shots.Shot(
        store_id="0001",
        register=chain.make_chain(1, 1, 1).stores[0].registers[0],
        kind="shopper",
        sitters=(person,),
        visit=None,
        taken_msec=0,
        seed=(1,),
    )
    with pytest.raises(flags.UsageError, match=r"a\.jpg is not a photo"):
        studio.render(shot)


@pytest.mark.real_data
def test_real_faces_and_lines(shared_data, tmp_path):
    rendered.render(
        tmp_path,
        f"--faces={shared_data / 'faces' / 'aaf.tar'}",
        f"--labels={shared_data / 'faces' / 'labels.csv'}",
        f"--purchase-lines={shared_data / 'purchases/complete_journey_lines.parquet'}",
        "--transactions-per-store=20",
        "--stores=1",
    )
    photos = rendered.truth(tmp_path, "photos").to_pandas()
    people_seen = photos.person_id.dropna()
    assert {splits.split_of(name) for name in people_seen} == {"test"}
    assert len(rendered.photos(tmp_path)) == len(photos)
