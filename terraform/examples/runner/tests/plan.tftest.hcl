mock_provider "aws" {}

variables {
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-1", "subnet-2"]
}

# The security group is not known when planning; the rules to it and from it must be planned all the same.
run "plans_with_what_is_not_there_yet" {
  command = plan
  assert {
    condition     = output.function_name == "system-tests-staging"
    error_message = output.function_name
  }
}
