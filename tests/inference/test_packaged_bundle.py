"""The bundle that ships: complete, intact, and alike on both engines."""

import numpy as np
import pytest

from pipelines.domain import ages, faces
from pipelines.inference import bundle as bundles
from pipelines.inference import engines, face_finder
from pipelines.sample import frames, looks

AGES_YEARS = (18, 40, 75)


@pytest.fixture(scope="module")
def packaged() -> bundles.Bundle:
    return bundles.load(bundles.default_folder())


@pytest.fixture(scope="module")
def crops(packaged) -> np.ndarray:
    """Faces of rendered people, 16 of each age."""
    settings = faces.FaceSettings.from_card(packaged.card.face_settings)
    finder = face_finder.FaceFinder(settings)
    found = []
    for age_years in AGES_YEARS:
        for seed in range(16):
            rng = np.random.default_rng((age_years, seed))
            look = looks.sample_look(rng)
            photo = frames.picture(
                rng, 5, [frames.Rendered(look=look, age_years=age_years)]
            )
            box = finder.find(photo).box
            assert box is not None
            size, margin = packaged.card.height, settings.crop_margin
            found.append(faces.crop_face(photo, box, size, margin))
    return np.stack(found)


def _ages(bundle: bundles.Bundle, probabilities: np.ndarray) -> np.ndarray:
    weights = ages.to_weights(probabilities, bundle.card.temperature)
    return ages.mean_and_sigma(weights)[0]


def test_it_ships_without_the_keras_model(packaged):
    assert not packaged.has(bundles.KERAS_MODEL)
    assert (packaged.card.height, packaged.card.width) == (160, 160)


@pytest.mark.slow
def test_it_tells_the_young_from_the_old(packaged, crops):
    found = _ages(packaged, engines.make("openvino", packaged).predict(crops))

    by_age = found.reshape(len(AGES_YEARS), -1).mean(axis=1)
    np.testing.assert_allclose(by_age, AGES_YEARS, atol=8)


@pytest.mark.slow
def test_a_result_does_not_depend_on_its_batch(packaged, crops):
    predictor = engines.make("openvino", packaged)
    whole = predictor.predict(crops)

    for size in (1, 5, 16):
        parts = [predictor.predict(crops[at : at + size]) for at in range(0, 20, size)]
        np.testing.assert_array_equal(np.concatenate(parts)[:20], whole[:20])


@pytest.mark.slow
def test_both_engines_agree(packaged, crops):
    int8, rebuilt = (
        _ages(packaged, engines.make(name, packaged).predict(crops))
        for name in engines.ENGINES
    )

    assert np.abs(int8 - rebuilt).mean() < 2.5
