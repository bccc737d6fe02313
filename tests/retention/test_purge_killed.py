"""A purge that is killed leaves a whole day, and the next one ends as it would have."""

import json
import subprocess
import sys

import pytest

from tests.retention import old_days

pytestmark = pytest.mark.slow


def _tree(chain):
    """Gives all files and links but records and locks, with what is in them."""
    return {
        str(path.relative_to(chain)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(chain.rglob("*"))
        if path.is_symlink() or path.is_file()
        if not {"purges", "locks"} & set(path.parts)
    }


def _tables(chain):
    """Gives the tables that readers find files of."""
    tables = [*old_days.PER_PERSON, *old_days.COUNTS]
    return {table for table in tables if list((chain / "out" / table).glob("*/*"))}


def _seen(chain):
    """Tells whether readers see the whole day, or the day without its rows."""
    pointer = chain / "out" / ".days" / str(old_days.OLD)
    manifest = json.loads((pointer / "manifest.json").read_text())
    for file in manifest["files"]:
        day = f"date={old_days.OLD}"
        shown = chain / "out" / file["table"] / day / file["name"]
        assert len(shown.read_bytes()) == file["size"]
    return bool(manifest["purged"])


def test_a_purge_may_be_killed_at_every_step(tmp_path):
    before = tmp_path / "before"
    places = str(before / "in"), str(before / "out")
    old_days.add_photos(places[0], old_days.OLD)
    old_days.publish(*places, old_days.OLD)
    old_days.keep(places[1], old_days.OLD, [], run_id="dead", fingerprint="0456")
    for path in [*before.rglob("used-dead.arrow"), _stage(before / "out")]:
        old_days.age(path)

    done = subprocess.run(
        [sys.executable, "-m", "tests.retention.kill_steps", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )

    chains = [tmp_path / str(step) for step in range(int(done.stdout) + 1)]
    expected = _tree(chains[-1])
    assert not [path for path in expected if "/photos/" in path or "/kept/" in path]
    assert _tables(chains[-1]) == set(old_days.COUNTS)
    seen = [_seen(chain) for chain in chains]
    assert seen == sorted(seen)
    assert 0 < sum(seen) < len(seen)
    # Each phase of a purge is several steps long.
    for chain in chains[::4]:
        old_days.purge(chain / "in", chain / "out", tables_after_days=30)
        assert _tree(chain) == expected
        records = [json.loads(path.read_text()) for path in _records(chain)]
        deleted = {gone["kind"] for record in records for gone in record["deleted"]}
        assert deleted >= {"photos", "tables", "kept scores", "staging"}
        for record in records:
            assert record["state"] == "done" or "resumed by" in record["state"]
        assert old_days.purge(chain / "in", chain / "out", tables_after_days=30) == []


def _stage(warehouse):
    staged = warehouse / ".tillage" / "staging" / str(old_days.OLD) / "dead" / "part"
    staged.parent.mkdir(parents=True)
    staged.write_bytes(b"staged by a run that died")
    return staged


def _records(chain):
    return sorted((chain / "out" / "purges").rglob("*.json"))
