mock_provider "aws" {}

variables {
  function_name = "system-tests"
  topic_arns    = ["arn:aws:sns:us-east-2:123456789012:nightly-tests"]
}

run "on_what_runs_by_itself" {
  command = plan
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.runs : alarm.alarm_name => [alarm.namespace, alarm.metric_name, jsonencode(alarm.dimensions)] } == {
      system-tests-lamex-errors         = ["AWS/Lambda", "Errors", jsonencode({ FunctionName = "system-tests", Resource = "system-tests:live" })]
      system-tests-lamex-throttles      = ["AWS/Lambda", "Throttles", jsonencode({ FunctionName = "system-tests", Resource = "system-tests:live" })]
      system-tests-lamex-dropped-events = ["AWS/Lambda", "AsyncEventsDropped", jsonencode({ FunctionName = "system-tests" })]
    }
    error_message = jsonencode(aws_cloudwatch_metric_alarm.runs)
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.runs : alarm.alarm_actions == toset(var.topic_arns)])
    error_message = "An alarm tells nobody."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.runs : alarm.statistic == "Sum" && alarm.comparison_operator == "GreaterThanThreshold" && alarm.threshold == 0 && alarm.treat_missing_data == "notBreaching"])
    error_message = "An alarm is not about a single failure, or about a quiet night."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.runs : alarm.period * alarm.evaluation_periods > 900])
    error_message = "An error that is told of after 15 minutes would be missed."
  }
}

run "on_a_schedule_that_invokes_nothing" {
  command = plan
  variables {
    schedule_group_name = "system-tests-lamex-schedule"
    tags                = { team = "orders" }
  }
  assert {
    condition = [aws_cloudwatch_metric_alarm.runs["schedule"].alarm_name, aws_cloudwatch_metric_alarm.runs["schedule"].namespace, aws_cloudwatch_metric_alarm.runs["schedule"].metric_name, jsonencode(aws_cloudwatch_metric_alarm.runs["schedule"].dimensions)] == [
      "system-tests-lamex-schedule", "AWS/Scheduler", "InvocationDroppedCount", jsonencode({ ScheduleGroup = "system-tests-lamex-schedule" }),
    ]
    error_message = jsonencode(aws_cloudwatch_metric_alarm.runs["schedule"])
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.runs) == 4 && alltrue([for alarm in aws_cloudwatch_metric_alarm.runs : alarm.tags == tomap({ team = "orders" })])
    error_message = "A tag is missing."
  }
}

run "a_prefix" {
  command = plan
  variables {
    name_prefix         = "shared-"
    schedule_group_name = "shared-system-tests-lamex-schedule"
  }
  assert {
    condition     = alltrue([for what, alarm in aws_cloudwatch_metric_alarm.runs : alarm.alarm_name == "shared-system-tests-lamex-${what}"])
    error_message = jsonencode(aws_cloudwatch_metric_alarm.runs)
  }
  assert {
    condition     = jsonencode(aws_cloudwatch_metric_alarm.runs["errors"].dimensions) == jsonencode({ FunctionName = "system-tests", Resource = "system-tests:live" })
    error_message = "The function keeps its name."
  }
}

run "refused_without_a_topic" {
  command = plan
  variables {
    topic_arns = []
  }
  expect_failures = [var.topic_arns]
}

run "refused_what_is_no_topic" {
  command = plan
  variables {
    topic_arns = ["nightly-tests"]
  }
  expect_failures = [var.topic_arns]
}
