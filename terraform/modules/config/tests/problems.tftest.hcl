variables {
  environment = "staging"
}

run "nothing_against_a_sound_file" {
  command = plan
  variables {
    lamex_yaml = "environments: { staging: { account: '123456789012', region: us-east-2, function: f } }"
  }
  assert {
    condition     = length(output.problems) == 0
    error_message = jsonencode(output.problems)
  }
  assert {
    condition     = output.environments == tolist(["local", "staging"])
    error_message = jsonencode(output.environments)
  }
}

run "a_key_without_a_value_is_not_given_in_the_defaults_either" {
  command = plan
  variables {
    lamex_yaml = <<-YAML
      defaults: { account: "123456789012", region: us-east-2, memory_mb: , env: , vpc: ~, role: { policy_arns: } }
      environments: { staging: { function: f } }
    YAML
  }
  assert {
    condition     = output.environment.memory_mb == 1769 && length(output.environment.env) == 0 && output.environment.vpc == null
    error_message = jsonencode(output.environment)
  }
  assert {
    condition     = length(output.environment.role.policy_arns) == 0 && length(output.problems) == 0
    error_message = jsonencode(output.problems)
  }
}

run "local_has_no_account" {
  command = plan
  variables {
    environment = "local"
    lamex_yaml  = "defaults: { account: '123456789012', vpc: { id: vpc-00000001 } }"
  }
  assert {
    condition     = output.environment.account == null && output.environment.vpc == null && length(output.problems) == 0
    error_message = jsonencode(output.environment)
  }
}

run "an_environment_that_is_not_there" {
  command = plan
  variables {
    environment = "stagging"
    lamex_yaml  = "environments: { staging: { account: '123456789012', region: us-east-2, function: f } }"
  }
  assert {
    condition     = output.problems == tolist(["lamex.yaml has no environment `stagging`; it has local, staging"])
    error_message = jsonencode(output.problems)
  }
}

run "keys_that_are_missing" {
  command = plan
  variables {
    lamex_yaml = "environments: { staging: { region: us-east-2 } }"
  }
  assert {
    condition     = output.problems == tolist(["the environment `staging` needs `account`", "the environment `staging` needs `function`"])
    error_message = jsonencode(output.problems)
  }
}

run "a_schedule_that_is_none" {
  command = plan
  variables {
    lamex_yaml = "environments: { staging: { account: '123456789012', region: us-east-2, function: f, schedule: 'cron(0 3 * * *)', schedule_timezone: '+02:00' } }"
  }
  assert {
    condition     = length(output.problems) == 2 && strcontains(output.problems[0], "cron has six fields") && strcontains(output.problems[1], "time zone")
    error_message = jsonencode(output.problems)
  }
}

run "keys_that_do_not_exist" {
  command = plan
  variables {
    lamex_yaml = <<-YAML
      defaults: { account: "123456789012", region: us-east-2, function: f, allow_destructve: true }
      environments:
        staging:
          vpc: { subnets: [] }
          role: { policies: [], statements: [{ action: a }] }
          reach: [{ name: a, ports: 1 }]
    YAML
  }
  assert {
    condition = output.problems == tolist([
      "environment has no key allow_destructve", "reach has no key ports", "role has no key policies",
      "statement has no key action", "vpc has no key subnets",
    ])
    error_message = jsonencode(output.problems)
  }
}

run "an_empty_file" {
  command = plan
  variables {
    lamex_yaml = "~"
  }
  assert {
    condition     = contains(output.problems, "lamex.yaml is empty")
    error_message = jsonencode(output.problems)
  }
}

run "no_yaml" {
  command = plan
  variables {
    lamex_yaml = "environments: ["
  }
  expect_failures = [var.lamex_yaml]
}
