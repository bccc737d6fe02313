"""Model bundles: folders whose files are verified before they are used."""

import dataclasses
import hashlib
import pathlib
import shutil

from pipelines.inference import bundle_copies
from pipelines.storage import roots
from schemas import bundle as schema

MODEL_XML = "age_model.xml"
MODEL_BIN = "age_model.bin"
ARCHITECTURE = "architecture.json"
KERAS_MODEL = "model.keras"
MODEL_CARD = "MODEL_CARD.md"
LICENSE = "LICENSE"

DIGEST = f"{schema.FILE_NAME}.sha256"
"""Digest of the card itself, as `sha256sum` writes it; bundles of before lack it."""

REQUIRED = (MODEL_XML, MODEL_BIN, ARCHITECTURE, MODEL_CARD, LICENSE)


class BundleError(Exception):
    """A bundle cannot be used; the message says which one, why, and what to do."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bundle:
    """A verified bundle.

    Attributes:
      folder: Where it lies.
      card: What it says of itself.
      sha256: Hex digest of `bundle.json`, which holds the digests of the rest.
    """

    folder: pathlib.Path
    card: schema.BundleCard
    sha256: str

    @property
    def version(self) -> str:
        """Name and digest, as tables carry it, such as `default-1@0a1b2c3d4e5f`."""
        return f"{self.card.name}@{self.sha256[:12]}"

    def has(self, name: str) -> bool:
        """Tells whether an optional file is there."""
        return (self.folder / name).is_file()


def default_folder() -> str:
    """Names the folder of the bundle that ships with the package."""
    return str(pathlib.Path(__file__).parents[1] / "bundles" / "default")


def load(folder: str) -> Bundle:
    """Opens a bundle and verifies every file in it.

    Args:
      folder: Where `bundle.json` lies: a local folder, or a place in a bucket, of
        which a copy is made.

    Raises:
      BundleError: the folder or a file is missing, a file is not the one that the
        card describes, or the card cannot be read.
      roots.StorageError: the bucket cannot be read.
    """
    if not roots.is_remote(folder):
        return _open(pathlib.Path(folder), folder)
    copy = bundle_copies.fetch(folder)
    try:
        return _open(copy, folder)
    except BundleError:
        # The next one to try fetches it anew.
        shutil.rmtree(copy, ignore_errors=True)
        raise


def _open(path: pathlib.Path, named: str) -> Bundle:
    card_path = path / schema.FILE_NAME
    if not card_path.is_file():
        raise BundleError(
            f"{named}: no model bundle here ({schema.FILE_NAME} is missing); "
            "name the folder that `tillage train` wrote"
        )
    encoded = card_path.read_bytes()
    sha256 = hashlib.sha256(encoded).hexdigest()
    _check_digest(path, sha256)
    try:
        card = schema.BundleCard.from_json(encoded.decode())
    except (schema.BundleCardError, UnicodeDecodeError) as error:
        raise BundleError(f"{card_path}: {error}; train or copy it again") from error
    _verify(path, card)
    return Bundle(folder=path, card=card, sha256=sha256)


def write_digest(folder: pathlib.Path) -> None:
    """Writes the digest of the card that lies in a folder."""
    sha256 = sha256_of(folder / schema.FILE_NAME)
    (folder / DIGEST).write_text(f"{sha256}  {schema.FILE_NAME}\n")


def _check_digest(path: pathlib.Path, sha256: str) -> None:
    written = path / DIGEST
    wanted = f"{sha256}  {schema.FILE_NAME}\n".encode()
    if written.is_file() and written.read_bytes() != wanted:
        raise BundleError(
            f"{path / schema.FILE_NAME}: damaged or changed (its sha256 is not the one "
            f"in {DIGEST}); copy the bundle again"
        )


def sha256_of(path: pathlib.Path) -> str:
    """Computes the hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(path: pathlib.Path, card: schema.BundleCard) -> None:
    if unlisted := sorted(set(REQUIRED) - set(card.files)):
        raise BundleError(f"{path}: {schema.FILE_NAME} does not list {unlisted[0]}")
    for name, sha256 in sorted({**card.files, **card.optional_files}.items()):
        file = path / name
        if not file.is_file():
            if name in card.optional_files:
                continue
            raise BundleError(f"{path}: {name} is missing; copy the bundle again")
        if sha256_of(file) != sha256:
            raise BundleError(
                f"{file}: damaged or changed (its sha256 is not the one in "
                f"{schema.FILE_NAME}); copy the bundle again"
            )
