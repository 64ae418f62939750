mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  config                = "tests/fixtures/lamex.yaml"
  environment           = "production"
  state_per_environment = true
}

run "everything_that_exists_already" {
  variables {
    role_arn           = "arn:aws:iam::123456789012:role/service/tests"
    security_group_ids = ["sg-00000001"]
    log_group_name     = "/tests/all"
    layers             = ["arn:aws:lambda:us-east-2:123456789012:layer:tools:3"]
    kms_key_arn        = "arn:aws:kms:us-east-2:123456789012:key/1"
    ci_access          = { subjects = ["repo:example-org/orders:environment:production"] }
    vpc_endpoints      = { interface_services = ["sts"] }

    # Of CI's role, which is made all the same.
    role_path                = "/service/"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }
  assert {
    condition     = output.role_arn == "arn:aws:iam::123456789012:role/service/tests" && output.security_group_id == "sg-00000001" && output.log_group_name == "/tests/all"
    error_message = "An output names something else."
  }
  assert {
    condition     = module.ci_access[0].role_name == "system-tests-lamex-ci"
    error_message = module.ci_access[0].role_name
  }
}

run "the_role_of_a_schedule_has_path_and_boundary" {
  command = plan
  variables {
    environment              = "nightly"
    name_prefix              = "shared-"
    role_arn                 = "arn:aws:iam::123456789012:role/tests"
    role_path                = "/service/"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }
  assert {
    condition     = module.schedule[0].group_name == "shared-system-tests-nightly-lamex-schedule"
    error_message = module.schedule[0].group_name
  }
}

run "refused_what_is_of_no_role" {
  command = plan
  variables {
    role_arn                 = "arn:aws:iam::123456789012:role/tests"
    role_path                = "/service/"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }
  expect_failures = [var.role_path, var.permissions_boundary_arn]
}
