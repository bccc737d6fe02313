import argparse
import json
import pathlib

import pytest

from benchmarks import ablations
from training import options, provenance


class _Trainer:
    """Stands in for the processes: writes what a fit leaves behind."""

    def __init__(self, failing=None):
        self.failing = failing
        self.runs = []

    def __call__(self, command):
        given = dict(
            word.split("=", 1) for word in command if word.startswith("--run=")
        )
        run = pathlib.Path(given["--run"])
        self.runs.append(run.name)
        if run.name == self.failing:
            return 2
        run.mkdir(parents=True)
        (run / "splits.csv").write_text("file_name,real_age,split\n")
        figures = {"train_mae_years": 3.0, "validation_mae_years": 3.0 + len(run.name)}
        (run / "result.json").write_text(json.dumps(figures | {"epochs": 4}))
        return 0


@pytest.fixture
def flags(tmp_path) -> argparse.Namespace:
    for name in ("photos", "labels.csv"):
        (tmp_path / name).mkdir()
    return ablations._parser().parse_args(
        [
            f"--images={tmp_path / 'photos'}",
            f"--labels={tmp_path / 'labels.csv'}",
            f"--output={tmp_path / 'out'}",
            "--initial-weights=weights.h5",
        ]
    )


def test_every_part_is_fitted_once_and_listed_in_its_order(flags):
    trainer = _Trainer()

    exit_code, results = ablations.compare(flags, trainer)

    assert exit_code == 0
    assert sorted(trainer.runs) == sorted(part.folder for part in ablations.PARTS)
    assert [row["name"] for row in results] == [part.name for part in ablations.PARTS]


def test_the_first_fit_finds_the_faces(flags):
    trainer = _Trainer()
    ablations.compare(flags, trainer)

    assert trainer.runs[0] == "crop"


def test_a_finished_part_is_not_fitted_again(flags):
    ablations.compare(flags, _Trainer(failing="pretrained"))
    trainer = _Trainer()

    exit_code, results = ablations.compare(flags, trainer)

    assert exit_code == 0
    assert trainer.runs == ["pretrained", "distribution", "augmentation"]
    assert len(results) == len(ablations.PARTS)


def test_a_failed_fit_ends_the_run_and_keeps_what_is_there(flags):
    exit_code, results = ablations.compare(flags, _Trainer(failing="original-random"))

    assert exit_code == 2
    assert [row["name"] for row in results] == [
        part.name for part in ablations.PARTS if part.is_cropped
    ]


def test_the_model_card_takes_the_results(flags):
    ablations.compare(flags, _Trainer())

    rows = provenance.read_ablations(flags.output / ablations.RESULTS)

    assert len(rows) == len(ablations.PARTS)
    assert rows[0]["epochs"] == 4


@pytest.mark.parametrize("part", ablations.PARTS, ids=lambda part: part.folder)
def test_every_command_is_one_that_train_understands(flags, part):
    ablations.compare(flags, _Trainer(failing="original-random"))
    command = ablations.command_of(part, flags, ablations.PARTS[4])

    settings = options.parse(command[command.index("train") + 1 :])

    assert settings.is_fit_only
    assert settings.run_folder == flags.output / part.folder
    assert settings.face_crop == ("auto" if part.is_cropped else "none")
    is_random = part.folder == "original-random"
    assert settings.initial_weights == ("random" if is_random else "weights.h5")
    assert settings.fit.epochs == 4


def test_each_row_changes_one_thing(flags):
    ablations.compare(flags, _Trainer(failing="original-random"))
    fits = []
    for part in ablations.PARTS:
        command = ablations.command_of(part, flags, ablations.PARTS[4])
        fits.append(options.parse(command[command.index("train") + 1 :]).fit)

    found = [(fit.head, fit.has_augmentation, fit.has_averaging) for fit in fits]
    assert found == [
        ("regression", False, False),
        ("regression", False, False),
        ("distribution", False, False),
        ("distribution", True, False),
        ("distribution", True, False),
        ("distribution", True, True),
        ("distribution", True, True),
    ]


def test_the_table_shows_the_gap():
    lines = ablations.table(
        [{"name": "a part", "train_mae_years": 3, "validation_mae_years": 7.25}]
    )

    assert lines[1].split() == ["a", "part", "3.00", "7.25", "+4.25"]
    assert "Small and short" in lines[-1]
