"""What the graph of a night asks of the runner that it is given to."""

import datetime

import apache_beam as beam

from pipelines import config, graph, plan, secret
from tests.integration import commands

_BASICS = {
    "beam:transform:combine_grouped_values:v1",
    "beam:transform:combine_per_key:v1",
    "beam:transform:flatten:v1",
    "beam:transform:group_by_key:v1",
    "beam:transform:impulse:v1",
    "beam:transform:pardo:v1",
}


def test_every_portable_runner_can_run_it(tmp_path, monkeypatch):
    monkeypatch.setenv(secret.VARIABLE, commands.KEY)
    monkeypatch.chdir(tmp_path)
    settings = config.ScoreConfig(
        input_root="in",
        output_root="out",
        day=datetime.date(2026, 11, 21),
        runner="PortableRunner",
    )
    now = datetime.datetime.now(datetime.UTC)
    night = plan.make(settings, "run", now, now)
    root = beam.Pipeline(runner="PortableRunner")
    graph.build(root, night)

    asked = root.to_runner_api()

    # Its workers are at home in other folders.
    assert night.scores.warehouse == str(tmp_path / "out")
    # No state, timers, splitting of elements, or finalization of bundles.
    assert list(asked.requirements) == []
    assert {step.spec.urn for step in _steps(asked)} <= _BASICS


def _steps(asked):
    """Leaves out what is made of steps, or hands its input on as it is."""
    return [
        step
        for step in asked.components.transforms.values()
        if not step.subtransforms
        and not set(step.outputs.values()) <= set(step.inputs.values())
    ]
