"""Old trading days with photos, published tables, and kept scores."""

import datetime
import io
import os
import tarfile

import pyarrow as pa

from pipelines.publishing import warehouse
from pipelines.retention import purging, settings, survey
from pipelines.storage import kept, photo_files, roots
from schemas import scored_photos, tables
from tests.reporting import warehouses

TODAY = datetime.date(2026, 11, 25)
NOW = datetime.datetime(2026, 11, 25, 3, tzinfo=datetime.UTC)
OLD = datetime.date(2026, 9, 1)
PER_PERSON = [table.folder for table in tables.PER_PERSON]
COUNTS = [table.folder for table in tables.PUBLISHED if table.folder not in PER_PERSON]

LISTED = {
    "store=1/R1_a.jpg": b"first",
    "store=1/R1_b.png": b"second",
    "store=2/batch.tar": {"c.jpg": b"third", "d.webp": b"fourth"},
    "store=2/notes.txt": b"rejected",
}


def add_photos(root, date, files=None):
    """Writes photo files; a dict of members becomes a tar batch."""
    for name, content in (LISTED if files is None else files).items():
        encoded = _tar(content) if isinstance(content, dict) else content
        roots.at(root).write(f"photos/date={date}/{name}", encoded)


def _tar(members):
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as batch:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            batch.addfile(info, io.BytesIO(content))
    return sink.getvalue()


def publish(root, warehouse_root, date):
    """Publishes the photos that are there now, and keeps their scores."""
    found = [
        files for _, files in photo_files.by_file(roots.at(root), f"photos/date={date}")
    ]
    refs = [ref for files in found for ref in files.refs]
    seen = [{"photo": ref.photo, "store_id": "1", "face_status": "ok"} for ref in refs]
    warehouses.publish_day(
        warehouse_root,
        date,
        photos=seen,
        rejected=[
            {"stage": one.stage, "source": one.source, "reason": one.reason}
            for files in found
            for one in files.rejections
        ],
    )
    rows = [
        {"photo": ref.photo, "generation": ref.generation, "face_status": "none"}
        for ref in refs
    ]
    keep(warehouse_root, date, rows).adopt_used()


def keep(warehouse_root, date, rows, run_id="run-0", fingerprint="0123"):
    """Puts scores aside as a run does."""
    day = warehouse.day(str(warehouse_root), date)
    scores = kept.KeptScores(
        warehouse=day.warehouse,
        folder=f"{day.kept_folder}/{fingerprint}",
        run_id=run_id,
    )
    scores.write_used(pa.Table.from_pylist(rows, schema=scored_photos.SCHEMA))
    return scores


def purge(root, warehouse_root, now=NOW, **changes):
    """Purges what is older than a week; gives the outcomes of days with any."""
    given = {
        "warehouse": str(warehouse_root),
        "input_root": str(root),
        "as_of": TODAY,
        "photos_after_days": 7,
    }
    wanted = settings.PurgeConfig(**(given | changes))
    outcomes = list(purging.purge(wanted, survey.days(wanted), now))
    return [one for one in outcomes if one.tallies or one.kept or one.failure]


def counted(outcomes):
    """Gives files by day and kind."""
    return {
        (one.date, tally.kind): tally.files for one in outcomes for tally in one.tallies
    }


def files_of(root, *folders):
    """Lists the files below folders of a root."""
    opened = roots.at(str(root))
    return sorted(file.path for folder in folders for file in opened.files(folder))


def age(path):
    """Makes a file a month older than now is."""
    month_ago = NOW.timestamp() - 30 * 86_400
    os.utime(path, (month_ago, month_ago))
