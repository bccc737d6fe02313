import pytest

from tests.training import builders
from training import labels


def test_reads_what_is_given(tmp_path):
    path = builders.write_labels(
        tmp_path / "labels.csv",
        [("a.jpg", "31", "mine", "female"), ("b.jpg", "7.5", "", "")],
        ("file_name", "real_age", "source", "sex"),
    )

    found = labels.read_labels(path)

    assert found == {
        "a.jpg": labels.Label(
            age_years=31.0, columns={"source": "mine", "sex": "female"}
        ),
        "b.jpg": labels.Label(age_years=7.5, columns={"source": "", "sex": ""}),
    }
    assert (found["a.jpg"].source, found["a.jpg"].sex) == ("mine", "female")


def test_takes_a_byte_order_mark_and_keeps_further_columns_in_order(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("\ufeffreal_age,light,file_name,colour\n30,,a.jpg,red\n")

    label = labels.read_labels(path)["a.jpg"]

    assert list(label.columns.items()) == [("light", ""), ("colour", "red")]
    assert (label.age_years, label.source, label.sex, label.split) == (30, "", "", "")


def test_takes_a_split_apart(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("file_name,real_age,split\na.jpg,30,test\nb.jpg,40,\nc.jpg,50\n")

    found = labels.read_labels(path)

    assert [label.split for label in found.values()] == ["test", "", ""]
    assert [dict(label.columns) for label in found.values()] == [{}, {}, {}]


def test_cells_beyond_the_header_are_ignored(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("file_name,real_age\na.jpg,30,stray,cells\n")

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
        ("file_name,real_age,sex\na.jpg,3,f\na.jpg,3,m\n", "labels.csv:3: a second"),
        ("file_name,real_age\n,31\n", "labels.csv:2: file_name is empty"),
        ("file_name,real_age,split\na.jpg,31,dev\n", "labels.csv:2: split must be"),
        ("file_name,real_age,real_age\na.jpg,31,30\n", "two columns .* 'real_age'"),
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


def test_scanning_sets_bad_rows_apart(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(
        "file_name,real_age\na.jpg,30\nb.jpg,young\nc.jpg,400\na.jpg,78\nd.jpg,9\n"
    )

    scanned = labels.scan_labels(path)

    assert {name: label.age_years for name, label in scanned.labels.items()} == {
        "a.jpg": 30,
        "d.jpg": 9,
    }
    assert list(scanned.problems) == [
        labels.Problem(
            line=3, file_name="b.jpg", reason="real_age is not a number: 'young'"
        ),
        labels.Problem(
            line=4,
            file_name="c.jpg",
            reason="real_age must be 0 to 120 years. Received: 400",
        ),
        labels.Problem(
            line=5,
            file_name="a.jpg",
            reason="a second, different label for a.jpg (30 and 78 years)",
        ),
    ]


def test_scanning_refuses_a_bad_header_all_the_same(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("file_name,age\na.jpg,30\n")

    with pytest.raises(labels.LabelsError, match="no column 'real_age'"):
        labels.scan_labels(path)
