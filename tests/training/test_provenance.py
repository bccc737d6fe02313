import json

import pytest

from training import config, provenance

_ROW = {"name": "original recipe", "train_mae_years": 3.1, "validation_mae_years": 8}


def _settings(folder, ablations=None):
    source = config.PhotoSource(images=folder, labels=folder / "labels.csv")
    return config.TrainConfig(
        sources=(source,), output=folder / "bundle", ablations=ablations
    )


def test_of_a_run_that_says_nothing_nothing_is_known(tmp_path):
    assert provenance.read(_settings(tmp_path)) == provenance.Provenance()


def test_reads_what_the_run_says_of_itself(tmp_path):
    settings = _settings(tmp_path)
    settings.run_folder.mkdir()
    said = {"device": "NVIDIA H200", "photos_per_second": 812.5, "parts": [1, 2]}
    (settings.run_folder / "result.json").write_text(json.dumps(said))

    found = provenance.read(settings)

    assert found.fit == {"device": "NVIDIA H200", "photos_per_second": 812.5}


def test_reads_ablations_in_their_order(tmp_path):
    path = tmp_path / "ablations.json"
    rows = [_ROW, _ROW | {"name": "plus crop", "epochs": 4, "has_crop": True}]
    path.write_text(json.dumps(rows))

    found = provenance.read(_settings(tmp_path, path))

    assert list(found.ablations) == rows


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[", "Expecting value"),
        ("{}", "must be a list"),
        ("[3]", "must be an object"),
        (json.dumps([{**_ROW, "name": None}]), "row 1 lacks name"),
        (json.dumps([_ROW, {"name": "x"}]), "row 2 lacks train_mae_years"),
        (
            json.dumps([_ROW | {"train_mae_years": "3"}]),
            "train_mae_years of row 1 is '3'",
        ),
        (json.dumps([_ROW | {"epochs": [1]}]), "epochs"),
    ],
)
def test_refuses_what_is_no_list_of_fits(tmp_path, content, reason):
    path = tmp_path / "ablations.json"
    path.write_text(content)

    with pytest.raises(provenance.ProvenanceError, match=reason) as refused:
        provenance.read_ablations(path)

    assert str(path) in str(refused.value)


def test_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(provenance.ProvenanceError, match="No such file"):
        provenance.read_ablations(tmp_path / "none.json")
