variable "config" {
  description = "The lamex.yaml that lamex-ctl also reads: an absolute path, or one from this folder."
  type        = string
  default     = "../../lamex.yaml"
}

variable "environment" {
  description = "An environment of lamex.yaml that is in the account and the region. Without it, the workspace selects it; with it, the workspace must be named the same, unless `state_per_environment` is set."
  type        = string
  default     = null
}

variable "state_per_environment" {
  description = "Set it where every account has a backend or a state file of its own, and `environment` alone chooses."
  type        = bool
  default     = false
}

variable "oidc_provider" {
  description = "The account's OIDC provider for GitHub Actions or GitLab, of which it has one per issuer; null if it already exists. See modules/oidc-provider for the keys; `{}` is GitHub's."
  type = object({
    issuer      = optional(string, "https://token.actions.githubusercontent.com")
    audiences   = optional(list(string))
    thumbprints = optional(list(string))
  })
  default = null
}

variable "artifact_bucket" {
  description = "The bucket for packages that are too large for a direct upload, named and encrypted as lamex.yaml says under `artifacts`; null if it already exists. See modules/artifact-bucket for the keys; `{}` keeps packages for 30 days."
  type = object({
    expire_after_days            = optional(number, 30)
    expire_noncurrent_after_days = optional(number, 7)
  })
  default = null
}
