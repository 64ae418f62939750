mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  config                = "tests/fixtures/lamex.yaml"
  environment           = "staging"
  state_per_environment = true
}

run "nothing_unless_it_is_asked_for" {
  command = plan
  assert {
    condition     = output.oidc_provider_arn == null && output.artifact_bucket_name == null && length(module.oidc_provider) == 0 && length(module.artifact_bucket) == 0
    error_message = "There is more than was asked for."
  }
}

run "both" {
  variables {
    oidc_provider   = {}
    artifact_bucket = {}
  }
  assert {
    condition     = output.artifact_bucket_name == "lamex-artifacts" && output.oidc_provider_arn == module.oidc_provider[0].arn
    error_message = output.artifact_bucket_name
  }
}

run "refused_without_an_account" {
  command = plan
  variables {
    environment = null
  }
  expect_failures = [terraform_data.environment]
}

run "refused_in_a_workspace_of_another_name" {
  command = plan
  variables {
    state_per_environment = false
  }
  expect_failures = [terraform_data.environment]
}

run "refused_local" {
  command = plan
  variables {
    environment = "local"
  }
  expect_failures = [terraform_data.environment]
}

run "refused_a_bucket_without_a_name" {
  command = plan
  variables {
    environment     = "without-artifacts"
    artifact_bucket = {}
  }
  expect_failures = [terraform_data.environment]
}
