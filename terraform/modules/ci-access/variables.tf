variable "function_name" {
  description = "The one function that the role may deploy and invoke. The role is named `NAME-lamex-ci`, with `name_prefix` before it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,50}$", var.function_name))
    error_message = "function_name has 1 to 50 letters, digits, - and _: IAM takes 64 characters for NAME-lamex-ci."
  }
}

variable "name_prefix" {
  description = "What the role's name begins with: the runner's `name_prefix`."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]*$", var.name_prefix))
    error_message = "name_prefix has letters, digits, - and _."
  }
  validation {
    condition     = length("${var.name_prefix}${var.function_name}-lamex-ci") <= 64
    error_message = "name_prefix and function_name have more than 55 characters together: IAM takes 64 for PREFIXNAME-lamex-ci."
  }
}

variable "role_path" {
  description = "The path of the role, such as `/service/`, and of the execution role, unless `execution_role_arn` gives its path."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = "role_path begins and ends with a slash, such as /service/, and has at most 512 characters."
  }
}

variable "execution_role_arn" {
  description = "The function's execution role, where it is not the runner's own: `lamex-ctl doctor` reads it. Null is the role `NAME-lamex`."
  type        = string
  default     = null

  validation {
    condition     = var.execution_role_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}$", var.execution_role_arn))
    error_message = "execution_role_arn is the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)."
  }
}

variable "log_group_name" {
  description = "The function's log group, where it is not `/aws/lambda/NAME`."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_name == null || can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name is the name of a log group, not its ARN: 1 to 512 letters, digits and _-./#."
  }
}

variable "kms_key_arn" {
  description = "The KMS key of the function's environment variables: the role may decrypt with it through Lambda, since `lamex-ctl` compares the variables with lamex.yaml. The key's policy must admit the role, or leave it to IAM."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), not of an alias: IAM does not look behind aliases."
  }
}

variable "issuer" {
  description = "Who signs the tokens of CI: `https://token.actions.githubusercontent.com` (GitHub Actions), `https://gitlab.com`, or a GitLab of your own."
  type        = string
  default     = "https://token.actions.githubusercontent.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$", var.issuer))
    error_message = "issuer is an https URL without a slash at its end."
  }
}

variable "audience" {
  description = "The `aud` of the tokens: what aws-actions/configure-aws-credentials asks GitHub for (`audience`), and what `id_tokens: … aud:` says in .gitlab-ci.yml. Null is `sts.amazonaws.com`, and `sts.amazonaws.com.cn` in China. The OIDC provider must list it."
  type        = string
  default     = null

  validation {
    condition     = var.audience == null || can(regex("^[^*?\\s]+$", var.audience))
    error_message = "audience is one audience, without wildcards."
  }
}

variable "oidc_provider_arn" {
  description = "The account's IAM OIDC provider for the issuer. Null is the ARN that it has in this account, since an account has one per issuer. Nothing is created here: modules/oidc-provider does that, once per account."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || try(endswith(var.oidc_provider_arn, ":oidc-provider/${trimprefix(var.issuer, "https://")}"), false)
    error_message = "oidc_provider_arn is not that of the issuer: it ends with :oidc-provider/ and the issuer's URL without https://."
  }
}

variable "subjects" {
  description = <<-EOT
    Who may take the role: the `sub` of the tokens, each one repository and one branch or one environment of it. GitHub: `repo:OWNER/NAME:ref:refs/heads/BRANCH`, `repo:OWNER/NAME:environment:ENVIRONMENT`, also with ids (`repo:OWNER@1234/NAME@5678:…`), as GitHub issues them for repositories made since July 2026. GitLab: `project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH`, or `project_path:GROUP/PROJECT:environment:ENVIRONMENT` where the project's subjects were set up so.
  EOT
  type        = list(string)

  validation {
    condition     = length(var.subjects) > 0
    error_message = "subjects is empty: nobody could take the role."
  }
  validation {
    condition     = !can(regex("[*?]", join("", var.subjects)))
    error_message = "Wildcards in subjects are refused: a pattern lets in branches, pull requests or repositories that nobody meant. Name each repository with its branch or environment."
  }
  validation {
    condition = alltrue([for subject in var.subjects :
      can(regex(local.github_subject, subject)) && var.issuer != "https://gitlab.com"
      || can(regex(local.gitlab_subject, subject)) && var.issuer != "https://token.actions.githubusercontent.com"
    ])
    error_message = "A subject is repo:OWNER/NAME:ref:refs/heads/BRANCH or repo:OWNER/NAME:environment:NAME (GitHub), or project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH (GitLab): without a branch or an environment, pull requests would take the role."
  }
}

variable "artifacts_bucket" {
  description = "lamex.yaml's `artifacts.bucket`, for packages that are too large for a direct upload: the role may put and get `lamex/NAME/*` there."
  type        = string
  default     = null
}

variable "artifacts_kms_key_arn" {
  description = "lamex.yaml's `artifacts.kms_key_arn`, the KMS key that the bucket encrypts with: the role may use it for what it puts and gets there. The key's policy must admit the role, or leave it to IAM."
  type        = string
  default     = null

  validation {
    condition     = var.artifacts_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.artifacts_kms_key_arn))
    error_message = "artifacts_kms_key_arn is the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), not of an alias: IAM does not look behind aliases."
  }
  validation {
    condition     = var.artifacts_kms_key_arn == null || var.artifacts_bucket != null
    error_message = "artifacts_kms_key_arn is for what artifacts_bucket holds, which is not given."
  }
}

variable "max_session_hours" {
  description = "How long the role's credentials last at most, 1 to 12: not shorter than the suite."
  type        = number
  default     = 1

  validation {
    condition     = var.max_session_hours >= 1 && var.max_session_hours <= 12 && floor(var.max_session_hours) == var.max_session_hours
    error_message = "max_session_hours is a whole number from 1 to 12."
  }
}

variable "permissions_boundary_arn" {
  description = "The IAM policy that bounds the role, if the account requires one."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
