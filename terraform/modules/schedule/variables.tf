variable "function_name" {
  description = "The name of the function. Schedule, group and role (`NAME-lamex-schedule`) are named after it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,49}$", var.function_name))
    error_message = "function_name has 1 to 49 letters, digits, - and _ where it has a schedule: IAM and EventBridge Scheduler take 64 characters for the names that are made of it (NAME-lamex-schedule)."
  }
}

variable "alias_arn" {
  description = "The ARN of the alias to invoke: `live`, which `lamex-ctl deploy` moves."
  type        = string
}

variable "schedule" {
  description = "When to run, as EventBridge Scheduler reads it: `cron(0 3 * * ? *)`, `rate(12 hours)`, or `at(2030-01-31T03:00:00)` for a single run."
  type        = string

  validation {
    condition     = can(regex("^(cron|rate|at)\\(.+\\)$", var.schedule))
    error_message = "schedule is cron(…), rate(…) or at(…)."
  }
}

variable "timezone" {
  description = "The time zone of the schedule, by its IANA name."
  type        = string
  default     = "UTC"
}

variable "permissions_boundary_arn" {
  description = "The IAM policy that bounds the role, where the account asks for one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the group and the role. A schedule itself has none."
  type        = map(string)
  default     = {}
}
