"""What stops a run before it starts, on a day and a bundle of a few bytes."""

import datetime
import os
import pathlib
import re
import tempfile
from collections.abc import Iterator

import pytest

from pipelines import options, plan, preflight, score, secret
from pipelines.domain import stores
from pipelines.inference import bundle
from pipelines.publishing import publish
from tests import tiny_bundle
from tests.hostile import logs

_DATE = "2026-11-21"
_LINE = "0001,R01,1,2026-11-21T10:00:00Z,2026-11-21T10:01:00Z,1,P,1,2.00,EUR\n"
_NOBODY = 65534


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> pathlib.Path:
    """A bundle with the right digests of files that are no model."""
    folder = tmp_path_factory.mktemp("bundle")
    for name in bundle.REQUIRED:
        (folder / name).write_text("not a model")
    tiny_bundle.sign(folder)
    return folder


@pytest.fixture
def tills() -> Iterator[pathlib.Path]:
    """A day that can be scored, where every user may look."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        store = folder / "photos" / f"date={_DATE}" / "store=0001"
        store.mkdir(parents=True)
        (store / "R01_20261121T100030000Z.jpg").write_bytes(b"looked at later")
        _purchases(folder).mkdir(parents=True)
        columns = (
            "store_id,register_id,transaction_id,started_at,paid_at,line_number,"
            "product_id,quantity,amount,currency\n"
        )
        (_purchases(folder) / "a.csv").write_text(columns + _LINE)
        yield folder


@pytest.fixture
def key(monkeypatch) -> None:
    """A pseudonym key."""
    monkeypatch.setenv(secret.VARIABLE, "0123456789abcdef")


@pytest.fixture
def plain_user(tills) -> Iterator[None]:
    """Lets the test go on as somebody who is not root, who may read everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    yield
    if is_root:
        os.seteuid(0)


pytestmark = pytest.mark.usefixtures("key")


def test_a_sound_day_may_start(tills, model, tmp_path):
    preflight.check(_plan(tills, model, tmp_path))


@pytest.mark.parametrize(("year", "warns"), [(2020, False), (2099, True)])
def test_a_clock_that_was_set_back_is_said(tills, model, tmp_path, caplog, year, warns):
    rows = tmp_path / "out" / "runs" / f"date={_DATE}"
    rows.mkdir(parents=True)
    (rows / f"{year}0101T000000Z-0123abcd.parquet").write_bytes(b"not looked into")
    (rows / "README.md").write_text("somebody's notes")
    preflight.check(_plan(tills, model, tmp_path / "out"))
    assert ("2099" in caplog.text) == warns
    assert bool(caplog.records) == warns


def test_input_that_is_a_file(model, tmp_path):
    (tmp_path / "file").write_text("a file")
    refusal = _refusal(tmp_path / "file", model, tmp_path)
    assert refusal == (
        f"{tmp_path}/file: not a folder with photos/ and purchases/; check --input"
    )


def test_input_that_is_not_there(model, tmp_path):
    assert "no such folder" in _refusal(tmp_path / "nowhere", model, tmp_path)


@pytest.mark.parametrize("place", ["purchases", "photos", f"purchases/date={_DATE}"])
def test_folder_that_may_not_be_entered(
    tills, model, tmp_path, place, request: pytest.FixtureRequest
):
    run = _plan(tills, model, tmp_path)
    (tills / place).chmod(0)
    request.getfixturevalue("plain_user")
    with pytest.raises(preflight.InputError, match=f"{place}.*: Permission denied"):
        preflight.check(run)


def test_file_that_may_not_be_read(
    tills, model, tmp_path, request: pytest.FixtureRequest
):
    run = _plan(tills, model, tmp_path)
    (_purchases(tills) / "a.csv").chmod(0)
    request.getfixturevalue("plain_user")
    with pytest.raises(preflight.InputError, match=r"a\.csv: Permission denied$"):
        preflight.check(run)


