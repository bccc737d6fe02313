import csv
import json
import re
import subprocess
import sys

import pytest

from pipelines import cli
from pipelines.inference import bundle as bundles
from tests.training import builders


@pytest.fixture
def places(tmp_path):
    """Flags that name eight photos, their labels and where the report goes."""
    rows = builders.write_photos(tmp_path / "photos", 8)
    labelled = builders.write_labels(tmp_path / "labels.csv", rows)
    return {
        "--bundle": bundles.default_folder(),
        "--images": str(tmp_path / "photos"),
        "--labels": str(labelled),
        "--output": str(tmp_path / "report"),
        "--face-crop": "none",
    }


def _argv(places, **changes):
    given = places | {f"--{name.replace('_', '-')}": v for name, v in changes.items()}
    return ["evaluate", *(part for pair in given.items() for part in pair)]


def test_report_is_written_and_summed_up(places, tmp_path, capsys):
    assert cli.main(_argv(places)) == 0

    folder = tmp_path / "report"
    figures = json.loads((folder / "evaluation.json").read_text())
    printed = capsys.readouterr().out
    assert (figures["photos"], figures["faces_found"]) == (8, 8)
    said = re.search(r"^mean error +(\S+) years$", printed, re.MULTILINE)
    # Both are rounded, to different digits.
    assert float(said[1]) == pytest.approx(figures["mae_years"], abs=0.006)
    assert "Conclusions" in (folder / "evaluation.html").read_text()


def test_predictions_list_every_labelled_photo(places, tmp_path):
    (tmp_path / "photos" / "one_0002.jpg").write_bytes(b"torn")

    assert cli.main(_argv(places)) == 0

    with (tmp_path / "report" / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert rows[2] == {
        "file_name": "one_0002.jpg",
        "real_age": rows[2]["real_age"],
        "age_years": "",
        "low": "",
        "high": "",
        "face_status": "undecodable",
    }
    assert float(rows[3]["low"]) <= float(rows[3]["age_years"])


def test_same_photos_give_the_same_files(places, tmp_path):
    assert cli.main(_argv(places)) == 0
    assert cli.main(_argv(places, output=str(tmp_path / "again"))) == 0

    for path in (tmp_path / "report").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_report_may_be_written_again(places):
    assert cli.main(_argv(places)) == 0
    assert cli.main(_argv(places)) == 0


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("bundle", "nowhere", "nowhere: no model bundle here"),
        ("images", "nowhere", "nowhere: no such file or folder"),
        ("labels", "nowhere.csv", "nowhere.csv: no such file or folder"),
        ("split", "test", "no photo has 'test' in the column split"),
        ("split", "exam", "--split: invalid choice: 'exam'"),
        ("engine", "abacus", "--engine: invalid choice: 'abacus'"),
        ("shopper_ages", "none.csv", "--shopper-ages none.csv: no such file"),
        ("worst_photos", "-1", "num_worst must be at least 0"),
        ("threads", "two", "--threads: invalid int value: 'two'"),
        ("output", "/proc/no", "--output /proc/no: cannot be written"),
        ("outpt", "x", "unrecognized arguments: --outpt x"),
        ("face_crop", "auto", "of 8 labelled photos none has a usable face ("),
    ],
)
def test_mistakes_get_one_line_and_exit_code_2(places, capsys, flag, value, words):
    assert cli.main(_argv(places, **{flag: value})) == 2

    said = capsys.readouterr().err
    assert said.startswith("tillage evaluate: ")
    assert words in said
    assert said.count("\n") == 1


def test_output_must_not_be_a_file(places, tmp_path, capsys):
    (tmp_path / "report").write_text("here")

    assert cli.main(_argv(places)) == 2
    assert "is no folder" in capsys.readouterr().err


def test_help_names_units_and_an_example(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["evaluate", "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    for words in ("example:", "in years", "shares are 0 to 1", "(default: openvino)"):
        assert words in said


def test_openvino_needs_no_tensorflow():
    check = (
        "import sys; import training.evaluate; "
        "from pipelines.inference import bundle, engines; "
        "engines.make('openvino', bundle.load(bundle.default_folder())); "
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.slow
def test_tensorflow_does_it_too(places, tmp_path):
    assert cli.main(_argv(places, engine="tensorflow")) == 0

    page = (tmp_path / "report" / "evaluation.html").read_text()
    assert "engine tensorflow" in page


@pytest.mark.real_data
def test_real_faces_are_found_and_judged(shared_data, places, tmp_path):
    rows = (shared_data / "faces" / "labels.csv").read_text().splitlines()
    header, *people = rows
    chosen = [row for row in people if row.startswith("utk")][:40]
    (tmp_path / "labels.csv").write_text("\n".join([header, *chosen]) + "\n")

    argv = _argv(
        places, images=str(shared_data / "faces" / "utk.tar"), face_crop="auto"
    )
    assert cli.main(argv) == 0

    figures = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert figures["photos"] == 40
    assert figures["faces_found"] >= 36
    assert {group["sex"] for group in figures["by_sex"]} == {"female", "male"}
