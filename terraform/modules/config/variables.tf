variable "lamex_yaml" {
  description = "The text of a lamex.yaml that `lamex-ctl config check` accepts."
  type        = string

  validation {
    condition     = can(yamldecode(var.lamex_yaml))
    error_message = "lamex.yaml is no YAML: `lamex-ctl config check` shows where."
  }
}

variable "environment" {
  description = "The environment to resolve."
  type        = string
}
