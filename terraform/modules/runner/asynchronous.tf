# Nothing runs twice: Lambda repeats asynchronous events that failed, tests too, unless it is told not to. What is said
# of the function is not said of its alias.

resource "aws_lambda_function_event_invoke_config" "runner" {
  for_each = { latest = null, live = aws_lambda_alias.live.name }

  function_name          = aws_lambda_function.runner.function_name
  qualifier              = each.value
  maximum_retry_attempts = 0

  # Lambda's default, which some endpoints answer as if it were set.
  maximum_event_age_in_seconds = 21600

  lifecycle {
    # It goes with the function.
    replace_triggered_by = [terraform_data.own_security_group.output]
  }
}
