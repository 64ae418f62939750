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

run "the_alias_begins_at_the_placeholder" {
  command = apply
  assert {
    condition     = aws_lambda_alias.live.name == "live"
    error_message = jsonencode(aws_lambda_alias.live.name)
  }
  assert {
    condition     = aws_lambda_alias.live.function_version == "$LATEST"
    error_message = jsonencode(aws_lambda_alias.live.function_version)
  }
}

run "neither_code_nor_alias_is_touched_again" {
  command = apply
  variables {
    # Another package, as another path to the same is: what an apply after lamex-ctl deploy would see.
    placeholder_package = "elsewhere/placeholder.zip"
  }
  assert {
    condition     = endswith(aws_lambda_function.runner.filename, "provision/placeholder/placeholder.zip")
    error_message = aws_lambda_function.runner.filename
  }
}
