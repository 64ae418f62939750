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

run "say_what_was_made" {
  command = apply
  assert {
    condition     = output.function_name == aws_lambda_function.runner.function_name && output.function_arn == aws_lambda_function.runner.arn && output.alias_arn == aws_lambda_alias.live.arn && output.role_arn == aws_iam_role.execution[0].arn && output.security_group_id == aws_security_group.runner[0].id
    error_message = "An output is not what it says."
  }
  assert {
    condition     = output.log_group_name == "/aws/lambda/system-tests"
    error_message = jsonencode(output.log_group_name)
  }
}