@pytest.mark.parametrize("name", logs.unreadable())
def test_unreadable_log_is_one_clear_line(tills, model, key, tmp_path, name):
    (_purchases(tills) / name).write_bytes(logs.unreadable()[name])
    with pytest.raises(preflight.InputError, match=re.escape(name)) as refusal:
        preflight.check(_plan(tills, model, tmp_path))
    assert len(str(refusal.value).splitlines()) == 1


def test_a_list_of_stores_that_is_a_pipe_keeps_nobody_waiting(tills, model, tmp_path):
    os.mkfifo(tills / stores.FILE)
    with pytest.raises(stores.StoresError, match="not a plain file"):
        _plan(tills, model, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "stores.csv"),
        ("\0", "stores.csv"),
        ("store_id,timezone\n0001\n", "stores.csv:2: "),
        ("store_id,timezone\n0001,Europe/Berlin\n0002\n", "stores.csv:3: "),
        ("store_id\n0001\n", "column timezone is missing"),
        (None, "stores.csv: not a plain file"),
    ],
)
def test_bad_list_of_stores(tills, model, tmp_path, content, words):
    if content is None:
        (tills / stores.FILE).mkdir()
    else:
        (tills / stores.FILE).write_text(content)
    with pytest.raises(stores.StoresError) as refusal:
        _plan(tills, model, tmp_path)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_fresh_day_without_photos_keeps_the_only_scores(tills, model, tmp_path):
    os.rename(tills / "photos", tills / "gone")
    assert "no photos for" in _refusal(tills, model, tmp_path)
    kept = tmp_path / _plan(tills, model, tmp_path).scores.folder
    kept.mkdir(parents=True)
    (kept / "published-0.arrow").write_bytes(b"read later")
    preflight.check(_plan(tills, model, tmp_path))
    refusal = _refusal(tills, model, tmp_path, "--fresh")
    assert f"no photos for {_DATE} any more; --fresh would lose" in refusal


def test_settings_are_those_of_the_bundle_and_the_flags(tills, model, tmp_path):
    run = _plan(tills, model, tmp_path, "--min-face-px=99", "--match-slack-seconds=3")
    trained = _plan(tills, model, tmp_path).face_settings
    assert run.face_settings.min_face_px == 99
    assert run.face_settings.min_sharpness == trained.min_sharpness
    assert run.match_settings.slack_seconds == 3
    assert _plan(tills, model, tmp_path, "--face-crop=none").face_settings is None


def test_bundle_with_unusable_face_settings(tills, model, tmp_path, capsys):
    for name in bundle.REQUIRED:
        (tmp_path / name).write_text("not a model")
    tiny_bundle.sign(tmp_path, face_settings={"min_face_px": 0})
    assert score.main(_flags(tills, tmp_path, tmp_path / "warehouse")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tillage score: {tmp_path}: face_settings: min_face_px")


def test_score_says_in_one_line_what_is_wrong(tills, model, tmp_path, capsys):
    (tills / stores.FILE).write_text("")
    assert score.main(_flags(tills, model, tmp_path)) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("tillage score: stores.csv: ")


def test_a_bug_keeps_its_traceback(tills, model, tmp_path):
    # No shell can pass a NUL byte, so that nothing is prepared for one.
    given = _flags(tills, model, tmp_path, "--pseudonym-key-file=\0")
    with pytest.raises(ValueError, match="null byte"):
        score.main(given)


def _purchases(tills):
    return tills / "purchases" / f"date={_DATE}"


def _flags(tills, model, warehouse, *more):
    places = [f"--input={tills}", f"--output={warehouse}", f"--bundle={model}"]
    return [*places, f"--date={_DATE}", *more]


def _plan(tills, model, warehouse, *more):
    settings, _ = options.parse(_flags(tills, model, warehouse, *more))
    now = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    return plan.make(settings, publish.new_run_id(now), now, now)


def _refusal(tills, model, warehouse, *more):
    with pytest.raises(preflight.InputError) as refusal:
        preflight.check(_plan(tills, model, warehouse, *more))
    assert "\n" not in str(refusal.value)
    return str(refusal.value)
