import json

import pytest

from schemas import bundle as schema
from tests import tiny_bundle

CARD = tiny_bundle.card(files={"age_model.xml": "a" * 64})


def _changed(**changes) -> str:
    """Changes fields of the card; a name may lead into an object by dots."""
    found = json.loads(CARD.to_json())
    for path, value in changes.items():
        *outer, name = path.split("__")
        place = found
        for step in outer:
            place = place[step]
        if value is ...:
            del place[name]
        else:
            place[name] = value
    return json.dumps(found)


def test_comes_back_from_json():
    assert schema.BundleCard.from_json(CARD.to_json()) == CARD


def test_the_same_card_is_the_same_text():
    assert CARD.to_json() == schema.BundleCard.from_json(CARD.to_json()).to_json()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "format_version must be 2"),
        ("{}", "format_version must be 2"),
        (_changed(format_version=1), "format_version must be 2. Received: 1"),
        (_changed(name=...), "lacks 'name'"),
        (_changed(colour="red"), "unknown field 'colour'"),
        (_changed(name=7), "name must be of type str. Received: 7"),
        (_changed(height=0), "height and width must be above 0"),
        (_changed(height=2.5), "height must be of type int"),
        (_changed(height=True), "height must be of type int"),
        (_changed(temperature=0), "temperature must be above 0"),
        (_changed(temperature="1"), "temperature must be of type float"),
        (_changed(temperature=float("nan")), "temperature must be a finite number"),
        (_changed(conformal=3), "conformal must be an object"),
        (_changed(conformal__counts=...), "conformal lacks 'counts'"),
        (_changed(conformal__quantiles_90=[1.0]), "must have 2 values"),
        (_changed(conformal__quantiles_90=[1.0, -1.0]), "quantiles_90 must be above 0"),
        (_changed(conformal__quantiles_90="12"), "quantiles_90 must be a list"),
        (_changed(conformal__counts=[1, 2.5]), r"counts\[1\] must be of type int"),
        (
            _changed(confusion__group_bounds_years=[30.0, 20.0]),
            "group_bounds_years must ascend",
        ),
        (
            _changed(confusion__predicted_given_true=[[0.5, 0.5], [0.5, 0.4]]),
            "sum to 1",
        ),
        (_changed(confusion__counts=[[1, 2]]), "must be 2²"),
        (_changed(band_confusion__counts=[[1, 2]]), "counts must be 29²"),
        (_changed(band_confusion__weights=[1.0]), "weights must have 29 values"),
        (_changed(band_confusion__weights=[-1.0] * 29), "must not be negative"),
        (
            _changed(
                band_confusion__bounds_years=[18],
                band_confusion__counts=[[1, 0], [0, 1]],
                band_confusion__weights=[0.5, 0.5],
            ),
            "bounds_years must hold 5",
        ),
        (_changed(age_prior=[]), "must be 101 shares above 0 that sum to 1"),
        (_changed(age_prior=[0.1] * 101), "must be 101 shares above 0 that sum to 1"),
        (_changed(metrics=[1]), "metrics must be an object"),
        (_changed(metrics={"mae": "low"}), "metrics.mae must be of type float"),
        (_changed(settings={"a": None}), "settings.a must be of type str or int"),
        (_changed(training_data__sha256="xyz"), "sha256 must be 64 hex digits"),
        (_changed(files={"a.xml": "12"}), "a.xml must be 64 hex digits"),
        (_changed(files={"../a": "a" * 64}), "files must be plain names"),
        (_changed(optional_files={".hidden": "a" * 64}), "files must be plain names"),
    ],
)
def test_refuses_what_is_no_card(text, reason):
    with pytest.raises(schema.BundleCardError, match=reason):
        schema.BundleCard.from_json(text)
