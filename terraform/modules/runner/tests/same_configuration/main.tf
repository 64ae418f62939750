# A role and a group of the same configuration, whose ARN and id are not known when it is planned.

resource "aws_iam_role" "tests" {
  name               = "tests"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_security_group" "tests" {
  #checkov:skip=CKV2_AWS_5:The module attaches it.

  name        = "tests"
  description = "The tests"
  vpc_id      = "vpc-1"
}

module "runner" {
  source = "../.."

  function_name      = "system-tests"
  vpc                = { id = "vpc-1", subnet_ids = ["subnet-1"] }
  existing_role      = { arn = aws_iam_role.tests.arn }
  security_group_ids = [aws_security_group.tests.id]
}

output "is_theirs" {
  description = "Whether the function has them."
  value       = module.runner.role_arn == aws_iam_role.tests.arn && module.runner.security_group_id == aws_security_group.tests.id
}

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
