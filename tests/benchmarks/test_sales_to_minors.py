import json

import numpy as np

from benchmarks import known_faces, sales_to_minors
from tests.benchmarks import crowd_of_strangers


def test_weeks_are_held_against_the_truth(tmp_path, capsys):
    # Of a model that errs by two years, few adults pass for minors.
    known_faces.save(crowd_of_strangers.known(6000, 2.0), tmp_path / "known.npz")

    exit_code = sales_to_minors.main(
        [
            f"--faces={tmp_path / 'known.npz'}",
            "--shares",
            "0.1",
            "0",
            "--weeks=6",
            "--sales=3000",
            f"--json={tmp_path / 'found.json'}",
        ]
    )

    many, none = json.loads((tmp_path / "found.json").read_text())
    assert exit_code == 0
    assert (many["identified"], none["identified"]) == (1, 0)
    assert many["held"] >= 0.5
    assert abs(many["mean_estimate"] / many["mean_minors"] - 1) < 0.2
    assert (none["mean_minors"], none["held_by_bound"]) == (0, 1)
    assert none["mean_estimate"] is None
    assert 0 < none["mean_bound"] < 150
    assert "held_by_interval" in capsys.readouterr().out


def test_one_seed_gives_the_same_weeks(tmp_path):
    known_faces.save(crowd_of_strangers.known(3000, 3.0), tmp_path / "known.npz")
    found = []
    for name in ("first", "again"):
        sales_to_minors.main(
            [
                f"--faces={tmp_path / 'known.npz'}",
                "--shares=0.03",
                "--weeks=2",
                "--sales=1000",
                "--seed=5",
                f"--json={tmp_path / name}",
            ]
        )
        found.append((tmp_path / name).read_bytes())
    assert found[0] == found[1]
    assert np.isfinite(json.loads(found[0])[0]["held"])
