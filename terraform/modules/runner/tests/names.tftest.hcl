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

run "a_prefix_of_all_but_function_and_log" {
  command = plan
  variables {
    name_prefix = "shared-"
  }
  assert {
    condition     = aws_iam_role.execution[0].name == "shared-system-tests-lamex" && aws_security_group.runner[0].name == "shared-system-tests-lamex"
    error_message = "Role or group has another name."
  }
  assert {
    condition     = aws_lambda_function.runner.function_name == "system-tests" && aws_cloudwatch_log_group.runner[0].name == "/aws/lambda/system-tests"
    error_message = "Function or log group has another name."
  }
}

run "a_name_says_more_than_a_prefix" {
  command = plan
  variables {
    name_prefix         = "shared-"
    security_group_name = "tests"
  }
  assert {
    condition     = aws_security_group.runner[0].name == "tests"
    error_message = aws_security_group.runner[0].name
  }
}

run "a_path" {
  command = plan
  variables {
    role_path = "/service/tests/"
  }
  assert {
    condition     = aws_iam_role.execution[0].path == "/service/tests/"
    error_message = aws_iam_role.execution[0].path
  }
}

run "the_longest_prefix" {
  command = plan
  variables {
    function_name = "a2345678901234567890123456789012345678901234567890"
    name_prefix   = "a2345"
  }
  assert {
    condition     = length("${aws_iam_role.execution[0].name}-ci") == 64
    error_message = aws_iam_role.execution[0].name
  }
}

run "refused_a_longer_one" {
  command = plan
  variables {
    function_name = "a2345678901234567890123456789012345678901234567890"
    name_prefix   = "a23456"
  }
  expect_failures = [var.name_prefix]
}

run "refused_of_another_kind" {
  command = plan
  variables {
    name_prefix              = "sg-"
    role_path                = "service"
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/boundary"
  }
  expect_failures = [var.name_prefix, var.role_path, var.permissions_boundary_arn]
}

run "refused_a_boundary_of_another_account" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::210987654321:policy/boundary"
  }
  expect_failures = [aws_lambda_function.runner]
}

run "a_boundary_of_aws" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
  }
  assert {
    condition     = aws_iam_role.execution[0].permissions_boundary == "arn:aws:iam::aws:policy/PowerUserAccess"
    error_message = jsonencode(aws_iam_role.execution[0].permissions_boundary)
  }
}
