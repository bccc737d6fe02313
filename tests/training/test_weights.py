"""Downloaded weights are those that Keras names."""

import pytest

from training import weights


def test_other_imagenet_weights_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    name = weights._URL.rpartition("/")[2]
    (tmp_path / "models" / name).write_bytes(b"something else")

    with pytest.raises(weights.WeightsError, match="not the ImageNet weights that"):
        weights.initialise(None, "imagenet")
