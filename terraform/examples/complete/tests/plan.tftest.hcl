mock_provider "aws" {}

run "applies" {
  assert {
    condition     = output.function_name == "system-tests-staging" && output.ci_role_arn != ""
    error_message = output.function_name
  }
}
