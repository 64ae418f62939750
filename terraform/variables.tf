variable "config" {
  description = "The lamex.yaml that lamex-ctl also reads: an absolute path, or one from this folder."
  type        = string
  default     = "../lamex.yaml"
}

variable "environment" {
  description = "The environment of lamex.yaml to provision. Without it, the workspace is the environment (`terraform workspace select -or-create staging`); with it, the workspace must be named the same, unless `state_per_environment` is set."
  type        = string
  default     = null
}

variable "state_per_environment" {
  description = "Set it where every environment has a backend or a state file of its own, and `environment` alone chooses. Otherwise one state could be turned from one environment into another: the first would be destroyed."
  type        = bool
  default     = false
}

variable "allow_ingress_on_targets" {
  description = "Whether the security groups that `reach` names get the matching ingress rules, too. Leave it off where another configuration owns their rules."
  type        = bool
  default     = false
}

variable "dual_stack" {
  description = "Whether the function gets IPv6 addresses, too. All its subnets need an IPv6 range."
  type        = bool
  default     = false
}

variable "name_prefix" {
  description = "What the names of roles, security groups, endpoints, schedule and alarms begin with, if names must follow a rule: `PREFIXFUNCTION-lamex`. Function and log group keep theirs. Set it before the first apply: another name creates another group, and with it another function."
  type        = string
  default     = ""
}

variable "security_group_ids" {
  description = "Existing security groups in place of the function's own, 5 at most with `vpc.extra_security_group_ids`. No group and no rule is created then, not for `reach` either: whoever manages the groups must allow the egress."
  type        = list(string)
  default     = []
}

variable "security_group_name" {
  description = "The name of the function's security group; null for `FUNCTION-lamex`. Another name creates another group, and with it another function."
  type        = string
  default     = null
}

variable "replacement_security_group_ids" {
  description = "Groups of the same VPC that the function is put into before it is deleted, so that its own group is free sooner. Useful only while no version is published. Empty leaves it out."
  type        = list(string)
  default     = []
}

variable "reserved_concurrency" {
  description = "How many invocations may run at once, reserved for this function; null for no reservation. It is taken from the account's quota for the region (1,000; new accounts begin with as few as 10), of which Lambda keeps 100 for functions without a reservation: in an account with a quota of 100 or less nothing can be reserved before the quota is raised."
  type        = number
  default     = null
}

variable "tracing" {
  description = "Whether X-Ray traces every invocation."
  type        = bool
  default     = false
}

variable "layers" {
  description = "Layers of the function, 5 at most, by their ARNs with a version."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the environment variables; null for Lambda's own. The roles may decrypt with it. Its policy must admit them, or leave it to IAM."
  type        = string
  default     = null
}

variable "log_group_name" {
  description = "An existing log group in place of `/aws/lambda/FUNCTION`. It keeps its retention, key and tags: `log_retention_days` is not used then."
  type        = string
  default     = null
}

variable "log_kms_key_arn" {
  description = "The KMS key that encrypts the log. Its policy must admit CloudWatch Logs. Null for CloudWatch's own."
  type        = string
  default     = null
}

variable "role_arn" {
  description = "An existing execution role of this account instead of one created here. Nothing is attached to it: `role` of lamex.yaml is refused with it. docs/provisioning.md has the policy that it needs."
  type        = string
  default     = null
}

variable "role_path" {
  description = "The path of the roles, such as `/service/`. With `role_arn`, of those that are still created: the schedule's and CI's."
  type        = string
  default     = "/"

  validation {
    condition     = var.role_path == "/" || var.role_arn == null || local.has_further_roles
    error_message = "role_path is for roles that are made here, and role_arn leaves none: take it out."
  }
}

variable "permissions_boundary_arn" {
  description = "The IAM policy that bounds the roles, if the account requires one. With `role_arn`, those that are still created, the schedule's and CI's: an existing role keeps the boundary that it has."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || var.role_arn == null || local.has_further_roles
    error_message = "permissions_boundary_arn bounds roles that are made here, and role_arn leaves none: take it out, and bound the existing role where that is managed."
  }
}

variable "vpc_endpoints" {
  description = "Endpoints for AWS services, where the subnets have no NAT; null for none. Gateway endpoints (`s3`, `dynamodb`) need the subnets' route tables; interface endpoints are in the function's subnets or in `subnet_ids`, one per availability zone. See modules/vpc-endpoints before you set it in a VPC that others use."
  type = object({
    gateway_services           = optional(set(string), [])
    route_table_ids            = optional(list(string), [])
    interface_services         = optional(set(string), [])
    subnet_ids                 = optional(list(string))
    private_dns                = optional(bool, true)
    further_security_group_ids = optional(list(string), [])
  })
  default = null
}

variable "ci_access" {
  description = "A role for GitHub Actions or GitLab that may deploy and invoke this function; null for none. See modules/ci-access for the keys."
  type = object({
    subjects          = list(string)
    issuer            = optional(string, "https://token.actions.githubusercontent.com")
    audience          = optional(string)
    oidc_provider_arn = optional(string)
    max_session_hours = optional(number, 1)
  })
  default = null
}

variable "alarm_topic_arns" {
  description = "The SNS topics that are notified when a scheduled or other plain invocation of `live` did not pass, was throttled or never ran; empty for no alarms. See modules/alarms."
  type        = list(string)
  default     = []
}

variable "runtime" {
  description = "The Lambda runtime. lamex is built for the default; another one is for old providers and emulators."
  type        = string
  default     = "provided.al2023"
}

variable "placeholder_package" {
  description = "The zip that the function is created with, in place of lamex's own, which reports that nothing is deployed yet."
  type        = string
  default     = null
}
