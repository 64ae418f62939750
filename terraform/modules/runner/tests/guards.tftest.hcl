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

run "refused_too_little" {
  command = plan
  variables {
    function_name        = ""
    vpc                  = { id = "vpc-1", subnet_ids = [] }
    memory_mb            = 127
    timeout_s            = 0
    ephemeral_storage_mb = 511
    reserved_concurrency = 0
    log_retention_days   = 0
  }
  expect_failures = [var.function_name, var.vpc, var.memory_mb, var.timeout_s, var.ephemeral_storage_mb, var.reserved_concurrency, var.log_retention_days]
}

run "refused_too_much" {
  command = plan
  variables {
    function_name        = "a23456789012345678901234567890123456789012345678901"
    vpc                  = { id = "vpc-1", subnet_ids = [for number in range(17) : "subnet-${number}"] }
    memory_mb            = 10241
    timeout_s            = 901
    ephemeral_storage_mb = 10241
    log_retention_days   = 3654
  }
  expect_failures = [var.function_name, var.vpc, var.memory_mb, var.timeout_s, var.ephemeral_storage_mb, var.log_retention_days]
}

run "refused_of_another_kind" {
  command = plan
  variables {
    function_name        = "system-tests:live"
    vpc                  = { id = "vpc-1", subnet_ids = ["subnet-1"], extra_security_group_ids = ["1", "2", "3", "4", "5"] }
    memory_mb            = 1769.5
    timeout_s            = 1.5
    ephemeral_storage_mb = 512.5
    reserved_concurrency = 1.5
    log_retention_days   = 31
    architecture         = "aarch64"
    runtime              = "python3.13"
  }
  expect_failures = [var.function_name, var.vpc, var.memory_mb, var.timeout_s, var.ephemeral_storage_mb, var.reserved_concurrency, var.log_retention_days, var.architecture, var.runtime]
}

run "the_longest_name" {
  command = plan
  variables {
    function_name = "a2345678901234567890123456789012345678901234567890"
  }
  assert {
    condition     = length(aws_iam_role.execution[0].name) <= 64 && length("${aws_lambda_function.runner.function_name}-lamex-endpoints") <= 255
    error_message = "The name does not fit."
  }
}

run "refused_without_a_vpc_id" {
  command = plan
  variables {
    vpc = { id = null, subnet_ids = ["subnet-1"] }
  }
  expect_failures = [var.vpc]
}

run "refused_names_of_subnets" {
  command = plan
  variables {
    vpc = { id = "vpc-1", subnet_ids = ["private-a"] }
  }
  expect_failures = [var.vpc]
}
