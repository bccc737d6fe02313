"""Days that are scored again: late purchases, deleted photos, smaller days."""

import shutil

import pandas as pd
import pytest

from tests.integration import commands

pytestmark = pytest.mark.slow


def _lines(warehouse):
    return len(pd.read_parquet(warehouse / "marketing" / "purchase_ages"))


@pytest.fixture
def without_late_file(own_tills):
    purchases = own_tills / "purchases" / f"date={commands.DATE}"
    late = purchases / "store-0002.parquet"
    aside = own_tills / "late.parquet"
    late.rename(aside)
    return own_tills, lambda: aside.rename(late)


def test_a_late_file_fills_the_day_after_the_photos_are_gone(
    without_late_file, scored, tmp_path
):
    tills, arrives = without_late_file
    warehouse = tmp_path / "warehouse"
    assert commands.score(tills, warehouse).code == 0
    early = _lines(warehouse)
    shutil.rmtree(tills / "photos")
    arrives()
    ended = commands.score(tills, warehouse)
    assert ended.code == 0, ended.stderr
    assert early < _lines(warehouse)
    assert commands.published(warehouse) == commands.published(scored)


def test_a_smaller_day_is_refused_and_the_published_one_stays(
    own_tills, scored, tmp_path
):
    warehouse = tmp_path / "warehouse"
    shutil.copytree(scored, warehouse, symlinks=True)
    purchases = own_tills / "purchases" / f"date={commands.DATE}"
    (purchases / "store-0002.parquet").unlink()
    refused = commands.score(own_tills, warehouse)
    assert refused.code == 1
    assert "would shrink" in refused.stdout
    assert commands.published(warehouse) == commands.published(scored)
    allowed = commands.score(own_tills, warehouse, "--allow-shrink")
    assert allowed.code == 0, allowed.stderr
    assert _lines(warehouse) < _lines(scored)


def test_what_a_refused_run_scored_does_not_come_back(own_tills, scored, tmp_path):
    warehouse = tmp_path / "warehouse"
    store = own_tills / "photos" / f"date={commands.DATE}" / "store=0001"
    strangers = [store / f"R01_20261121T10000000{number}Z.jpg" for number in range(9)]
    for path in strangers:
        path.write_text("not a photo")
    refused = commands.score(own_tills, warehouse)
    assert refused.code == 1
    [line] = [line for line in refused.stdout.splitlines() if "-rejections" in line]
    assert len(pd.read_parquet(line.split()[1])) == 9 + 2
    for path in strangers:
        path.unlink()
    for _ in range(2):
        ended = commands.score(own_tills, warehouse)
        assert ended.code == 0, ended.stdout
        assert commands.published(warehouse) == commands.published(scored)
