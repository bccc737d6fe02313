"""The DAG as Airflow sees it; `make airflow-test` runs it beside a real `tillage`."""

import datetime
import pathlib

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.exceptions import AirflowException
from airflow.sdk.exceptions import AirflowFailException

_FOLDER = pathlib.Path(__file__).parent
_CODES_WHERE_A_RETRY_HELPS = (1, 4, 130, 137, 143)


@pytest.fixture(scope="module")
def bag() -> DagBag:
    found = DagBag(_FOLDER, bundle_name="dags-folder", bundle_path=_FOLDER)
    assert found.import_errors == {}
    assert list(found.dags) == ["tillage_nightly"]
    return found


@pytest.fixture
def dag(bag):
    return bag.dags["tillage_nightly"]


def test_a_failure_is_tried_again_with_growing_pauses(dag):
    [task] = dag.tasks
    assert (task.retries, task.retry_exponential_backoff) == (4, 2)
    assert task.retry_delay == datetime.timedelta(minutes=10)
    assert task.execution_timeout == datetime.timedelta(hours=4)
    assert task.on_failure_callback
    assert dag.catchup
    assert dag.deadline


def _ends_with(dag, code):
    [task] = dag.tasks
    operator = type(task)(task_id="ends", bash_command=f"exit {code}")
    operator.execute({})


@pytest.mark.parametrize("code", [2, 3])
def test_what_stays_as_it_is_fails_at_once(dag, code):
    with pytest.raises(AirflowFailException, match=f"exit code {code}, "):
        _ends_with(dag, code)


@pytest.mark.parametrize("code", _CODES_WHERE_A_RETRY_HELPS)
def test_what_may_pass_fails_for_a_retry(dag, code):
    with pytest.raises(AirflowException, match=f"exit code {code}") as failure:
        _ends_with(dag, code)
    assert not isinstance(failure.value, AirflowFailException)


def test_a_published_day_is_a_success(dag):
    _ends_with(dag, 0)


@pytest.mark.parametrize(
    ("day", "starts_at"),
    [
        ("2026-11-21", "2026-11-22T05:30:00+01:00"),
        ("2027-03-27", "2027-03-28T05:30:00+02:00"),
        ("2026-10-24", "2026-10-25T05:30:00+01:00"),
    ],
    ids=["any day", "clocks go forward", "clocks go back"],
)
def test_a_manual_run_is_yesterday_in_the_time_zone_of_the_chain(dag, day, starts_at):
    interval = dag.timetable.infer_manual_data_interval(
        run_after=pendulum.parse(starts_at).add(hours=1)
    )
    began = interval.start.in_timezone("Europe/Berlin")
    assert (began.to_date_string(), interval.end) == (day, pendulum.parse(starts_at))


def test_a_day_without_photos_ends_the_run_in_its_first_try(
    dag, tmp_path, monkeypatch, capfd
):
    for name in ("input", "output", "key_file"):
        monkeypatch.setenv(f"AIRFLOW_VAR_TILLAGE_{name.upper()}", str(tmp_path / name))
    run = dag.test(logical_date=pendulum.parse("2026-11-21T05:30:00+01:00"))
    [instance] = run.get_task_instances()
    assert (run.state, instance.state) == ("failed", "failed")
    assert instance.try_number == 1
    said = "".join(capfd.readouterr())
    assert "exit code 2, bad usage or input" in said
