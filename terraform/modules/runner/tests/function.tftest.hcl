mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }
  override_data {
    target = data.aws_region.current
    values = { region = "us-east-2" }
  }
  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "123456789012" }
  }
}

variables {
  function_name = "system-tests"
  vpc           = { id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
}

run "by_default" {
  command = plan
  assert {
    condition     = aws_lambda_function.runner.function_name == "system-tests"
    error_message = jsonencode(aws_lambda_function.runner.function_name)
  }
  assert {
    condition     = aws_lambda_function.runner.runtime == "provided.al2023"
    error_message = jsonencode(aws_lambda_function.runner.runtime)
  }
  assert {
    condition     = aws_lambda_function.runner.handler == "bootstrap"
    error_message = jsonencode(aws_lambda_function.runner.handler)
  }
  assert {
    condition     = aws_lambda_function.runner.architectures == tolist(["x86_64"])
    error_message = jsonencode(aws_lambda_function.runner.architectures)
  }
  assert {
    condition     = aws_lambda_function.runner.memory_size == 1769
    error_message = jsonencode(aws_lambda_function.runner.memory_size)
  }
  assert {
    condition     = aws_lambda_function.runner.timeout == 900
    error_message = jsonencode(aws_lambda_function.runner.timeout)
  }
  assert {
    condition     = one(aws_lambda_function.runner.ephemeral_storage).size == 512
    error_message = jsonencode(one(aws_lambda_function.runner.ephemeral_storage).size)
  }
  assert {
    condition     = one(aws_lambda_function.runner.logging_config).log_format == "Text"
    error_message = jsonencode(one(aws_lambda_function.runner.logging_config).log_format)
  }
  assert {
    condition     = one(aws_lambda_function.runner.logging_config).log_group == "/aws/lambda/system-tests"
    error_message = jsonencode(one(aws_lambda_function.runner.logging_config).log_group)
  }
  assert {
    condition     = one(aws_lambda_function.runner.tracing_config).mode == "PassThrough"
    error_message = jsonencode(one(aws_lambda_function.runner.tracing_config).mode)
  }
  assert {
    condition     = aws_lambda_function.runner.reserved_concurrent_executions == -1
    error_message = jsonencode(aws_lambda_function.runner.reserved_concurrent_executions)
  }
  assert {
    condition     = length(aws_lambda_function.runner.environment) == 0
    error_message = jsonencode(length(aws_lambda_function.runner.environment))
  }
  assert {
    # Versions keep their group all the same, and in a shared VPC the provider finds no default group to put it into.
    condition     = aws_lambda_function.runner.replace_security_groups_on_destroy == null && aws_lambda_function.runner.replacement_security_group_ids == null
    error_message = jsonencode(aws_lambda_function.runner.replace_security_groups_on_destroy)
  }
  assert {
    condition     = one(aws_lambda_function.runner.vpc_config).subnet_ids == toset(["subnet-1", "subnet-2"])
    error_message = jsonencode(one(aws_lambda_function.runner.vpc_config).subnet_ids)
  }
  assert {
    condition     = one(aws_lambda_function.runner.vpc_config).ipv6_allowed_for_dual_stack == false
    error_message = jsonencode(one(aws_lambda_function.runner.vpc_config).ipv6_allowed_for_dual_stack)
  }
  assert {
    condition     = fileexists(aws_lambda_function.runner.filename) && endswith(aws_lambda_function.runner.filename, "provision/placeholder/placeholder.zip")
    error_message = "The placeholder package is not there."
  }
  assert {
    condition     = aws_lambda_function.runner.publish == null || aws_lambda_function.runner.publish == false
    error_message = "lamex-ctl deploy publishes, and nothing else."
  }
}

run "everything_said" {
  command = plan
  variables {
    memory_mb            = 10240
    timeout_s            = 1
    ephemeral_storage_mb = 10240
    architecture         = "arm64"
    runtime              = "provided.al2"
    reserved_concurrency = 2
    tracing              = true
    dual_stack           = true
    placeholder_package  = "other.zip"
    security_group_name  = "other"

    replacement_security_group_ids = ["sg-00000009"]

    tags = { team = "orders" }
  }
  assert {
    condition     = aws_lambda_function.runner.memory_size == 10240
    error_message = jsonencode(aws_lambda_function.runner.memory_size)
  }
  assert {
    condition     = aws_lambda_function.runner.timeout == 1
    error_message = jsonencode(aws_lambda_function.runner.timeout)
  }
  assert {
    condition     = one(aws_lambda_function.runner.ephemeral_storage).size == 10240
    error_message = jsonencode(one(aws_lambda_function.runner.ephemeral_storage).size)
  }
  assert {
    condition     = aws_lambda_function.runner.architectures == tolist(["arm64"])
    error_message = jsonencode(aws_lambda_function.runner.architectures)
  }
  assert {
    condition     = aws_lambda_function.runner.runtime == "provided.al2"
    error_message = jsonencode(aws_lambda_function.runner.runtime)
  }
  assert {
    condition     = aws_lambda_function.runner.reserved_concurrent_executions == 2
    error_message = jsonencode(aws_lambda_function.runner.reserved_concurrent_executions)
  }
  assert {
    condition     = one(aws_lambda_function.runner.tracing_config).mode == "Active"
    error_message = jsonencode(one(aws_lambda_function.runner.tracing_config).mode)
  }
  assert {
    condition     = one(aws_lambda_function.runner.vpc_config).ipv6_allowed_for_dual_stack == true
    error_message = jsonencode(one(aws_lambda_function.runner.vpc_config).ipv6_allowed_for_dual_stack)
  }
  assert {
    condition     = aws_lambda_function.runner.replace_security_groups_on_destroy == true && aws_lambda_function.runner.replacement_security_group_ids == toset(["sg-00000009"])
    error_message = jsonencode(aws_lambda_function.runner.replacement_security_group_ids)
  }
  assert {
    condition     = aws_security_group.runner[0].name == "other"
    error_message = aws_security_group.runner[0].name
  }
  assert {
    condition     = aws_lambda_function.runner.filename == "other.zip"
    error_message = jsonencode(aws_lambda_function.runner.filename)
  }
  assert {
    condition     = alltrue([for tags in [aws_lambda_function.runner.tags, aws_iam_role.execution[0].tags, aws_security_group.runner[0].tags, aws_cloudwatch_log_group.runner[0].tags] : tags == tomap({ team = "orders" })])
    error_message = "Something has no tags."
  }
}

run "extra_security_groups_beside_its_own" {
  command = apply
  variables {
    vpc = { id = "vpc-1", subnet_ids = ["subnet-1"], extra_security_group_ids = ["sg-extra"] }
  }
  assert {
    condition     = one(aws_lambda_function.runner.vpc_config).security_group_ids == toset([aws_security_group.runner[0].id, "sg-extra"])
    error_message = jsonencode(one(aws_lambda_function.runner.vpc_config).security_group_ids)
  }
}
