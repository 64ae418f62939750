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

run "kept_for_a_month" {
  command = plan
  assert {
    condition     = aws_cloudwatch_log_group.runner[0].name == "/aws/lambda/system-tests"
    error_message = jsonencode(aws_cloudwatch_log_group.runner[0].name)
  }
  assert {
    condition     = aws_cloudwatch_log_group.runner[0].retention_in_days == 30
    error_message = jsonencode(aws_cloudwatch_log_group.runner[0].retention_in_days)
  }
  assert {
    condition     = aws_cloudwatch_log_group.runner[0].kms_key_id == null
    error_message = jsonencode(aws_cloudwatch_log_group.runner[0].kms_key_id)
  }
}

run "with_a_key" {
  command = plan
  variables {
    log_retention_days = 3653
    log_kms_key_arn    = "arn:aws:kms:us-east-2:123456789012:key/1"
  }
  assert {
    condition     = aws_cloudwatch_log_group.runner[0].retention_in_days == 3653
    error_message = jsonencode(aws_cloudwatch_log_group.runner[0].retention_in_days)
  }
  assert {
    condition     = aws_cloudwatch_log_group.runner[0].kms_key_id == "arn:aws:kms:us-east-2:123456789012:key/1"
    error_message = jsonencode(aws_cloudwatch_log_group.runner[0].kms_key_id)
  }
}
