"""A day of photos in two sizes, and the model as Keras reads it."""

import dataclasses
import itertools
import os
import pathlib
import secrets
import shutil
import subprocess
import sys

from benchmarks import large_days
from pipelines.domain import photos


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sets:
    """What all programs are given.

    Attributes:
      many: Input root of a day with all photos, of 640 x 480 pixels.
      few: Likewise, with a part of them and the same purchases.
      num_many: Photos in `many`.
      num_few: Photos in `few`.
      model: The bundle's Keras model, a file.
      key: File with a key for pseudonyms.
    """

    many: pathlib.Path
    few: pathlib.Path
    num_many: int
    num_few: int
    model: pathlib.Path
    key: pathlib.Path


def make(folder: pathlib.Path, num_photos: int, divisor: int, bundle: str) -> Sets:
    """Renders what is not there yet.

    Args:
      folder: To write into; what an earlier run left is used.
      num_photos: In the larger set.
      divisor: How many times as many as in the smaller one.
      bundle: Folder of the bundle.

    Raises:
      subprocess.CalledProcessError: a step failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sets = Sets(
        many=folder / f"{num_photos}-photos" / "all",
        few=folder / f"{num_photos}-photos" / "part",
        num_many=num_photos,
        num_few=num_photos // divisor,
        model=folder / "model.keras",
        key=folder / "key",
    )
    sets.key.write_text(secrets.token_hex(32))
    if not sets.many.parent.exists():
        render(folder / "rendered", num_photos)
        partial = folder / "partial"
        clear(partial)
        for root, number in ((sets.few, sets.num_few), (sets.many, num_photos)):
            _take(folder / "rendered", partial / root.name, number)
        partial.rename(sets.many.parent)
    subprocess.run([sys.executable, "-c", _SAVE, bundle, str(sets.model)], check=True)
    return sets


_SAVE = """
import sys
from pipelines.inference import bundle, keras_model
keras_model.load(bundle.load(sys.argv[1])).save(sys.argv[2])
"""


def render(root: pathlib.Path, num_photos: int) -> None:
    """Renders a day of one store: each transaction has a photo, some more."""
    clear(root)
    command = [sys.executable, "-m", "pipelines.cli", "sample-day"]
    command += [f"--output={root}", f"--date={large_days.DATE}", "--stores=1"]
    subprocess.run([*command, f"--transactions-per-store={num_photos}"], check=True)


def _take(rendered: pathlib.Path, root: pathlib.Path, number: int) -> None:
    for kind in ("purchases", "captures"):
        shutil.copytree(rendered / kind, root / kind)
    store = pathlib.Path("photos", f"date={large_days.DATE}", "store=0001")
    (root / store).mkdir(parents=True)
    whole = filter(_is_whole, sorted((rendered / store).glob("*.jpg")))
    for photo in itertools.islice(whole, number):
        os.link(photo, root / store / photo.name)


def _is_whole(photo: pathlib.Path) -> bool:
    try:
        photos.decode_photo(photo.read_bytes())
    except photos.UnusablePhotoError:
        return False
    return True


def clear(path: pathlib.Path) -> None:
    """Removes a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
