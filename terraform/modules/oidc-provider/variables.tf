variable "issuer" {
  description = "Who signs the tokens of CI: `https://token.actions.githubusercontent.com` (GitHub Actions), `https://gitlab.com`, or a GitLab of your own."
  type        = string
  default     = "https://token.actions.githubusercontent.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$", var.issuer))
    error_message = "issuer is an https URL without a slash at its end."
  }
}

variable "audiences" {
  description = "The `aud` of the tokens that the account's roles may trust. Null is `sts.amazonaws.com`, and `sts.amazonaws.com.cn` in China."
  type        = list(string)
  default     = null

  validation {
    condition     = var.audiences == null || try(length(var.audiences) > 0 && alltrue([for audience in var.audiences : can(regex("^[^*?\\s]+$", audience))]), false)
    error_message = "audiences are one or more, without wildcards."
  }
}

variable "thumbprints" {
  description = "The certificate thumbprints of the issuer, where AWS does not know the issuer's certificate authority."
  type        = list(string)
  default     = null
}

variable "tags" {
  description = "Tags of the provider."
  type        = map(string)
  default     = {}
}
