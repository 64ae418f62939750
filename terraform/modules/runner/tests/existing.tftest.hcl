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

run "a_role" {
  command = plan
  variables {
    existing_role = { arn = "arn:aws:iam::123456789012:role/service/tests" }
  }
  assert {
    condition     = length(aws_iam_role.execution) + length(aws_iam_role_policy.execution) + length(aws_iam_role_policy_attachment.further) == 0
    error_message = "A role is made, or something is attached to the existing one."
  }
  assert {
    condition     = aws_lambda_function.runner.role == "arn:aws:iam::123456789012:role/service/tests" && output.role_arn == aws_lambda_function.runner.role
    error_message = aws_lambda_function.runner.role
  }
}

run "security_groups" {
  variables {
    vpc                = { id = "vpc-1", subnet_ids = ["subnet-1"], extra_security_group_ids = ["sg-3"] }
    security_group_ids = ["sg-1", "sg-2"]
  }
  assert {
    condition     = length(aws_security_group.runner) + length(aws_vpc_security_group_egress_rule.reach) + length(aws_vpc_security_group_ingress_rule.target) == 0
    error_message = "A group or a rule is made."
  }
  assert {
    condition     = one(aws_lambda_function.runner.vpc_config).security_group_ids == toset(["sg-1", "sg-2", "sg-3"]) && output.security_group_id == "sg-1"
    error_message = jsonencode(one(aws_lambda_function.runner.vpc_config).security_group_ids)
  }
}

run "reach_makes_no_rules_in_them" {
  command = plan
  variables {
    security_group_ids = ["sg-1"]
    reach              = [{ name = "orders", port = 443, cidr = "10.0.0.0/16" }]
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.reach) == 0
    error_message = "A rule is made in a group that is somebody else's."
  }
  expect_failures = [check.rules_of_other_groups]
}

run "a_log_group" {
  command = plan
  variables {
    log_group_name = "/tests/all"
  }
  assert {
    condition     = length(aws_cloudwatch_log_group.runner) == 0 && one(aws_lambda_function.runner.logging_config).log_group == "/tests/all" && output.log_group_name == "/tests/all"
    error_message = jsonencode(one(aws_lambda_function.runner.logging_config).log_group)
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_iam_role_policy.execution[0].policy).Statement : statement.Resource], "arn:aws:logs:us-east-2:123456789012:log-group:/tests/all:*")
    error_message = aws_iam_role_policy.execution[0].policy
  }
}

run "refused_with_what_they_replace" {
  command = plan
  variables {
    existing_role            = { arn = "arn:aws:iam::123456789012:role/tests" }
    role                     = { policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }
    security_group_ids       = ["sg-1"]
    allow_ingress_on_targets = true
    log_group_name           = "/tests/all"
    log_kms_key_arn          = "arn:aws:kms:us-east-2:123456789012:key/1"
  }
  expect_failures = [var.existing_role, var.security_group_ids, var.log_group_name]
}

run "refused_statements_and_another_name" {
  command = plan
  variables {
    existing_role       = { arn = "arn:aws:iam::123456789012:role/tests" }
    role                = { statements = [{ actions = ["s3:*"], resources = ["*"] }] }
    security_group_ids  = ["sg-1"]
    security_group_name = "tests"
  }
  expect_failures = [var.existing_role, var.security_group_ids]
}

run "refused_a_boundary_that_bounds_nothing" {
  command = plan
  variables {
    existing_role            = { arn = "arn:aws:iam::123456789012:role/tests" }
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }
  expect_failures = [var.existing_role]
}

run "refused_a_path_of_nothing" {
  command = plan
  variables {
    existing_role = { arn = "arn:aws:iam::123456789012:role/tests" }
    role_path     = "/service/"
  }
  expect_failures = [var.existing_role]
}

run "refused_of_another_kind" {
  command = plan
  variables {
    existing_role      = { arn = "arn:aws:sts::123456789012:assumed-role/tests/session" }
    security_group_ids = ["tests"]
    log_group_name     = "arn:aws:logs:us-east-2:123456789012:log-group:/tests/all"
  }
  expect_failures = [var.existing_role, var.security_group_ids, var.log_group_name]
}

run "refused_six_groups" {
  command = plan
  variables {
    vpc                = { id = "vpc-1", subnet_ids = ["subnet-1"], extra_security_group_ids = ["sg-3", "sg-4"] }
    security_group_ids = ["sg-1", "sg-2", "sg-5", "sg-6"]
  }
  expect_failures = [var.security_group_ids]
}

run "refused_a_role_of_another_account" {
  command = plan
  variables {
    existing_role = { arn = "arn:aws:iam::210987654321:role/tests" }
  }
  expect_failures = [aws_lambda_function.runner]
}

run "refused_a_role_of_another_partition" {
  command = plan
  variables {
    existing_role = { arn = "arn:aws-cn:iam::123456789012:role/tests" }
  }
  expect_failures = [aws_lambda_function.runner]
}

# Going over to existing groups is leaving the own one, as another VPC is: versions would keep it in use.
run "with_a_group_of_its_own" {
  command = apply
}

run "over_to_existing_groups" {
  command = apply
  variables {
    security_group_ids = ["sg-1"]
  }
  assert {
    condition     = aws_lambda_function.runner.arn != run.with_a_group_of_its_own.function_arn && aws_lambda_alias.live.arn != run.with_a_group_of_its_own.alias_arn
    error_message = "The function is the one whose versions have the old group."
  }
}

run "from_one_existing_group_to_another" {
  command = apply
  variables {
    security_group_ids = ["sg-2"]
  }
  assert {
    condition     = aws_lambda_function.runner.arn == run.over_to_existing_groups.function_arn
    error_message = "No group is deleted: the function stays."
  }
}
