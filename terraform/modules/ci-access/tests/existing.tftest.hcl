mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws", dns_suffix = "amazonaws.com" }
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
  subjects      = ["repo:example-org/orders:environment:staging"]
}

run "an_existing_role_and_log_group" {
  command = plan
  variables {
    execution_role_arn = "arn:aws:iam::123456789012:role/service/tests"
    log_group_name     = "/tests/all"
  }
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Sid => statement.Resource if contains(["DoctorReadsTheExecutionRole", "ReadTheLog"], statement.Sid) } == {
      DoctorReadsTheExecutionRole = "arn:aws:iam::123456789012:role/service/tests"
      ReadTheLog                  = ["arn:aws:logs:us-east-2:123456789012:log-group:/tests/all", "arn:aws:logs:us-east-2:123456789012:log-group:/tests/all:*"]
    }
    error_message = aws_iam_role_policy.ci.policy
  }
}

run "a_prefix_and_a_path" {
  command = plan
  variables {
    name_prefix = "shared-"
    role_path   = "/service/"
  }
  assert {
    condition     = aws_iam_role.ci.name == "shared-system-tests-lamex-ci" && aws_iam_role.ci.path == "/service/"
    error_message = "${aws_iam_role.ci.path}${aws_iam_role.ci.name}"
  }
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Sid => statement.Resource if contains(["DoctorReadsTheExecutionRole", "DoctorReadsThisRole"], statement.Sid) } == {
      DoctorReadsTheExecutionRole = "arn:aws:iam::123456789012:role/service/shared-system-tests-lamex"
      DoctorReadsThisRole         = "arn:aws:iam::123456789012:role/service/shared-system-tests-lamex-ci"
    }
    error_message = aws_iam_role_policy.ci.policy
  }
}

run "the_key_of_the_variables_through_lambda_alone" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:us-east-2:123456789012:key/1"
  }
  assert {
    condition = jsonencode([for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement if statement.Sid == "VariablesKey"]) == jsonencode([
      { Action = "kms:Decrypt", Condition = { StringEquals = { "kms:ViaService" = "lambda.us-east-2.amazonaws.com" } }, Effect = "Allow", Resource = "arn:aws:kms:us-east-2:123456789012:key/1", Sid = "VariablesKey" },
    ])
    error_message = aws_iam_role_policy.ci.policy
  }
}

run "refused_of_another_kind" {
  command = plan
  variables {
    name_prefix              = "two words"
    role_path                = "/service"
    execution_role_arn       = "tests"
    log_group_name           = "a log"
    kms_key_arn              = "arn:aws:kms:us-east-2:123456789012:alias/tests"
    permissions_boundary_arn = "boundary"
  }
  expect_failures = [var.name_prefix, var.role_path, var.execution_role_arn, var.log_group_name, var.kms_key_arn, var.permissions_boundary_arn]
}

run "refused_a_name_that_is_too_long" {
  command = plan
  variables {
    function_name = "a2345678901234567890123456789012345678901234567890"
    name_prefix   = "a23456"
  }
  expect_failures = [var.name_prefix]
}

run "refused_a_boundary_of_another_account" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::210987654321:policy/boundary"
  }
  expect_failures = [aws_iam_role.ci]
}
