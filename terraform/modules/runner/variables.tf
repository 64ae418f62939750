variable "function_name" {
  description = "The name of the function. Role (`NAME-lamex`), security group and log group are named after it, unless existing ones take their place."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,50}$", var.function_name))
    error_message = "function_name has 1 to 50 letters, digits, - and _: IAM takes 64 characters for the names of roles, which are made of it (NAME-lamex-ci)."
  }
}

variable "name_prefix" {
  description = "What the names of role and security group begin with, if names must follow a rule: `PREFIXNAME-lamex`. The function keeps its name, and the log group the function's. Set it before the first apply: another name creates another group, and with it another function."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]*$", var.name_prefix)) && !startswith(var.name_prefix, "sg-")
    error_message = "name_prefix has letters, digits, - and _, and does not begin with sg-, which EC2 keeps for ids."
  }
  validation {
    condition     = length("${var.name_prefix}${var.function_name}-lamex-ci") <= 64
    error_message = "name_prefix and function_name have more than 55 characters together: IAM takes 64 for the names of roles, which are made of both (PREFIXNAME-lamex-ci)."
  }
}

variable "vpc" {
  description = "Where the function's network interfaces are: private subnets, best in two or more availability zones. `extra_security_group_ids` are attached beside the function's own."
  type = object({
    id                       = string
    subnet_ids               = list(string)
    extra_security_group_ids = optional(list(string), [])
  })

  validation {
    # Without an id, EC2 would put the security group into the default VPC.
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc.id)) && alltrue([for subnet in var.vpc.subnet_ids : can(regex("^subnet-[0-9a-z]+$", subnet))])
    error_message = "vpc.id and vpc.subnet_ids are ids (vpc-…, subnet-…), not names."
  }
  validation {
    condition     = length(var.vpc.subnet_ids) >= 1 && length(var.vpc.subnet_ids) <= 16
    error_message = "vpc.subnet_ids needs 1 to 16 subnets: without one the function has no network interface in the VPC, and more Lambda does not take."
  }
  validation {
    condition     = length(var.vpc.extra_security_group_ids) <= 4
    error_message = "vpc.extra_security_group_ids has at most 4 groups: Lambda allows 5, and one is the function's own."
  }
}

variable "security_group_ids" {
  description = "Existing security groups in place of the function's own, 5 at most with `vpc.extra_security_group_ids`. No group and no rule is created then, not for `reach` either: whoever manages the groups must allow the egress. How many there are must be known when planning."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.security_group_ids : can(regex("^sg-[0-9a-z]+$", id))])
    error_message = "security_group_ids are ids (sg-…), not names."
  }
  validation {
    condition     = length(var.security_group_ids) == 0 || length(var.security_group_ids) + length(var.vpc.extra_security_group_ids) <= 5
    error_message = "security_group_ids and vpc.extra_security_group_ids have more than 5 groups together: Lambda allows no more."
  }
  validation {
    condition     = length(var.security_group_ids) == 0 || var.security_group_name == null
    error_message = "security_group_name is for the function's own group, which security_group_ids replaces: give one of the two."
  }
  validation {
    condition     = length(var.security_group_ids) == 0 || !var.allow_ingress_on_targets
    error_message = "allow_ingress_on_targets lets in the function's own group, which security_group_ids replaces, and such a rule would let in everything else in these groups: write the ingress rules where the groups are managed."
  }
}

variable "security_group_name" {
  description = "The name of the function's security group; null for `NAME-lamex`. Another name creates another group, and with it another function."
  type        = string
  default     = null

  validation {
    condition     = var.security_group_name == null || can(regex("^[A-Za-z0-9 ._:/()#,@\\[\\]+=&;{}!$*-]{1,245}$", var.security_group_name)) && !startswith(coalesce(var.security_group_name, "-"), "sg-")
    error_message = "security_group_name has 1 to 245 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and does not begin with sg-."
  }
}

variable "replacement_security_group_ids" {
  description = "Groups of the same VPC that the function is put into before it is deleted, so that its own group is free within minutes and not after 20 to 45. Useful only while no version is published, since versions keep their group until they are deleted themselves. Empty leaves it out."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.replacement_security_group_ids) <= 5
    error_message = "replacement_security_group_ids has at most 5 groups: Lambda allows no more."
  }
}

