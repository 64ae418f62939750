variable "function_name" {
  description = "The name of the function. Alarms are named after it: `NAME-lamex-errors` and so on, with `name_prefix` before it."
  type        = string
}

variable "name_prefix" {
  description = "What the names of alarms begin with: the runner's `name_prefix`."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]*$", var.name_prefix))
    error_message = "name_prefix has letters, digits, - and _."
  }
}

variable "topic_arns" {
  description = "The SNS topics to notify, one to five, in the function's region. The key of an encrypted topic must admit cloudwatch.amazonaws.com."
  type        = list(string)

  validation {
    condition     = length(var.topic_arns) >= 1 && length(var.topic_arns) <= 5
    error_message = "topic_arns has 1 to 5 topics: an alarm without one tells nobody, and more CloudWatch does not take."
  }
  validation {
    condition     = alltrue([for arn in var.topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}$", arn))])
    error_message = "topic_arns are ARNs of SNS topics (arn:aws:sns:REGION:ACCOUNT:NAME)."
  }
}

variable "schedule_group_name" {
  description = "The group of the function's schedule, from modules/schedule; null if it has none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the alarms."
  type        = map(string)
  default     = {}
}
