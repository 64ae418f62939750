resource "aws_iam_role" "schedule" {
  name                 = local.resource_name
  path                 = var.role_path
  description          = "EventBridge Scheduler invokes the function ${var.function_name}."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = length(local.misplaced) == 0
      error_message = join("\n", local.misplaced)
    }
  }

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      # For this group of schedules alone. EventBridge Scheduler names the group here, never a single schedule.
      Condition = { StringEquals = {
        "aws:SourceAccount" = local.account
        "aws:SourceArn"     = local.group_arn
      } }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  name = "lamex"
  role = aws_iam_role.schedule.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "InvokeWhatIsLive"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = var.alias_arn
    }]
  })
}
