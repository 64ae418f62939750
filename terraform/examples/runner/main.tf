# The runner alone, in a configuration of your own that makes the service, too: without a lamex.yaml for the
# infrastructure. lamex-ctl then needs account, region and function in its own.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

provider "aws" {
  region = "us-east-2"
}

variable "vpc_id" {
  description = "The VPC of the service under test."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of it."
  type        = list(string)
}

# The service under test. Its security group is made in the same run; the runner gets a rule to it, and it one from the
# runner.
resource "aws_security_group" "orders" {
  #checkov:skip=CKV2_AWS_5:It stands for the group of a service, which this example does not have.

  name        = "orders"
  description = "The orders service"
  vpc_id      = var.vpc_id
}

module "runner" {
  source = "../../modules/runner"

  function_name = "system-tests-staging"
  vpc           = { id = var.vpc_id, subnet_ids = var.subnet_ids }
  architecture  = "arm64"
  env           = { ORDERS_ADDR = "orders.internal:50051" }

  reach                    = [{ name = "orders-grpc", port = 50051, security_group_id = aws_security_group.orders.id }]
  allow_ingress_on_targets = true
}

output "function_name" {
  description = "What lamex.yaml calls `function`."
  value       = module.runner.function_name
}
