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
  alias_arn     = "arn:aws:lambda:us-east-2:123456789012:function:system-tests:live"
  schedule      = "cron(0 3 * * ? *)"
}

run "one_invocation_that_is_never_repeated" {
  command = plan
  assert {
    condition     = aws_scheduler_schedule.runs.target[0].retry_policy[0].maximum_retry_attempts == 0 && aws_scheduler_schedule.runs.target[0].retry_policy[0].maximum_event_age_in_seconds == 60
    error_message = "EventBridge Scheduler would invoke the function again."
  }
  assert {
    condition     = aws_scheduler_schedule.runs.flexible_time_window[0].mode == "OFF"
    error_message = "It would not run at its time."
  }
  assert {
    condition     = aws_scheduler_schedule.runs.target[0].arn == var.alias_arn && aws_scheduler_schedule.runs.target[0].input == "{}"
    error_message = "It is no plain invocation of what is live."
  }
  assert {
    condition     = aws_scheduler_schedule.runs.schedule_expression == "cron(0 3 * * ? *)" && aws_scheduler_schedule.runs.schedule_expression_timezone == "UTC"
    error_message = "It is another time."
  }
  assert {
    condition     = toset([aws_scheduler_schedule.runs.name, aws_scheduler_schedule.runs.group_name, aws_scheduler_schedule_group.runs.name, aws_iam_role.schedule.name, output.group_name]) == toset(["system-tests-lamex-schedule"])
    error_message = "Not all are named after the function."
  }
}

run "a_role_for_this_group_and_this_alias_alone" {
  command = plan
  assert {
    condition = jsondecode(aws_iam_role.schedule.assume_role_policy).Statement == [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = {
        "aws:SourceAccount" = "123456789012"
        "aws:SourceArn"     = "arn:aws:scheduler:us-east-2:123456789012:schedule-group/system-tests-lamex-schedule"
      } }
    }]
    error_message = aws_iam_role.schedule.assume_role_policy
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.schedule.policy).Statement == [{
      Sid      = "InvokeWhatIsLive"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = var.alias_arn
    }]
    error_message = aws_iam_role_policy.schedule.policy
  }
  assert {
    condition     = aws_iam_role.schedule.permissions_boundary == null
    error_message = "There is a boundary that nobody asked for."
  }
}

run "in_a_time_zone_with_a_boundary_and_tags" {
  command = plan
  variables {
    schedule                 = "rate(12 hours)"
    timezone                 = "Europe/Berlin"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    tags                     = { team = "orders" }
  }
  assert {
    condition     = aws_scheduler_schedule.runs.schedule_expression == "rate(12 hours)" && aws_scheduler_schedule.runs.schedule_expression_timezone == "Europe/Berlin"
    error_message = "It is another time."
  }
  assert {
    condition     = aws_iam_role.schedule.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "Nothing bounds the role."
  }
  assert {
    condition     = aws_iam_role.schedule.tags == tomap({ team = "orders" }) && aws_scheduler_schedule_group.runs.tags == tomap({ team = "orders" })
    error_message = "A tag is missing."
  }
}

run "a_prefix_and_a_path" {
  command = plan
  variables {
    name_prefix = "shared-"
    role_path   = "/service/"
  }
  assert {
    condition     = toset([aws_scheduler_schedule.runs.name, aws_scheduler_schedule.runs.group_name, aws_scheduler_schedule_group.runs.name, aws_iam_role.schedule.name, output.group_name]) == toset(["shared-system-tests-lamex-schedule"])
    error_message = "Not all have the prefix."
  }
  assert {
    condition     = aws_iam_role.schedule.path == "/service/" && endswith(jsondecode(aws_iam_role.schedule.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"], ":schedule-group/shared-system-tests-lamex-schedule")
    error_message = "The role has another path, or trusts another group."
  }
}

run "the_longest_prefix" {
  command = plan
  variables {
    function_name = "a23456789012345678901234567890123456789012345"
    name_prefix   = "a234"
  }
  assert {
    condition     = length(aws_iam_role.schedule.name) == 64
    error_message = aws_iam_role.schedule.name
  }
}

run "refused_a_longer_one" {
  command = plan
  variables {
    function_name = "a23456789012345678901234567890123456789012345"
    name_prefix   = "a2345"
  }
  expect_failures = [var.name_prefix]
}

run "refused_of_another_kind" {
  command = plan
  variables {
    name_prefix              = "two words"
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
  expect_failures = [aws_iam_role.schedule]
}

run "refused_a_name_that_is_too_long" {
  command = plan
  variables {
    function_name = "a234567890123456789012345678901234567890123456789-"
  }
  expect_failures = [var.function_name]
}

run "refused_a_schedule_that_is_none" {
  command = plan
  variables {
    schedule = "0 3 * * *"
  }
  expect_failures = [var.schedule]
}
