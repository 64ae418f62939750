"""Schedules and alarms of CDK's templates as settings."""

from settings import insert, tags


def schedule_group(tree, properties, _template):
    insert(tree, f"schedule group {properties.take('Name')}", {"is there": True, "tags": tags(properties)})


def schedule(tree, properties, _template):
    window, target = properties.block("FlexibleTimeWindow"), properties.block("Target")
    retries = target.block("RetryPolicy")
    insert(tree, f"schedule {properties.take('Name')}", {
        "description": properties.take("Description"),
        "group": properties.take("GroupName"),
        "expression": properties.take("ScheduleExpression"),
        "time zone": properties.take("ScheduleExpressionTimezone"),
        "flexible window": window.take("Mode"),
        "target": target.take("Arn"),
        "role": target.take("RoleArn"),
        "input": target.take("Input"),
        "retries": retries.take("MaximumRetryAttempts"),
        "longest wait in seconds": retries.take("MaximumEventAgeInSeconds"),
    })
    for block in (window, target, retries):
        block.done()


def alarm(tree, properties, _template):
    insert(tree, f"alarm {properties.take('AlarmName')}", {
        "description": properties.take("AlarmDescription"),
        "metric": f"{properties.take('Namespace')} {properties.take('MetricName')}",
        "dimensions": {one["Name"]: one["Value"] for one in properties.take("Dimensions")},
        "statistic": properties.take("Statistic"),
        "comparison": properties.take("ComparisonOperator"),
        "threshold": properties.take("Threshold"),
        "period in seconds": properties.take("Period"),
        "periods": properties.take("EvaluationPeriods"),
        "missing data": properties.take("TreatMissingData"),
        "tells": sorted(properties.take("AlarmActions")),
        "tags": tags(properties),
    })


READERS = {
    "AWS::Scheduler::ScheduleGroup": schedule_group,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::CloudWatch::Alarm": alarm,
}
