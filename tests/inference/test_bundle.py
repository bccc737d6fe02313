import hashlib
import json
import shutil

import pytest

from pipelines.inference import bundle as bundles
from schemas import bundle as schema
from tests import tiny_bundle


@pytest.fixture
def copy(tiny, tmp_path):
    return shutil.copytree(tiny.folder, tmp_path / "copy")


def test_opens_what_was_written(tiny, copy):
    loaded = bundles.load(str(copy))

    assert loaded.card == tiny.card
    assert loaded.folder == copy
    digest = hashlib.sha256((copy / schema.FILE_NAME).read_bytes()).hexdigest()
    assert loaded.sha256 == digest
    assert loaded.version == f"tiny@{digest[:12]}"


@pytest.mark.parametrize("name", [*bundles.REQUIRED, bundles.KERAS_MODEL])
def test_refuses_a_changed_file(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)

    with pytest.raises(bundles.BundleError, match=f"{name}: damaged or changed"):
        bundles.load(str(copy))


@pytest.mark.parametrize("name", bundles.REQUIRED)
def test_refuses_a_bundle_without_a_file(copy, name):
    (copy / name).unlink()

    with pytest.raises(bundles.BundleError, match=f"{name} is missing"):
        bundles.load(str(copy))


def test_the_keras_model_may_be_left_out(copy):
    assert bundles.load(str(copy)).has(bundles.KERAS_MODEL)

    (copy / bundles.KERAS_MODEL).unlink()

    assert not bundles.load(str(copy)).has(bundles.KERAS_MODEL)


@pytest.mark.parametrize("made", [True, False])
def test_refuses_a_folder_that_is_no_bundle(tmp_path, made):
    folder = tmp_path / "nothing"
    if made:
        folder.mkdir()

    with pytest.raises(bundles.BundleError, match="no model bundle here"):
        bundles.load(str(folder))


def test_refuses_a_card_that_leaves_a_file_unlisted(copy):
    card = json.loads((copy / schema.FILE_NAME).read_text())
    del card["files"][bundles.MODEL_BIN]
    (copy / schema.FILE_NAME).write_text(json.dumps(card))

    with pytest.raises(bundles.BundleError, match=r"does not list age_model\.bin"):
        bundles.load(str(copy))


def test_refuses_a_card_that_cannot_be_read(copy):
    (copy / schema.FILE_NAME).write_bytes(b"\xff\xfe")

    with pytest.raises(bundles.BundleError, match="copy it again"):
        bundles.load(str(copy))


def test_a_listed_path_cannot_lead_out_of_the_bundle(copy):
    card = json.loads((copy / schema.FILE_NAME).read_text())
    card["files"]["../secret"] = "0" * 64
    (copy / schema.FILE_NAME).write_text(json.dumps(card))

    with pytest.raises(bundles.BundleError, match="plain names"):
        bundles.load(str(copy))


def test_a_signed_copy_opens(copy):
    tiny_bundle.sign(copy, name="other")

    assert bundles.load(str(copy)).version.startswith("other@")
