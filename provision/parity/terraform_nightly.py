"""Schedules and alarms of Terraform as settings."""

from settings import insert


def schedule_group(tree, properties, _root):
    insert(tree, f"schedule group {properties.take('name')}", {"is there": True, "tags": properties.take("tags")})


def schedule(tree, properties, _root):
    window, target = properties.block("flexible_time_window"), properties.block("target")
    retries = target.block("retry_policy")
    insert(tree, f"schedule {properties.take('name')}", {
        "description": properties.take("description"),
        "group": properties.take("group_name"),
        "expression": properties.take("schedule_expression"),
        "time zone": properties.take("schedule_expression_timezone"),
        "flexible window": window.take("mode"),
        "target": target.take("arn"),
        "role": target.take("role_arn"),
        "input": target.take("input"),
        "retries": retries.take("maximum_retry_attempts"),
        "longest wait in seconds": retries.take("maximum_event_age_in_seconds"),
    })
    for block in (window, target, retries):
        block.done()


def alarm(tree, properties, _root):
    insert(tree, f"alarm {properties.take('alarm_name')}", {
        "description": properties.take("alarm_description"),
        "metric": f"{properties.take('namespace')} {properties.take('metric_name')}",
        "dimensions": properties.take("dimensions"),
        "statistic": properties.take("statistic"),
        "comparison": properties.take("comparison_operator"),
        "threshold": properties.take("threshold"),
        "period in seconds": properties.take("period"),
        "periods": properties.take("evaluation_periods"),
        "missing data": properties.take("treat_missing_data"),
        "tells": sorted(properties.take("alarm_actions")),
        "tags": properties.take("tags"),
    })


READERS = {
    "aws_scheduler_schedule_group": schedule_group,
    "aws_scheduler_schedule": schedule,
    "aws_cloudwatch_metric_alarm": alarm,
}
