resource "aws_lambda_function" "runner" {
  #checkov:skip=CKV_AWS_116:A dead letter queue is for events that are worth repeating. A test is never repeated.
  #checkov:skip=CKV_AWS_272:Code signing would bind lamex-ctl deploy to one signer of the account. The package's digest is checked in every run.
  #checkov:skip=CKV_AWS_173:Lambda encrypts the variables with its own key where kms_key_arn names none. Secrets do not belong there: the role lets tests read them.

  function_name = var.function_name
  description   = "Runs system tests inside the VPC. Its code and the alias live belong to lamex-ctl deploy."
  role          = local.role_arn

  runtime       = var.runtime
  handler       = "bootstrap"
  architectures = [var.architecture]
  memory_size   = var.memory_mb
  timeout       = var.timeout_s
  layers        = var.layers
  kms_key_arn   = var.kms_key_arn

  # A function cannot be created without code. This one says that nothing is deployed yet.
  filename = coalesce(var.placeholder_package, "${path.module}/../../../provision/placeholder/placeholder.zip")

  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)

  # Where a group was given for it, the function goes into that before it is deleted, so that its own is free sooner.
  replace_security_groups_on_destroy = length(var.replacement_security_group_ids) > 0 ? true : null
  replacement_security_group_ids     = length(var.replacement_security_group_ids) > 0 ? var.replacement_security_group_ids : null

  ephemeral_storage {
    size = var.ephemeral_storage_mb
  }

  vpc_config {
    subnet_ids                  = var.vpc.subnet_ids
    security_group_ids          = concat(aws_security_group.runner[*].id, var.security_group_ids, var.vpc.extra_security_group_ids)
    ipv6_allowed_for_dual_stack = var.dual_stack
  }

  # Text: with JSON, Lambda filters lines by their level and wraps the tail in its own events.
  logging_config {
    log_format = "Text"
    log_group  = one(concat(aws_cloudwatch_log_group.runner[*].name, var.log_group_name[*]))
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "environment" {
    for_each = length(local.env) > 0 ? [local.env] : []
    content {
      variables = environment.value
    }
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = local.env_bytes <= 4096
      error_message = "The environment variables have ${local.env_bytes} bytes; Lambda allows 4096: put large values into files of the package."
    }

    precondition {
      condition     = length(local.misplaced) == 0
      error_message = join("\n", local.misplaced)
    }

    # lamex-ctl deploy owns the code: an apply after it must neither bring the placeholder back nor see a difference.
    ignore_changes = [filename, source_code_hash]

    # Every published version keeps the group that it was published with, and is part of the function: only without the
    # function is the old group free. In another VPC there is nothing to roll back to anyway.
    replace_triggered_by = [terraform_data.own_security_group.output]
  }

  # Lambda creates and deletes network interfaces in the role's name, and the rules go after the function is gone.
  depends_on = [
    aws_iam_role_policy.execution,
    aws_vpc_security_group_egress_rule.reach,
  ]
}
