"""Published versions of a trading day: folders that never change."""

import dataclasses
import datetime
import hashlib
import json
import os
from collections.abc import Collection, Sequence

from pipelines import records
from pipelines.domain import balance
from pipelines.publishing import access, warehouse
from pipelines.storage import durable

MANIFEST = "manifest.json"
_FORMAT_VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """One file of a version.

    Attributes:
      table: Folder of the table, such as `scores/photo_ages`.
      name: File name within the table's day.
      rows: Number of rows.
      size: Number of bytes.
      sha256: Hex digest of the bytes.
    """

    table: str
    name: str
    rows: int
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a version holds and where it came from.

    Attributes:
      day: Trading day.
      files: Its files, sorted by table and name.
      photos_with_age: Photos with an age.
      lines_out: Lines of `purchase_ages`.
      model_sha256: Digest of the age model's card.
      code_version: Version of Tillage that first made it.
      settings_fingerprint: Start of the digest of that run's settings.
      purged: Tables that were published and are deleted, as retention asks.
    """

    day: datetime.date
    files: tuple[PublishedFile, ...]
    photos_with_age: int
    lines_out: int
    model_sha256: str
    code_version: str
    settings_fingerprint: str
    purged: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Name of the version: 16 hex digits that depend on its tables' bytes alone."""
        named = [[file.table, file.name, file.sha256] for file in self.files]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]

    @property
    def fullness(self) -> balance.Fullness:
        """How full the day is."""
        return balance.Fullness(
            photos_with_age=self.photos_with_age, lines_out=self.lines_out
        )

    def to_json(self) -> bytes:
        """Writes the manifest's file."""
        content = dataclasses.asdict(self) | {
            "format_version": _FORMAT_VERSION,
            "day": self.day.isoformat(),
        }
        return json.dumps(content, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, encoded: bytes) -> "Manifest":
        """Reads the manifest's file."""
        content = json.loads(encoded)
        content.pop("format_version")
        content["day"] = datetime.date.fromisoformat(content["day"])
        content["purged"] = tuple(content.get("purged", ()))
        content["files"] = tuple(PublishedFile(**file) for file in content["files"])
        return cls(**content)


def without(manifest: Manifest, tables: Collection[str]) -> Manifest:
    """Describes the same day without some of its tables."""
    return dataclasses.replace(
        manifest,
        files=tuple(file for file in manifest.files if file.table not in tables),
        purged=tuple(sorted({*manifest.purged, *tables})),
    )


def files_of(written: Sequence[records.WrittenFile]) -> tuple[PublishedFile, ...]:
    """Names staged files as they are published, sorted."""
    files = (
        PublishedFile(
            table=file.table,
            name=file.name,
            rows=file.rows,
            size=file.size,
            sha256=file.sha256,
        )
        for file in written
    )
    return tuple(sorted(files, key=lambda file: (file.table, file.name)))


def written_files(manifest: Manifest, folder: str) -> list[records.WrittenFile]:
    """Names the files of a version as if they were staged in a folder."""
    return [
        records.WrittenFile(
            table=file.table,
            name=file.name,
            path=f"{folder}/{file.table}/{file.name}",
            rows=file.rows,
            size=file.size,
            sha256=file.sha256,
        )
        for file in manifest.files
    ]


def read(folder: str) -> Manifest | None:
    """Reads the manifest of a version's folder; None if it is not there."""
    try:
        with open(os.path.join(folder, MANIFEST), "rb") as file:
            return Manifest.from_json(file.read())
    except FileNotFoundError:
        return None


def place(
    day: warehouse.Day,
    manifest: Manifest,
    written: Sequence[records.WrittenFile],
    run_id: str,
) -> None:
    """Moves staged files into a new version; does nothing if it is there already.

    Args:
      day: Trading day.
      manifest: What the version holds.
      written: Its staged files.
      run_id: Run that staged them.
    """
    target = os.path.join(day.versions_path, manifest.version)
    if _is_whole(target, manifest):
        return
    # Named after its content: a killed attempt of the run may have left another.
    staging = os.path.join(day.warehouse, day.staging_of(run_id))
    building = f"{staging}.{manifest.version}"
    durable.make_private(building)
    for file in written:
        _move_in(day.warehouse, building, file)
    durable.write(os.path.join(building, MANIFEST), manifest.to_json(), mode=0o644)
    for folder, _, _ in os.walk(building):
        durable.sync_folder(folder)
    os.chmod(building, access.PASSAGE)
    access.make_passage(os.path.dirname(day.versions_path))
    access.make_passage(day.versions_path)
    durable.make_private(day.trash_path)
    # Somebody has damaged a version that holds the same tables.
    durable.delete(target, day.trash_path)
    durable.move(building, target)


def _move_in(root: str, building: str, file: records.WrittenFile) -> None:
    granted = access.of_table(root, file.table)
    folder = granted.make_folders(building, file.table)
    target = os.path.join(folder, file.name)
    # A retried step finds some of its files moved already.
    if not os.path.exists(target):
        os.rename(os.path.join(root, file.path), target)
    granted.grant(target)


def _is_whole(folder: str, manifest: Manifest) -> bool:
    if not os.path.exists(os.path.join(folder, MANIFEST)):
        return False
    paths = [
        (os.path.join(folder, file.table, file.name), file.size)
        for file in manifest.files
    ]
    return all(os.path.isfile(p) and os.path.getsize(p) == size for p, size in paths)
