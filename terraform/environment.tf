# Which environment, and what lamex.yaml says of it.

module "config" {
  source = "./modules/config"

  lamex_yaml  = file(var.config)
  environment = local.environment_name
}

# Everything takes the environment from here, so that a refusal comes alone, and before anything of AWS is asked. It also
# leaves in the state what the state is of.
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

  # Roles beside the execution role. Not from the resource, on which no variable may depend: it would outlive them.
  has_further_roles = var.ci_access != null || module.config.environment.schedule != null

  is_chosen   = var.environment != null || terraform.workspace != "default" || contains(module.config.environments, "default")
  is_own      = var.environment == null || var.environment == terraform.workspace || var.state_per_environment
  is_deployed = local.environment_name != "local"

  refusals = !local.is_chosen ? [
    "Which environment? Run `terraform workspace select -or-create NAME` with one of ${join(", ", setsubtract(module.config.environments, ["local"]))}."
    ] : concat(
    local.is_own ? [] : [
      "The environment is `${local.environment_name}` and the workspace is `${terraform.workspace}`: one state must not be turned from one environment into another. Run `terraform workspace select -or-create ${local.environment_name}`, or set state_per_environment where every environment has a state of its own."
    ],
    local.is_deployed ? [] : ["The environment `local` is on this machine: there is nothing to provision."],
    [for problem in module.config.problems : "${var.config}: ${problem} (`lamex-ctl config check` says more)."],
    !local.is_deployed || length(module.config.problems) > 0 || module.config.environment.vpc != null ? [] : [
      "${var.config}: the environment `${local.environment_name}` needs `vpc` with `id` and `subnet_ids`, where its function goes."
    ],
  )
}
