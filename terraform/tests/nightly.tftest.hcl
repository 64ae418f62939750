mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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
  environment           = "nightly"
  state_per_environment = true
}

run "a_schedule_without_alarms" {
  command = plan
  assert {
    condition     = module.schedule[0].group_name == "system-tests-nightly-lamex-schedule"
    error_message = module.schedule[0].group_name
  }
  assert {
    condition     = length(module.alarms) == 0
    error_message = "There are alarms that nobody asked for."
  }
}

run "with_alarms" {
  command = apply
  variables {
    alarm_topic_arns = ["arn:aws:sns:us-east-2:123456789012:nightly-tests"]
  }
  assert {
    condition     = jsonencode(keys(module.alarms[0].alarm_arns)) == jsonencode(["dropped-events", "errors", "schedule", "throttles"])
    error_message = jsonencode(module.alarms[0].alarm_arns)
  }
}

run "alarms_without_a_schedule" {
  command = apply
  variables {
    environment      = "staging"
    alarm_topic_arns = ["arn:aws:sns:us-east-2:123456789012:nightly-tests"]
  }
  assert {
    condition     = length(module.schedule) == 0 && jsonencode(keys(module.alarms[0].alarm_arns)) == jsonencode(["dropped-events", "errors", "throttles"])
    error_message = jsonencode(module.alarms[0].alarm_arns)
  }
}

run "refused_what_is_no_schedule" {
  command = plan
  variables {
    environment = "no-schedule"
  }
  expect_failures = [terraform_data.environment]
}
