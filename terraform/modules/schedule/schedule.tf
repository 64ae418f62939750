# A group of its own: the metrics of schedules are those of their group, and the role trusts a group.
resource "aws_scheduler_schedule_group" "runs" {
  name = local.resource_name
  tags = var.tags
}

resource "aws_scheduler_schedule" "runs" {
  #checkov:skip=CKV_AWS_297:It holds nothing to encrypt: its input is {}.

  name        = local.resource_name
  description = "Runs all tests of the function ${var.function_name}."
  group_name  = aws_scheduler_schedule_group.runs.name

  schedule_expression          = var.schedule
  schedule_expression_timezone = var.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.alias_arn
    role_arn = aws_iam_role.schedule.arn
    # A plain invocation.
    input = "{}"

    # Nothing runs twice: a request whose answer was lost may have started the tests. The shortest age that there is.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}
