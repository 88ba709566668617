"""Rules about the schedule."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

from croniter import CroniterBadCronError, CroniterBadDateError, croniter

from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.rules.rule import Problem, start_rule


@start_rule
def cron(flow: FlowModel) -> Iterator[Problem]:
    """Airflow reads a schedule with croniter, too."""
    if flow.schedule is None:
        return
    where = f"@schedule({flow.schedule.cron!r})"
    try:
        croniter(flow.schedule.cron).get_next()
    except CroniterBadDateError:
        yield Problem(where, "that moment never comes", "write a day that exists")
    except (CroniterBadCronError, ValueError) as error:
        yield Problem(
            where,
            f"it is not a cron expression ({error})",
            "write five fields: minute, hour, day of the month, month, day of the week",
        )


@start_rule
def time_zone(flow: FlowModel) -> Iterator[Problem]:
    """A time zone is one of the IANA database, which Airflow brings along."""
    name = flow.schedule.timezone if flow.schedule else None
    if name is None or not available_timezones():  # a machine without the database leaves it to Airflow
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield Problem(
            f"@schedule(timezone={name!r})",
            "there is no such time zone",
            "write an IANA name such as 'America/New_York'",
        )
