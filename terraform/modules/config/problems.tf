# What would make something else of the file than its author meant. `lamex-ctl config check` finds more, with lines and
# columns; these are for who applies without it.

locals {
  is_named = local.is_local || contains(local.names, var.environment)

  known_keys = {
    environment = [
      "account", "allow_destructive", "architecture", "artifacts", "endpoint_url", "env", "ephemeral_storage_mb", "function",
      "invoke", "log_retention_days", "memory_mb", "profile", "protected", "qualifier", "reach", "region", "role", "schedule",
      "schedule_timezone", "tags", "timeout", "vpc",
    ]
    artifacts = ["bucket", "kms_key_arn"]
    vpc       = ["extra_security_group_ids", "id", "subnet_ids"]
    role      = ["policy_arns", "statements"]
    reach     = ["check", "cidr", "host", "ipv6_cidr", "name", "port", "prefix_list_id", "protocol", "security_group_id", "tls"]
    statement = ["actions", "conditions", "effect", "resources"]
  }
  given_keys = {
    environment = keys(local.scalars)
    artifacts   = keys(local.mappings.artifacts)
    vpc         = keys(local.mappings.vpc)
    role        = keys(local.mappings.role)
    reach       = flatten([for entry in try(local.scalars.reach, []) : try(keys(entry), [])])
    statement   = flatten([for entry in try(local.mappings.role.statements, []) : try(keys(entry), [])])
  }
  unknown_keys = { for what, given in local.given_keys : what => setsubtract(given, local.known_keys[what]) }

  problems = concat(
    local.file == null ? ["lamex.yaml is empty"] : [],
    local.is_named ? [] : ["lamex.yaml has no environment `${var.environment}`; it has ${join(", ", local.names)}"],
    [for what, keys in local.unknown_keys : "${what} has no key ${join(", ", keys)}" if length(keys) > 0],
    local.is_local || !local.is_named ? [] : [
      for key in ["account", "region", "function"] : "the environment `${var.environment}` needs `${key}`" if !can(local.scalars[key])
    ],
    local.timeout_seconds == null
    ? ["timeout: `${local.timeout_text}` is no duration such as `90s` or `5m`"]
    : local.timeout_seconds < 1 || local.timeout_seconds > 900
    ? ["timeout: ${local.timeout_text} is out of range: 1s to 15m"]
    : [],
    local.schedule_problems,
    local.value_problems,
  )
}
