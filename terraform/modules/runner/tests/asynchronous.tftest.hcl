mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }
  override_data {
    target = data.aws_region.current
    values = { region = "us-east-2" }
  }
  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "123456789012" }
  }
}

variables {
  function_name = "system-tests"
  vpc           = { id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
}

run "events_are_not_repeated" {
  command = plan
  assert {
    condition     = alltrue([for config in aws_lambda_function_event_invoke_config.runner : config.maximum_retry_attempts == 0])
    error_message = "An asynchronous event would be repeated."
  }
  assert {
    condition     = toset([for config in aws_lambda_function_event_invoke_config.runner : coalesce(config.qualifier, "$LATEST")]) == toset(["$LATEST", "live"])
    error_message = "It is not said of the function and of its alias."
  }
}
