"""What a night leaves behind, at its most talkative, and where it goes wrong."""

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import secret
from pipelines.domain import faces, photos, pseudonyms
from pipelines.inference import bundle as bundles
from pipelines.inference import preparation
from tests import leaks
from tests.integration import commands

pytestmark = pytest.mark.slow

_HEADER = (
    "store_id,register_id,transaction_id,cashier_id,started_at,paid_at,line_number,"
    "product_id,quantity,amount,currency,age_restricted,id_check"
)
_TALKATIVE = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"
_CASHIER, _KEY = "cashier", "key"


def _cashiers(tills):
    path = tills / "truth" / f"date={commands.DATE}" / "transactions.parquet"
    receipts = pd.read_parquet(path, columns=["cashier_id"])
    return sorted(receipts["cashier_id"].dropna().unique())


def _add_bad_rows(tills, cashier):
    """Rows whose fields are shifted: each column holds the cashier's id once."""
    folder = tills / "purchases" / f"date={commands.DATE}"
    good = [
        *("0001", "R01", "T1", "", "2026-11-21T10:00:00+01:00"),
        *("2026-11-21T10:01:00+01:00", "1", "P", "1", "2.00", "EUR", "true", ""),
    ]
    # The first three columns and the product hold any text, and are no fault.
    faulty = [place for place, _ in enumerate(good) if place > 3 and place != 7]
    rows = [",".join([*good[:at], cashier, *good[at + 1 :]]) for at in faulty]
    rows += [f'{cashier},"open', f"0001,{cashier}", f"{cashier}\0", f"a\r{cashier}"]
    (folder / "z.csv").write_text("\n".join([_HEADER, *rows, ""]))
    broken = [f'{{"store_id": ["{cashier}"]}}', f'{{"cashier_id": "{cashier}', cashier]
    good_line = (folder / "store-0002.jsonl").read_text().splitlines()[0]
    (folder / "z.jsonl").write_text("\n".join([*broken, good_line, ""]))
    return len(rows) + len(broken)


def _photos(tills):
    loose = [path.read_bytes() for path in tills.rglob("*.jpg")]
    for path in tills.rglob("*.tar"):
        with tarfile.open(path) as batch:
            loose += [batch.extractfile(member).read() for member in batch]
    return loose


def _pixels(encoded):
    card = bundles.load(bundles.default_folder()).card
    settings = faces.FaceSettings.from_card(card.face_settings)
    preparer = preparation.Preparer(settings, card.height)
    decoded = []
    for photo in encoded:
        prepared = preparer.prepare(photo)
        decoded += [photos.decode_photo(photo)]
        decoded += [prepared.face] if prepared.face is not None else []
    return decoded


@pytest.fixture(scope="module")
def scanner(tills):
    encoded = _photos(tills)
    words = dict.fromkeys(_cashiers(tills), _CASHIER)
    keyed = pseudonyms.Pseudonyms(commands.KEY.encode())
    keys = [commands.KEY.encode(), keyed.key("cashier"), keyed.key("basket")]
    words |= dict.fromkeys([commands.KEY, *(key.hex() for key in keys)], _KEY)
    return leaks.Scanner(encoded, _pixels(sorted(encoded, key=len)[-4:]), words)


@pytest.fixture(scope="module")
def night(tills, tmp_path_factory):
    """A night that is killed, goes on, and is reported, under the widest umask."""
    root = tmp_path_factory.mktemp("night")
    tills = shutil.copytree(tills, root / "tills")
    num_bad = _add_bad_rows(tills, _cashiers(tills)[0])
    output = root / "output"
    for folder in ("code", "output", "output/temporary"):
        (root / folder).mkdir()
    (root / "code" / "sitecustomize.py").write_text(_TALKATIVE)
    environment = {
        "TMPDIR": str(output / "temporary"),
        "PYTHONPATH": str(root / "code"),
    }
    flags = commands.score_flags(
        tills,
        output / "chain" / "warehouse",
        "--max-rejected-fraction=0.5",
        "--workers=2",
        "--default_sdk_harness_log_level=DEBUG",
    )
    before = os.umask(0)
    try:
        _kill_at_work(_start(output / "killed.log", flags, environment), output)
        shutil.copytree(output, root / "after-kill", symlinks=True)
        assert _start(output / "score.log", flags, environment).wait(300) == 0
        report = [
            "report",
            f"--warehouse={output}/chain/warehouse",
            f"--output={output}/reports/report",
            f"--from={commands.DATE}",
            f"--to={commands.DATE}",
        ]
        assert _start(output / "report.log", report, environment).wait(300) == 0
    finally:
        os.umask(before)
    return root, num_bad


def _start(log, flags, environment):
    with log.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", *map(str, flags)],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {secret.VARIABLE: commands.KEY} | environment,
        )


