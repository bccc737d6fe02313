import pathlib

import keras
import numpy as np
import pytest

from training import averaging, runs


@pytest.fixture
def network():
    """A tiny compiled model with two steps behind it."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="ages")])
    model.compile(optimizer=keras.optimizers.AdamW(0.1), loss="mse")
    for _ in range(2):
        model.train_on_batch(np.ones((4, 3)), np.ones((4, 2)))
    return model


def _averager(*weights):
    averager = averaging.Averager(100)
    averager.update([np.asarray(values, np.float32) for values in weights])
    return averager


def _like(network):
    other = keras.models.clone_model(network)
    other.compile(optimizer=keras.optimizers.AdamW(0.1), loss="mse")
    return other


def test_a_checkpoint_brings_everything_back(network, tmp_path):
    run = runs.Run(tmp_path)
    run.save(network, _averager([1.0], [2.0, 3.0]), runs.State(num_photos=8, seconds=3))
    other, averager = _like(network), averaging.Averager(100)

    state = run.restore(other, averager)

    assert state == runs.State(num_photos=8, seconds=3, num_resumes=1)
    for found, wanted in zip(other.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert int(other.optimizer.iterations) == 2
    assert averager.num_updates == 1
    assert [values.tolist() for values in averager.average] == [[1.0], [2.0, 3.0]]


class _Trap:
    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("sprung"),)


def test_a_checkpoint_with_a_pickled_object_is_refused(network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = runs.Run(tmp_path)
    run.save(network, _averager([1.0]), runs.State())
    np.savez(tmp_path / "checkpoint" / "average.npz", np.array([_Trap()], dtype=object))

    with pytest.raises(runs.RunError, match=r"average\.npz: damaged, or not written"):
        run.restore(network, _averager([1.0]))
    assert not (tmp_path / "sprung").exists()


def test_nothing_is_restored_where_nothing_was_saved(network, tmp_path):
    assert runs.Run(tmp_path).restore(network, _averager([1.0])) is None


def test_a_checkpoint_replaces_the_one_before(network, tmp_path):
    run = runs.Run(tmp_path)
    for num_photos in (8, 16, 24):
        run.save(network, _averager([1.0]), runs.State(num_photos=num_photos))

    assert run.restore(network, _averager([1.0])).num_photos == 24
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_the_one_before_counts_while_the_next_is_half_written(network, tmp_path):
    run = runs.Run(tmp_path)
    run.save(network, _averager([1.0]), runs.State(num_photos=8))
    # A process dies between putting the old one aside and the new one in its place.
    (tmp_path / "checkpoint").rename(tmp_path / "checkpoint.old")
    (tmp_path / "checkpoint.part").mkdir()

    assert run.restore(network, _averager([1.0])).num_photos == 8
    run.save(network, _averager([1.0]), runs.State(num_photos=16))
    assert run.restore(network, _averager([1.0])).num_photos == 16


def test_a_result_ends_a_run(network, tmp_path):
    run = runs.Run(tmp_path)
    run.save(network, _averager([1.0]), runs.State(num_photos=8))
    assert not run.is_finished
    assert run.result() == {}

    run.finish(network, {"epochs": 3})

    assert run.is_finished
    assert run.result() == {"epochs": 3}
    assert run.fitted.is_file()
    assert not (tmp_path / "checkpoint").exists()
