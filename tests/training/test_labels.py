import pytest

from tests.training import builders
from training import labels


def test_reads_what_is_given(tmp_path):
    path = builders.write_labels(
        tmp_path / "labels.csv",
        [("a.jpg", "31", "mine", "female"), ("b.jpg", "7.5", "", "")],
        ("file_name", "real_age", "source", "sex"),
    )

    assert labels.read_labels(path) == {
        "a.jpg": labels.Label(age_years=31.0, source="mine", sex="female"),
        "b.jpg": labels.Label(age_years=7.5),
    }


def test_takes_a_byte_order_mark_and_unknown_columns(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("\ufeffreal_age,colour,file_name\n30,red,a.jpg\n")

    assert labels.read_labels(path) == {"a.jpg": labels.Label(age_years=30.0)}


def test_the_same_row_twice_is_one_label(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("file_name,real_age\na.jpg,30\na.jpg,30\n")

    assert len(labels.read_labels(path)) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("file_name,age\na.jpg,30\n", "labels.csv: no column 'real_age'"),
        ("photo,real_age\na.jpg,30\n", "no column 'file_name'"),
        ("", "no column 'file_name'"),
        ("file_name,real_age\na.jpg,young\n", "labels.csv:2: .* not a number: 'young'"),
        ("file_name,real_age\na.jpg\n", "labels.csv:2: .* not a number"),
        ("file_name,real_age\na.jpg,30\nb.jpg,121\n", "labels.csv:3: .* 0 to 120"),
        ("file_name,real_age\na.jpg,-1\n", "0 to 120 years. Received: -1"),
        ("file_name,real_age\na.jpg,nan\n", "0 to 120"),
        ("file_name,real_age\na.jpg,30\na.jpg,31\n", "labels.csv:3: a second"),
    ],
)
def test_refuses_bad_labels(tmp_path, content, reason):
    path = tmp_path / "labels.csv"
    path.write_text(content)

    with pytest.raises(labels.LabelsError, match=reason):
        labels.read_labels(path)


def test_refuses_what_is_no_text(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes(b"file_name,real_age\n\xff\xfe,3\n")

    with pytest.raises(labels.LabelsError, match="not a UTF-8 CSV"):
        labels.read_labels(path)


def test_refuses_a_missing_file(tmp_path):
    with pytest.raises(labels.LabelsError, match=r"none\.csv: cannot be read"):
        labels.read_labels(tmp_path / "none.csv")
