# Everything from one lamex.yaml, in a configuration of your own: the function, endpoints for subnets without NAT, a
# schedule for every night with alarms, and a role for GitHub Actions, whose OIDC provider the account has already.
# terraform/ itself does the same with variables and workspaces.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

module "lamex_yaml" {
  source = "../../modules/config"

  lamex_yaml  = file("${path.module}/lamex.yaml")
  environment = "staging"
}

locals {
  environment = module.lamex_yaml.environment
}

provider "aws" {
  region              = local.environment.region
  allowed_account_ids = [local.environment.account]
}

module "runner" {
  source = "../../modules/runner"

  function_name        = local.environment.function
  vpc                  = local.environment.vpc
  reach                = local.environment.reach
  env                  = local.environment.env
  allow_destructive    = local.environment.allow_destructive
  memory_mb            = local.environment.memory_mb
  timeout_s            = local.environment.timeout_s
  ephemeral_storage_mb = local.environment.ephemeral_storage_mb
  architecture         = local.environment.architecture
  role                 = local.environment.role
  log_retention_days   = local.environment.log_retention_days
  tags                 = local.environment.tags
}

module "vpc_endpoints" {
  source = "../../modules/vpc-endpoints"

  function_name            = module.runner.function_name
  runner_security_group_id = module.runner.security_group_id
  vpc_id                   = local.environment.vpc.id
  subnet_ids               = local.environment.vpc.subnet_ids
  interface_services       = ["secretsmanager"]
  gateway_services         = ["dynamodb"]
  route_table_ids          = ["rtb-0123456789abcdef0"]
  tags                     = local.environment.tags
}

module "schedule" {
  source = "../../modules/schedule"

  function_name = module.runner.function_name
  alias_arn     = module.runner.alias_arn
  schedule      = local.environment.schedule
  timezone      = local.environment.schedule_timezone
  tags          = local.environment.tags
}

module "alarms" {
  source = "../../modules/alarms"

  function_name       = module.runner.function_name
  schedule_group_name = module.schedule.group_name
  topic_arns          = ["arn:aws:sns:us-east-2:123456789012:nightly-tests"]
  tags                = local.environment.tags
}

module "ci_access" {
  source = "../../modules/ci-access"

  function_name         = module.runner.function_name
  subjects              = ["repo:example-org/orders:environment:staging"]
  artifacts_bucket      = local.environment.artifacts_bucket
  artifacts_kms_key_arn = local.environment.artifacts_kms_key_arn
  tags                  = local.environment.tags
}

output "function_name" {
  description = "The function, as lamex.yaml names it."
  value       = module.runner.function_name

  precondition {
    condition     = length(module.lamex_yaml.problems) == 0
    error_message = join("\n", module.lamex_yaml.problems)
  }
}

output "ci_role_arn" {
  description = "`role-to-assume` of aws-actions/configure-aws-credentials."
  value       = module.ci_access.role_arn
}
