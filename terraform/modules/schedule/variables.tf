variable "function_name" {
  description = "The name of the function. Schedule, group and role (`NAME-lamex-schedule`) are named after it, with `name_prefix` before it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,49}$", var.function_name))
    error_message = "function_name has 1 to 49 letters, digits, - and _ where it has a schedule: IAM and EventBridge Scheduler take 64 characters for the names that are made of it (NAME-lamex-schedule)."
  }
}

variable "name_prefix" {
  description = "What the names of schedule, group and role begin with: the runner's `name_prefix`."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]*$", var.name_prefix))
    error_message = "name_prefix has letters, digits, - and _."
  }
  validation {
    condition     = length("${var.name_prefix}${var.function_name}-lamex-schedule") <= 64
    error_message = "name_prefix and function_name have more than 49 characters together, where there is a schedule: IAM and EventBridge Scheduler take 64 for PREFIXNAME-lamex-schedule."
  }
}

variable "role_path" {
  description = "The path of the role, such as `/service/`."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = "role_path begins and ends with a slash, such as /service/, and has at most 512 characters."
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
  description = "The IAM policy that bounds the role, if the account requires one."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy (arn:aws:iam::ACCOUNT:policy/NAME)."
  }
}

variable "tags" {
  description = "Tags of the group and the role. A schedule itself has none."
  type        = map(string)
  default     = {}
}
