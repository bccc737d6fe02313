"""Small sample days for the tests."""

import hashlib
import pathlib
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import sample_day

DAY = "2026-11-21"


def render(folder, *flags):
    """Runs the job and expects it to succeed."""
    assert sample_day.main(["--output", str(folder), "--workers=1", *flags]) == 0


def digests(folder):
    """Gives the hash of every file by path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_file()
    }


def photos(folder, day=DAY):
    """Gives the encoded photos by path below `photos/date=…/`, tars opened."""
    root = pathlib.Path(folder) / "photos" / f"date={day}"
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".tar":
            with tarfile.open(path) as batch:
                for member in batch:
                    found[f"{name}/{member.name}"] = batch.extractfile(member).read()
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def truth(folder, table, day=DAY) -> pa.Table:
    """Reads a table of the truth."""
    file = pathlib.Path(folder) / "truth" / f"date={day}" / f"{table}.parquet"
    return pq.ParquetFile(file).read()
