# Which account and region: those of an environment of lamex.yaml.

module "config" {
  source = "../modules/config"

  lamex_yaml  = file(var.config)
  environment = local.environment_name
}

# Everything takes the environment from here, so that a refusal comes alone, and before anything of AWS is asked.
resource "terraform_data" "environment" {
  input = module.config.environment

  lifecycle {
    precondition {
      condition     = length(local.refusals) == 0
      error_message = join("\n", local.refusals)
    }
  }
}

locals {
  environment_name = coalesce(var.environment, terraform.workspace)
  environment      = terraform_data.environment.input

  is_chosen = var.environment != null || terraform.workspace != "default" || contains(module.config.environments, "default")
  is_own    = var.environment == null || var.environment == terraform.workspace || var.state_per_environment

  refusals = !local.is_chosen ? [
    "Which account? Run `terraform workspace select -or-create NAME` with one of the environments that are in it: ${join(", ", setsubtract(module.config.environments, ["local"]))}."
    ] : concat(
    local.is_own ? [] : [
      "The environment is `${local.environment_name}` and the workspace is `${terraform.workspace}`: one state must not be turned from one account into another. Run `terraform workspace select -or-create ${local.environment_name}`, or set state_per_environment where every account has a state of its own."
    ],
    local.environment_name != "local" ? [] : ["The environment `local` is on this machine: there is nothing to provision."],
    [for problem in module.config.problems : "${var.config}: ${problem} (`lamex-ctl config check` says more)."],
    var.artifact_bucket == null || module.config.environment.artifacts_bucket != null ? [] : [
      "${var.config}: the environment `${local.environment_name}` needs `artifacts` with `bucket`, the name of the bucket to make."
    ],
  )
}
