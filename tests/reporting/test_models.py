import pathlib

import pytest

from pipelines.inference import bundle as bundles
from pipelines.reporting import models, spans
from tests import tiny_bundle
from tests.reporting import warehouses

day = warehouses.day
_BUNDLE = bundles.Bundle(
    folder=pathlib.Path("bundles/mine"),
    card=tiny_bundle.card(name="model"),
    sha256=warehouses.MODEL[1],
)
_OTHER = ("other", "cd" * 32)


def _runs(root):
    return spans.read(str(root), day(0), day(4), "category").runs


def test_days_of_the_bundle_pass(published):
    models.check(_runs(published), _BUNDLE)


def test_days_without_a_run_pass(published):
    models.check(_runs(published).slice(0, 0), _BUNDLE)


def test_days_of_another_model_are_refused(tmp_path):
    warehouses.publish_day(tmp_path, model=_OTHER)
    with pytest.raises(models.ModelError) as refusal:
        models.check(_runs(tmp_path), _BUNDLE)
    assert str(refusal.value) == (
        "bundles/mine: these days were not scored by this bundle, model@abababababab, "
        "whose errors would correct them wrongly; give --bundle the folder of "
        "other@cdcdcdcdcdcd"
    )


def test_a_model_of_the_same_name_is_another(tmp_path):
    warehouses.publish_day(tmp_path, model=("model", "cd" * 32))
    with pytest.raises(models.ModelError, match="of model@cdcdcdcdcdcd"):
        models.check(_runs(tmp_path), _BUNDLE)


def test_days_of_several_models_are_refused_with_the_days_of_each(three_days):
    warehouses.publish_day(three_days, day(3), model=_OTHER, run=1)
    with pytest.raises(models.ModelError) as refusal:
        models.check(_runs(three_days), _BUNDLE)
    assert str(refusal.value).endswith(
        "report the days of each apart (model@abababababab: 2026-11-02 to 2026-11-03; "
        "other@cdcdcdcdcdcd: 2026-11-05)"
    )
