resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "Moved by lamex-ctl deploy and rollback"
  function_name    = aws_lambda_function.runner.function_name
  function_version = "$LATEST"

  lifecycle {
    # lamex-ctl deploy and rollback move it: an apply after them must leave it where it is.
    ignore_changes = [function_version, routing_config]

    # It goes with the function. By the group's id as there: by the function's, some other change of it might move `live`.
    replace_triggered_by = [terraform_data.own_security_group.output]
  }
}
