"""What the graph of a night asks of the runner that it is given to."""

import datetime

import apache_beam as beam

from pipelines import config, graph, plan

_BASICS = {
    "beam:transform:combine_grouped_values:v1",
    "beam:transform:combine_per_key:v1",
    "beam:transform:flatten:v1",
    "beam:transform:group_by_key:v1",
    "beam:transform:impulse:v1",
    "beam:transform:pardo:v1",
}


def test_every_portable_runner_can_run_it(tmp_path):
    settings = config.ScoreConfig(
        input_root=str(tmp_path / "in"),
        output_root=str(tmp_path / "out"),
        day=datetime.date(2026, 11, 21),
        runner="PortableRunner",
    )
    now = datetime.datetime.now(datetime.UTC)
    root = beam.Pipeline(runner="PortableRunner")
    graph.build(root, plan.make(settings, "run", now, now))

    night = root.to_runner_api()

    # No state, timers, splitting of elements, or finalization of bundles.
    assert list(night.requirements) == []
    assert {step.spec.urn for step in _steps(night)} <= _BASICS


def _steps(night):
    """Leaves out what is made of steps, or hands its input on as it is."""
    return [
        step
        for step in night.components.transforms.values()
        if not step.subtransforms
        and not set(step.outputs.values()) <= set(step.inputs.values())
    ]
