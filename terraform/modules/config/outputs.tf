output "environment" {
  description = "The environment with the defaults merged in, every default filled in, and the timeout as `timeout_s`. Keys that only deployed functions have are null for `local`."
  value = {
    name                 = var.environment
    account              = try(local.scalars.account, null)
    region               = try(local.scalars.region, null)
    profile              = try(local.scalars.profile, null)
    function             = try(local.scalars.function, null)
    qualifier            = try(local.scalars.qualifier, "live")
    invoke               = try(local.scalars.invoke, "auto")
    endpoint_url         = try(local.scalars.endpoint_url, null)
    protected            = try(local.scalars.protected, false)
    env                  = { for name, value in local.mappings.env : name => value }
    memory_mb            = try(local.scalars.memory_mb, 1769)
    ephemeral_storage_mb = try(local.scalars.ephemeral_storage_mb, 512)
    timeout_s            = local.timeout_seconds
    architecture         = try(local.scalars.architecture, "x86_64")
    allow_destructive    = try(local.scalars.allow_destructive, false)
    log_retention_days   = try(local.scalars.log_retention_days, 30)
    schedule             = local.schedule
    schedule_timezone    = local.schedule_timezone
    tags                 = { for key, value in local.mappings.tags : key => value }

    artifacts_bucket      = try(local.mappings.artifacts.bucket, null)
    artifacts_kms_key_arn = try(local.mappings.artifacts.kms_key_arn, null)

    vpc = !can(local.scalars.vpc) ? null : {
      id                       = try(local.mappings.vpc.id, null)
      subnet_ids               = try(local.mappings.vpc.subnet_ids, [])
      extra_security_group_ids = try(local.mappings.vpc.extra_security_group_ids, [])
    }

    # Without the keys that are not given: exactly one of the four that say what the egress rule allows.
    reach = [for entry in try(local.scalars.reach, []) : merge(
      { protocol = "tcp", check = try(entry.protocol, "tcp") == "udp" ? null : "tcp", tls = false },
      { for key, value in entry : key => value if value != null },
    )]

    role = {
      policy_arns = try(local.mappings.role.policy_arns, [])
      statements = [for statement in try(local.mappings.role.statements, []) : merge(
        { effect = "Allow", conditions = {} },
        { for key, value in statement : key => value if value != null },
      )]
    }
  }
}

output "environments" {
  description = "The names of all environments of the file, `local` among them."
  value       = tolist(local.names)
}

output "problems" {
  description = "Why the environment must not be provisioned, in sentences; empty where it may."
  value       = tolist(local.problems)
}