variable "reach" {
  description = "What the tests must reach, as in lamex.yaml: exactly one of `security_group_id`, `cidr`, `ipv6_cidr` and `prefix_list_id` says what the egress rule allows. Nothing else can be reached. `description` is the rule's, in place of the name; `protocol` is tcp or udp; `host`, `check` and `tls` are for `lamex-ctl doctor`."
  type = list(object({
    name              = string
    description       = optional(string)
    port              = number
    host              = optional(string)
    protocol          = optional(string, "tcp")
    check             = optional(string)
    tls               = optional(bool, false)
    security_group_id = optional(string)
    cidr              = optional(string)
    ipv6_cidr         = optional(string)
    prefix_list_id    = optional(string)
  }))
  default = []

  validation {
    condition = alltrue([for entry in var.reach :
      length([for target in [entry.security_group_id, entry.cidr, entry.ipv6_cidr, entry.prefix_list_id] : target if target != null]) == 1
    ])
    error_message = "Every reach entry needs exactly one of security_group_id, cidr, ipv6_cidr and prefix_list_id; two targets are two entries."
  }
  validation {
    condition     = alltrue([for entry in var.reach : entry.port >= 1 && entry.port <= 65535 && floor(entry.port) == entry.port])
    error_message = "The port of a reach entry is a whole number from 1 to 65535."
  }
  validation {
    condition     = alltrue([for entry in var.reach : contains(["tcp", "udp"], entry.protocol)])
    error_message = "The protocol of a reach entry is tcp or udp."
  }
  validation {
    condition     = length(distinct([for entry in var.reach : entry.name])) == length(var.reach)
    error_message = "Two reach entries have the same name."
  }
  validation {
    condition = length(distinct([for entry in var.reach :
      join(" ", [entry.protocol, entry.port, coalesce(entry.security_group_id, entry.cidr, entry.ipv6_cidr, entry.prefix_list_id, entry.name)])
    ])) == length(var.reach)
    error_message = "Two reach entries have the same target, port and protocol, for which EC2 takes one rule: make one entry of them."
  }
  validation {
    condition     = alltrue([for entry in var.reach : entry.cidr == null || can(cidrnetmask(entry.cidr))])
    error_message = "The cidr of a reach entry is an IPv4 range such as 10.0.0.0/16."
  }
  validation {
    condition     = alltrue([for entry in var.reach : entry.ipv6_cidr == null || can(cidrhost(entry.ipv6_cidr, 0)) && !can(cidrnetmask(entry.ipv6_cidr))])
    error_message = "The ipv6_cidr of a reach entry is an IPv6 range such as fd00::/8."
  }
}

variable "allow_ingress_on_targets" {
  description = "Whether the security groups that `reach` names get the matching ingress rules, too. Leave it off where another configuration owns their rules."
  type        = bool
  default     = false
}

variable "env" {
  description = "The function's environment variables. `LAMEX_ALLOW_DESTRUCTIVE` comes from `allow_destructive` alone."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.env) : can(regex("^[A-Za-z][A-Za-z0-9_]+$", name))])
    error_message = "Lambda's names of environment variables have use at least two letters, digits and _, starting with a letter."
  }
  validation {
    condition = alltrue([for name in keys(var.env) : !can(regex(
      "^(LAMEX_.*|AWS_LAMBDA_.*|LAMBDA_.*|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN))$", name
    ))])
    error_message = "env holds a reserved name: LAMEX_* is lamex's own (write allow_destructive = true), the others are set by Lambda."
  }
}

variable "allow_destructive" {
  description = "Whether commands marked `destructive` may run in this function (`LAMEX_ALLOW_DESTRUCTIVE=true`)."
  type        = bool
  default     = false
}

variable "memory_mb" {
  description = "Memory of the function. 1769 MB give one full vCPU."
  type        = number
  default     = 1769

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb is a whole number from 128 to 10240."
  }
}

variable "timeout_s" {
  description = "How long one invocation may take, in seconds. What has not run by then is reported as incomplete."
  type        = number
  default     = 900

  validation {
    condition     = var.timeout_s >= 1 && var.timeout_s <= 900 && floor(var.timeout_s) == var.timeout_s
    error_message = "timeout_s is a whole number from 1 to 900."
  }
}

variable "ephemeral_storage_mb" {
  description = "Size of /tmp."
  type        = number
  default     = 512

  validation {
    condition     = var.ephemeral_storage_mb >= 512 && var.ephemeral_storage_mb <= 10240 && floor(var.ephemeral_storage_mb) == var.ephemeral_storage_mb
    error_message = "ephemeral_storage_mb is a whole number from 512 to 10240."
  }
}

variable "architecture" {
  description = "The function's processor, for which the test binaries are built: `x86_64` or `arm64`."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture is x86_64 or arm64."
  }
}

