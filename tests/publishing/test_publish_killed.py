"""A publish that is killed leaves a whole day, and the next run mends it."""

import shutil
import subprocess
import sys

import pytest

from pipelines.publishing import publish, warehouse
from tests.publishing import builders, kill_steps

pytestmark = pytest.mark.slow

V1 = builders.rows_of("v1", kill_steps.V1_FILES)
V2 = builders.rows_of("v2", kill_steps.V2_FILES)
NOTHING = dict.fromkeys(builders.TABLES)


def kill_each_step(work, case):
    """Returns one warehouse for each step; the last one's process survived."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.publishing.kill_steps", str(work), case],
        capture_output=True,
        text=True,
        check=True,
    )
    return [work / str(step) for step in range(int(done.stdout) + 1)]


def day_of(root):
    return warehouse.day(str(root), builders.DATE)


def run_ids(root):
    return sorted(path.stem for path in root.glob("runs/*/*.parquet"))


def has_journal(root):
    return any((root / ".tillage" / "journal").glob("*.json"))


def check_at_rest(root, expected):
    """Checks that `root` holds one version, its run's row, and nothing left over."""
    assert builders.read_versions(root) == expected
    paths = builders.all_paths(root)
    assert [path for path in paths if path.startswith(".tillage/staging/")] == []
    assert [path for path in paths if path.startswith(".tillage/trash/")] == []
    visible = [path for path in paths if not path.startswith(".tillage/")]
    assert [path for path in visible if path.endswith(".new")] == []
    assert not has_journal(root)
    assert len(list((root / ".versions").glob("*/*"))) == (expected != NOTHING)
    assert ("run-v2" in run_ids(root)) == (expected == V2)


def check_next_runs(root, before):
    """Checks that the next run mends `root`, and that one more publishes."""
    seen = builders.read_versions(root)
    assert seen in (before, V2)
    is_begun = has_journal(root)
    assert publish.recover(day_of(root)) == is_begun
    check_at_rest(root, V2 if is_begun else seen)
    assert not publish.recover(day_of(root))
    builders.publish_day(root, "v2", None, kill_steps.V2_FILES)
    check_at_rest(root, V2)
    return seen


@pytest.fixture
def published(tmp_path):
    builders.publish_day(tmp_path / "before", "v1", None, kill_steps.V1_FILES)
    return tmp_path


def test_readers_see_one_whole_version_and_the_next_run_mends_it(published):
    roots = kill_each_step(published, "publish")
    seen = [check_next_runs(root, V1) for root in roots]
    switch = seen.index(V2)
    assert seen == [V1] * switch + [V2] * (len(seen) - switch)
    assert 0 < switch < len(seen) - 1


def test_first_publish_shows_nothing_or_all_of_the_day(tmp_path):
    (tmp_path / "before").mkdir()
    roots = kill_each_step(tmp_path, "publish")
    seen = [builders.read_versions(root) for root in roots]
    switch = seen.index(V2)
    assert seen == [NOTHING] * switch + [V2] * (len(seen) - switch)
    # Each phase of the publish is several steps long.
    for root in roots[::5]:
        check_next_runs(root, NOTHING)


def test_restarted_attempt_needs_nothing_of_the_killed_one(published):
    for root in kill_each_step(published, "publish")[::5]:
        builders.publish_day(root, "v3", "run-v2", kill_steps.V2_FILES)
        expected = builders.rows_of("v3", kill_steps.V2_FILES)
        assert builders.read_versions(root) == expected
        assert len(list((root / ".versions").glob("*/*"))) == 1


def test_killed_refusal_leaves_the_published_day(published):
    roots = kill_each_step(published, "refuse")
    for root in roots:
        assert builders.read_versions(root) == V1
        publish.recover(day_of(root))
        assert builders.read_versions(root) == V1
    assert run_ids(roots[-1]) == ["run-v1", "run-v2"]


def test_recovery_may_be_killed_at_every_step_too(published):
    half_way = next(filter(has_journal, kill_each_step(published, "publish")))
    shutil.copytree(half_way, published / "again" / "before", symlinks=True)
    for root in kill_each_step(published / "again", "recover"):
        assert builders.read_versions(root) in (V1, V2)
        publish.recover(day_of(root))
        check_at_rest(root, V2)
