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

run "of_lamex_yaml_alone" {
  command = plan
  variables {
    env = { ORDERS_ADDR = "orders.internal:50051" }
  }
  assert {
    condition     = one(aws_lambda_function.runner.environment).variables == tomap({ ORDERS_ADDR = "orders.internal:50051" })
    error_message = jsonencode(one(aws_lambda_function.runner.environment).variables)
  }
}

run "destructive_commands_where_they_are_allowed" {
  command = plan
  variables {
    env               = { ORDERS_ADDR = "" }
    allow_destructive = true
  }
  assert {
    condition     = one(aws_lambda_function.runner.environment).variables == tomap({ LAMEX_ALLOW_DESTRUCTIVE = "true", ORDERS_ADDR = "" })
    error_message = jsonencode(one(aws_lambda_function.runner.environment).variables)
  }
}

run "as_much_as_lambda_takes" {
  command = plan
  variables {
    env = { AA = "${join("", [for part in range(1020) : "<ab&"])}1234567" }
  }
  assert {
    condition     = length(one(aws_lambda_function.runner.environment).variables.AA) == 4087
    error_message = "The variable is cut."
  }
}

run "refused_one_byte_more" {
  command = plan
  variables {
    env = { AA = "${join("", [for part in range(1020) : "<ab&"])}12345678" }
  }
  expect_failures = [aws_lambda_function.runner]
}

run "refused_where_the_switch_is_too_much" {
  command = plan
  variables {
    env               = { AA = "${join("", [for part in range(1020) : "abcd"])}1234567" }
    allow_destructive = true
  }
  expect_failures = [aws_lambda_function.runner]
}

run "refused_in_bytes_not_in_characters" {
  command = plan
  variables {
    env = { AA = join("", [for part in range(600) : "äöüß"]) }
  }
  expect_failures = [aws_lambda_function.runner]
}

run "refused_the_switch_itself" {
  command = plan
  variables {
    env = { LAMEX_ALLOW_DESTRUCTIVE = "true" }
  }
  expect_failures = [var.env]
}

run "refused_names_of_lambda" {
  command = plan
  variables {
    env = { AWS_LAMBDA_FUNCTION_NAME = "" }
  }
  expect_failures = [var.env]
}

run "refused_no_name" {
  command = plan
  variables {
    env = { "A-B" = "" }
  }
  expect_failures = [var.env]
}
