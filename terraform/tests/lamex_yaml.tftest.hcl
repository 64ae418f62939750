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
  environment           = "staging"
  state_per_environment = true
}

run "reaches_the_runner" {
  assert {
    condition     = output.function_name == "system-tests-staging" && output.log_group_name == "/aws/lambda/system-tests-staging"
    error_message = output.function_name
  }
  assert {
    condition     = output.ci_role_arn == null && output.oidc_provider_arn == null && output.endpoint_security_group_id == null && length(module.vpc_endpoints) == 0
    error_message = "There is more than was asked for."
  }
  assert {
    # What the module makes of it is tested there.
    condition     = local.environment.memory_mb == 3008 && local.environment.timeout_s == 600 && local.environment.tags == { team = "orders" }
    error_message = jsonencode(local.environment)
  }
}

run "one_rule_for_what_differs_in_its_host" {
  command = plan
  assert {
    condition = { for rule in local.reach : rule.name => rule.description } == {
      "tcp 50051 sg-00000001" = "orders-grpc"
      "tcp 8080 10.0.0.0/16"  = "orders-http, billing-http"
    }
    error_message = jsonencode(local.reach)
  }
}

run "with_endpoints_and_ci" {
  variables {
    vpc_endpoints = { gateway_services = ["s3"], route_table_ids = ["rtb-1"], interface_services = ["logs"] }
    ci_access     = { subjects = ["repo:example-org/orders:environment:staging"] }
  }
  assert {
    condition     = output.ci_role_arn == module.ci_access[0].role_arn && module.ci_access[0].role_name == "system-tests-staging-lamex-ci"
    error_message = module.ci_access[0].role_name
  }
  assert {
    condition     = output.endpoint_security_group_id == module.vpc_endpoints[0].security_group_id && output.oidc_provider_arn == module.ci_access[0].oidc_provider_arn
    error_message = "${output.endpoint_security_group_id} ${output.oidc_provider_arn}"
  }
  assert {
    condition     = jsonencode([keys(module.vpc_endpoints[0].gateway_endpoint_ids), keys(module.vpc_endpoints[0].interface_endpoint_ids)]) == jsonencode([["s3"], ["logs"]])
    error_message = jsonencode(module.vpc_endpoints[0])
  }
}
