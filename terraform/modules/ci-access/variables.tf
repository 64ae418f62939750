variable "function_name" {
  description = "The one function that the role may deploy and invoke. The role is named `NAME-lamex-ci`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,50}$", var.function_name))
    error_message = "function_name has 1 to 50 letters, digits, - and _: IAM takes 64 characters for NAME-lamex-ci."
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
  description = "The account's IAM OIDC provider for the issuer. Null is the ARN that it has in this account, since an account has one for each issuer. Nothing is made here: modules/oidc-provider does that, once for the account."
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
  description = "The IAM policy that bounds the role, where the account asks for one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
