"""Crops that training makes of photos that are turned."""

import pathlib

import cv2
import numpy as np
import pytest

from pipelines.domain import pixels
from pipelines.sample import frames, looks
from training import config, crops, labels, photo_files

SETTINGS = config.TrainConfig(
    sources=(config.PhotoSource(images=pathlib.Path("p"), labels=pathlib.Path("l")),),
    output=pathlib.Path("unused"),
    image_size=80,
    face_crop="auto",
)


def _labelled(name: str, rgb: np.ndarray) -> photo_files.LabelledPhoto:
    encoded = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()
    label = labels.Label(age_years=35.0)
    return photo_files.LabelledPhoto(name=name, encoded=encoded, label=label)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_photo_gives_the_crops_of_the_upright_one(degrees):
    look = looks.sample_look(np.random.default_rng(1))
    person = frames.Rendered(look=look, age_years=35)
    photo = frames.picture(np.random.default_rng(0), 5, [person])
    found = [
        _labelled("upright.png", photo),
        _labelled("turned.png", pixels.turned(photo, degrees)),
    ]

    upright, turned = crops.looks(found, SETTINGS)

    assert (upright.status, turned.status) == ("ok", "ok")
    np.testing.assert_array_equal(turned.crop, upright.crop)
    np.testing.assert_array_equal(turned.wide, upright.wide)