def _kill_at_work(process, output):
    """Kills a run and all its processes once it has kept some scores."""
    while not list(output.rglob("chunk-*.arrow")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    for member in [process, *psutil.Process(process.pid).children(recursive=True)]:
        member.kill()
    process.wait(60)


def test_a_night_writes_no_photo_no_cashier_and_no_key(night, scanner):
    root, num_bad = night
    for folder in ("after-kill", "output"):
        assert scanner.scan(root / folder) == []
    log = (root / "output" / "score.log").read_text()
    assert "DEBUG" in log
    warehouse = root / "output" / "chain" / "warehouse"
    rejected = pd.read_parquet(warehouse / "rejections")
    bad = rejected["source"].str.contains(r"z\.(?:csv|jsonl):")
    assert bad.sum() == num_bad
    assert rejected["reason"].str.contains("of the shape 'A99999'").any()
    assert list((root / "after-kill").rglob("chunk-*.arrow"))


def test_what_a_night_writes_is_its_owner_s_alone(night):
    root, _ = night
    shared = {}
    for folder in ("after-kill/chain", "output/chain", "output/reports"):
        for path in [root / folder, *(root / folder).rglob("*")]:
            mode = stat.S_IMODE(path.lstat().st_mode)
            if not path.is_symlink() and mode & 0o077:
                shared[path.relative_to(root).as_posix().split("/", 1)[1]] = mode
    day = f"chain/warehouse/.versions/{commands.DATE}"
    [version] = (root / "output" / day).iterdir()
    # Whoever may read one of the tables passes through these.
    passages = [
        *("chain", "chain/warehouse", "chain/warehouse/.days"),
        *("chain/warehouse/.versions", day, f"{day}/{version.name}"),
    ]
    assert shared == dict.fromkeys(passages, 0o711) | {
        f"{day}/{version.name}/manifest.json": 0o644
    }
    for path in (root / "output" / "temporary").rglob("*"):
        assert not path.lstat().st_mode & 0o022 or path.is_symlink(), path


def test_a_log_without_a_header_is_refused_without_a_word_of_it(own_tills, tmp_path):
    [cashier, *_] = _cashiers(own_tills)
    folder = own_tills / "purchases" / f"date={commands.DATE}"
    for row in (f"0001,R01,{cashier},x", f"0001,{cashier},{cashier},x"):
        (folder / "z.csv").write_text(f"{row}\n")

        ended = commands.score(own_tills, tmp_path / "warehouse")

        assert ended.code == 2
        assert ended.stderr.count("\n") == 1
        assert "z.csv" in ended.stderr
        assert cashier not in ended.stderr


def _planted(tills, folder):
    """Writes one leak of each kind; gives the kind by file."""
    photo = max(_photos(tills), key=len)
    cashier = _cashiers(tills)[0]
    numbers = np.linspace(0, 1, 2048, dtype=np.float32)
    np.save(folder / "pixels.npy", photos.decode_photo(photo)[40:80])
    (folder / "part.bin").write_bytes(b"x" * 13 + photo[5000:5200])
    (folder / "photo.txt").write_bytes(photo)
    pq.write_table(pa.table({"face": [photo]}), folder / "photo.parquet")
    pq.write_table(pa.table({"vector": [numbers]}), folder / "vector.parquet")
    pq.write_table(pa.table({"who": [cashier]}), folder / "who.parquet")
    with zipfile.ZipFile(folder / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("strings.xml", f"<t>{cashier}</t>")
    (folder / f"of-{cashier}.json").write_text("{}")
    (folder / "said.log").write_text(f"settings: key={commands.KEY}")
    (folder / "array.log").write_text(f"{photos.decode_photo(photo)[9, :40].tolist()}")
    (folder / "fine.log").write_text("2026-11-21 10:11:12 1,234 of 5,678 photos done")
    return {
        "pixels.npy": {leaks.PIXELS},
        "part.bin": {leaks.PIXELS},
        "photo.txt": {leaks.PICTURE, leaks.PIXELS},
        "photo.parquet": {leaks.PICTURE, leaks.PIXELS, leaks.EMBEDDING},
        "vector.parquet": {leaks.EMBEDDING},
        "who.parquet": {_CASHIER},
        "book.xlsx": {_CASHIER},
        f"of-{cashier}.json": {_CASHIER},
        "said.log": {_KEY},
        "array.log": {leaks.PRINTED},
    }


def test_each_kind_of_leak_would_be_found(tills, scanner, tmp_path):
    expected = _planted(tills, tmp_path)

    found: dict[str, set[str]] = {}
    for leak in scanner.scan(tmp_path):
        found.setdefault(str(leak.path), set()).add(leak.kind)

    assert found == expected
