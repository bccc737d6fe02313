import keras
import numpy as np
import pytest

from training import residual_head

_AGES = np.arange(101)


def _model(slope=1.0, offset=0.0, *, last=None):
    """A model whose age is a linear function of its only input."""
    value = keras.Input((1,), name="value")
    last = last or keras.layers.Dense(1, name="age")
    found = keras.Model(value, last(value))
    if isinstance(last, keras.layers.Dense) and last.units == 1:
        last.set_weights([np.array([[slope]]), np.array([offset])][: 1 + last.use_bias])
    return found


def _residuals(bias, spread, count=4001):
    """Evenly spaced values of exactly this mean and spread."""
    values = np.linspace(-1, 1, count)
    return bias + spread * values / values.std(ddof=1)


def _predict(model, values):
    return np.asarray(model(np.array(values, np.float32)[:, None])).astype(np.float64)


@pytest.mark.parametrize(("bias", "spread"), [(0, 8), (3, 5), (-4, 12)])
def test_the_distribution_is_normal_about_the_age(bias, spread):
    head = residual_head.to_distribution(
        _model(slope=2.0, offset=5.0), _residuals(bias, spread)
    )

    found = _predict(head, [10, 20, 40])

    centres = np.array([25, 45, 85])[:, None] + bias
    wanted = np.exp(-0.5 * np.square((_AGES - centres) / spread))
    np.testing.assert_allclose(
        found, wanted / wanted.sum(axis=1, keepdims=True), atol=1e-5
    )


def test_mean_and_spread_are_those_of_the_errors():
    head = residual_head.to_distribution(_model(), _residuals(2, 6))

    (found,) = _predict(head, [50])

    mean = found @ _AGES
    assert mean == pytest.approx(52, abs=1e-3)
    assert np.sqrt(found @ np.square(_AGES - mean)) == pytest.approx(6, abs=1e-2)


@pytest.mark.parametrize("age", [-40.0, 0.0, 100.0, 140.0])
def test_ages_beyond_the_ends_stay_distributions(age):
    head = residual_head.to_distribution(_model(), _residuals(0, 7))

    (found,) = _predict(head, [age])

    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1, abs=1e-5)
    assert found.argmax() == np.clip(age, 0, 100)


def test_errors_of_nothing_still_give_a_spread():
    head = residual_head.to_distribution(_model(), np.zeros(5))

    (found,) = _predict(head, [30])

    assert found[30] == pytest.approx(0.787, abs=0.01)


@pytest.mark.parametrize("count", [0, 1])
def test_refuses_too_few_errors(count):
    with pytest.raises(residual_head.ResidualsError, match="split 'validation'"):
        residual_head.to_distribution(_model(), np.zeros(count))


def test_refuses_errors_that_are_no_numbers():
    with pytest.raises(ValueError, match="finite"):
        residual_head.to_distribution(_model(), np.array([1.0, np.nan]))


@pytest.mark.parametrize(
    "last",
    [
        keras.layers.Dense(2),
        keras.layers.Dense(1, activation="relu"),
        keras.layers.Dense(1, use_bias=False),
        keras.layers.Flatten(),
    ],
)
def test_refuses_another_last_layer(last):
    with pytest.raises(ValueError, match=r"Dense\(1\)"):
        residual_head.to_distribution(_model(last=last), np.zeros(5))
