"""Where the parts of a face lie, by person and age."""

import dataclasses

import numpy as np

from pipelines.sample import looks, painting


@dataclasses.dataclass(frozen=True, kw_only=True)
class Face:
    """Proportions of one face at one age, in units of half an adult face.

    Attributes:
      half_width: Half of the width at the cheekbones.
      top: Crown of the head, above the centre (negative).
      chin: Below the centre.
      jaw: Share of the width kept at the jaw.
      eye_y: Line of the eyes.
      eye_x: Distance of each eye from the middle.
      eye_size: Half of the width of an eye.
      nose_y: Tip of the nose.
      mouth_y: Line of the mouth.
    """

    half_width: float
    top: float
    chin: float
    jaw: float
    eye_y: float
    eye_x: float
    eye_size: float
    nose_y: float
    mouth_y: float

    def outline(self) -> painting.Points:
        """Makes the line round the face, hair not counted."""
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        x, y = np.cos(angles), np.sin(angles)
        narrow = np.where(y > 0, 1 - (1 - self.jaw) * np.abs(y) ** 1.6, 1.0)
        full = np.sign(x) * np.abs(x) ** 0.85 * self.half_width * narrow
        return np.stack([full, np.where(y > 0, y * self.chin, -y * self.top)], axis=1)


def face_of(look: looks.Look, age: looks.Ageing) -> Face:
    """Says how the years and the person shape a face."""
    grown = age.growth
    return Face(
        half_width=look.width * (1.04 - 0.06 * grown),
        top=-look.length * (1.22 + 0.13 * grown),
        chin=look.length * (1.02 + 0.34 * grown + 0.06 * age.wear),
        jaw=0.68 - 0.06 * grown + 0.14 * age.wear * age.wear + look.jaw,
        eye_y=0.17 - 0.27 * grown,
        eye_x=0.43 - 0.01 * grown,
        eye_size=0.265 - 0.065 * grown - 0.02 * age.wear,
        nose_y=0.40 + 0.03 * grown + 0.08 * age.wear,
        mouth_y=0.66 + 0.14 * grown + 0.05 * age.wear,
    )
