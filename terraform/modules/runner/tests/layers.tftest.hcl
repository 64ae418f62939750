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

run "none_by_default_and_lambda_s_own_key" {
  command = plan
  assert {
    condition     = length(aws_lambda_function.runner.layers) == 0 && aws_lambda_function.runner.kms_key_arn == null
    error_message = jsonencode(aws_lambda_function.runner.layers)
  }
}

run "in_their_order" {
  command = plan
  variables {
    # A layer may be another account's.
    layers = ["arn:aws:lambda:us-east-2:123456789012:layer:tools:3", "arn:aws:lambda:us-east-2:210987654321:layer:agent:12"]
  }
  assert {
    condition     = aws_lambda_function.runner.layers == tolist(["arn:aws:lambda:us-east-2:123456789012:layer:tools:3", "arn:aws:lambda:us-east-2:210987654321:layer:agent:12"])
    error_message = jsonencode(aws_lambda_function.runner.layers)
  }
}

run "a_key_of_the_variables" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:us-east-2:123456789012:key/1"
  }
  assert {
    condition     = aws_lambda_function.runner.kms_key_arn == "arn:aws:kms:us-east-2:123456789012:key/1"
    error_message = jsonencode(aws_lambda_function.runner.kms_key_arn)
  }
  assert {
    condition = jsonencode([for statement in jsondecode(aws_iam_role_policy.execution[0].policy).Statement : statement if statement.Sid == "VariablesKey"]) == jsonencode([
      { Action = "kms:Decrypt", Effect = "Allow", Resource = "arn:aws:kms:us-east-2:123456789012:key/1", Sid = "VariablesKey" },
    ])
    error_message = aws_iam_role_policy.execution[0].policy
  }
}

run "refused_without_a_version_and_an_alias" {
  command = plan
  variables {
    layers      = ["arn:aws:lambda:us-east-2:123456789012:layer:tools"]
    kms_key_arn = "arn:aws:kms:us-east-2:123456789012:alias/tests"
  }
  expect_failures = [var.layers, var.kms_key_arn]
}

run "refused_six" {
  command = plan
  variables {
    layers = [for number in range(6) : "arn:aws:lambda:us-east-2:123456789012:layer:tools${number}:1"]
  }
  expect_failures = [var.layers]
}

run "refused_two_versions_of_one" {
  command = plan
  variables {
    layers = ["arn:aws:lambda:us-east-2:123456789012:layer:tools:1", "arn:aws:lambda:us-east-2:123456789012:layer:tools:2"]
  }
  expect_failures = [var.layers]
}

run "refused_a_layer_of_another_region" {
  command = plan
  variables {
    layers = ["arn:aws:lambda:us-west-2:123456789012:layer:tools:1"]
  }
  expect_failures = [aws_lambda_function.runner]
}

run "refused_a_key_of_another_partition" {
  command = plan
  variables {
    kms_key_arn = "arn:aws-us-gov:kms:us-east-2:123456789012:key/1"
  }
  expect_failures = [aws_lambda_function.runner]
}
