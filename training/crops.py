"""Crops of labelled photos: as scoring makes them, and wider ones to vary."""

import concurrent.futures
import dataclasses
import itertools
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from pipelines.domain import faces, photos, pixels
from training import config, duplicates, framing, per_thread, photo_files

EXTRA_MARGIN = 0.3

_CHUNK = 256


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One look at a photo.

    Attributes:
      photo: With its label.
      view: `plain`, or `framed`: the photo put into a larger frame.
      status: `ok`, `undecodable`, or what the face finder says.
      fingerprint: Of the photo as it is; None where it cannot be decoded.
      crop: As scoring makes it, shape `(size, size, 3)`; None unless `ok`.
      wide: The same with `EXTRA_MARGIN` of the face's side more on each side, at
        the same scale; None unless `ok`.
    """

    photo: photo_files.LabelledPhoto
    view: str
    status: str
    fingerprint: duplicates.Fingerprint | None = None
    crop: pixels.Picture | None = None
    wide: pixels.Picture | None = None


def wide_px(settings: config.TrainConfig) -> int:
    """Gives the side of a wide crop."""
    if settings.face_crop == "none":
        return settings.image_size
    margin = settings.face_settings.crop_margin
    return round(settings.image_size * _sides(margin + EXTRA_MARGIN) / _sides(margin))


def _sides(margin: float) -> float:
    return 1 + 2 * margin


def looks(
    found: Iterable[photo_files.LabelledPhoto], settings: config.TrainConfig
) -> Iterator[Look]:
    """Yields the looks of each photo, in order, cropped by several threads."""
    cropper = _Cropper(settings)
    waiting = iter(found)
    # OpenCV lets other threads run while it works.
    with concurrent.futures.ThreadPoolExecutor(settings.num_threads or None) as pool:
        while chunk := list(itertools.islice(waiting, _CHUNK)):
            for seen in pool.map(cropper.looks, chunk):
                yield from seen


def views(
    name: str, rgb: pixels.Picture, *, is_framed: bool
) -> list[tuple[str, pixels.Picture]]:
    """Gives the ways in which training looks at a photo.

    Args:
      name: Of the photo; decides on its frame.
      rgb: Shape `(height, width, 3)`, dtype uint8.
      is_framed: Whether a photo smaller than a camera's is put into a frame, too.

    Returns:
      `plain` with the photo as it is, then `framed` where there is such a view.
    """
    found = [("plain", rgb)]
    if is_framed and framing.is_cropped(rgb):
        # The same frame in every run, whichever thread makes it.
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        found.append(("framed", framing.framed(rgb, rng)))
    return found


class _Cropper:
    """Crops photos in several threads; each has a finder of its own."""

    def __init__(self, settings: config.TrainConfig) -> None:
        self._settings = settings
        self._wide_px = wide_px(settings)
        self._finder = per_thread.ThreadedFinder(settings.face_settings)

    def looks(self, photo: photo_files.LabelledPhoto) -> list[Look]:
        try:
            rgb = photos.decode_photo(photo.encoded)
        except photos.UnusablePhotoError:
            return [Look(photo=photo, view="plain", status="undecodable")]
        known = duplicates.fingerprint(rgb)
        seen = views(photo.name, rgb, is_framed=self._settings.framed_copies)
        return [self._look(photo, view, one, known) for view, one in seen]

    def _look(
        self,
        photo: photo_files.LabelledPhoto,
        view: str,
        rgb: pixels.Picture,
        known: duplicates.Fingerprint,
    ) -> Look:
        size = self._settings.image_size
        look = Look(photo=photo, view=view, status="ok", fingerprint=known)
        if self._settings.face_crop == "none":
            crop = faces.whole_photo(rgb, size)
            return dataclasses.replace(look, crop=crop, wide=crop)
        finding = self._finder.find(rgb)
        if finding.status != "ok" or finding.box is None:
            return dataclasses.replace(look, status=finding.status)
        rgb = faces.upright(rgb, finding)
        margin = self._settings.face_settings.crop_margin
        return dataclasses.replace(
            look,
            crop=faces.crop_face(rgb, finding.box, size, margin),
            wide=faces.crop_face(
                rgb, finding.box, self._wide_px, margin + EXTRA_MARGIN
            ),
        )
