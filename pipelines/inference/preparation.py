"""Makes of a photo what the model takes: decoded, face found, cropped."""

import dataclasses

from pipelines.domain import faces, photos, pixels
from pipelines.inference import face_finder

# A photo is searched at a fraction of its size if its sides stay this long.
_SEARCHED_PX = 480


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One photo, ready for the model.

    Attributes:
      face: Crop, shape `(size, size, 3)`, dtype uint8; None unless the status is `ok`.
      status: See `faces.Finding`.
      face_px: Side of the face, in pixels of the photo, or None.
      brightness: Mean grey level of the photo, 0 to 255, or None if not measured.
      turned_degrees: See `faces.Finding`; None where no face was looked for, too.
    """

    face: pixels.Picture | None
    status: str
    face_px: int | None = None
    brightness: float | None = None
    turned_degrees: int | None = None


class Preparer:
    """Prepares photos; not to be shared between threads."""

    def __init__(self, settings: faces.FaceSettings | None, size_px: int) -> None:
        """Loads the face finder.

        Args:
          settings: How to find and crop faces; None takes whole photos.
          size_px: Side of the square that the model takes.
        """
        self._settings, self._size_px = settings, size_px
        self._finder = face_finder.FaceFinder(settings) if settings else None

    def prepare(self, encoded: bytes) -> Prepared:
        """Prepares one photo.

        Args:
          encoded: A JPEG, PNG or WebP file.

        Raises:
          photos.UnusablePhotoError: see `photos.decode_photo`.
        """
        if self._finder is None or self._settings is None:
            whole, _ = photos.decode_shrunk(encoded, self._size_px)
            return Prepared(faces.whole_photo(whole, self._size_px), "ok")
        rgb, divisor = photos.decode_shrunk(encoded, _SEARCHED_PX)
        finding = self._finder.find(rgb, divisor)
        box, face = finding.box, None
        if box is not None and finding.status == "ok":
            if divisor > 1 and box.side < self._size_px:
                # The face is small: each of its pixels counts.
                rgb, box = photos.decode_photo(encoded), box.times(divisor)
            rgb = faces.upright(rgb, finding)
            face = faces.crop_face(rgb, box, self._size_px, self._settings.crop_margin)
        return Prepared(
            face,
            finding.status,
            finding.face_px,
            finding.brightness,
            finding.turned_degrees,
        )
