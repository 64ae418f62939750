# Limits and patterns of values: those of lamex-ctl and CDK. crates/config/tests/cases.yaml holds all three to them.

locals {
  reach      = try([for entry in local.scalars.reach : { for key, value in entry : key => value if value != null }], [])
  statements = try([for statement in local.mappings.role.statements : { for key, value in statement : key => value if value != null }], [])

  texts = {
    account          = { what = "an AWS account id of 12 digits", pattern = "^[0-9]{12}$", given = [try(local.scalars.account, null)] }
    region           = { what = "an AWS region such as `us-east-2`", pattern = "^[a-z]{2,}(-[a-z]+)+-[0-9]+$", given = [try(local.scalars.region, null)] }
    profile          = { what = "text", pattern = "^[^\\x00-\\x1f\\x7f]+$", given = [try(local.scalars.profile, null)] }
    function         = { what = "the name of a Lambda function", pattern = "^[A-Za-z0-9_-]{1,64}$", given = [try(local.scalars.function, null)] }
    qualifier        = { what = "an alias or a version of the function", pattern = "^([$]LATEST|[A-Za-z0-9_-]{1,128})$", given = [try(local.scalars.qualifier, null)] }
    architecture     = { what = "`x86_64` or `arm64`", pattern = "^(x86_64|arm64)$", given = [try(local.scalars.architecture, null)] }
    invoke           = { what = "`stream`, `buffered` or `auto`", pattern = "^(stream|buffered|auto)$", given = [try(local.scalars.invoke, null)] }
    endpoint_url     = { what = "the URL of an endpoint", pattern = "^https?://[^\\s/?#]+/?$", given = [try(local.scalars.endpoint_url, null)] }
    "vpc.id"         = { what = "the id of a VPC", pattern = "^vpc-[0-9a-f]{8,17}$", given = [try(local.mappings.vpc.id, null)] }
    "vpc.subnet_ids" = { what = "the id of a subnet", pattern = "^subnet-[0-9a-f]{8,17}$", given = try(local.mappings.vpc.subnet_ids, []) }
    "vpc.extra_security_group_ids" = {
      what    = "the id of a security group"
      pattern = "^sg-[0-9a-f]{8,17}$"
      given   = try(local.mappings.vpc.extra_security_group_ids, [])
    }
    "reach.host" = {
      what    = "a host name or an IP address"
      pattern = "^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$"
      given   = [for entry in local.reach : try(entry.host, null)]
    }
    "reach.check"             = { what = "`tcp`, `tls`, `http` or `grpc`", pattern = "^(tcp|tls|http|grpc)$", given = [for entry in local.reach : try(entry.check, null)] }
    "reach.security_group_id" = { what = "the id of a security group", pattern = "^sg-[0-9a-f]{8,17}$", given = [for entry in local.reach : try(entry.security_group_id, null)] }
    "reach.prefix_list_id"    = { what = "the id of a prefix list", pattern = "^pl-[0-9a-f]{8,17}$", given = [for entry in local.reach : try(entry.prefix_list_id, null)] }
    "role.policy_arns"        = { what = "the ARN of an IAM policy", pattern = "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", given = try(local.mappings.role.policy_arns, []) }
    "statements.effect"       = { what = "`Allow` or `Deny`", pattern = "^(Allow|Deny)$", given = [for statement in local.statements : try(statement.effect, null)] }
    "statements.actions"      = { what = "an IAM action", pattern = "^([*]|[a-z0-9-]+:[A-Za-z0-9*?]+)$", given = flatten([for statement in local.statements : try(statement.actions, [])]) }
    "artifacts.bucket"        = { what = "the name of an S3 bucket", pattern = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", given = [try(local.mappings.artifacts.bucket, null)] }
    # IAM does not look behind aliases.
    "artifacts.kms_key_arn" = {
      what    = "the ARN of a KMS key"
      pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
      given   = [try(local.mappings.artifacts.kms_key_arn, null)]
    }
  }

  numbers = {
    memory_mb            = { from = 128, to = 10240, given = [try(local.scalars.memory_mb, null)] }
    ephemeral_storage_mb = { from = 512, to = 10240, given = [try(local.scalars.ephemeral_storage_mb, null)] }
    "reach.port"         = { from = 1, to = 65535, given = [for entry in local.reach : try(entry.port, null)] }
  }

  # EC2 stores a range with the bits beyond the prefix cleared, which Terraform would take for drift.
  ranges = {
    "reach.cidr"      = { what = "an IPv4 range such as `10.0.0.0/16`", is_ipv6 = false, given = [for entry in local.reach : try(entry.cidr, null)] }
    "reach.ipv6_cidr" = { what = "an IPv6 range such as `fd00::/8`", is_ipv6 = true, given = [for entry in local.reach : try(entry.ipv6_cidr, null)] }
  }

  retention_days = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

  # A number or a boolean that matches a pattern is no text: JSON tells them apart.
  value_problems = flatten([
    [for key, rule in local.texts : [for value in rule.given : "${key}: expected ${rule.what}, found ${jsonencode(value)}"
      if value != null && !(startswith(jsonencode(value), "\"") && can(regex(rule.pattern, value)))
    ]],
    [for key, rule in local.numbers : [for value in rule.given : "${key}: ${jsonencode(value)} is out of range: a whole number from ${rule.from} to ${rule.to}"
      if value != null && (startswith(jsonencode(value), "\"") || !try(value >= rule.from && value <= rule.to && floor(value) == value, false))
    ]],
    [for key, rule in local.ranges : [for value in rule.given : "${key}: expected ${rule.what} without bits beyond the prefix, found ${jsonencode(value)}"
      if value != null && !try(cidrsubnet(value, 0, 0) == lower(value) && strcontains(value, ":") == rule.is_ipv6, false)
    ]],
    [for key in ["allow_destructive", "protected"] : "${key}: expected `true` or `false`, found ${jsonencode(local.scalars[key])}"
      if can(local.scalars[key]) && !contains(["true", "false"], try(jsonencode(local.scalars[key]), ""))
    ],
    !can(local.scalars.log_retention_days) || try(contains([for days in local.retention_days : jsonencode(days)], jsonencode(local.scalars.log_retention_days)), false) ? [] : [
      "log_retention_days: CloudWatch Logs cannot keep a log for exactly ${jsonencode(local.scalars.log_retention_days)} days"
    ],
    length(try(local.mappings.vpc.subnet_ids, [""])) >= 1 && length(try(local.mappings.vpc.subnet_ids, [""])) <= 16 ? [] : [
      "vpc.subnet_ids: a function has 1 to 16 subnets, not ${length(local.mappings.vpc.subnet_ids)}"
    ],
    length(try(local.mappings.vpc.extra_security_group_ids, [])) <= 4 ? [] : [
      "vpc.extra_security_group_ids: a function has its own security group and at most 4 more"
    ],
  ])
}
