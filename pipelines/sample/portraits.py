"""Draws the face of somebody who does not exist, at a given age.

The cues of age are graded smoothly, so that a model can learn them: proportions and
round cheeks in childhood, then wrinkles, sagging, grey and receding hair.
"""

import numpy as np

from pipelines.sample import features, hair, looks, painting, proportions, skin


def draw(
    frame: painting.Planes,
    look: looks.Look,
    age_years: float,
    pose: painting.Pose,
) -> None:
    """Draws a person from the shoulders up.

    Args:
      frame: Painted on in place.
      look: Who.
      age_years: How old, 0 to 90 and beyond.
      pose: Where; the same person may be drawn in many poses.
    """
    age = looks.ageing(age_years)
    face = proportions.face_of(look, age)
    painter = painting.Painter(frame, pose)
    rng = np.random.default_rng(look.pattern_seed)
    hair.draw_behind(painter, look, age, face)
    features.draw_body(painter, look, age, face)
    painter.fill(face.outline(), colour=look.skin)
    skin.draw_shading(painter, look, age, face)
    features.draw_mouth(painter, look, age, face)
    features.draw_nose(painter, look, age, face)
    features.draw_brows(painter, look, age, face)
    features.draw_eyes(painter, look, age, face)
    skin.draw_wrinkles(painter, look, age, face)
    skin.draw_pattern(painter, age, face, rng)
    if age_years >= 16:
        hair.draw_beard(painter, look, age, face)
    hair.draw_in_front(painter, look, age, face, rng)
    if age_years >= look.glasses_from_age:
        features.draw_glasses(painter, face)
