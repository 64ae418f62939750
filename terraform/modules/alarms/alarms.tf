locals {
  resource_name = "${var.name_prefix}${var.function_name}-lamex"
  live          = { FunctionName = var.function_name, Resource = "${var.function_name}:live" }

  alarms = merge(
    {
      errors = {
        description = "A run of ${var.function_name} did not pass: its log ends in a summary with the verdict last."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = local.live
      }
      throttles = {
        description = "An invocation of ${var.function_name} was throttled. A scheduled one is retried for up to six hours."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = local.live
      }
      # Of the whole function: Lambda documents this metric for events, not for aliases.
      dropped-events = {
        description = "An event of ${var.function_name} was dropped: its run did not pass, or it never ran."
        namespace   = "AWS/Lambda"
        metric      = "AsyncEventsDropped"
        dimensions  = { FunctionName = var.function_name }
      }
    },
    { for group in var.schedule_group_name[*] : "schedule" => {
      description = "EventBridge Scheduler could not invoke ${var.function_name}: nothing ran."
      namespace   = "AWS/Scheduler"
      metric      = "InvocationDroppedCount"
      dimensions  = { ScheduleGroup = group }
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "runs" {
  for_each = local.alarms

  alarm_name        = "${local.resource_name}-${each.key}"
  alarm_description = each.value.description
  alarm_actions     = var.topic_arns
  tags              = var.tags

  namespace   = each.value.namespace
  metric_name = each.value.metric
  dimensions  = each.value.dimensions
  statistic   = "Sum"

  # An error has the time at which its invocation began, up to 15 minutes before CloudWatch hears of it: an alarm that
  # looks at the last minutes alone would miss it.
  period             = 3600
  evaluation_periods = 1

  comparison_operator = "GreaterThanThreshold"
  threshold           = 0

  # Lambda says nothing while nothing runs.
  treat_missing_data = "notBreaching"
}
