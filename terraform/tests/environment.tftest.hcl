mock_provider "aws" {}

variables {
  config = "tests/fixtures/lamex.yaml"
}

# The workspace of tests is `default`.

run "refused_without_an_environment" {
  command         = plan
  expect_failures = [terraform_data.environment]
}

run "refused_in_a_workspace_of_another_name" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [terraform_data.environment]
}

run "refused_what_is_not_in_the_file" {
  command = plan
  variables {
    environment           = "stagging"
    state_per_environment = true
  }
  expect_failures = [terraform_data.environment]
}

run "refused_local" {
  command = plan
  variables {
    environment           = "local"
    state_per_environment = true
  }
  expect_failures = [terraform_data.environment]
}

run "refused_without_a_vpc" {
  command = plan
  variables {
    environment           = "no-vpc"
    state_per_environment = true
  }
  expect_failures = [terraform_data.environment]
}

run "an_environment_named_like_the_workspace" {
  command = plan
  variables {
    config      = "tests/fixtures/default.yaml"
    environment = "default"
  }
  assert {
    condition     = terraform_data.environment.input.name == "default" && output.function_name == "system-tests-default"
    error_message = output.function_name
  }
}

run "the_workspace_alone" {
  command = plan
  variables {
    config = "tests/fixtures/default.yaml"
  }
  assert {
    condition     = output.function_name == "system-tests-default"
    error_message = output.function_name
  }
}
