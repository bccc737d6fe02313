import pytest

from pipelines import sample_day
from pipelines.sample import settings
from tests.sample import rendered

_FEW = ("--transactions-per-store=3", "--stores=1")


def _error(capsys, *flags):
    assert sample_day.main(list(flags)) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    return message


def test_summary_says_what_was_rendered(tmp_path, capsys):
    rendered.render(tmp_path, *_FEW)
    printed = capsys.readouterr().out
    assert printed.startswith("rendered 1 day from 2026-11-21, 1 store, in ")
    assert "C10001" in printed


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit) as ended:
        sample_day.main(["--help"])
    assert ended.value.code == 0
    assert "tillage sample-day --output" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--outpt=x",), "--outpt"),
        (("--day=2",), "--day=2"),
        (("--stores=0",), "--stores must be from 1"),
        (("--days=many",), "--days"),
        (("--date=21.11.2026",), "2026-11-21"),
        (("--faces=x.tar",), "--faces and --labels go together"),
        (("--labels=x.csv",), "--faces and --labels go together"),
        (("--face-split=train",), "--face-split"),
        (("--student-share=1.1",), "--student-share must be from 0 to 1"),
        (("--student-share=nan",), "--student-share must be from 0 to 1"),
        (("--student-share=half",), "--student-share"),
        (
            ("--student-share=0.5", "--purchase-lines=x.parquet"),
            "--student-share is for made-up baskets",
        ),
        (("--purchase-lines=nowhere.parquet",), "--purchase-lines nowhere.parquet"),
    ],
)
def test_bad_flags_are_one_clear_line(tmp_path, capsys, flags, message):
    assert message in _error(capsys, f"--output={tmp_path / 'out'}", *flags)
    assert not (tmp_path / "out").exists()


def test_output_is_required(capsys):
    assert "--output" in _error(capsys, "--days=1")


def test_a_missing_faces_folder_is_named(tmp_path, capsys):
    (tmp_path / "labels.csv").write_text("file_name,real_age\na.jpg,3\n")
    message = _error(
        capsys,
        f"--output={tmp_path / 'out'}",
        f"--labels={tmp_path / 'labels.csv'}",
        "--faces=nowhere",
    )
    assert "--faces nowhere: neither a folder nor a tar file" in message


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("file_name,age\na.jpg,3\n", "column real_age is missing"),
        ("", "column file_name is missing"),
        ("file_name,real_age\na.jpg,old\n", "line 2: real_age must be years"),
        ("file_name,real_age\na.jpg,200\n", "line 2: real_age must be years"),
        ("file_name,real_age\nb.jpg,30\n", "no photo of the split 'test'"),
    ],
)
def test_bad_labels_are_one_clear_line(tmp_path, capsys, labels, message):
    (tmp_path / "labels.csv").write_text(labels)
    (tmp_path / "a.jpg").write_bytes(b"")
    error = _error(
        capsys,
        f"--output={tmp_path / 'out'}",
        f"--labels={tmp_path / 'labels.csv'}",
        f"--faces={tmp_path}",
    )
    assert message in error


def test_missing_labels_are_named(tmp_path, capsys):
    error = _error(
        capsys, f"--output={tmp_path / 'o'}", f"--faces={tmp_path}", "--labels=none.csv"
    )
    assert "--labels none.csv: cannot be read" in error


def test_a_day_that_exists_is_not_overwritten(tmp_path, capsys):
    rendered.render(tmp_path, *_FEW)
    before = rendered.digests(tmp_path)
    error = _error(capsys, f"--output={tmp_path}", *_FEW)
    assert f"date={rendered.DAY} exists and is not empty" in error
    assert rendered.digests(tmp_path) == before


def test_days_of_two_chains_are_not_mixed(tmp_path, capsys):
    rendered.render(tmp_path, *_FEW)
    error = _error(
        capsys, f"--output={tmp_path}", *_FEW, "--seed=8", "--date=2026-11-22"
    )
    assert "days of another chain" in error


def test_an_output_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "out").write_text("")
    error = _error(capsys, f"--output={tmp_path / 'out'}", *_FEW)
    assert "cannot be written" in error


def test_amounts_follow_the_flags(tmp_path):
    rendered.render(
        tmp_path,
        "--transactions-per-store=3",
        "--stores=2",
        "--days=2",
        "--date=2026-03-28",
    )
    for day in ("2026-03-28", "2026-03-29"):
        table = rendered.truth(tmp_path, "transactions", day)
        assert table["store_id"].to_pylist() == ["0001"] * 3 + ["0002"] * 3


def test_more_receipts_by_default_with_real_lines():
    usual = sample_day.parse(["--output=x"])
    real = sample_day.parse(["--output=x", "--purchase-lines=y"])
    assert usual.transactions_per_store == settings.RENDERED_TRANSACTIONS
    assert real.transactions_per_store == settings.REAL_TRANSACTIONS
