import json
import re
import subprocess
import sys

import pytest

from pipelines import cli
from tests.training.inspection import conftest
from training import inspect, labels


def _argv(shelf, *further):
    return [
        f"--images={shelf.folder}",
        f"--labels={shelf.labels()}",
        f"--output={shelf.folder.parent / 'report'}",
        "--face-crop=none",
        *further,
    ]


def test_writes_its_report(messy, capsys):
    assert cli.main(["inspect", *_argv(messy)]) == 0

    report = messy.folder.parent / "report"
    assert sorted(path.name for path in report.iterdir()) == [
        "findings.csv",
        "inspection.html",
        "inspection.json",
        "splits.csv",
    ]
    assert json.loads((report / "inspection.json").read_text())["kept"] == 9
    told = capsys.readouterr().out
    assert told.startswith("kept 9 of 10 photos\n        2  One picture under two ages")
    assert told.endswith(f"report: {report / 'inspection.html'}\n")


def test_the_page_shows_what_is_wrong(messy):
    inspect.main(_argv(messy))

    text = (messy.folder.parent / "report" / "inspection.html").read_text()

    for title in (
        "What to do before training",
        "Samples of each age group",
        "Suspicious photos",
        "By source",
        "Kept photos by age group and split",
    ):
        assert title in text
    assert "Correct the labels of 1 picture" in text
    assert "49 years apart; likeness" in text
    # Nine samples; two pairs and one pair of exact duplicates; tiny and grey.
    assert text.count('src="data:image/jpeg') == 9 + 3 + 2
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)


def test_a_page_without_photos_can_be_asked_for(messy):
    inspect.main(_argv(messy, "--pictures=0"))

    text = (messy.folder.parent / "report" / "inspection.html").read_text()

    assert "data:image" not in text
    assert "Suspicious photos" not in text


def test_the_same_set_gives_the_same_bytes(messy, tmp_path):
    for name in ("one", "two"):
        argv = [word for word in _argv(messy) if "--output" not in word]
        assert inspect.main([*argv, f"--output={tmp_path / name}"]) == 0

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_names_are_text_on_the_page(shelf):
    shelf.put("<b>bold<b>.png", conftest.soft(1), 30, source="<i>here")

    assert inspect.main(_argv(shelf)) == 0

    text = (shelf.folder.parent / "report" / "inspection.html").read_text()
    assert "&lt;b&gt;bold" in text
    assert "<i>here" not in text


def test_two_labels_files_get_a_split_each(messy, tmp_path):
    other = conftest.Shelf(tmp_path / "other" / "photos")
    other.folder.mkdir(parents=True)
    other.put("plain.png", conftest.soft(20), 61)

    code = inspect.main(
        [
            "--images",
            str(messy.folder),
            str(other.folder),
            "--labels",
            str(messy.labels()),
            str(other.labels()),
            f"--output={tmp_path / 'report'}",
            "--face-crop=none",
        ]
    )

    assert code == 0
    second = labels.read_labels(tmp_path / "report" / "splits-2-labels.csv")
    assert {name: label.age_years for name, label in second.items()} == {
        "plain.png": 61
    }
    assert len(labels.read_labels(tmp_path / "report" / "splits-1-labels.csv")) == 9


def test_labels_that_would_stop_training_are_reported(shelf, capsys):
    shelf.put("a.png", conftest.soft(1), 30)
    shelf.put("b.png", conftest.soft(2), "young")

    assert inspect.main(_argv(shelf)) == 0

    assert "Training would stop: 1 label or name must be put" in capsys.readouterr().out


def test_a_set_of_which_nothing_can_be_read_is_reported(shelf, capsys):
    shelf.put("a.png", conftest.soft(1), 30)
    (shelf.folder / "a.png").write_bytes(b"")

    assert inspect.main(_argv(shelf)) == 0

    assert "kept 0 of 1 photos" in capsys.readouterr().out


def test_refuses_photos_and_labels_without_a_name_in_common(shelf, capsys):
    shelf.put("a.png", conftest.soft(1))
    shelf.label("x.png", 30)

    assert inspect.main(_argv(shelf)) == 2

    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(
        "tillage inspect: no photo has a label: photos 1 (first: a.png), "
        "labels 1 (first: x.png); file_name must be"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("--pictures=-1", "pictures_per_group must be at least 0. Received: -1"),
        ("--min-face-px=0", "min_face_px must be at least 1"),
        ("--framed-copies", "framed_copies needs face_crop auto"),
        ("--epochs=3", "unrecognized arguments: --epochs=3"),
        ("--labels=none.csv", "none.csv: no such file or folder"),
        ("--face-crop=some", "invalid choice: 'some'"),
    ],
)
def test_bad_usage_is_one_clear_line(shelf, capsys, changed, said):
    shelf.put("a.png", conftest.soft(1), 30)

    assert inspect.main(_argv(shelf, changed)) == 2

    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith("tillage inspect: ")
    assert said in told
    assert not (shelf.folder.parent / "report").exists()


def test_an_older_report_is_replaced(shelf):
    shelf.put("a.png", conftest.soft(1), 30)
    report = shelf.folder.parent / "report"

    inspect.main(_argv(shelf))
    shelf.put("b.png", conftest.soft(2), 40)
    assert inspect.main(_argv(shelf)) == 0

    assert json.loads((report / "inspection.json").read_text())["photos"] == 2


def test_refuses_an_output_that_is_a_file(shelf, capsys):
    shelf.put("a.png", conftest.soft(1), 30)
    (shelf.folder.parent / "report").write_text("precious")

    assert inspect.main(_argv(shelf)) == 2

    assert "report: cannot be made: File exists" in capsys.readouterr().err
    assert (shelf.folder.parent / "report").read_text() == "precious"


def test_says_what_cannot_be_written(shelf, capsys):
    shelf.put("a.png", conftest.soft(1), 30)
    (shelf.folder.parent / "report" / "findings.csv").mkdir(parents=True)

    assert inspect.main(_argv(shelf)) == 2

    assert "cannot be written: Is a directory" in capsys.readouterr().err


def test_help_names_units_defaults_and_an_example(capsys):
    with pytest.raises(SystemExit):
        inspect.main(["--help"])

    told = capsys.readouterr().out
    assert "tillage inspect --images photos.tar" in told
    assert "in pixels (default: 64)" in " ".join(told.split())
    assert "inspection.html" in told


def test_needs_no_model_framework():
    frameworks = "{'keras', 'tensorflow', 'openvino', 'apache_beam'}"
    code = f"import training.inspect, sys; print({frameworks} & sys.modules.keys())"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert told.stdout == "set()\n"


@pytest.mark.real_data
def test_real_photos_are_inspected(shared_data, tmp_path):
    rows = (shared_data / "faces" / "labels.csv").read_text().splitlines()
    head, body = rows[0], [row for row in rows[1:] if row.startswith("utk_0001")]
    (tmp_path / "labels.csv").write_text("\n".join([head, *body]) + "\n")

    code = inspect.main(
        [
            f"--images={shared_data / 'faces' / 'utk.tar'}",
            f"--labels={tmp_path / 'labels.csv'}",
            f"--output={tmp_path / 'report'}",
        ]
    )

    assert code == 0
    told = json.loads((tmp_path / "report" / "inspection.json").read_text())
    assert told["photos"] == len(body)
    assert told["kept"] >= 0.9 * len(body)
