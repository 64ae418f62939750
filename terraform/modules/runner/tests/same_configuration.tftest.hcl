mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/tests" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-1" }
  }
}

run "known_only_when_it_is_applied" {
  module {
    source = "./tests/same_configuration"
  }
  assert {
    condition     = output.is_theirs
    error_message = "The function has another role or another group."
  }
}