variable "runtime" {
  description = "The Lambda runtime. lamex is built for the default; another one is for old providers and emulators."
  type        = string
  default     = "provided.al2023"

  validation {
    condition     = startswith(var.runtime, "provided.")
    error_message = "runtime is an OS-only runtime (provided.al2023): lamex brings its own bootstrap."
  }
}

variable "placeholder_package" {
  description = "The zip that the function is created with, in place of lamex's own, which reports that nothing is deployed yet. Used only once: `lamex-ctl deploy` owns the code."
  type        = string
  default     = null
}

variable "reserved_concurrency" {
  description = "How many invocations may run at once, reserved for this function; null for no reservation. It is taken from the account's quota for the region (1,000; new accounts begin with as few as 10), of which Lambda keeps 100 for functions without a reservation: in an account with a quota of 100 or less nothing can be reserved before the quota is raised."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency is a whole number from 1; with 0 nothing could be invoked."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces every invocation."
  type        = bool
  default     = false
}

variable "dual_stack" {
  description = "Whether the function gets IPv6 addresses, too. All its subnets need an IPv6 range."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps the function's log."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is what CloudWatch Logs has: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_group_name" {
  description = "An existing log group in place of `/aws/lambda/NAME`. It keeps its retention, key and tags: `log_retention_days` is not used then. The name must be known when planning."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_name == null || can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name is the name of a log group, not its ARN: 1 to 512 letters, digits and _-./#."
  }
  validation {
    condition     = var.log_group_name == null || var.log_kms_key_arn == null
    error_message = "log_kms_key_arn encrypts the log group that is made here, which log_group_name replaces: give one of the two."
  }
}

variable "log_kms_key_arn" {
  description = "The KMS key that encrypts the log. Its policy must admit CloudWatch Logs. Null for CloudWatch's own."
  type        = string
  default     = null
}

variable "role" {
  description = "What the function may do on AWS beyond running, as in lamex.yaml: managed policies, and statements of its own policy (`conditions`: values by condition key, by operator). The ARNs must be known when planning: a policy of the same configuration is attached to the role `NAME-lamex` there."
  type = object({
    policy_arns = optional(list(string), [])
    statements = optional(list(object({
      effect     = optional(string, "Allow")
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    })), [])
  })
  default = {}

  validation {
    condition     = alltrue([for statement in var.role.statements : contains(["Allow", "Deny"], statement.effect)])
    error_message = "The effect of a statement is Allow or Deny."
  }
  validation {
    condition     = alltrue([for statement in var.role.statements : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "A statement needs actions and resources."
  }
}

variable "existing_role" {
  description = "An existing execution role of this account instead of one created here: `{ arn = … }`. Nothing is attached to it, so that `role` must be empty. docs/provisioning.md has the policy that it needs."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.existing_role == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}$", var.existing_role.arn))
    error_message = "The existing role is given by the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME), not by its name or the ARN of a session."
  }
  validation {
    condition     = var.existing_role == null || length(var.role.policy_arns) + length(var.role.statements) == 0
    error_message = "`role` of lamex.yaml would not apply: nothing is added to an existing role. Take `role` out, and give its rights to the existing role where that is managed."
  }
  validation {
    condition     = var.existing_role == null || var.role_path == "/" && var.permissions_boundary_arn == null
    error_message = "role_path and permissions_boundary_arn are for a role that is made here, and the execution role exists."
  }
}

variable "role_path" {
  description = "The path of the execution role, such as `/service/`."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = "role_path begins and ends with a slash, such as /service/, and has at most 512 characters."
  }
}

variable "permissions_boundary_arn" {
  description = "The IAM policy that bounds the execution role, if the account requires one."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }
}

variable "layers" {
  description = "Layers of the function, 5 at most, by their ARNs with a version. Their files are in /opt, those of later ones over those of earlier ones."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.layers : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]{1,140}:[0-9]+$", arn))])
    error_message = "A layer is given by its ARN with a version (arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION)."
  }
  validation {
    condition     = length(var.layers) <= 5
    error_message = "layers has at most 5 layers: Lambda allows no more."
  }
  validation {
    condition     = length(distinct([for arn in var.layers : replace(arn, "/:[0-9]+$/", "")])) == length(var.layers)
    error_message = "layers has the same layer twice, which Lambda refuses, in two versions too."
  }
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the environment variables; null for Lambda's own. The role may decrypt with it. The key's policy must admit the role, or leave it to IAM, and whoever applies needs kms:CreateGrant, kms:Encrypt and kms:Decrypt."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), not of an alias: IAM does not look behind aliases."
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
