import pathlib

import pytest

from pipelines import demo, flags


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path, capsys):
    precious = tmp_path / "warehouse" / "precious.parquet"
    precious.parent.mkdir()
    precious.write_bytes(b"years of work")
    assert demo.main(["--folder", str(tmp_path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"demo: {tmp_path} is not empty")
    assert precious.read_bytes() == b"years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse"]


def test_a_demo_clears_what_an_earlier_one_made(tmp_path):
    folder = tmp_path / "new" / "demo"
    demo.prepare(folder)
    for name in ("tills", "warehouse", "notes"):
        (folder / name).mkdir()
        (folder / name / "file").write_text("old")
    demo.prepare(folder)
    assert _visible(folder) == ["notes"]
    demo.prepare(folder)


def test_an_empty_folder_becomes_a_demo(tmp_path):
    demo.prepare(tmp_path)
    (tmp_path / "tills").mkdir()
    demo.prepare(tmp_path)
    assert _visible(tmp_path) == []


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(flags.UsageError, match=r"file: .*"):
        demo.prepare(tmp_path / "file")
    with pytest.raises(flags.UsageError, match=r"demo: .*"):
        demo.prepare(tmp_path / "file" / "demo")


def _visible(folder: pathlib.Path) -> list[str]:
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]
