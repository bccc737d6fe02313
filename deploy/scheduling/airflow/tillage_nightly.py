"""Airflow DAG: scores each trading day on the morning after; see docs/operations.md.

For Airflow 3.1 and later, with `tillage` on the workers' PATH. A run's data interval
begins on its trading day, in the chain's time zone: the run of 2026-11-21 starts on the
22nd at 05:30. A BashOperator, for the job is one process of one machine, which
supervises its own workers; on Dataflow see `google/` instead. Where workers are pods,
the same command goes to a KubernetesPodOperator, whose pods end in the same codes.
"""

import datetime
import functools
import zoneinfo
from typing import Any

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, AsyncCallback, DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException
from airflow.timetables.interval import CronDataIntervalTimetable

TIMEZONE = "Europe/Berlin"
FIRST_DAY = datetime.datetime(2026, 11, 1, tzinfo=zoneinfo.ZoneInfo(TIMEZONE))
FINAL_CODES = {
    2: "bad usage or input",
    3: "refused by the gate; the published day is as it was",
}
"""Exit codes of `tillage score` after which the same command ends in the same way."""

# Not `| ds`, which is the day in UTC.
_DAY = f"data_interval_start.in_timezone('{TIMEZONE}').to_date_string()"
_MAIL = "data-night@chain.example"
_COMMAND = """\
exec tillage score --input "$TILLAGE_INPUT" --output "$TILLAGE_OUTPUT" --date "$DAY" \
    --pseudonym-key-file "$TILLAGE_KEY_FILE" --detailed-exit-codes
"""


class _Hook(SubprocessHook):
    def run_command(self, *arguments: Any, **options: Any) -> Any:
        ended = super().run_command(*arguments, **options)
        if ended.exit_code in FINAL_CODES:
            reason = FINAL_CODES[ended.exit_code]
            raise AirflowFailException(
                f"tillage score: exit code {ended.exit_code}, {reason}"
            )
        return ended


class ScoreOperator(BashOperator):
    """A BashOperator that does not try again where that helps nothing."""

    @functools.cached_property
    def subprocess_hook(self) -> SubprocessHook:
        """Runs the command, and stops it with its task."""
        return _Hook()


with DAG(
    "tillage_nightly",
    description="One trading day of all stores: ages, demand, cashier audit",
    schedule=CronDataIntervalTimetable("30 5 * * *", timezone=TIMEZONE),
    start_date=FIRST_DAY,
    # A night on which the scheduler was down is made up for.
    catchup=True,
    # One run takes all cores of a machine.
    max_active_runs=1,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=datetime.timedelta(hours=4),
        callback=AsyncCallback(
            SmtpNotifier,
            {"to": _MAIL, "subject": "Tillage is late", "html_content": "See its run."},
        ),
    ),
    tags=["tillage"],
):
    ScoreOperator(
        task_id="score",
        bash_command=_COMMAND,
        env={
            "DAY": f"{{{{ {_DAY} }}}}",
            "TILLAGE_INPUT": "{{ var.value.tillage_input }}",
            "TILLAGE_OUTPUT": "{{ var.value.tillage_output }}",
            "TILLAGE_KEY_FILE": "{{ var.value.tillage_key_file }}",
        },
        append_env=True,
        retries=4,
        retry_delay=datetime.timedelta(minutes=10),
        retry_exponential_backoff=2,
        max_retry_delay=datetime.timedelta(hours=2),
        execution_timeout=datetime.timedelta(hours=4),
        on_failure_callback=SmtpNotifier(
            to=_MAIL,
            subject=f"Tillage: {{{{ {_DAY} }}}} is not published",
            html_content="{{ exception }}<br>{{ ti.log_url }}",
        ),
    )
