module "alarms" {
  source = "./modules/alarms"
  count  = length(var.alarm_topic_arns) == 0 ? 0 : 1

  function_name       = module.runner.function_name
  name_prefix         = var.name_prefix
  schedule_group_name = one(module.schedule[*].group_name)
  topic_arns          = var.alarm_topic_arns
  tags                = local.environment.tags
}
