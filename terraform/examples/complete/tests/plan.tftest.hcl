mock_provider "aws" {}

run "applies" {
  assert {
    condition     = output.function_name == "system-tests-staging" && output.ci_role_arn != ""
    error_message = output.function_name
  }
  assert {
    condition     = module.schedule.group_name == "system-tests-staging-lamex-schedule" && length(module.alarms.alarm_arns) == 4
    error_message = "There are no nightly tests, or not all alarms."
  }
}
