variable "function_name" {
  description = "The name of the function, after which endpoints and security group are named."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,50}$", var.function_name))
    error_message = "function_name has 1 to 50 letters, digits, - and _."
  }
}

variable "name_prefix" {
  description = "What names begin with: the runner's `name_prefix`."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]*$", var.name_prefix)) && !startswith(var.name_prefix, "sg-")
    error_message = "name_prefix has letters, digits, - and _, and does not begin with sg-, which EC2 keeps for ids."
  }
}

variable "security_group_name" {
  description = "The name of the interface endpoints' security group; null for `NAME-lamex-endpoints`, with `name_prefix` before it."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "The VPC of the function."
  type        = string
}

variable "runner_security_group_id" {
  description = "The function's own security group, which the interface endpoints let in. It gets an egress rule to each kind of endpoint."
  type        = string
}

variable "runner_egress_rules" {
  description = "Whether that group gets the rules. Not where it is one of the runner's `security_group_ids`: whoever manages it lets the function out."
  type        = bool
  default     = true
}

variable "gateway_services" {
  description = "Services that get a gateway endpoint, which costs nothing: `s3`, `dynamodb`."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.gateway_services : contains(["s3", "dynamodb"], service)])
    error_message = "Gateway endpoints are there for s3 and dynamodb; other services have interface endpoints."
  }
}

variable "route_table_ids" {
  description = "The route tables of the function's subnets, in which gateway endpoints put their routes."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.gateway_services) == 0 || length(var.route_table_ids) > 0
    error_message = "Gateway endpoints need route_table_ids: without a route nothing reaches them."
  }
}

variable "interface_services" {
  description = "Services that get an interface endpoint, which costs by the hour and subnet: `logs`, `ssm`, `secretsmanager`, `kms`, `sts`, `ecr.api` …"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.interface_services : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*$", service))])
    error_message = "An interface service is named by its short name, such as secretsmanager or ecr.api, without com.amazonaws and region."
  }
  validation {
    condition     = length(setintersection(var.interface_services, ["s3", "dynamodb"])) == 0
    error_message = "s3 and dynamodb belong to gateway_services, where they cost nothing."
  }
}

variable "subnet_ids" {
  description = "The subnets of the interface endpoints: those of the function, but only one per availability zone."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.interface_services) == 0 || length(var.subnet_ids) > 0
    error_message = "Interface endpoints need subnet_ids: without a subnet they have no address."
  }
}

variable "private_dns" {
  description = "Whether the services' own host names lead to the interface endpoints, which they do for everything in the VPC: what else uses these services there needs `further_security_group_ids`, or is cut off from them."
  type        = bool
  default     = true
}

variable "further_security_group_ids" {
  description = "Security groups that the interface endpoints let in beside the function's own."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
